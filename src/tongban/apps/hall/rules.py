"""When a hall is open, which times it offers, who is barred, who is next. Pure: no database, no present moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

__all__ = [
    "ARRIVED",
    "BOOKED",
    "CALLED",
    "CANCELLED",
    "DONE",
    "IN_QUEUE",
    "LAPSED",
    "MISSED",
    "OPEN",
    "SETTINGS",
    "SKIPPED",
    "STATES",
    "TICKET_STATES",
    "WAITING",
    "Hours",
    "average_minutes",
    "barred_until",
    "fold",
    "hours_of",
    "is_open",
    "may_change",
    "priority_from",
    "settled",
    "slots_of",
    "ticket_label",
]

Hours = tuple[time, time]

BOOKED, ARRIVED, DONE = "booked", "arrived", "done"
MISSED, CANCELLED, LAPSED = "missed", "cancelled", "lapsed"
OPEN = (BOOKED, ARRIVED)
STATES = (BOOKED, ARRIVED, DONE, MISSED, CANCELLED, LAPSED)

WAITING, CALLED, SKIPPED = "waiting", "called", "skipped"
IN_QUEUE = (WAITING, CALLED)
TICKET_STATES = (WAITING, CALLED, SKIPPED, DONE)

SETTINGS: Mapping[str, Any] = {
    "ahead_days": 14,
    "change_hours": 2,
    "remind_hours": 24,
    "early_minutes": 60,
    "late_minutes": 15,
    "missed_count": 3,
    "missed_days": 90,
    "barred_days": 30,
    "speech": False,
    "idle_seconds": 60,
}
"""The usual rules of a hall. ``ahead_days``: how far ahead one books. ``change_hours``: until when one moves or cancels.
``early_minutes``: how long before the time one may check in. ``late_minutes``: how long after it one still goes first.
``missed_count`` times not coming in ``missed_days`` days bar from booking for ``barred_days`` days.
"""


def hours_of(
    day: date,
    weekly: Mapping[int, Sequence[Hours]],
    odd: Sequence[Hours] | None,
    *,
    is_working: bool,
    is_off: bool,
) -> Sequence[Hours]:
    """Return the hours of a day. An odd day says its own; a day off by the calendar has none; a make-up day has Monday's.

    ``is_off`` is True only for days that the calendar names: an ordinary Saturday may have hours of its own.
    """
    if odd is not None:
        return odd
    weekday = day.weekday()
    if is_off or (weekday < 5 and not is_working):
        return ()
    return weekly.get(0 if weekday >= 5 and is_working else weekday, ())


def slots_of(day: date, hours: Iterable[Hours], minutes: int, zone: Any) -> list[datetime]:
    """Return when the times of a day begin; the last one ends before the hall closes."""
    found = []
    for opens, closes in hours:
        at = datetime.combine(day, opens, zone)
        while at + timedelta(minutes=minutes) <= datetime.combine(day, closes, zone):
            found.append(at)
            at += timedelta(minutes=minutes)
    return found


def is_open(at: datetime, hours: Iterable[Hours]) -> bool:
    """Return whether the hall is open at a moment (in its own zone)."""
    return any(opens <= at.time() < closes for opens, closes in hours)


def barred_until(missed: Iterable[date], *, on: date, count: int, days: int, barred: int) -> date | None:
    """Return the last day on which somebody who did not come so often cannot book; None when they can."""
    known = sorted(missed)
    for last in reversed(known):
        counted = [day for day in known if last - timedelta(days=days) < day <= last]
        if len(counted) >= count and on <= (until := last + timedelta(days=barred)):
            return until
    return None


def may_change(starts_at: datetime, *, at: datetime, hours: int, offered: bool) -> bool:
    """Return whether an appointment may still be moved or cancelled. One that the hall moved: until it begins."""
    return at < (starts_at if offered else starts_at - timedelta(hours=hours))


def priority_from(starts_at: datetime, *, at: datetime, late: int) -> datetime | None:
    """Return from when a number of an appointment goes first; None for who comes too late for that."""
    return starts_at if at <= starts_at + timedelta(minutes=late) else None


def settled(state: str) -> str:
    """Return what becomes of an appointment that nobody settled on its day: who arrived was served; of others nobody knows."""
    return DONE if state == ARRIVED else LAPSED


def ticket_label(prefix: str, number: int) -> str:
    """Return a number as it is called: A012."""
    return f"{prefix}{number:03d}"


def average_minutes(waits: Sequence[timedelta], *, least: int = 3) -> int | None:
    """Return the average in whole minutes, rounded up; None when there are too few to say anything."""
    if len(waits) < least:
        return None
    seconds = sum(wait.total_seconds() for wait in waits) / len(waits)
    return int(-(-seconds // 60))


def fold(name: str, value: str) -> str:
    """Return a line of an iCalendar file, folded after 75 octets (RFC 5545, 3.1 and 3.3.11)."""
    line = f"{name}:{value}".encode()
    parts, limit = [], 75
    while len(line) > limit:
        cut = limit
        while line[cut] & 0xC0 == 0x80:  # not inside a character
            cut -= 1
        parts.append(line[:cut])
        line, limit = line[cut:], 74
    parts.append(line)
    return "\r\n ".join(part.decode() for part in parts)
