"""Reads for the pages of the calendar: a year in months, what a change would move, what changes moved."""

from __future__ import annotations

from calendar import Calendar as Weeks
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.design.paging import Page, paginate
from tongban.kernel.calendars.derive import calendar_with, current_calendar
from tongban.kernel.calendars.errors import ChangeNotFound
from tongban.kernel.calendars.models import CalendarChange, CalendarDay, CalendarYear, Clock, MovedClock
from tongban.kernel.calendars.notice import FoundDay
from tongban.kernel.calendars.operations.recompute import affected, moves, rows_of
from tongban.kernel.calendars.operations.years import DUTY, SpecialDay, differing_days, pairs
from tongban.kernel.calendars.registry import OwnerLink, owners, region_names
from tongban.kernel.calendars.rules import NATIONAL, is_working_day
from tongban.kernel.calendars.sentences import MONTHS, WEEKDAYS_EN, WEEKDAYS_ZH, day_text
from tongban.kernel.identity import service as identity

__all__ = [
    "ChangeView",
    "ClockFigures",
    "Preview",
    "YearView",
    "change_view",
    "clock_figures",
    "holidays_read",
    "layer_names",
    "list_changes",
    "list_layers",
    "missing_year",
    "preview_year",
    "year_view",
]

REMIND_FROM = 12
EXAMPLES = 8
BATCH = 5_000
PAGE_SIZE = 50
WHOLE_NATION = LocalizedText(zh="全国", en="The whole country")
PACK = LocalizedText(zh="随业务包导入", en="With the pack")
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


@dataclass(frozen=True, slots=True)
class Example:
    """A clock that moves or has moved, with where it belongs."""

    label: LocalizedText
    owner: OwnerLink | None
    before: LocalizedText
    after: LocalizedText
    was_provisional: bool
    is_provisional: bool
    is_later: bool | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would change: the days, and the clocks that would move with the first of them."""

    days: list[tuple[date, LocalizedText, LocalizedText]]
    looked_at: int
    moved: int
    later: int
    earlier: int
    final: int
    examples: list[Example]


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change of the calendar: who, what, why, and how far the clocks have followed."""

    id: int
    at: datetime
    label: LocalizedText
    who: LocalizedText
    place: LocalizedText
    notice: str
    reason: str
    days: list[tuple[date, LocalizedText, LocalizedText]]
    is_done: bool
    looked_at: int
    moved: int
    timers_moved: int
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClockFigures:
    """Clocks that are not stopped, counted for who runs the machines."""

    running: int
    paused: int
    overdue: int
    provisional: int
    unfollowed: int


def clock_figures(*, at: datetime) -> ClockFigures:
    """Count the clocks in one statement; ``unfollowed`` have not yet followed the last change of the calendar."""
    last = CalendarChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    counted = Clock.objects.exclude(state="stopped").aggregate(
        running=Count("pk", filter=Q(state="running")),
        paused=Count("pk", filter=Q(state="paused")),
        overdue=Count("pk", filter=Q(state="running", due_at__lt=at)),
        provisional=Count("pk", filter=Q(provisional=True)),
        unfollowed=Count("pk", filter=Q(revision__lt=last)),
    )
    return ClockFigures(**counted)


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


def preview_year(*, actor: Actor, year: int, layer: str, days: Sequence[SpecialDay], at: datetime) -> Preview:
    """Return what an import would do; nothing is written. Raises Forbidden."""
    identity.require_duty(actor, DUTY)
    held = {row.day: (row.is_off, row.name) for row in CalendarDay.objects.filter(year=year, layer=layer)}
    wanted = {d.day: (d.is_off, d.name) for d in days}
    changed = differing_days(held, wanted)
    known = current_calendar().known_until
    is_new = layer == NATIONAL and not CalendarYear.objects.filter(year=year, published=True).exists()
    until = max(known, date(year, 12, 31)) if layer == NATIONAL else known
    bounds = [*changed, *([date(year, 1, 1), date(year, 12, 31)] if is_new else [])]
    counted = {"looked_at": 0, "moved": 0, "later": 0, "earlier": 0, "final": 0}
    first: list[Any] = []
    if bounds:
        span = _Span(min(bounds), max(bounds))
        calendar = calendar_with({(year, layer): pairs(days)}, until)
        last = 0
        while rows := rows_of(
            Clock.objects.exclude(state="stopped").filter(pk__gt=last).order_by("pk")[:BATCH]
        ):
            last = rows[-1].pk
            touched = [row for row in rows if affected(span, row)]
            counted["looked_at"] += len(rows)
            for move in moves(touched, calendar, at=at):
                if not move.is_moved:
                    continue
                counted["moved"] += 1
                before, after = move.clock.due_on, move.derivation.due_on
                if before and after:
                    counted["later"] += after > before
                    counted["earlier"] += after < before
                counted["final"] += move.clock.provisional and not move.derivation.provisional
                if len(first) < EXAMPLES:
                    first.append(move)
    return Preview(days=_words(changed), examples=_first(first), **counted)


def _first(found: Sequence[Any]) -> list[Example]:
    refs = [Ref(move.clock.owner_kind, move.clock.owner_id) for move in found]
    links = _links(refs)
    labels = dict(Clock.objects.filter(pk__in=[move.clock.pk for move in found]).values_list("pk", "label"))
    return [
        _example(
            labels[move.clock.pk],
            links.get(ref),
            move.clock.due_on,
            move.derivation.due_on,
            move.clock.provisional,
            move.derivation.provisional,
        )
        for ref, move in zip(refs, found, strict=True)
    ]


def list_changes(*, limit: int = 12) -> list[ChangeView]:
    """Return the last changes of the calendar, the newest first."""
    rows = list(CalendarChange.objects.order_by("-pk")[:limit])
    places = layer_names({row.layer for row in rows})
    return [_change(row, places) for row in rows]


def change_view(change_id: int, *, page: int = 1) -> tuple[ChangeView, Page[Example]]:
    """Return a change with a page of the clocks that it moved. Raises ChangeNotFound."""
    row = CalendarChange.objects.filter(pk=change_id).first()
    if row is None:
        raise ChangeNotFound
    moved = MovedClock.objects.filter(change=row).select_related("clock").order_by("pk")
    found = paginate(moved, number=page, size=PAGE_SIZE)
    links = _links(each.owner for each in found)
    rows = [
        _example(
            each.clock.label,
            links.get(each.owner),
            each.due_before,
            each.due_after,
            each.provisional_before,
            each.provisional_after,
        )
        for each in found
    ]
    return _change(row, layer_names([row.layer])), Page(
        items=rows, number=found.number, has_next=found.has_next
    )


@dataclass(frozen=True, slots=True)
class _Span:
    first: date
    last: date


def _change(row: CalendarChange, places: Mapping[str, LocalizedText]) -> ChangeView:
    if row.kind == "import":
        label = LocalizedText(zh=f"导入 {row.year} 年放假安排", en=f"Holidays of {row.year} imported")
    else:
        day = day_text(date.fromisoformat(min(row.days)), weekday=True) if row.days else LocalizedText("")
        label = LocalizedText(zh="改一天：{day}", en="One day changed: {day}").format(day=day)
    return ChangeView(
        id=row.pk,
        at=row.at,
        label=label,
        who=LocalizedText(row.actor.get("name", "")) if row.actor.get("account_id") else PACK,
        place=places[row.layer],
        notice=row.notice,
        reason=row.reason,
        days=_words({date.fromisoformat(day): (pair[0], pair[1]) for day, pair in row.days.items()}),
        is_done=row.state == CalendarChange.DONE,
        looked_at=row.looked_at,
        moved=row.moved,
        timers_moved=row.timers_moved,
        finished_at=row.finished_at,
    )


def _words(changed: Mapping[date, tuple[str, str]]) -> list[tuple[date, LocalizedText, LocalizedText]]:
    return [(day, KIND_WORDS[was], KIND_WORDS[now]) for day, (was, now) in sorted(changed.items())]


def _example(
    label: LocalizedText,
    owner: OwnerLink | None,
    before: date | None,
    after: date | None,
    was_provisional: bool,
    is_provisional: bool,
) -> Example:
    nothing = LocalizedText(zh="暂停中", en="paused")
    return Example(
        label=label,
        owner=owner,
        before=day_text(before) if before else nothing,
        after=day_text(after) if after else nothing,
        was_provisional=was_provisional,
        is_provisional=is_provisional,
        is_later=after > before if before and after and before != after else None,
    )


def _links(refs: Iterable[Ref]) -> dict[Ref, OwnerLink]:
    """Ask the owners of these clocks what they are, each kind once."""
    by_kind: dict[str, list[Ref]] = {}
    for ref in refs:
        by_kind.setdefault(ref.kind, []).append(ref)
    found: dict[Ref, OwnerLink] = {}
    for kind, of_kind in by_kind.items():
        owner = owners.find(kind)
        if owner is not None:
            found.update(owner.describe(of_kind))
    return found


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
