"""Reads for the page of the calendar: a year in months, its holidays in words, whose calendar it is."""

from __future__ import annotations

from calendar import Calendar as Weeks
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.kernel.calendars.derive import current_calendar
from tongban.kernel.calendars.models import CalendarDay, CalendarYear
from tongban.kernel.calendars.notice import FoundDay
from tongban.kernel.calendars.registry import region_names
from tongban.kernel.calendars.rules import NATIONAL, is_working_day
from tongban.kernel.calendars.sentences import MONTHS, WEEKDAYS_EN, WEEKDAYS_ZH, day_text

__all__ = [
    "KIND_WORDS",
    "YearView",
    "holidays_read",
    "layer_names",
    "list_layers",
    "missing_year",
    "year_view",
]

REMIND_FROM = 12
WHOLE_NATION = LocalizedText(zh="全国", en="The whole country")
WEEKDAYS = [LocalizedText(zh=zh, en=en[:2]) for zh, en in zip(WEEKDAYS_ZH, WEEKDAYS_EN, strict=True)]
OFF, WORK = LocalizedText(zh="休", en="off"), LocalizedText(zh="班", en="work")
KIND_WORDS = {
    "off": LocalizedText(zh="放假", en="day off"),
    "work": LocalizedText(zh="上班", en="working day"),
    "": LocalizedText(zh="平日", en="ordinary"),
}


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day of a month. ``kind`` is "off", "work" (a make-up day), "rest" (an ordinary weekend) or "day"."""

    day: date
    kind: str
    mark: LocalizedText
    name: LocalizedText
    is_regional: bool
    is_today: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A month in weeks from Monday; None stands for days of its neighbours."""

    number: int
    label: LocalizedText
    weeks: list[list[DayCell | None]]
    working_days: int


@dataclass(frozen=True, slots=True)
class Holiday:
    """One holiday of the year in words: the days off, and the days worked for it."""

    name: LocalizedText
    off: LocalizedText
    work: LocalizedText
    is_regional: bool
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class YearView:
    """A year as the page shows it. ``is_published`` says that the nation's notice was imported."""

    year: int
    layer: str
    is_published: bool
    notice: str
    imported_at: datetime | None
    months: list[Month]
    holidays: list[Holiday]
    working_days: int
    years: list[int]
    weekdays: list[LocalizedText]


def missing_year(at: datetime) -> int | None:
    """Return the next year when it is December and its notice was not imported; it usually appears in autumn."""
    today = local_date(at)
    wanted = today.year + 1
    if today.month < REMIND_FROM or CalendarYear.objects.filter(year=wanted, published=True).exists():
        return None
    return wanted


def list_layers() -> list[str]:
    """Return the layers that hold any day, the nation's first."""
    found = set(CalendarDay.objects.values_list("layer", flat=True).distinct())
    return [NATIONAL, *sorted(found - {NATIONAL})]


def layer_names(layers: Collection[str]) -> dict[str, LocalizedText]:
    """Return what the layers are called: as a module above knows the region, otherwise by the code."""
    regions = [layer for layer in layers if layer != NATIONAL]
    found = {code: LocalizedText(zh=f"地区 {code}", en=f"Region {code}") for code in regions}
    for names in region_names if regions else ():
        found |= names(regions)
    return {NATIONAL: WHOLE_NATION, **found}


def year_view(year: int, *, layer: str = NATIONAL, at: datetime) -> YearView:
    """Return a year as it is in a region, or in the nation."""
    nation = current_calendar()
    calendar = nation if layer == NATIONAL else nation.of(layer)
    today = local_date(at)
    published = {row.year: row for row in CalendarYear.objects.filter(published=True)}
    held = published.get(year)
    rows = list(CalendarDay.objects.filter(day__year=year, layer__in=_shown(layer)).order_by("day", "layer"))
    regional = {row.day for row in rows if row.layer != NATIONAL}
    months = [_month(calendar, year, number, today, regional) for number in range(1, 13)]
    return YearView(
        year=year,
        layer=layer,
        is_published=held is not None,
        notice=held.notice if held else "",
        imported_at=held.imported_at if held else None,
        months=months,
        holidays=_holidays(rows),
        working_days=sum(month.working_days for month in months),
        years=sorted({*published, year, today.year, today.year + 1}),
        weekdays=WEEKDAYS,
    )


def _shown(layer: str) -> list[str]:
    """The layers that count in a region: the nation's and every wider region's."""
    if layer == NATIONAL:
        return [NATIONAL]
    return [NATIONAL, *(layer[:length] for length in range(1, len(layer) + 1))]


def _month(calendar: Any, year: int, number: int, today: date, regional: set[date]) -> Month:
    weeks = [
        [_cell(calendar, day, today, regional) if day.month == number else None for day in week]
        for week in Weeks().monthdatescalendar(year, number)
    ]
    return Month(
        number=number,
        label=LocalizedText(zh=f"{number}月", en=MONTHS[number - 1]),
        weeks=weeks,
        working_days=sum(is_working_day(calendar, cell.day) for week in weeks for cell in week if cell),
    )


def _cell(calendar: Any, day: date, today: date, regional: set[date]) -> DayCell:
    if day in calendar.work:
        kind, mark = "work", WORK
    elif day in calendar.off:
        kind, mark = "off", OFF
    else:
        kind, mark = ("rest" if day.weekday() > 4 else "day"), LocalizedText("")
    name = LocalizedText(*calendar.names.get(day, ("", "")))
    return DayCell(day, kind, mark, name, day in regional, day == today)


def _holidays(rows: Sequence[CalendarDay]) -> list[Holiday]:
    """The special days of a year grouped by holiday, in the order in which they begin."""
    groups: dict[tuple[str, bool], list[CalendarDay]] = {}
    for row in rows:
        groups.setdefault((row.name.zh, row.layer != NATIONAL), []).append(row)
    return [
        Holiday(
            name=days[0].name,
            off=_spans([row.day for row in days if row.is_off]),
            work=_spans([row.day for row in days if not row.is_off]),
            is_regional=is_regional,
        )
        for (_, is_regional), days in groups.items()
    ]


def holidays_read(found: Iterable[FoundDay]) -> list[Holiday]:
    """Return what was read from a notice by holiday, with the sentences that say so."""
    groups: dict[str, list[FoundDay]] = {}
    for each in sorted(found, key=lambda each: each.day):
        groups.setdefault(each.name[0], []).append(each)
    return [
        Holiday(
            name=LocalizedText(*days[0].name),
            off=_spans([each.day for each in days if each.is_off]),
            work=_spans([each.day for each in days if not each.is_off]),
            is_regional=False,
            sentences=tuple(dict.fromkeys(each.sentence for each in days)),
        )
        for days in groups.values()
    ]


def _spans(days: Sequence[date]) -> LocalizedText:
    """Return "10月1日至7日、10日" in both languages."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    zh, en = [], []
    for run in runs:
        first, last = day_text(run[0], year=False), day_text(run[-1], year=False)
        same = run[0].month == run[-1].month
        zh.append(first.zh if len(run) == 1 else f"{first.zh}至{f'{run[-1].day}日' if same else last.zh}")
        en.append(first.en if len(run) == 1 else f"{run[0].day if same else first.en}–{last.en}")
    return LocalizedText(zh="、".join(zh), en=", ".join(en))
