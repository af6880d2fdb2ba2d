"""Numbers: taken, called, called again, passed over, finished. Two windows never get the same one.

Whoever calls locks the next number that nobody else holds (``SKIP LOCKED``): a second window goes on to the one after it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Case, IntegerField, Value, When

from tongban.apps.hall import rules
from tongban.apps.hall.errors import (
    CheckInRefused,
    NotAHallMachine,
    PersonNeeded,
    PlaceNotFound,
    QueueClosed,
    TicketState,
)
from tongban.apps.hall.models import Appointment, Kiosk, Point, Service, Ticket, Window
from tongban.apps.hall.operations.book import record
from tongban.apps.hall.operations.day import mark
from tongban.apps.hall.policies import is_citizen, may_serve
from tongban.apps.hall.schedule import schedule_of
from tongban.base.actor import Actor
from tongban.base.numbering import next_in_counter
from tongban.base.ref import Ref
from tongban.base.time import LOCAL, local_date
from tongban.kernel.ledger import service as ledger

__all__ = [
    "bring_back",
    "call_next",
    "check_in",
    "find_window",
    "finish",
    "gives_numbers",
    "recall",
    "receive",
    "skip",
    "take_number",
]

BEFORE_OPENING = timedelta(minutes=30)
"""How long before the hall opens its machines give out numbers."""


def gives_numbers(point: Point, *, at: datetime) -> bool:
    """Return whether the hall gives out numbers at this moment: while it is open, and shortly before."""
    local = at.astimezone(LOCAL)
    hours = schedule_of(point, local.date(), local.date()).hours(local.date())
    return rules.is_open(local, hours) or rules.is_open(local + BEFORE_OPENING, hours)


def take_number(*, actor: Actor, service: Service, at: datetime, kiosk: Kiosk | None = None) -> Ticket:
    """Take a number: at a machine of the hall without a name, on line as a person who has signed in, one at a time.

    On line the number that the person holds already is given again. Raises QueueClosed, NotAHallMachine.
    """
    if not service.by_number:
        raise PlaceNotFound
    is_machine = kiosk is not None and kiosk.point_id == service.point_id
    if not is_machine and not is_citizen(actor):
        raise NotAHallMachine if actor.account_id is None else PersonNeeded
    if not gives_numbers(service.point, at=at):
        raise QueueClosed
    person_id = None if is_machine else actor.person_id
    with transaction.atomic():
        if person_id is not None:
            held = _held(person_id, service, at)
            if held is not None:
                return held
        try:
            with transaction.atomic():
                return _give(service, at, person_id=person_id)
        except IntegrityError:
            held = _held(person_id, service, at) if person_id is not None else None
            if held is None:
                raise
            return held


def check_in(*, point: Point, code: str, at: datetime) -> Ticket | Appointment:
    """Arrive with an appointment: by its code, at the machine. Gives a number that goes first at its time.

    A service without numbers only notes the arrival and gives the appointment back. Raises CheckInRefused.
    """
    early = timedelta(minutes=point.setting("early_minutes"))
    with transaction.atomic():
        found = (
            Appointment.objects.select_for_update(of=("self",))
            .select_related("service__point", "person", "case")
            .filter(code=code.strip(), service__point=point, state__in=rules.OPEN)
            .first()
        )
        if found is None or local_date(found.starts_at) != local_date(at) or at < found.starts_at - early:
            raise CheckInRefused
        known = found.tickets.select_related("service").filter(day=local_date(at)).first()
        if known is not None:
            return known
        if found.state == rules.BOOKED:
            found.state, found.changed_at = rules.ARRIVED, at
            found.save(update_fields=["state", "changed_at"])
            record("hall.arrived", found, actor=Actor.stranger("kiosk"), at=at)
        return _number_for(found, at) if found.service.by_number else found


def receive(*, actor: Actor, appointment_id: UUID, at: datetime) -> Appointment:
    """Let the staff note that somebody has arrived; a service with numbers gives one. Raises what ``mark`` raises."""
    with transaction.atomic():
        found = mark(actor=actor, appointment_id=appointment_id, act="arrived", at=at)
        if found.service.by_number and not found.tickets.filter(day=local_date(at)).exists():
            _number_for(found, at)
    return found


def find_window(actor: Actor, window_id: int, *, lock: bool = False) -> Window:
    """Return a window that this actor may serve. Raises PlaceNotFound."""
    rows = Window.objects.select_related("point", "unit")
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(pk=window_id, point__is_active=True).first()
    if found is None or not may_serve(actor, found):
        raise PlaceNotFound
    return found


def call_next(*, actor: Actor, window_id: int, at: datetime) -> Ticket | None:
    """Finish whom the window serves, call the next; None when nobody waits. Raises PlaceNotFound."""
    with transaction.atomic():
        window = find_window(actor, window_id, lock=True)
        current = _current(window)
        if current is not None:
            _end(actor, current, rules.DONE, at)
        found = (
            Ticket.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("service", "appointment")
            .filter(
                point_id=window.point_id,
                day=local_date(at),
                state=rules.WAITING,
                service__unit_id=window.unit_id,
            )
            .order_by(_first(at), "due_at", "taken_at", "number")
            .first()
        )
        if found is not None:
            _call(found, window, at)
    return found


def recall(*, actor: Actor, window_id: int, at: datetime) -> Ticket:
    """Call the same number once more. Raises TicketState, PlaceNotFound."""
    with transaction.atomic():
        window = find_window(actor, window_id, lock=True)
        found = _needed(window)
        _call(found, window, at, first=False)
    return found


def skip(*, actor: Actor, window_id: int, at: datetime) -> Ticket:
    """Pass over a number that nobody answers to. Raises TicketState, PlaceNotFound."""
    return _let_go(actor, window_id, rules.SKIPPED, at)


def finish(*, actor: Actor, window_id: int, at: datetime) -> Ticket:
    """Be done with a number, without calling the next. Raises TicketState, PlaceNotFound."""
    return _let_go(actor, window_id, rules.DONE, at)


def bring_back(*, actor: Actor, window_id: int, ticket_id: UUID, at: datetime) -> Ticket:
    """Let somebody who was passed over wait again, behind those who wait now. Raises TicketState, PlaceNotFound."""
    with transaction.atomic():
        window = find_window(actor, window_id)
        found = (
            Ticket.objects.select_for_update(of=("self",))
            .select_related("service")
            .filter(
                pk=ticket_id, point_id=window.point_id, day=local_date(at), service__unit_id=window.unit_id
            )
            .first()
        )
        if found is None:
            raise PlaceNotFound
        if found.state != rules.SKIPPED:
            raise TicketState
        found.state, found.window, found.first_from = rules.WAITING, None, None
        found.due_at = found.changed_at = at
        found.save(update_fields=["state", "window", "first_from", "due_at", "changed_at"])
    return found


def _held(person_id: UUID, service: Service, at: datetime) -> Ticket | None:
    rows = Ticket.objects.select_related("service__point").filter(
        person_id=person_id, service=service, day=local_date(at), state__in=rules.IN_QUEUE
    )
    return rows.first()


def _number_for(found: Appointment, at: datetime) -> Ticket:
    late = found.service.point.setting("late_minutes")
    first_from = rules.priority_from(found.starts_at, at=at, late=late)
    if _held(found.person_id, found.service, at) is not None:
        return _give(found.service, at, appointment=found, first_from=first_from)
    return _give(found.service, at, appointment=found, person_id=found.person_id, first_from=first_from)


def _give(service: Service, at: datetime, **more: Any) -> Ticket:
    """Make the number. The counter is of the day, so numbers begin anew every day; it is locked last."""
    day = local_date(at)
    found = Ticket(
        point_id=service.point_id, service=service, day=day, due_at=at, taken_at=at, changed_at=at, **more
    )
    found.number = next_in_counter(f"hall.{service.pk}.{day.isoformat()}")
    found.save(force_insert=True)
    return found


def _first(at: datetime) -> Case:
    return Case(When(first_from__lte=at, then=Value(0)), default=Value(1), output_field=IntegerField())


def _current(window: Window) -> Ticket | None:
    rows = Ticket.objects.select_for_update(of=("self",)).select_related("service", "appointment")
    return rows.filter(window=window, state=rules.CALLED).first()


def _needed(window: Window) -> Ticket:
    found = _current(window)
    if found is None:
        raise TicketState
    return found


def _call(found: Ticket, window: Window, at: datetime, *, first: bool = True) -> None:
    found.state, found.window, found.changed_at, found.calls = rules.CALLED, window, at, found.calls + 1
    if first:
        found.called_at = at
    found.save(update_fields=["state", "window", "changed_at", "calls", "called_at"])


def _let_go(actor: Actor, window_id: int, state: str, at: datetime) -> Ticket:
    with transaction.atomic():
        found = _needed(find_window(actor, window_id, lock=True))
        _end(actor, found, state, at)
    return found


def _end(actor: Actor, found: Ticket, state: str, at: datetime) -> None:
    """End a number, and with it the appointment that it came from. Who served it is an act; who waited stays unnamed."""
    found.state, found.changed_at, found.ended_at = state, at, at
    found.save(update_fields=["state", "changed_at", "ended_at"])
    if state == rules.DONE:
        ledger.record(
            actor=actor,
            verb="hall.serve",
            subject=Ref.to("ticket", found.pk),
            at=at,
            facts={"number": found.label, "window": found.window.label if found.window else ""},
        )
        if found.appointment is not None and found.appointment.state in rules.OPEN:
            mark(actor=actor, appointment_id=found.appointment.pk, act="done", at=at)
