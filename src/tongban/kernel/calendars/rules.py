"""Which day is a working day, and on which day a time limit ends. Pure: no database, no present moment, no
words.

The law behind it: the day of the event does not count, counting starts on the next day (Civil Code art.
201); when the last day is a holiday, the next working day is the last (art. 203); licensing limits are in
working days (Administrative Licensing Law art. 82); certain procedures do not count (art. 45). Make-up
Saturdays and Sundays are working days.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Literal

__all__ = [
    "NATIONAL",
    "Calendar",
    "Cell",
    "Day",
    "Derivation",
    "Extension",
    "Interval",
    "Limit",
    "Name",
    "Unit",
    "count_working_days",
    "drawn",
    "due_on",
    "is_working_day",
    "next_working_day",
    "remaining",
    "stack",
]

Unit = Literal["wd", "d", "h"]
Kind = Literal["start", "counted", "makeup", "off", "paused", "due"]
Name = tuple[str, str]
"""A name in Chinese and English; ("", "") when the day has none."""

ONE_DAY = timedelta(days=1)
NATIONAL = "national"
LONGEST = 3700  # days looked at before a limit is called unreasonable


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days that differ from Monday-to-Friday, known up to ``known_until`` (the last published year's
    last day).

    ``regions`` are the calendars of parts of the country that have holidays of their own, by the beginning of their
    division codes ("5323" a prefecture, "532399" a county, "532399110" a township); each holds the wider ones already.
    """

    off: frozenset[date]
    work: frozenset[date]
    known_until: date
    names: Mapping[date, Name] = field(default_factory=dict)
    regions: Mapping[str, Calendar] = field(default_factory=dict)

    def of(self, region: str) -> Calendar:
        """Return the calendar of a place: that of the smallest region with holidays of its own that the place lies in."""
        if not region or not self.regions:
            return self
        wider = (region[:length] for length in range(len(region), 0, -1))
        return next((self.regions[code] for code in wider if code in self.regions), self)


@dataclass(frozen=True, slots=True)
class Limit:
    """A length of time: working days ("wd"), calendar days ("d") or hours ("h")."""

    value: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.unit not in ("wd", "d", "h"):
            raise ValueError(f"a limit is in wd, d or h, not {self.unit!r}")
        if not 0 <= self.value <= 3650:
            raise ValueError(f"a limit is from 0 to 3650, not {self.value}")

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read "20wd", "15d", "24h". Raises ValueError."""
        match = re.fullmatch(r"\s*(\d{1,4})\s*(wd|d|h)\s*", text)
        if match is None:
            raise ValueError(f"not a time limit: {text!r} (write it like 20wd, 15d or 24h)")
        return cls(int(match[1]), match[2])  # type: ignore[arg-type]

    def __str__(self) -> str:
        return f"{self.value}{self.unit}"


@dataclass(frozen=True, slots=True)
class Interval:
    """Days that do not count, both ends included. ``end`` is None while the pause lasts.

    ``working`` is how many of them are working days; a derivation of a limit in working days knows it once the pause has ended.
    """

    start: date
    end: date | None
    reason: Name = ("", "")
    paper: str = ""
    working: int | None = None

    def holds(self, day: date) -> bool:
        """True when ``day`` is inside."""
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Extension:
    """Time added to a limit, in the limit's own unit."""

    limit: Limit
    reason: Name = ("", "")
    paper: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a derivation; ``number`` is which day of the limit it is, None when it does not count."""

    on: date
    kind: Kind
    number: int | None = None
    name: Name = ("", "")


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a due date came about. ``due_on`` is None while the clock is paused: nobody can know it then."""

    start: date
    limit: Limit
    total: int
    due_on: date | None
    due_at: datetime | None
    provisional: bool
    days: tuple[Day, ...]
    pauses: tuple[Interval, ...] = ()
    extensions: tuple[Extension, ...] = ()
    known_until: date | None = None

    @property
    def counted(self) -> int:
        """How many units are used up when the derivation ends (all of them, unless it is paused)."""
        return max((day.number or 0 for day in self.days), default=0)


def stack(layers: Mapping[str, Mapping[date, tuple[bool, Name]]], known_until: date) -> Calendar:
    """Put layers of special days on one another: the nation's (``NATIONAL``), then each region's over all wider ones.

    Where two layers speak of one day, the smaller region's word counts: holidays of ethnic minorities are set by the local
    governments where they live (Regulation on Public Holidays art. 4).
    """
    nation = _one([layers.get(NATIONAL, {})], known_until)
    codes = sorted((code for code in layers if code != NATIONAL), key=len)
    regions = {
        code: _one(
            [layers.get(NATIONAL, {}), *(layers[wider] for wider in codes if code.startswith(wider))],
            known_until,
        )
        for code in codes
    }
    return replace(nation, regions=regions)


def _one(layers: Sequence[Mapping[date, tuple[bool, Name]]], known_until: date) -> Calendar:
    days: dict[date, tuple[bool, Name]] = {}
    for layer in layers:
        days.update(layer)
    return Calendar(
        off=frozenset(day for day, (is_off, _) in days.items() if is_off),
        work=frozenset(day for day, (is_off, _) in days.items() if not is_off),
        known_until=known_until,
        names={day: name for day, (_, name) in days.items()},
    )


def is_working_day(calendar: Calendar, day: date) -> bool:
    """True for Monday to Friday except days off, and for make-up days."""
    if day in calendar.work:
        return True
    return day.weekday() < 5 and day not in calendar.off


def next_working_day(calendar: Calendar, day: date) -> date:
    """Return ``day`` itself when it is a working day, else the first one after it."""
    while not is_working_day(calendar, day):
        day += ONE_DAY
    return day


def count_working_days(calendar: Calendar, after: date, until: date) -> int:
    """Return how many working days lie after ``after`` up to and including ``until``."""
    days = (after + ONE_DAY * n for n in range(1, (until - after).days + 1))
    return sum(1 for day in days if is_working_day(calendar, day))


def due_on(
    start: date | datetime,
    limit: Limit,
    calendar: Calendar,
    pauses: Sequence[Interval] = (),
    extensions: Sequence[Extension] = (),
) -> Derivation:
    """Derive the last day of ``limit`` that starts with the event on ``start``.

    ``start`` must be an aware local datetime for a limit in hours, which run from the moment itself (Civil
    Code art. 201(2)) and cannot be paused. Raises ValueError for an extension in another unit and for a
    limit that never ends.
    """
    if any(extension.limit.unit != limit.unit for extension in extensions):
        raise ValueError("an extension is given in the unit of the limit it extends")
    total = limit.value + sum(extension.limit.value for extension in extensions)
    first = start.date() if isinstance(start, datetime) else start
    due_at = None
    if limit.unit == "h":
        days, due_at = _in_hours(start, total, calendar, pauses)
    else:
        days = _in_days(first, total, limit.unit, calendar, pauses)
    last = days[-1] if days[-1].kind == "due" else None
    return Derivation(
        start=first,
        limit=limit,
        total=total,
        due_on=last.on if last else None,
        due_at=due_at,
        provisional=last is not None and last.on > calendar.known_until,
        days=tuple(days),
        pauses=tuple(_measured(pause, limit, calendar) for pause in pauses),
        extensions=tuple(extensions),
        known_until=calendar.known_until,
    )


def _measured(pause: Interval, limit: Limit, calendar: Calendar) -> Interval:
    if pause.end is None or limit.unit != "wd":
        return pause
    return replace(pause, working=count_working_days(calendar, pause.start - ONE_DAY, pause.end))


def _in_hours(
    start: date | datetime, hours: int, calendar: Calendar, pauses: Sequence[Interval]
) -> tuple[list[Day], datetime]:
    if not isinstance(start, datetime):
        raise ValueError("a limit in hours starts at a moment, not on a day")
    if pauses:
        raise ValueError("a limit in hours cannot be paused")
    due_at = start + timedelta(hours=hours)
    days = [Day(start.date(), "start", None, _name(calendar, start.date()))]
    days += [
        Day(on, "counted", None, _name(calendar, on))
        for on in (start.date() + ONE_DAY * n for n in range(1, (due_at.date() - start.date()).days))
    ]
    if due_at.date() > start.date():
        days.append(Day(due_at.date(), "due", None, _name(calendar, due_at.date())))
    else:
        days = [Day(start.date(), "due", None, _name(calendar, start.date()))]
    return days, due_at


def _in_days(
    start: date, total: int, unit: Unit, calendar: Calendar, pauses: Sequence[Interval]
) -> list[Day]:
    if total == 0:
        last = next_working_day(calendar, start)
        return [
            *_walk(start, last - ONE_DAY, lambda on: Day(on, "off", None, _name(calendar, on))),
            Day(last, "due", 0, _name(calendar, last)),
        ]
    days = [Day(start, "start", None, _name(calendar, start))]
    number, on = 0, start
    for _ in range(LONGEST):
        on += ONE_DAY
        name, working = _name(calendar, on), is_working_day(calendar, on)
        pause = next((pause for pause in pauses if pause.holds(on)), None)
        if pause is not None:
            days.append(Day(on, "paused", None, name))
            if pause.end is None:
                return days  # the pause lasts: what comes after it is not known yet
            continue
        if number < total and (working or unit == "d"):
            number += 1
            counts = True
        else:
            counts = False
        # Civil Code art. 203: a last day that is a holiday moves to the next working day, also in calendar
        # days.
        if number == total and working:
            days.append(Day(on, "due", number, name))
            return days
        if not counts:
            days.append(Day(on, "off", None, name))
        else:
            days.append(Day(on, "makeup" if on in calendar.work else "counted", number, name))
    raise ValueError("a limit that does not end within ten years")


def _walk(first: date, last: date, make: Callable[[date], Day]) -> Iterator[Day]:
    while first <= last:
        yield make(first)
        first += ONE_DAY


def _name(calendar: Calendar, on: date) -> Name:
    return calendar.names.get(on, ("", ""))


def remaining(derivation: Derivation, calendar: Calendar, today: date) -> int:
    """Return how many days are left after ``today``: 0 on the last day, negative when it is over.

    In working days, or in calendar days for a limit in calendar days or hours. A paused clock has what it
    had when it was paused. One day late is at least -1, also on the weekend after.
    """
    due = derivation.due_on
    if due is None:
        return derivation.total - derivation.counted
    if derivation.limit.unit != "wd":
        return (due - today).days
    if today > due:
        return -max(1, count_working_days(calendar, due, today))
    return count_working_days(calendar, today, due)


def end_of_day(day: date, zone: object) -> datetime:
    """Return the last second of ``day`` in ``zone``: a limit in days ends with its last day."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=zone)  # type: ignore[arg-type]


# --- drawing --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """One drawn square: a day or a run of days that go together."""

    first: date
    last: date
    kind: Kind
    first_number: int | None
    last_number: int | None
    name: Name
    has_today: bool


def drawn(derivation: Derivation, today: date | None = None, most: int = 12) -> list[Cell]:
    """Return the days as at most ``most`` cells: a pause as one, the others day by day when they fit, else in
    ever longer runs.
    """
    for same in (_both_paused, _same_kind, _same_week, _same_stretch):
        runs = _runs(derivation.days, same)
        if len(runs) <= most:
            break
    else:
        runs = [*runs[: most // 2], _flat(runs[most // 2 : -(most // 2 - 1)]), *runs[-(most // 2 - 1) :]]
    return [_cell(run, today) for run in runs]


def _runs(days: Sequence[Day], same: Callable[[Day, Day], bool]) -> list[list[Day]]:
    runs: list[list[Day]] = []
    for day in days:
        if runs and same(runs[-1][-1], day):
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _flat(runs: Sequence[Sequence[Day]]) -> list[Day]:
    return [day for run in runs for day in run]


def _both_paused(before: Day, day: Day) -> bool:
    return before.kind == day.kind == "paused"


def _same_kind(before: Day, day: Day) -> bool:
    return before.kind == day.kind and (before.kind != "off" or before.name == day.name)


def _is_plain(day: Day) -> bool:
    """True for counted days, make-up days and ordinary weekends: what one need not see singly in a long
    span.
    """
    return day.kind in ("counted", "makeup") or (day.kind == "off" and not day.name[0])


def _same_week(before: Day, day: Day) -> bool:
    return _same_kind(before, day) or (_is_plain(before) and _is_plain(day))


def _same_stretch(before: Day, day: Day) -> bool:
    return _same_week(before, day) or not ({before.kind, day.kind} & {"start", "paused", "due"})


def _cell(run: Sequence[Day], today: date | None) -> Cell:
    numbers = [day.number for day in run if day.number is not None]
    kinds = {day.kind for day in run}
    names = {day.name for day in run}
    return Cell(
        first=run[0].on,
        last=run[-1].on,
        kind=run[0].kind if len(kinds) == 1 else "paused" if "paused" in kinds else "counted",
        first_number=numbers[0] if numbers else None,
        last_number=numbers[-1] if numbers else None,
        name=names.pop() if len(names) == 1 else ("", ""),
        has_today=today is not None and run[0].on <= today <= run[-1].on,
    )
