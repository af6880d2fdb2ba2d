"""From a clock's rows to its due date and back: the one place where the rules meet the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tongban.base import published
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL, local_date
from tongban.kernel.calendars.horizons import Horizon, horizons, next_moment
from tongban.kernel.calendars.models import CalendarChange, CalendarDay, Clock
from tongban.kernel.calendars.rules import (
    NATIONAL,
    Calendar,
    Day,
    Derivation,
    Extension,
    Interval,
    Limit,
    Name,
    due_on,
    end_of_day,
    stack,
)
from tongban.kernel.calendars.terms import Terms, default_warnings

__all__ = [
    "as_json",
    "calendar_with",
    "current_calendar",
    "current_revision",
    "derivation_of",
    "derive",
    "derive_from",
    "end_of",
    "horizons_of",
]

ONE_DAY = timedelta(days=1)
NOTHING_PUBLISHED = date(1, 12, 31)
_known: dict[UUID, Calendar] = {}
"""The calendar by the stamp of the change that made it. Stamps are never used twice, so what stands here is never stale."""


def current_calendar() -> Calendar:
    """Return the calendar of all layers, known until the end of the last published year."""
    return current_revision()[1]


def current_revision() -> tuple[int, Calendar]:
    """Return the number of the last change of the calendar and the calendar that it made."""
    return _current.get(None)


def _load(_: None) -> tuple[int, Calendar]:
    last = CalendarChange.objects.order_by("-pk").values_list("pk", "stamp", "known_until").first()
    if last is None:
        return 0, Calendar(frozenset(), frozenset(), NOTHING_PUBLISHED)
    number, stamp, known_until = last
    calendar = _known.get(stamp)
    if calendar is None:
        calendar = calendar_with({}, known_until)
        _known.clear()
        _known[stamp] = calendar
    return number, calendar


_current = published.Kept(("calendars_calendarchange",), _load)


def calendar_with(
    changed: Mapping[tuple[int, str], Mapping[date, tuple[bool, Name]]], known_until: date
) -> Calendar:
    """Return the calendar of the stored days, those of some (year, layer) replaced: what it would be, before it is."""
    layers: dict[str, dict[date, tuple[bool, Name]]] = {}
    for day, year, layer, is_off, name in CalendarDay.objects.values_list(
        "day", "year", "layer", "is_off", "name"
    ):
        if (year, layer) not in changed:
            layers.setdefault(layer, {})[day] = (is_off, _named(layer, _pair(LocalizedText.of(name))))
    for (_, layer), days in changed.items():
        found = layers.setdefault(layer, {})
        found.update({day: (is_off, _named(layer, name)) for day, (is_off, name) in days.items()})
    return stack(layers, known_until)


def _named(layer: str, name: Name) -> Name:
    """A holiday of a region says that it is one, wherever a derivation names it."""
    if layer == NATIONAL or not name[0]:
        return name
    return (f"{name[0]}（地方假日）", f"{name[1] or name[0]}, a holiday of the region")


def derive(
    clock: Clock, *, at: datetime, calendar: Calendar | None = None, is_new: bool = False
) -> Derivation:
    """Work out the due date of ``clock`` and write it into the object with its derivation (the caller
    saves).

    ``calendar`` is the whole calendar; the clock's own region is taken from it. A new clock warns also of what lies between its
    start and ``at``: automatic acceptance starts one in the past.
    """
    if calendar is None:
        clock.revision, calendar = current_revision()
    calendar = calendar.of(clock.region)
    derivation = derive_from(clock, calendar, _pauses(clock), _extensions(clock))
    clock.due_on, clock.due_at = derivation.due_on, end_of(derivation)
    clock.provisional = derivation.provisional
    clock.derivation = as_json(derivation)
    clock.warn_at = next_moment(
        horizons_of(clock, derivation, calendar), clock.started_at if is_new else at
    ) or _overdue_at(clock, at)
    return derivation


def derive_from(
    clock: Any, calendar: Calendar, pauses: list[Interval], extensions: list[Extension]
) -> Derivation:
    """Derive from what the rows of a clock say; ``calendar`` is that of its region."""
    return due_on(
        clock.started_at.astimezone(LOCAL) if clock.limit_unit == "h" else clock.started_on,
        Limit(clock.limit_value, clock.limit_unit),
        calendar,
        pauses,
        extensions,
    )


def end_of(derivation: Derivation) -> datetime | None:
    """Return the last moment of the limit; None while it is paused."""
    if derivation.due_at is not None:
        return derivation.due_at
    return end_of_day(derivation.due_on, LOCAL) if derivation.due_on else None


def horizons_of(clock: Any, derivation: Derivation, calendar: Calendar) -> list[Horizon]:
    """Return when somebody is told about this clock, by its terms or by the length of its limit."""
    terms = Terms.of(clock.terms)
    keys = default_warnings(derivation.limit) if terms.warnings is None else terms.warnings
    return horizons(keys, derivation, calendar, clock.started_at, LOCAL)


def _overdue_at(clock: Clock, at: datetime) -> datetime | None:
    """A clock whose due date lies behind ``at`` already is told of at once, unless it was for this date."""
    if clock.due_at is None or clock.warned == f"overdue:{clock.due_on}":
        return None
    return min(at, clock.due_at + timedelta(seconds=1))


def derivation_of(clock: Clock) -> Derivation:
    """Return the derivation that was kept with the clock."""
    return _from_json(clock.derivation)


def interval(pause: Any) -> Interval:
    """Return the days of a pause that do not count: from the day after the act to that of resuming, or to the last day told."""
    first = local_date(pause.paused_at) + ONE_DAY
    last = local_date(pause.resumed_at) if pause.resumed_at else None
    return Interval(first, last, _pair(pause.reason), pause.paper_number)


def _pauses(clock: Clock) -> list[Interval]:
    if clock._state.adding:
        return []
    return [interval(pause) for pause in clock.pauses.order_by("paused_at")]


def _extensions(clock: Clock) -> list[Extension]:
    if clock._state.adding:
        return []
    return [added(row, clock.limit_unit) for row in clock.extensions.order_by("extended_at", "pk")]


def added(row: Any, unit: str) -> Extension:
    """Return the time that an extension added, in the unit of its clock."""
    return Extension(Limit(row.limit_value, unit), _pair(row.reason), row.paper_number)  # type: ignore[arg-type]


def _pair(text: LocalizedText) -> Name:
    return (text.zh, text.en)


def as_json(derivation: Derivation) -> dict[str, Any]:
    """Return the shape in which a derivation is kept."""

    def plain(value: Any) -> Any:
        if value is None or isinstance(value, str | int):
            return value
        if isinstance(value, date | datetime):
            return value.isoformat()
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}

    told: dict[str, Any] = plain(derivation)
    return told


def _from_json(data: dict[str, Any]) -> Derivation:
    def day(text: str | None) -> Any:
        return date.fromisoformat(text) if text else None

    return Derivation(
        start=day(data["start"]),
        limit=Limit(**data["limit"]),
        total=data["total"],
        due_on=day(data["due_on"]),
        due_at=datetime.fromisoformat(data["due_at"]) if data["due_at"] else None,
        provisional=data["provisional"],
        days=tuple(Day(day(d["on"]), d["kind"], d["number"], tuple(d["name"])) for d in data["days"]),
        pauses=tuple(
            Interval(day(p["start"]), day(p["end"]), tuple(p["reason"]), p["paper"], p.get("working"))
            for p in data["pauses"]
        ),
        extensions=tuple(
            Extension(Limit(**e["limit"]), tuple(e["reason"]), e["paper"]) for e in data["extensions"]
        ),
        known_until=day(data["known_until"]),
    )
