"""When somebody is told that a limit comes to its end. Pure: from a derivation to moments."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from tongban.kernel.calendars.rules import Calendar, Derivation, end_of_day, is_working_day

__all__ = ["OVERDUE", "Horizon", "horizons", "next_moment", "reached"]

OVERDUE = "overdue"
MORNING = time(8, 30)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Horizon:
    """A moment at which somebody is told: ``key`` is the data's own word ("2wd", "half") or "overdue"."""

    key: str
    at: datetime


def horizons(
    keys: Sequence[str], derivation: Derivation, calendar: Calendar, started_at: datetime, zone: tzinfo
) -> list[Horizon]:
    """Return the moments in their order, the overdue one last; none while the clock is paused.

    Warnings come in the morning (08:30) of their day, those of a limit in hours at the moment itself. One that would lie
    before the start of the clock or after its end is left out.
    """
    due = derivation.due_on
    if due is None:
        return []
    end = derivation.due_at or end_of_day(due, zone)
    found = [Horizon(key, _moment(key, derivation, calendar, started_at, end, zone)) for key in keys]
    found = sorted((h for h in found if started_at < h.at <= end), key=lambda h: h.at)
    return [*found, Horizon(OVERDUE, end + timedelta(seconds=1))]


def next_moment(found: Sequence[Horizon], after: datetime) -> datetime | None:
    """Return the moment of the first horizon after ``after``; None when there is none left."""
    return next((horizon.at for horizon in found if horizon.at > after), None)


def reached(found: Sequence[Horizon], at: datetime) -> Horizon | None:
    """Return the last horizon that lies behind ``at``: of several that were missed only the most pressing is told."""
    return next((horizon for horizon in reversed(found) if horizon.at <= at), None)


def _moment(
    key: str, derivation: Derivation, calendar: Calendar, started_at: datetime, end: datetime, zone: tzinfo
) -> datetime:
    due = end.astimezone(zone).date()
    if key == "half":
        if derivation.due_at is not None:
            return started_at + (derivation.due_at - started_at) / 2
        return _morning(_half(derivation) + ONE_DAY, zone)
    amount, unit = int(key.rstrip("wdh")), key.lstrip("0123456789")
    if unit == "h":
        return end - timedelta(hours=amount)
    if unit == "d":
        return _morning(due - timedelta(days=amount), zone)
    day = due
    for _ in range(amount):
        day -= ONE_DAY
        while not is_working_day(calendar, day):
            day -= ONE_DAY
    return _morning(day, zone)


def _half(derivation: Derivation) -> date:
    """The day with which half of the limit is used up."""
    half = math.ceil(derivation.total / 2)
    return next(
        (d.on for d in derivation.days if d.number is not None and d.number >= half), derivation.start
    )


def _morning(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, MORNING, tzinfo=zone)
