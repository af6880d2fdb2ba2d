"""When a hall is open, who is barred, who goes first: without a database."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tongban.apps.hall import rules
from tongban.base.time import LOCAL

MORNING, AFTERNOON = (time(9), time(12)), (time(13, 30), time(17, 30))
WEEKLY = {**{day: [MORNING, AFTERNOON] for day in range(5)}, 5: [MORNING]}
MONDAY = date(2026, 6, 1)


def hours(day, odd=None, *, is_working=None, is_off=False):
    working = day.weekday() < 5 and not is_off if is_working is None else is_working
    return list(rules.hours_of(day, WEEKLY, odd, is_working=working, is_off=is_off))


def test_the_hours_of_a_day_follow_weekday_calendar_and_exception() -> None:
    saturday = MONDAY + timedelta(days=5)
    assert hours(MONDAY) == [MORNING, AFTERNOON]
    assert hours(MONDAY, is_off=True) == []
    assert hours(saturday) == [MORNING]
    assert hours(saturday, is_off=True) == []
    assert hours(saturday, is_working=True) == [MORNING, AFTERNOON]
    assert hours(MONDAY, []) == []
    assert hours(MONDAY, [MORNING], is_off=True) == [MORNING]


def test_the_last_time_ends_before_the_hall_closes() -> None:
    found = rules.slots_of(MONDAY, [MORNING, AFTERNOON], 50, LOCAL)
    assert [moment.strftime("%H:%M") for moment in found] == [
        "09:00", "09:50", "10:40", "13:30", "14:20", "15:10", "16:00"
    ]  # fmt: skip


@given(st.integers(5, 180))
def test_times_never_overlap_and_lie_within_the_hours(minutes: int) -> None:
    found = rules.slots_of(MONDAY, [MORNING, AFTERNOON], minutes, LOCAL)
    for one, other in pairwise(found):
        assert one + timedelta(minutes=minutes) <= other
    for moment in found:
        end = (moment + timedelta(minutes=minutes)).time()
        assert any(opens <= moment.time() and end <= closes for opens, closes in (MORNING, AFTERNOON))


def test_three_times_in_ninety_days_bar_for_thirty() -> None:
    def until(missed, on):
        return rules.barred_until(missed, on=on, count=3, days=90, barred=30)

    three = [date(2026, 3, 2), date(2026, 4, 1), date(2026, 5, 20)]
    assert until(three, date(2026, 5, 21)) == date(2026, 6, 19)
    assert until(three, date(2026, 6, 19)) == date(2026, 6, 19)
    assert until(three, date(2026, 6, 20)) is None
    assert until(three[:2], date(2026, 5, 21)) is None
    assert until([date(2026, 1, 5), *three[1:]], date(2026, 5, 21)) is None


@given(st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=8), st.integers(0, 400))
def test_whoever_is_barred_missed_often_and_lately(missed: list[date], days: int) -> None:
    on = date(2026, 1, 1) + timedelta(days=days)
    until = rules.barred_until(missed, on=on, count=3, days=90, barred=30)
    if until is not None:
        last = until - timedelta(days=30)
        assert on <= until
        assert sum(last - timedelta(days=90) < day <= last for day in missed) >= 3


def test_changing_ends_two_hours_before_but_not_when_the_hall_moved_it() -> None:
    starts = datetime(2026, 6, 3, 9, tzinfo=LOCAL)
    late = starts - timedelta(hours=1)
    assert rules.may_change(starts, at=starts - timedelta(hours=3), hours=2, offered=False)
    assert not rules.may_change(starts, at=late, hours=2, offered=False)
    assert rules.may_change(starts, at=late, hours=2, offered=True)
    assert not rules.may_change(starts, at=starts, hours=2, offered=True)


def test_an_average_is_given_only_from_enough() -> None:
    waits = [timedelta(minutes=n) for n in (1, 2, 4)]
    assert rules.average_minutes(waits[:2]) is None
    assert rules.average_minutes(waits) == 3


def test_lines_of_a_calendar_are_folded_between_characters() -> None:
    line = rules.fold("SUMMARY", "结婚登记" * 20)
    parts = line.split("\r\n ")
    assert "".join(parts) == "SUMMARY:" + "结婚登记" * 20
    assert all(len(part.encode()) <= 75 for part in parts)
