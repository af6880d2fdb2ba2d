"""Reads of what moves clocks: what a change of the calendar would move, what changes moved, how far all have followed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.design.paging import Page, paginate
from tongban.kernel.calendars.almanac import KIND_WORDS, layer_names
from tongban.kernel.calendars.derive import calendar_with, current_calendar
from tongban.kernel.calendars.errors import ChangeNotFound
from tongban.kernel.calendars.models import CalendarChange, CalendarDay, CalendarYear, Clock, MovedClock
from tongban.kernel.calendars.operations.recompute import affected, moves, rows_of
from tongban.kernel.calendars.operations.years import DUTY, SpecialDay, differing_days, pairs
from tongban.kernel.calendars.registry import OwnerLink, owners
from tongban.kernel.calendars.rules import NATIONAL
from tongban.kernel.calendars.sentences import day_text
from tongban.kernel.identity import service as identity

__all__ = [
    "ChangeView",
    "ClockFigures",
    "Preview",
    "change_view",
    "clock_figures",
    "list_changes",
    "preview_year",
]

EXAMPLES = 8
BATCH = 5_000
PAGE_SIZE = 50
PACK = LocalizedText(zh="随业务包导入", en="With the pack")


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
