"""Import a year of holidays, and work out every running clock anew when the calendar changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.outbox import announce
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.calendars.derive import current_calendar, derive
from tongban.kernel.calendars.errors import BadCalendar
from tongban.kernel.calendars.events import CALENDAR_CHANGED, CLOCK_MOVED
from tongban.kernel.calendars.models import CalendarDay, CalendarYear, Clock
from tongban.kernel.ledger import service as ledger

__all__ = ["SpecialDay", "import_year", "recompute_all"]

BATCH = 500


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """One line of the published holiday plan."""

    day: date
    is_off: bool
    name: LocalizedText


def import_year(
    *,
    year: int,
    notice: str,
    days: Sequence[SpecialDay],
    actor: Actor,
    at: datetime,
    layer: str = "national",
) -> int:
    """Replace one layer of a year by ``days``; return how many clocks moved. The same import twice changes
    nothing.

    The national layer publishes the year: due dates in it are no longer provisional. Raises BadCalendar.
    """
    _check(year, days)
    with transaction.atomic():
        wanted = {d.day: (d.is_off, d.name) for d in days}
        held = CalendarDay.objects.filter(day__year=year, layer=layer)
        same = {row.day: (row.is_off, row.name) for row in held} == wanted
        published = CalendarYear.objects.filter(year=year, published=True, notice=notice).exists()
        if same and (published or layer != "national"):
            return 0
        held.delete()
        CalendarDay.objects.bulk_create(
            CalendarDay(day=d.day, is_off=d.is_off, name=d.name, layer=layer, source=notice) for d in days
        )
        if layer == "national":
            CalendarYear.objects.update_or_create(
                year=year, defaults={"notice": notice, "published": True, "imported_at": at}
            )
        ledger.record(
            actor=actor,
            verb="calendars.import_year",
            subject=Ref.to("calendar_year", year),
            facts={"year": year, "layer": layer, "notice": notice, "days": len(days)},
            at=at,
        )
        announce(CALENDAR_CHANGED, Ref.to("calendar_year", year), at=at, layer=layer)
        return recompute_all(at=at, actor=actor)


def recompute_all(*, at: datetime, actor: Actor) -> int:
    """Derive every clock that still runs or is paused again; return how many due dates moved, each
    announced.
    """
    moved = 0
    with transaction.atomic():
        calendar = current_calendar()
        clocks = Clock.objects.exclude(state="stopped").order_by("pk").select_for_update()
        for clock in clocks.iterator(chunk_size=BATCH):
            before = (clock.due_at, clock.provisional)
            derive(clock, calendar)
            if (clock.due_at, clock.provisional) != before:
                clock.save(update_fields=["due_on", "due_at", "provisional", "derivation"])
                moved += 1
                ledger.record(
                    actor=actor,
                    verb="calendars.recompute",
                    subject=clock.owner,
                    case=str(clock.owner),
                    facts={"clock": clock.pk, "before": str(before[0] or ""), "due": str(clock.due_at or "")},
                    at=at,
                )
                announce(CLOCK_MOVED, clock.owner, at=at, clock=clock.pk)
    return moved


def _check(year: int, days: Sequence[SpecialDay]) -> None:
    wrong = []
    seen: set[date] = set()
    for special in days:
        if special.day.year != year:
            wrong.append(
                LocalizedText(zh=f"{special.day} 不在 {year} 年", en=f"{special.day} is not in {year}")
            )
        if special.day in seen:
            wrong.append(LocalizedText(zh=f"{special.day} 重复", en=f"{special.day} appears twice"))
        if not special.is_off and special.day.weekday() < 5:
            wrong.append(
                LocalizedText(
                    zh=f"{special.day} 本来就是工作日，不能是调休上班",
                    en=f"{special.day} is a weekday anyway and cannot be a make-up day",
                )
            )
        seen.add(special.day)
    if wrong:
        raise BadCalendar(errors=[{"field": "days", "message": text.as_json()} for text in wrong])
