"""Change the calendar: import a year's notice, correct a single day. Every change derives the running clocks anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from tongban.base import published
from tongban.base.actor import Actor
from tongban.base.outbox import announce
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.calendars.derive import NOTHING_PUBLISHED, current_calendar
from tongban.kernel.calendars.errors import BadCalendar
from tongban.kernel.calendars.events import CALENDAR_CHANGED
from tongban.kernel.calendars.models import CalendarChange, CalendarDay, CalendarYear
from tongban.kernel.calendars.rules import NATIONAL, Name, is_working_day
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = ["DUTY", "SpecialDay", "check_layer", "differing_days", "import_year", "note_timers", "set_day"]

DUTY = "admin.system"
"""Whoever keeps the installation keeps its calendar."""
LOCK = 0x7463616C
KINDS = {
    "off": LocalizedText(zh="放假", en="day off"),
    "work": LocalizedText(zh="上班", en="working day"),
    "": LocalizedText(zh="按平日", en="an ordinary day"),
}


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
    reason: str = "",
    at: datetime,
    layer: str = NATIONAL,
) -> CalendarChange | None:
    """Replace one layer of a year by ``days`` and return the change; None when the same stands already.

    The national layer publishes the year: due dates in it are no longer provisional. The clocks follow by
    ``run_recompute``, which the worker calls after commit. Raises Forbidden, BadCalendar.
    """
    identity.require_duty(actor, DUTY)
    check_layer(layer)
    check_days(year, days, layer)
    wanted = {d.day: (d.is_off, LocalizedText.of(d.name)) for d in days}
    with transaction.atomic():
        _lock()
        held = CalendarDay.objects.filter(year=year, layer=layer)
        before = {row.day: (row.is_off, row.name) for row in held}
        is_published = CalendarYear.objects.filter(year=year, published=True, notice=notice).exists()
        if before == wanted and (is_published or layer != NATIONAL):
            return None
        held.delete()
        _refuse_taken(wanted, layer)
        CalendarDay.objects.bulk_create(
            CalendarDay(day=d.day, year=year, is_off=d.is_off, name=d.name, layer=layer, source=notice)
            for d in days
        )
        is_new = layer == NATIONAL and not CalendarYear.objects.filter(year=year, published=True).exists()
        if layer == NATIONAL:
            CalendarYear.objects.update_or_create(
                year=year, defaults={"notice": notice, "published": True, "imported_at": at}
            )
        return _changed(
            kind="import",
            year=year,
            layer=layer,
            notice=notice,
            reason=reason,
            changed=differing_days(before, wanted),
            whole_year=is_new,
            actor=actor,
            at=at,
        )


def set_day(
    *,
    day: date,
    kind: str,
    name: LocalizedText,
    layer: str = NATIONAL,
    reason: str,
    actor: Actor,
    at: datetime,
) -> CalendarChange | None:
    """Make one day "off", "work" or ("") an ordinary one, with the reason; None when it is that already.

    Raises Forbidden, BadCalendar (also without a reason: a day that nobody can explain moves nobody's time limit).
    """
    identity.require_duty(actor, DUTY)
    check_layer(layer)
    if kind not in KINDS:
        raise _bad("kind", "选择放假、上班或者按平日", "Choose day off, working day or ordinary day")
    if not reason.strip():
        raise _bad("reason", "写明理由", "Give the reason")
    name = LocalizedText.of(name)
    if kind:
        if not name:
            raise _bad("name", "写明名称", "Give it a name")
        check_days(day.year, [SpecialDay(day, kind == "off", name)], layer)
    with transaction.atomic():
        _lock()
        row = CalendarDay.objects.filter(day=day, layer=layer).first()
        before = {} if row is None else {day: (row.is_off, row.name)}
        wanted = {day: (kind == "off", name)} if kind else {}
        if before == wanted:
            return None
        year = row.year if row is not None else day.year
        CalendarDay.objects.filter(day=day, layer=layer).delete()
        if kind:
            CalendarDay.objects.create(
                day=day, year=year, is_off=kind == "off", name=name, layer=layer, source=reason.strip()[:300]
            )
        return _changed(
            kind="day",
            year=year,
            layer=layer,
            notice="",
            reason=reason.strip()[:300],
            changed=differing_days(before, wanted),
            whole_year=False,
            actor=actor,
            at=at,
        )


def differing_days(
    before: Mapping[date, tuple[bool, LocalizedText]], after: Mapping[date, tuple[bool, LocalizedText]]
) -> dict[date, tuple[str, str]]:
    """Return the days that are not the same, each with what it was and what it is: "off", "work" or ""."""

    def kind(days: Mapping[date, tuple[bool, LocalizedText]], day: date) -> str:
        return "" if day not in days else "off" if days[day][0] else "work"

    return {
        day: (kind(before, day), kind(after, day))
        for day in sorted({*before, *after})
        if before.get(day) != after.get(day)
    }


def check_layer(layer: str) -> None:
    """Return when the layer is the nation's or the beginning of a division code. Raises BadCalendar."""
    if layer != NATIONAL and not (layer.isdigit() and len(layer) in (2, 4, 6, 9, 12)):
        raise _bad(
            "layer",
            "地区写行政区划代码的前 2、4、6、9 或 12 位",
            "A region is the first 2, 4, 6, 9 or 12 digits",
        )


def check_days(year: int, days: Sequence[SpecialDay], layer: str = NATIONAL) -> None:
    """Return when the days of a year's notice agree with one another. Raises BadCalendar naming each that does not.

    A notice may begin in the December before: New Year's Day 2023 began on 31 December 2022.
    """
    wrong = []
    seen: set[date] = set()
    for special in days:
        day = special.day
        if day.year != year and (day.year, day.month) != (year - 1, 12):
            wrong.append(LocalizedText(zh=f"{day} 不在 {year} 年", en=f"{day} is not in {year}"))
        if day in seen:
            wrong.append(LocalizedText(zh=f"{day} 重复", en=f"{day} appears twice"))
        # A region may work on a day that is a holiday elsewhere, the nation may not.
        is_plain = layer == NATIONAL or is_working_day(current_calendar(), day)
        if not special.is_off and day.weekday() < 5 and is_plain:
            wrong.append(
                LocalizedText(
                    zh=f"{day} 本来就是工作日，不能是调休上班",
                    en=f"{day} is a weekday anyway and cannot be a make-up day",
                )
            )
        seen.add(day)
    if wrong:
        raise BadCalendar(errors=[{"field": "days", "message": text.as_json()} for text in wrong])


def _refuse_taken(wanted: Mapping[date, Any], layer: str) -> None:
    """A day of the December before may stand in that year's own notice already."""
    taken = list(CalendarDay.objects.filter(day__in=list(wanted), layer=layer).values_list("day", flat=True))
    if taken:
        raise BadCalendar(
            errors=[
                {
                    "field": "days",
                    "message": {
                        "zh": f"{day} 已经在另一年的安排里",
                        "en": f"{day} stands in the notice of another year already",
                    },
                }
                for day in taken
            ]
        )


def _lock() -> None:
    """One change of the calendar at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _changed(
    *,
    kind: str,
    year: int,
    layer: str,
    notice: str,
    reason: str,
    changed: Mapping[date, tuple[str, str]],
    whole_year: bool,
    actor: Actor,
    at: datetime,
) -> CalendarChange:
    """Write the change down: its row, the act of who made it, the event, and the job that lets the clocks follow."""
    from tongban.kernel.calendars.tasks import defer_recompute

    bounds = list(changed) or [date(year, 1, 1)]
    if whole_year:  # due dates in the year were provisional, whatever their days are
        bounds += [date(year, 1, 1), date(year, 12, 31)]
    last = (
        CalendarYear.objects.filter(published=True).order_by("-year").values_list("year", flat=True).first()
    )
    change = CalendarChange.objects.create(
        at=at,
        kind=kind,
        year=year,
        layer=layer,
        notice=notice,
        reason=reason,
        days={day.isoformat(): list(pair) for day, pair in changed.items()},
        first=min(bounds),
        last=max(bounds),
        known_until=date(last, 12, 31) if last else NOTHING_PUBLISHED,
        actor=signed(actor),
    )
    published.forget()
    ledger.record(
        actor=actor,
        verb="calendars.import_year" if kind == "import" else "calendars.set_day",
        subject=Ref.to("calendar_year", year),
        reason=reason,
        facts={"change": change.pk, "year": year, "layer": layer, "notice": notice, "days": change.days},
        at=at,
    )
    announce(CALENDAR_CHANGED, Ref.to("calendar_year", year), at=at, layer=layer, change=change.pk)
    defer_recompute(change.pk)
    return change


def note_timers(*, change_id: int, moved: int) -> None:
    """Note on a change how many timers of processes followed it."""
    CalendarChange.objects.filter(pk=change_id).update(timers_moved=moved)


def signed(actor: Actor) -> dict[str, Any]:
    """Return who changed the calendar as it is kept: the job that moves the clocks acts in that name."""
    return {
        "account_id": actor.account_id,
        "person_id": str(actor.person_id) if actor.person_id else None,
        "post_id": actor.post_id,
        "unit_id": actor.unit_id,
        "channel": actor.channel,
        "name": actor.name,
    }


def actor_of(change: CalendarChange) -> Actor:
    """Return in whose name the clocks follow a change."""
    kept = dict(change.actor)
    person = kept.pop("person_id", None)
    return Actor(person_id=UUID(person) if person else None, **kept)


def days_between(first: date, last: date) -> list[date]:
    """Return all days from ``first`` to ``last``, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _bad(field: str, zh: str, en: str) -> BadCalendar:
    return BadCalendar(errors=[{"field": field, "message": {"zh": zh, "en": en}}])


def pairs(days: Sequence[SpecialDay]) -> dict[date, tuple[bool, Name]]:
    """Return the days as the rules take them."""
    return {d.day: (d.is_off, (d.name.zh, d.name.en)) for d in days}
