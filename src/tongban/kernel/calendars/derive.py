"""From a clock's rows to its due date and back: the one place where the rules meet the database."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max

from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL, local_date
from tongban.kernel.calendars.models import CalendarDay, CalendarYear, Clock
from tongban.kernel.calendars.rules import (
    Calendar,
    Day,
    Derivation,
    Extension,
    Interval,
    Limit,
    Name,
    due_on,
    end_of_day,
)

__all__ = ["current_calendar", "derivation_of", "derive"]

ONE_DAY = timedelta(days=1)


def current_calendar() -> Calendar:
    """Return the calendar made of all layers, known until the end of the last published year (two
    queries).
    """
    last = CalendarYear.objects.filter(published=True).aggregate(last=Max("year"))["last"]
    off: set[date] = set()
    work: set[date] = set()
    names: dict[date, Name] = {}
    # The local layer comes last: a county's own holiday (Regulation on Public Holidays art. 4) wins over the
    # nation's day.
    rows = CalendarDay.objects.order_by("-layer").values_list("day", "is_off", "name")
    for day, is_off, name in sorted(rows, key=lambda row: row[0]):
        (off if is_off else work).add(day)
        (work if is_off else off).discard(day)
        names[day] = _pair(LocalizedText.of(name))
    return Calendar(
        off=frozenset(off), work=frozenset(work), known_until=date(last or 1, 12, 31), names=names
    )


def derive(clock: Clock, calendar: Calendar | None = None) -> Derivation:
    """Work out the due date of ``clock`` and write it into the object with its derivation (the caller
    saves).
    """
    pauses, extensions = _pauses(clock), _extensions(clock)
    derivation = due_on(
        clock.started_at.astimezone(LOCAL) if clock.limit_unit == "h" else clock.started_on,
        Limit(clock.limit_value, clock.limit_unit),  # type: ignore[arg-type]
        calendar or current_calendar(),
        pauses,
        extensions,
    )
    clock.due_on = derivation.due_on
    if derivation.due_at is not None:
        clock.due_at = derivation.due_at
    else:
        clock.due_at = end_of_day(derivation.due_on, LOCAL) if derivation.due_on else None
    clock.provisional = derivation.provisional
    clock.derivation = _as_json(derivation)
    return derivation


def derivation_of(clock: Clock) -> Derivation:
    """Return the derivation that was kept with the clock."""
    return _from_json(clock.derivation)


def _pauses(clock: Clock) -> list[Interval]:
    if clock._state.adding:
        return []
    intervals = []
    for pause in clock.pauses.order_by("paused_at"):
        first = local_date(pause.paused_at) + ONE_DAY
        last = local_date(pause.resumed_at) if pause.resumed_at else None
        intervals.append(Interval(first, last, _pair(pause.reason), pause.paper_number))
    return intervals


def _extensions(clock: Clock) -> list[Extension]:
    if clock._state.adding:
        return []
    return [
        Extension(Limit(row.limit_value, clock.limit_unit), _pair(row.reason), row.paper_number)  # type: ignore[arg-type]
        for row in clock.extensions.order_by("extended_at")
    ]


def _pair(text: LocalizedText) -> Name:
    return (text.zh, text.en)


def _as_json(derivation: Derivation) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if isinstance(value, date | datetime):
            return value.isoformat()
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        return value

    return plain(asdict(derivation))


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
