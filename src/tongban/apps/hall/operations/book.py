"""Booking, moving and cancelling.

A place is taken by one guarded UPDATE of the slot's row: whoever comes at the same moment waits for it and then finds the
place gone. The slot is locked after the appointment, like a counter.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from tongban.apps.hall import events, rules
from tongban.apps.hall.errors import (
    AlreadyBooked,
    AppointmentNotFound,
    AppointmentState,
    Barred,
    PlaceNotFound,
    SlotFull,
    SlotNotOffered,
    TooLate,
)
from tongban.apps.hall.models import Appointment, Service, Slot
from tongban.apps.hall.policies import is_citizen, require_person
from tongban.apps.hall.schedule import offers
from tongban.apps.hall.words import moment_text
from tongban.base import outbox
from tongban.base.actor import Actor
from tongban.base.models import Event
from tongban.base.time import LOCAL, local_date
from tongban.kernel.cases import service as cases
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages

__all__ = [
    "barred_until",
    "book",
    "book_for",
    "cancel",
    "find_service",
    "give_back",
    "own",
    "record",
    "reschedule",
    "take_place",
    "tell",
]


def find_service(point: str, key: str) -> Service:
    """Return a service of a hall. Raises PlaceNotFound."""
    found = (
        Service.objects.select_related("point", "unit")
        .filter(point__key=point, key=key, point__is_active=True)
        .first()
    )
    if found is None:
        raise PlaceNotFound
    return found


def book(
    *, actor: Actor, service: Service, starts_at: datetime, at: datetime, case: Any = None
) -> Appointment:
    """Book a time for oneself; ``case`` is what it is about, and the actor's own.

    Raises PersonNeeded, SlotNotOffered, Barred, AlreadyBooked, SlotFull; CaseNotFound's like for a case of somebody else.
    """
    person_id = require_person(actor)
    if case is not None and not cases.is_party(actor, case):
        raise PlaceNotFound
    return book_for(actor=actor, person_id=person_id, service=service, starts_at=starts_at, at=at, case=case)


def book_for(
    *, actor: Actor, person_id: UUID, service: Service, starts_at: datetime, at: datetime, case: Any = None
) -> Appointment:
    """Book a time for a person, for whoever has made sure that the actor may do so."""
    if not service.by_appointment or not offers(service, starts_at, at=at):
        raise SlotNotOffered
    with transaction.atomic():
        until = barred_until(person_id, service, at=at)
        if until is not None:
            raise Barred(until=until.isoformat())
        if Appointment.objects.filter(person_id=person_id, service=service, state__in=rules.OPEN).exists():
            raise AlreadyBooked
        try:
            with transaction.atomic():
                made = Appointment.objects.create(
                    service=service,
                    person_id=person_id,
                    case=case,
                    starts_at=starts_at,
                    code=f"{secrets.randbelow(10**8):08d}",
                    booked_at=at,
                    changed_at=at,
                )
        except IntegrityError:  # the same person at the same moment on another device
            raise AlreadyBooked from None
        take_place(service, starts_at)
        record("hall.book", made, actor=actor, at=at)
        tell(made, "hall.booked", at=at)
        outbox.announce(events.BOOKED, made.ref, at=at, service=service.key, starts_at=starts_at.isoformat())
    return made


def reschedule(*, actor: Actor, appointment_id: UUID, starts_at: datetime, at: datetime) -> Appointment:
    """Move one's own appointment. Raises AppointmentNotFound, AppointmentState, TooLate, SlotNotOffered, SlotFull."""
    with transaction.atomic():
        found = _own_to_change(actor, appointment_id, at)
        if starts_at == found.starts_at:
            return found
        if not offers(found.service, starts_at, at=at):
            raise SlotNotOffered
        take_place(found.service, starts_at)
        give_back(found)
        found.starts_at, found.changed_at, found.sequence = starts_at, at, found.sequence + 1
        found.offered_at = found.reminded_at = None
        found.save(update_fields=["starts_at", "changed_at", "sequence", "offered_at", "reminded_at"])
        record("hall.move", found, actor=actor, at=at)
        tell(found, "hall.moved", at=at)
    return found


def cancel(*, actor: Actor, appointment_id: UUID, at: datetime) -> Appointment:
    """Cancel one's own appointment; the place is free again. Raises AppointmentNotFound, AppointmentState, TooLate."""
    with transaction.atomic():
        found = _own_to_change(actor, appointment_id, at)
        end(found, actor=actor, at=at)
    return found


def end(found: Appointment, *, actor: Actor, at: datetime) -> None:
    """Cancel a booked appointment that is locked."""
    give_back(found)
    found.state, found.changed_at, found.sequence = rules.CANCELLED, at, found.sequence + 1
    found.save(update_fields=["state", "changed_at", "sequence"])
    record("hall.cancel", found, actor=actor, at=at)
    tell(found, "hall.cancelled", at=at)
    outbox.announce(events.ENDED, found.ref, at=at, state=found.state)


@transaction.atomic
def on_withdrawn(event: Event) -> None:
    """Who withdraws what the appointment was made for does not come: the place is free again."""
    rows = Appointment.objects.select_related("service__point", "service__unit", "person", "case")
    booked = rows.select_for_update(of=("self",)).filter(case_id=event.subject_id, state=rules.BOOKED)
    for found in booked.order_by("pk"):
        end(found, actor=Actor.system("hall"), at=event.created_at)


def own(actor: Actor, appointment_id: UUID, *, lock: bool = False) -> Appointment:
    """Return one's own appointment. Raises AppointmentNotFound."""
    rows = Appointment.objects.select_related("service__point", "service__unit", "person", "case")
    if lock:
        rows = rows.select_for_update(of=("self",))
    person_id = actor.person_id if is_citizen(actor) else None
    found = rows.filter(pk=appointment_id, person_id=person_id).first() if person_id is not None else None
    if found is None:
        raise AppointmentNotFound
    return found


def _own_to_change(actor: Actor, appointment_id: UUID, at: datetime) -> Appointment:
    found = own(actor, appointment_id, lock=True)
    if found.state != rules.BOOKED:
        raise AppointmentState
    hours, is_offered = found.service.point.setting("change_hours"), found.offered_at is not None
    if not rules.may_change(found.starts_at, at=at, hours=hours, offered=is_offered):
        raise TooLate
    return found


def take_place(service: Service, starts_at: datetime) -> None:
    """Take one place. Raises SlotFull. Two at once for the last one: the second waits for the row and finds it full."""
    Slot.objects.bulk_create(
        [Slot(service=service, starts_at=starts_at, capacity=service.capacity)], ignore_conflicts=True
    )
    free = Slot.objects.filter(service=service, starts_at=starts_at, taken__lt=F("capacity"))
    if not free.update(taken=F("taken") + 1):
        raise SlotFull


def give_back(found: Appointment) -> None:
    """Free the place of an appointment."""
    rows = Slot.objects.filter(service_id=found.service_id, starts_at=found.starts_at, taken__gt=0)
    rows.update(taken=F("taken") - 1)


def barred_until(person_id: UUID, service: Service, *, at: datetime) -> Any:
    """Return the last day on which this person cannot book at this hall; None when they can."""
    say = service.point.setting
    since = at - timedelta(days=say("missed_days") + say("barred_days"))
    missed = Appointment.objects.filter(
        person_id=person_id, service__point_id=service.point_id, state=rules.MISSED, starts_at__gte=since
    ).values_list("starts_at", flat=True)
    return rules.barred_until(
        (moment.astimezone(LOCAL).date() for moment in missed),
        on=local_date(at),
        count=say("missed_count"),
        days=say("missed_days"),
        barred=say("barred_days"),
    )


def record(verb: str, found: Appointment, *, actor: Actor, at: datetime, reason: str = "") -> None:
    """Write an act about an appointment; on the timeline of its case too."""
    ledger.record(
        actor=actor,
        verb=verb,
        subject=found.ref,
        at=at,
        reason=reason,
        about=[found.person.citizen_id or ""],
        case=found.case.ref if found.case is not None else "",
        facts={"service": found.service.name.zh, "starts_at": found.starts_at.astimezone(LOCAL).isoformat()},
        standing={"state": found.state},
    )


def tell(found: Appointment, template: str, *, at: datetime, **more: Any) -> None:
    """Send a message about an appointment to its person."""
    service = found.service
    messages.send(
        to_person=found.person_id,
        template=template,
        context={
            "service": service.name,
            "point": service.point.name,
            "place": service.point.place,
            "phone": service.point.phone,
            "bring": service.bring,
            "when": moment_text(found.starts_at),
            "code": found.code,
            **more,
        },
        occasion=found.ref,
        link=f"/appointments/mine/{found.pk}/",
        at=at,
    )
