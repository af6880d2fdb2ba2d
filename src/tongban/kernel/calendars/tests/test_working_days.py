"""Due dates of limits, with the article each case rests on."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel.calendars.rules import (
    Calendar,
    Extension,
    Interval,
    Limit,
    Unit,
    count_working_days,
    due_on,
    is_working_day,
    remaining,
)
from tongban.kernel.calendars.tests.world import published

CALENDAR = published()
CHINA = ZoneInfo("Asia/Shanghai")

# Administrative Licensing Law art. 82 (working days, without holidays) with Civil Code art. 201 (the event
# day does not count).
CASES = [
    ("2026-01-30", 5, "2026-02-06", "a plain week"),
    (
        "2026-02-06",
        20,
        "2026-03-12",
        "Spring Festival: make-up Saturdays 14 and 28 February count, nine days off do not",
    ),
    ("2026-02-13", 1, "2026-02-14", "the next day is a make-up Saturday"),
    ("2026-04-30", 3, "2026-05-08", "Labour Day"),
    (
        "2026-09-18",
        20,
        "2026-10-22",
        "Mid-Autumn and National Day with make-up days 20 September and 10 October",
    ),
    ("2026-09-24", 5, "2026-10-09", "across both autumn holidays"),
    ("2026-09-30", 10, "2026-10-20", "National Day"),
    ("2025-09-26", 10, "2025-10-16", "National Day 2025, eight days off"),
    ("2026-02-06", 45, "2026-04-17", "joint handling, Administrative Licensing Law art. 42(2)"),
]


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(("start", "limit", "due", "why"), CASES, ids=[case[3] for case in CASES])
def test_licensing_limits_count_working_days_by_art_82(start: str, limit: int, due: str, why: str) -> None:
    derivation = due_on(day(start), Limit(limit, "wd"), CALENDAR)
    assert derivation.due_on == day(due)
    assert not derivation.provisional


@pytest.mark.parametrize(("year", "count"), [(2024, 251), (2025, 248), (2026, 248)])
def test_a_year_has_its_working_days(year: int, count: int) -> None:
    assert count_working_days(CALENDAR, date(year - 1, 12, 31), date(year, 12, 31)) == count


def test_the_event_day_does_not_count_by_civil_code_art_201() -> None:
    assert due_on(day("2026-03-02"), Limit(1, "wd"), CALENDAR).due_on == day("2026-03-03")
    assert due_on(day("2026-03-02"), Limit(1, "d"), CALENDAR).due_on == day("2026-03-03")


def test_hours_run_from_the_moment_by_civil_code_art_201_2() -> None:
    start = datetime(2026, 3, 2, 15, 30, tzinfo=CHINA)
    derivation = due_on(start, Limit(24, "h"), CALENDAR)
    assert derivation.due_at == start + timedelta(hours=24)
    assert derivation.due_on == day("2026-03-03")


def test_a_last_day_on_a_holiday_moves_to_the_next_working_day_by_civil_code_art_203() -> None:
    # 15 calendar days from 20 September 2026 end on 5 October, in the National Day holiday (until the 7th).
    assert due_on(day("2026-09-20"), Limit(15, "d"), CALENDAR).due_on == day("2026-10-08")
    # A last day on a make-up Saturday stays: it is a working day.
    assert due_on(day("2026-01-30"), Limit(15, "d"), CALENDAR).due_on == day("2026-02-14")


def test_a_pause_adds_as_many_working_days_as_it_took_by_licensing_law_art_45() -> None:
    plain = due_on(day("2026-03-02"), Limit(20, "wd"), CALENDAR)
    paused = due_on(
        day("2026-03-02"), Limit(20, "wd"), CALENDAR, [Interval(day("2026-03-10"), day("2026-03-12"))]
    )
    assert plain.due_on == day("2026-03-30")
    assert paused.due_on == day("2026-04-02")
    assert [d.on for d in paused.days if d.kind == "paused"] == [day(f"2026-03-{n}") for n in (10, 11, 12)]


def test_while_a_pause_lasts_nobody_knows_the_due_date() -> None:
    derivation = due_on(day("2026-03-02"), Limit(20, "wd"), CALENDAR, [Interval(day("2026-03-10"), None)])
    assert derivation.due_on is None
    assert derivation.counted == 5
    assert remaining(derivation, CALENDAR, day("2026-03-20")) == 15


def test_an_extension_of_ten_days_by_licensing_law_art_42() -> None:
    extended = due_on(
        day("2026-03-02"),
        Limit(20, "wd"),
        CALENDAR,
        extensions=[Extension(Limit(10, "wd"), ("情况复杂", ""))],
    )
    assert extended.due_on == due_on(day("2026-03-02"), Limit(30, "wd"), CALENDAR).due_on


def test_an_extension_in_another_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="unit"):
        due_on(day("2026-03-02"), Limit(20, "wd"), CALENDAR, extensions=[Extension(Limit(10, "d"))])


def test_automatic_acceptance_counts_from_the_day_of_receipt_by_licensing_law_art_32() -> None:
    """Received on 2 March; no correction notice within five working days; then the licensing clock starts on
    2 March.
    """
    received = day("2026-03-02")
    last_day_for_a_notice = due_on(received, Limit(5, "wd"), CALENDAR).due_on
    assert last_day_for_a_notice == day("2026-03-09")
    assert due_on(received, Limit(20, "wd"), CALENDAR).due_on == day("2026-03-30")


def test_beyond_the_published_years_a_due_date_is_provisional() -> None:
    assert due_on(day("2026-12-20"), Limit(20, "wd"), CALENDAR).provisional
    assert not due_on(day("2026-12-01"), Limit(20, "wd"), CALENDAR).provisional


def test_zero_working_days_means_the_same_day_or_the_next_working_one() -> None:
    assert due_on(day("2026-03-02"), Limit(0, "wd"), CALENDAR).due_on == day("2026-03-02")
    assert due_on(day("2026-10-01"), Limit(0, "wd"), CALENDAR).due_on == day("2026-10-08")


def test_remaining_days_do_not_include_today_and_one_day_late_is_one_day() -> None:
    derivation = due_on(day("2026-11-19"), Limit(2, "wd"), CALENDAR)
    assert derivation.due_on == day("2026-11-23")
    left = {d: remaining(derivation, CALENDAR, day(f"2026-11-{d}")) for d in (19, 20, 21, 22, 23, 24, 25)}
    assert left == {19: 2, 20: 1, 21: 1, 22: 1, 23: 0, 24: -1, 25: -2}
    friday = due_on(day("2026-11-19"), Limit(1, "wd"), CALENDAR)
    assert remaining(friday, CALENDAR, day("2026-11-21")) == -1


@pytest.mark.parametrize("text", ["", "wd", "20", "20 weeks", "-3wd", "99999wd", "4000wd"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="limit"):
        Limit.parse(text)


def test_a_limit_is_read_as_it_is_written() -> None:
    assert [str(Limit.parse(text)) for text in ("20wd", " 15 d ", "24h")] == ["20wd", "15d", "24h"]


days = st.dates(min_value=date(2024, 1, 1), max_value=date(2026, 10, 1))


@given(start=days, value=st.integers(1, 60))
def test_between_start_and_due_lie_exactly_the_limit_s_working_days(start: date, value: int) -> None:
    derivation = due_on(start, Limit(value, "wd"), CALENDAR)
    assert derivation.due_on is not None
    assert is_working_day(CALENDAR, derivation.due_on)
    assert count_working_days(CALENDAR, start, derivation.due_on) == value
    assert derivation.counted == value


@given(start=days, value=st.integers(1, 40), unit=st.sampled_from(["wd", "d"]))
def test_a_longer_limit_never_ends_earlier(start: date, value: int, unit: Unit) -> None:
    shorter = due_on(start, Limit(value, unit), CALENDAR).due_on
    longer = due_on(start, Limit(value + 1, unit), CALENDAR).due_on
    assert shorter and longer and shorter <= longer


@given(start=days, value=st.integers(1, 40), unit=st.sampled_from(["wd", "d"]))
def test_a_limit_in_days_ends_on_a_working_day_and_lists_every_day_once(
    start: date, value: int, unit: Unit
) -> None:
    derivation = due_on(start, Limit(value, unit), CALENDAR)
    listed = [d.on for d in derivation.days]
    assert listed == [start + timedelta(days=n) for n in range(len(listed))]
    assert listed[-1] == derivation.due_on
    assert is_working_day(CALENDAR, listed[-1])


@given(start=days, value=st.integers(1, 30), after=st.integers(1, 20), length=st.integers(0, 20))
def test_a_pause_moves_the_due_date_by_its_working_days_inside_the_limit(
    start: date, value: int, after: int, length: int
) -> None:
    first = start + timedelta(days=after)
    pause = Interval(first, first + timedelta(days=length))
    plain = due_on(start, Limit(value, "wd"), CALENDAR)
    paused = due_on(start, Limit(value, "wd"), CALENDAR, [pause])
    assert plain.due_on and paused.due_on
    if first > plain.due_on:
        assert paused.due_on == plain.due_on
    else:
        counted = count_working_days(CALENDAR, start, paused.due_on)
        skipped = count_working_days(CALENDAR, first - timedelta(days=1), pause.end or first)
        assert counted == value + skipped


def test_an_empty_calendar_knows_monday_to_friday_only() -> None:
    bare = Calendar(off=frozenset(), work=frozenset(), known_until=date(1, 12, 31))
    derivation = due_on(day("2026-03-06"), Limit(1, "wd"), bare)
    assert derivation.due_on == day("2026-03-09")
    assert derivation.provisional
