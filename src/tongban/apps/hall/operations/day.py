"""What the staff do with the appointments of a day, and what becomes of those that nobody settled."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from tongban.apps.hall import events, rules
from tongban.apps.hall.errors import AppointmentNotFound, AppointmentState
from tongban.apps.hall.models import Appointment, Point
from tongban.apps.hall.operations.book import give_back, record, take_place, tell
from tongban.apps.hall.policies import may_serve
from tongban.apps.hall.schedule import offered, schedule_of
from tongban.apps.hall.words import moment_text
from tongban.base import outbox
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL, local_date

__all__ = ["close_days", "find_for_staff", "mark", "move_displaced", "remind"]

ACTS = {
    "arrived": ((rules.BOOKED,), rules.ARRIVED),
    "done": ((rules.BOOKED, rules.ARRIVED), rules.DONE),
    "missed": ((rules.BOOKED,), rules.MISSED),
    "undo": ((rules.ARRIVED, rules.MISSED, rules.DONE), rules.BOOKED),
}
"""What may be marked: from which states, to which."""


def find_for_staff(actor: Actor, appointment_id: UUID, *, lock: bool = False) -> Appointment:
    """Return an appointment that this actor has to do with. Raises AppointmentNotFound."""
    rows = Appointment.objects.select_related("service__point", "service__unit", "person", "case")
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(pk=appointment_id).first()
    if found is None or not may_serve(actor, found.service):
        raise AppointmentNotFound
    return found


def mark(*, actor: Actor, appointment_id: UUID, act: str, at: datetime) -> Appointment:
    """Mark an appointment of today as arrived, done or missed, or take the last mark back.

    Somebody is missed only after the time has come. A mark may be taken back on the same day. Raises AppointmentNotFound,
    AppointmentState.
    """
    if act not in ACTS:
        raise AppointmentState
    before, after = ACTS[act]
    with transaction.atomic():
        found = find_for_staff(actor, appointment_id, lock=True)
        is_today = local_date(found.starts_at) == local_date(at)
        is_early = act == "missed" and at < found.starts_at
        if found.state not in before or not is_today or is_early:
            raise AppointmentState
        if act == "undo" and _has_another(found):
            raise AppointmentState
        found.state, found.changed_at = after, at
        found.save(update_fields=["state", "changed_at"])
        record(f"hall.{act}", found, actor=actor, at=at)
        if after in (rules.DONE, rules.MISSED):
            outbox.announce(events.ENDED, found.ref, at=at, state=after)
    return found


def _has_another(found: Appointment) -> bool:
    """Whether the person has booked the service again in between."""
    others = Appointment.objects.filter(
        person_id=found.person_id, service_id=found.service_id, state__in=rules.OPEN
    )
    return others.exclude(pk=found.pk).exists()


def remind(*, at: datetime) -> int:
    """Remind everybody whose time comes soon and who was not reminded; return how many those were."""
    told = 0
    for point in Point.objects.filter(is_active=True):
        until = at + timedelta(hours=point.setting("remind_hours"))
        due = Appointment.objects.filter(
            service__point=point,
            state=rules.BOOKED,
            reminded_at__isnull=True,
            starts_at__gt=at,
            starts_at__lte=until,
        )
        for pk in due.values_list("pk", flat=True):
            with transaction.atomic():
                found = (
                    Appointment.objects.select_for_update(of=("self",), skip_locked=True)
                    .select_related("service__point", "person")
                    .filter(pk=pk, state=rules.BOOKED, reminded_at__isnull=True)
                    .first()
                )
                if found is None:
                    continue
                found.reminded_at = at
                found.save(update_fields=["reminded_at"])
                if found.booked_at < at - timedelta(hours=2):  # who has booked just now need not be told
                    tell(found, "hall.reminder", at=at)
                    told += 1
    return told


def close_days(*, at: datetime) -> int:
    """Settle what was left open on earlier days: who had arrived was served; of others nobody knows: it counts for nothing."""
    today = at.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    left = Appointment.objects.filter(state__in=rules.OPEN, starts_at__lt=today).values_list("pk", flat=True)
    for pk in left:
        with transaction.atomic():
            found = (
                Appointment.objects.select_for_update(of=("self",))
                .select_related("service__point", "person", "case")
                .get(pk=pk)
            )
            if found.state in rules.OPEN:
                found.state, found.changed_at = rules.settled(found.state), at
                found.save(update_fields=["state", "changed_at"])
                record("hall.settle", found, actor=Actor.system("hall"), at=at)
                outbox.announce(events.ENDED, found.ref, at=at, state=found.state)
    return len(left)


def move_displaced(*, actor: Actor, point: Point, at: datetime) -> int:
    """Offer a new time to everybody whose time the hall does not offer any more; return how many those were.

    A place is kept for them: the first free one at or after their time of day, else the first free one. Where there is none the
    appointment is cancelled and they are told.
    """
    moved = 0
    booked = list(
        Appointment.objects.filter(service__point=point, state=rules.BOOKED, starts_at__gt=at).order_by(
            "starts_at"
        )
    )
    if not booked:
        return 0
    schedule = schedule_of(point, local_date(at), max(local_date(found.starts_at) for found in booked))
    for known in booked:
        day = local_date(known.starts_at)
        if any(
            opens <= known.starts_at.astimezone(LOCAL).time() < closes
            for opens, closes in schedule.hours(day)
        ):
            continue
        reason = schedule.reason(day) or LocalizedText("开放时间调整", "opening hours changed")
        with transaction.atomic():
            moved += _offer_another(actor, known.pk, reason, at)
    return moved


def _offer_another(actor: Actor, appointment_id: UUID, reason: LocalizedText, at: datetime) -> int:
    found = (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("service__point", "service__unit", "person", "case")
        .get(pk=appointment_id)
    )
    if found.state != rules.BOOKED:
        return 0
    free = [
        place.starts_at
        for day in offered(found.service, at=at)
        for place in day.places
        if place.free and day.day > local_date(at)
    ]
    hour = found.starts_at.astimezone(LOCAL).time()
    later = [moment for moment in free if moment.time() >= hour]
    before, found.changed_at, found.sequence = found.starts_at, at, found.sequence + 1
    give_back(found)
    if not free:
        found.state = rules.CANCELLED
        found.save(update_fields=["state", "changed_at", "sequence"])
        record("hall.close", found, actor=actor, at=at, reason=reason.zh)
        tell(found, "hall.closed", at=at, reason=reason)
        outbox.announce(events.ENDED, found.ref, at=at, state=found.state)
        return 1
    found.starts_at = later[0] if later and local_date(later[0]) <= local_date(free[0]) else free[0]
    take_place(found.service, found.starts_at)
    found.offered_at, found.reminded_at = at, None
    found.save(update_fields=["starts_at", "changed_at", "sequence", "offered_at", "reminded_at"])
    record("hall.offer", found, actor=actor, at=at, reason=reason.zh)
    tell(found, "hall.offered", at=at, reason=reason, before=moment_text(before))
    return 1
