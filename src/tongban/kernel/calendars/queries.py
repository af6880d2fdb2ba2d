"""Reads: clocks as people see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from django.conf import settings

from tongban.base.ref import Ref
from tongban.base.statements import Statement
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL, local_date
from tongban.kernel.calendars.derive import current_calendar, derivation_of
from tongban.kernel.calendars.models import Clock
from tongban.kernel.calendars.rules import (
    Calendar,
    Day,
    Derivation,
    Limit,
    count_working_days,
    drawn,
    due_on,
    end_of_day,
    is_working_day,
    remaining,
)
from tongban.kernel.calendars.sentences import (
    amount_text,
    cell_texts,
    day_text,
    describe,
    limit_text,
    pause_text,
    remaining_text,
    short_day_text,
)

__all__ = [
    "CellView",
    "ClockView",
    "add_limit",
    "clocks_of",
    "last_day_of",
    "view_of",
    "views",
    "warning_horizon",
]

ONE_DAY = timedelta(days=1)
PAUSED = LocalizedText("暂停中", "paused")
_BY_KEYS = Statement(lambda keys: Clock.objects.filter(pk__in=keys), keys="bigint[]")


@dataclass(frozen=True, slots=True)
class CellView:
    """A drawn square with its three texts; ``kind`` is also its CSS class name."""

    kind: str
    above: LocalizedText
    figure: LocalizedText
    below: LocalizedText
    first: date
    last: date
    has_today: bool


@dataclass(frozen=True, slots=True)
class PauseView:
    """Why a clock stands still now: since which day, for what, told by which paper; ``sentence`` says it all."""

    since: date
    reason: LocalizedText
    paper: str
    sentence: LocalizedText


@dataclass(frozen=True)
class ClockView:
    """A clock ready to be shown. ``mark`` is ok, yellow, red, pause or done; ``sentence`` is the whole
    derivation, ``cells`` are its drawing: both are made when they are first looked at, since a list shows neither.

    ``remaining_days`` are working days (calendar days for limits in calendar days or hours), 0 on the last
    day, negative when overdue. ``due_on`` is None while paused: then ``pause`` says why, and ``due_short`` what is left.
    """

    id: int
    key: str
    label: LocalizedText
    limit: LocalizedText
    due_on: date | None
    due_at: datetime | None
    due_text: LocalizedText
    due_short: LocalizedText
    provisional: bool
    state: str
    met: bool | None
    remaining_days: int
    remaining_text: LocalizedText
    mark: str
    derivation: Derivation = field(repr=False)
    start_event: LocalizedText = field(repr=False)
    today: date
    days: tuple[Day, ...] = field(repr=False)
    legal_source: LocalizedText
    confidence: str
    started_on: date
    pause: PauseView | None = None

    @cached_property
    def sentence(self) -> LocalizedText:
        return describe(self.derivation, self.start_event, is_stopped=self.state == "stopped")

    @cached_property
    def cells(self) -> tuple[CellView, ...]:
        shown = _until_today(self.derivation, self.today) if self.pause else self.derivation
        return _cells(shown, None if self.state == "stopped" else self.today, self.start_event)


def views(
    clocks: Iterable[int | Clock], at: datetime, calendar: Calendar | None = None
) -> dict[int, ClockView]:
    """Return the views of these clocks by id; those that are not loaded yet are read in one query, however many they are."""
    wanted = list(clocks)
    loaded = [each for each in wanted if isinstance(each, Clock)]
    keys = [each for each in wanted if not isinstance(each, Clock)]
    calendar = calendar or current_calendar()
    return {
        clock.pk: view_of(clock, calendar.of(clock.region), at)
        for clock in [*loaded, *(_BY_KEYS.all(keys=keys) if keys else [])]
    }


def clocks_of(owner: Ref, *, at: datetime) -> list[ClockView]:
    """Return the clocks of ``owner``, running ones first, each kind in the order in which they started."""
    clocks = Clock.objects.filter(owner_kind=owner.kind, owner_id=owner.id).order_by("started_at", "pk")
    calendar = current_calendar()
    found = [view_of(clock, calendar.of(clock.region), at) for clock in clocks]
    return sorted(found, key=lambda view: view.state == "stopped")


def add_limit(
    at: datetime, limit: Limit | str, calendar: Calendar | None = None, *, region: str = ""
) -> datetime:
    """Return when a limit that starts at ``at`` ends: the last second of its last day, or the moment for
    hours. ``region`` is the division code of the place whose holidays count.
    """
    limit = Limit.parse(limit) if isinstance(limit, str) else limit
    derivation = due_on(at.astimezone(LOCAL), limit, (calendar or current_calendar()).of(region))
    if derivation.due_at is not None:
        return derivation.due_at
    if derivation.due_on is None:
        raise RuntimeError("a limit without pauses always ends")
    return end_of_day(derivation.due_on, LOCAL)


def last_day_of(after: date, limit: Limit, *, region: str = "") -> date:
    """Return the last day of a time that begins on the day after ``after``; a holiday at its end does not move it."""
    calendar = current_calendar().of(region)
    if limit.unit != "wd":
        return after + timedelta(days=max(1, limit.value if limit.unit == "d" else limit.value // 24))
    derivation = due_on(after, Limit(max(1, limit.value), "wd"), calendar)
    return derivation.due_on or after


def warning_horizon(at: datetime, calendar: Calendar | None = None) -> datetime:
    """Return the moment until which a due clock is yellow at ``at``; due before ``at`` is red, after the
    horizon is calm.
    """
    calendar, day = calendar or current_calendar(), local_date(at)
    for _ in range(_yellow_days()):
        day += ONE_DAY
        while not is_working_day(calendar, day):
            day += ONE_DAY
    return end_of_day(day, LOCAL)


def _yellow_days() -> int:
    return int(getattr(settings, "TONGBAN_YELLOW_DAYS", 1))


def view_of(clock: Clock, calendar: Calendar, at: datetime) -> ClockView:
    """Return the view of a clock; ``calendar`` is that of its region."""
    derivation = derivation_of(clock)
    until = clock.stopped_at or at
    today = local_date(until)
    left = remaining(derivation, calendar, today)
    if clock.due_at is not None and until > clock.due_at:
        left = min(left, -1)
    pause = _pause_view(derivation, calendar, today) if clock.state == "paused" else None
    return ClockView(
        id=clock.pk,
        key=clock.key,
        label=clock.label,
        limit=limit_text(Limit(derivation.total, derivation.limit.unit)),
        due_on=clock.due_on,
        due_at=clock.due_at,
        due_text=day_text(clock.due_on, weekday=True) if clock.due_on else PAUSED,
        due_short=short_day_text(clock.due_on) if clock.due_on else _left_text(left, derivation),
        provisional=clock.provisional,
        state=clock.state,
        met=clock.met,
        remaining_days=left,
        remaining_text=_remaining_text(clock, derivation, left),
        mark=_mark(clock, left),
        derivation=derivation,
        start_event=clock.start_event,
        today=today,
        days=derivation.days,
        legal_source=clock.legal_source,
        confidence=clock.confidence,
        started_on=clock.started_on,
        pause=pause,
    )


def _pause_view(derivation: Derivation, calendar: Calendar, today: date) -> PauseView:
    """Return the pause that lasts; the days so far are in the unit of the limit."""
    pause = derivation.pauses[-1]
    if derivation.limit.unit == "wd":
        lasted = count_working_days(calendar, pause.start - ONE_DAY, today)
    else:
        lasted = max(0, (today - pause.start).days + 1)
    left = derivation.total - derivation.counted
    return PauseView(
        since=pause.start,
        reason=LocalizedText(*pause.reason),
        paper=pause.paper,
        sentence=pause_text(pause, lasted, left, derivation.limit.unit),
    )


def _left_text(left: int, derivation: Derivation) -> LocalizedText:
    amount = amount_text(left, derivation.limit.unit)
    return LocalizedText(zh=f"还剩 {amount.zh}", en=f"{amount.en} left")


def _until_today(derivation: Derivation, today: date) -> Derivation:
    """Draw a pause that lasts through today; the derivation itself ends with its first day."""
    last = derivation.days[-1].on
    more = tuple(Day(last + ONE_DAY * n, "paused") for n in range(1, (today - last).days + 1))
    return replace(derivation, days=derivation.days + more)


def _remaining_text(clock: Clock, derivation: Derivation, left: int) -> LocalizedText:
    if clock.state == "stopped":
        if clock.met:
            return LocalizedText(zh="按时完成", en="done in time")
        return LocalizedText(zh="超期完成", en="done late")
    return remaining_text(left, derivation.limit.unit, clock.state)


def _mark(clock: Clock, left: int) -> str:
    if clock.state == "stopped":
        return "done"
    if clock.state == "paused":
        return "pause"
    return "red" if left < 0 else "yellow" if left <= _yellow_days() else "ok"


def _cells(derivation: Derivation, today: date | None, start_event: LocalizedText) -> tuple[CellView, ...]:
    made = []
    for cell in drawn(derivation, today):
        above, figure, below = cell_texts(cell, start_event)
        made.append(CellView(cell.kind, above, figure, below, cell.first, cell.last, cell.has_today))
    return tuple(made)
