"""The watch over due dates: what is told when, once each; and pauses that end by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.time import LOCAL
from tongban.kernel.calendars import service as calendars
from tongban.kernel.calendars.errors import PauseTooLong
from tongban.kernel.calendars.horizons import horizons
from tongban.kernel.calendars.models import Clock
from tongban.kernel.calendars.packs import load_calendar
from tongban.kernel.calendars.registry import owners
from tongban.kernel.calendars.rules import Limit, due_on
from tongban.kernel.calendars.tests.test_clocks import HEAD, on, pause
from tongban.kernel.calendars.tests.test_clocks import start as start_one
from tongban.kernel.calendars.tests.world import PACK, published

pytestmark = pytest.mark.django_db


class Listener:
    """An owner that notes what it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, date | None]] = []
        self.fails = False

    def describe(self, refs: Iterable[Ref]) -> Mapping[Ref, calendars.OwnerLink]:
        return {}

    def lock(self, owner: Ref) -> None:
        pass

    def warn(self, owner: Ref, clock: Any, horizon: str, *, at: datetime) -> None:
        if self.fails:
            raise RuntimeError("the mail room is on fire")
        self.heard.append((horizon, f"{at.astimezone(LOCAL):%m-%d}", clock.due_on))


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    owners.register("watched", found)
    yield found
    owners._entries.pop("watched")


@pytest.fixture(autouse=True)
def calendar() -> None:
    load_calendar(PACK, actor=Actor.system("test"), at=on("2026-01-01"))


def start(day: str = "2026-03-02", limit: str = "20wd", **options: Any) -> Clock:
    clock = start_one(day, limit, **options)
    Clock.objects.filter(pk=clock.pk).update(owner_kind="watched")
    clock.refresh_from_db()
    return clock


def watch_until(day: str, since: str = "2026-03-02") -> None:
    """Look every morning and evening, as the job does every minute."""
    for ordinal in range(date.fromisoformat(since).toordinal(), date.fromisoformat(day).toordinal() + 1):
        text = date.fromordinal(ordinal).isoformat()
        for hour in (9, 18):
            calendars.end_pauses(at=on(text, hour))
            calendars.give_warnings(at=on(text, hour))


def test_half_of_the_time_then_two_days_before_then_overdue_each_once(listener: Listener) -> None:
    start()
    watch_until("2026-04-10")
    due = date(2026, 3, 30)
    assert listener.heard == [("half", "03-17", due), ("2wd", "03-26", due), ("overdue", "03-31", due)]


def test_the_horizons_are_data(listener: Listener) -> None:
    start(terms={"warnings": ["3d", "1wd"]})
    start("2026-03-02", "5wd", terms={"warnings": []})
    watch_until("2026-03-29")
    # On Friday the 27th both horizons are reached at once and one of them is told.
    assert [(key, day) for key, day, _ in listener.heard] == [("overdue", "03-10"), ("1wd", "03-27")]


def test_an_extension_moves_the_warnings_with_the_due_date(listener: Listener) -> None:
    clock = start()
    watch_until("2026-03-27")
    calendars.extend_clock(
        clock_id=clock.pk,
        limit="10wd",
        by=HEAD,
        unit_id=1,
        reason=calendars.day_text(date(2026, 3, 27)),
        at=on("2026-03-27"),
    )
    watch_until("2026-04-20", since="2026-03-27")
    new = date(2026, 4, 14)
    assert listener.heard[2:] == [("2wd", "04-10", new), ("overdue", "04-15", new)]


def test_a_paused_clock_warns_nobody_and_a_stopped_one_neither(listener: Listener) -> None:
    clock, other = start(), start()
    pause(clock)
    calendars.stop_clock(clock_id=other.pk, at=on("2026-03-10"))
    watch_until("2026-03-30", since="2026-03-10")
    assert listener.heard == []


def test_automatic_acceptance_warns_of_what_lies_behind_at_once_and_only_of_the_last(
    listener: Listener,
) -> None:
    start("2026-03-02", "20wd", at="2026-03-27")
    watch_until("2026-03-28", since="2026-03-27")
    assert listener.heard == [("2wd", "03-27", date(2026, 3, 30))]


def test_the_pause_ends_by_itself_with_the_last_day_told(listener: Listener) -> None:
    clock = start()
    pause(clock, "2026-03-09", expected="3wd")
    assert clock.pauses.get().until == date(2026, 3, 12)
    watch_until("2026-03-13", since="2026-03-09")
    clock.refresh_from_db()
    assert (clock.state, clock.due_on) == ("running", date(2026, 4, 2))
    assert listener.heard == [("resumed", "03-13", date(2026, 4, 2))]


def test_a_late_watch_gives_nobody_more_time_than_was_told(listener: Listener) -> None:
    clock = start()
    pause(clock, "2026-03-09", expected="3wd")
    watch_until("2026-03-20", since="2026-03-20")
    clock.refresh_from_db()
    assert clock.due_on == date(2026, 4, 2)


def test_the_law_s_longest_time_holds_also_when_nothing_was_told(listener: Listener) -> None:
    clock = start()
    with pytest.raises(PauseTooLong):
        pause(clock, expected="31wd")
    pause(clock)
    assert clock.pauses.get().until == due_on(date(2026, 3, 9), Limit(30, "wd"), published()).due_on


def test_one_clock_whose_owner_fails_does_not_hold_up_the_others(listener: Listener) -> None:
    clock = start("2026-03-02", "5wd")
    listener.fails = True
    assert calendars.give_warnings(at=on("2026-03-10")) == 0
    listener.fails = False
    clock.refresh_from_db()
    assert clock.warned == ""  # nothing was told, so nothing is remembered
    assert calendars.give_warnings(at=on("2026-03-10", 12)) == 1


def test_who_cannot_follow_the_calendar_is_warned_all_the_same(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tongban.kernel.calendars import tasks
    from tongban.kernel.calendars.operations import recompute

    def fail(*, at: datetime) -> int:
        raise RuntimeError("the calendar is on fire")

    start()
    monkeypatch.setattr(recompute, "recompute_all", fail)
    monkeypatch.setattr(tasks, "now", lambda: on("2026-12-01"))
    with pytest.raises(RuntimeError, match="calendar is on fire"):
        tasks.watch(0)
    assert listener.heard


def test_due_clocks_are_found_by_index_and_not_by_looking_at_all(listener: Listener) -> None:
    model = start()
    values = {f.attname: getattr(model, f.attname) for f in Clock._meta.fields if f.attname != "id"}
    Clock.objects.bulk_create([Clock(**values) for _ in range(3_000)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE calendars_clock")
        cursor.execute(
            "EXPLAIN SELECT id FROM calendars_clock WHERE state = 'running' AND warn_at <= '2026-03-03' ORDER BY warn_at"
        )
        assert "calendars_clock_warn" in "".join(row[0] for row in cursor.fetchall())
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert calendars.give_warnings(at=on("2026-03-03")) == 0
    assert len(asked) == 1


def test_horizons_stand_in_their_order_and_inside_the_limit() -> None:
    derivation = due_on(date(2026, 3, 2), Limit(5, "wd"), published())
    found = horizons(("half", "2wd", "9wd"), derivation, published(), on("2026-03-02"), LOCAL)
    assert [(h.key, f"{h.at:%m-%d %H:%M}") for h in found] == [
        ("2wd", "03-05 08:30"),
        ("half", "03-06 08:30"),
        ("overdue", "03-10 00:00"),
    ]
    hours = due_on(on("2026-03-02"), Limit(24, "h"), published())
    assert [
        (h.key, f"{h.at:%m-%d %H}")
        for h in horizons(("half", "4h"), hours, published(), on("2026-03-02"), LOCAL)
    ] == [
        ("half", "03-02 22"),
        ("4h", "03-03 06"),
        ("overdue", "03-03 10"),
    ]
