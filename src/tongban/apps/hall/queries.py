"""Reads of the hall, ready for the pages. Nothing is asked while a template is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Q

from tongban.apps.hall import rules, words
from tongban.apps.hall.models import Appointment, Kiosk, OddDay, Opening, Point, Service, Ticket, Window
from tongban.apps.hall.policies import MANAGE, SERVE, may_manage, may_serve
from tongban.apps.hall.schedule import schedule_of
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText as T
from tongban.base.time import LOCAL, local_date

__all__ = [
    "AppointmentRow",
    "DayPage",
    "QueueRow",
    "Screen",
    "TicketView",
    "WeekRow",
    "WindowPage",
    "appointment_of_case",
    "day_page",
    "find_ticket",
    "has_desk",
    "kiosks_of",
    "manages",
    "mine",
    "my_tickets",
    "odd_days",
    "points",
    "points_of",
    "queue_of",
    "row_of",
    "screen_of",
    "service_for_item",
    "services_of",
    "stamp_of",
    "ticket_view",
    "week_of",
    "window_page",
    "windows_of",
]

COUNTED = 10
"""Of how many numbers called last the waiting time is the average."""
NOBODY = UUID(int=0)
SHOWN = 8
"""How many calls the screen shows."""


@dataclass(frozen=True, slots=True)
class AppointmentRow:
    """An appointment with its words."""

    it: Appointment
    when: T
    state: T
    tone: str
    icon: str
    can_change: bool = False

    @property
    def is_open(self) -> bool:
        """True while somebody is expected."""
        return self.it.state in rules.OPEN


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A service of a hall in its queue now; ``average`` in minutes, None when too few were called to say."""

    service: Service
    waiting: int
    average: int | None


@dataclass(frozen=True, slots=True)
class TicketView:
    """A number as its holder sees it."""

    it: Ticket
    label: str
    state: T
    tone: str
    icon: str
    ahead: int
    average: int | None


@dataclass(frozen=True, slots=True)
class Screen:
    """What the screen of a hall shows: numbers and windows, never a name. ``stamp`` changes with what is shown."""

    point: Point
    calls: Sequence[Ticket]
    queues: Sequence[QueueRow]
    stamp: str


@dataclass(frozen=True, slots=True)
class WindowPage:
    """What the clerk at a window sees."""

    window: Window
    current: Ticket | None
    waiting: Sequence[Ticket]
    skipped: Sequence[Ticket]
    done: int
    average: int | None


@dataclass(frozen=True, slots=True)
class DayPage:
    """The appointments of a day that the actor has to do with."""

    day: date
    rows: Sequence[AppointmentRow]
    is_today: bool
    hours: Sequence[rules.Hours]
    reason: T


@dataclass(frozen=True, slots=True)
class WeekRow:
    """The hours of a weekday, morning and afternoon."""

    weekday: int
    name: T
    hours: Sequence[rules.Hours]


# who


def has_desk(actor: Actor) -> bool:
    """True when the actor's post has to do with halls at all."""
    return actor.is_official and not actor.duties.isdisjoint({SERVE, MANAGE})


def manages(actor: Actor) -> bool:
    """True when the actor's post looks after halls."""
    return actor.is_official and MANAGE in actor.duties


def points_of(actor: Actor) -> list[Point]:
    """Return the halls that the actor looks after."""
    rows = Point.objects.select_related("unit").filter(is_active=True).order_by("order", "key")
    return [point for point in rows if may_manage(actor, point)]


def windows_of(actor: Actor) -> list[Window]:
    """Return the windows that the actor may serve, by hall and label."""
    rows = Window.objects.select_related("point", "unit").filter(point__is_active=True)
    found = [window for window in rows if may_serve(actor, window)]
    return sorted(found, key=lambda window: (window.point.order, len(window.label), window.label))


# halls and services


def points() -> list[Point]:
    """Return all halls in use."""
    return list(Point.objects.filter(is_active=True).order_by("order", "key"))


def services_of(point: Point | None = None, *, by_appointment: bool | None = None) -> list[Service]:
    """Return the services of a hall (of all), in order."""
    rows = Service.objects.select_related("point", "unit").filter(point__is_active=True)
    if point is not None:
        rows = rows.filter(point=point)
    if by_appointment is not None:
        rows = rows.filter(by_appointment=by_appointment)
    return list(rows.order_by("point__order", "point_id", "order", "pk"))


def service_for_item(item: str) -> Service | None:
    """Return the service at which an item can be had by appointment, None when there is none."""
    rows = Service.objects.select_related("point").filter(
        item=item or "-", by_appointment=True, point__is_active=True
    )
    return rows.order_by("point__order").first()


# appointments


def row_of(found: Appointment, *, at: datetime) -> AppointmentRow:
    """Return an appointment with its words."""
    label, tone, icon = words.STATES[found.state]
    hours = found.service.point.setting("change_hours")
    can_change = found.state == rules.BOOKED and rules.may_change(
        found.starts_at, at=at, hours=hours, offered=found.offered_at is not None
    )
    return AppointmentRow(found, words.moment_text(found.starts_at), label, tone, icon, can_change)


def mine(actor: Actor, *, at: datetime) -> list[AppointmentRow]:
    """Return the actor's own appointments: those to come first, then the past ones, newest first."""
    rows = Appointment.objects.select_related("service__point", "case").filter(
        person_id=actor.person_id or NOBODY
    )
    found = [row_of(each, at=at) for each in rows.order_by("-starts_at")[:50]]
    return sorted((r for r in found if r.is_open), key=lambda row: row.it.starts_at) + [
        r for r in found if not r.is_open
    ]


def appointment_of_case(case: Any, *, at: datetime) -> AppointmentRow | None:
    """Return the open appointment of a case, else its last one."""
    rows = Appointment.objects.select_related("service__point").filter(case_id=case.pk)
    found = rows.filter(state__in=rules.OPEN).first() or rows.order_by("-starts_at").first()
    return row_of(found, at=at) if found else None


def day_page(actor: Actor, point: Point, day: date, *, at: datetime) -> DayPage:
    """Return the appointments of a day at a hall: all for who looks after it, the unit's own for a clerk."""
    rows = Appointment.objects.select_related("service__point", "service__unit", "person", "case").filter(
        service__point=point,
        starts_at__gte=datetime.combine(day, time.min, LOCAL),
        starts_at__lte=datetime.combine(day, time.max, LOCAL),
    )
    if not may_manage(actor, point):
        rows = rows.filter(service__unit_id=actor.unit_id or 0)
    found = rows.exclude(state=rules.CANCELLED).order_by("starts_at", "service__order", "booked_at")
    schedule = schedule_of(point, day, day)
    return DayPage(
        day=day,
        rows=[row_of(each, at=at) for each in found],
        is_today=day == local_date(at),
        hours=schedule.hours(day),
        reason=schedule.reason(day),
    )


# hours


def week_of(point: Point) -> list[WeekRow]:
    """Return the hours of the week."""
    weekly: dict[int, list[rules.Hours]] = {}
    for row in Opening.objects.filter(point=point).order_by("weekday", "opens"):
        weekly.setdefault(row.weekday, []).append((row.opens, row.closes))
    return [WeekRow(number, name, weekly.get(number, [])) for number, name in enumerate(words.WEEKDAYS)]


def odd_days(point: Point, since: date) -> list[OddDay]:
    """Return the days with other hours from a day on."""
    return list(OddDay.objects.filter(point=point, day__gte=since).order_by("day"))


def kiosks_of(point: Point) -> list[Kiosk]:
    """Return the machines of a hall that give out numbers."""
    return list(Kiosk.objects.filter(point=point, taken_down_at=None).order_by("pk"))


# the queue


def queue_of(point: Point, *, at: datetime) -> list[QueueRow]:
    """Return how the queues of a hall stand now, by two statements."""
    day = local_date(at)
    waiting = dict(
        Ticket.objects.filter(point=point, day=day, state=rules.WAITING)
        .values_list("service_id")
        .annotate(count=Count("pk"))
    )
    waits = _waits(point, day)
    rows = [service for service in services_of(point) if service.by_number]
    return [
        QueueRow(row, waiting.get(row.pk, 0), rules.average_minutes(waits.get(row.pk, []))) for row in rows
    ]


def _waits(point: Point, day: date) -> dict[int, list[timedelta]]:
    """Return how long those called last today had waited, by service. Appointments are left out: their time was agreed."""
    called = Ticket.objects.filter(point=point, day=day, called_at__isnull=False, appointment=None)
    found: dict[int, list[timedelta]] = {}
    for service, wait in called.order_by("-called_at").values_list(
        "service_id", F("called_at") - F("due_at")
    )[:200]:
        found.setdefault(service, []).append(wait)
    return {service: waits[:COUNTED] for service, waits in found.items()}


def screen_of(point: Point, *, at: datetime) -> Screen:
    """Return what the screen shows."""
    day = local_date(at)
    calls = list(
        Ticket.objects.select_related("service", "window")
        .filter(point=point, day=day, state=rules.CALLED)
        .order_by("-changed_at", "number")[:SHOWN]
    )
    queues = queue_of(point, at=at)
    return Screen(point, calls, queues, _stamp(point, day))


def stamp_of(point: Point, *, at: datetime) -> str:
    """Return what changes when the screen changes, by one statement."""
    return _stamp(point, local_date(at))


def _stamp(point: Point, day: date) -> str:
    found = Ticket.objects.filter(point=point, day=day).aggregate(
        count=Count("pk"), last=Max("changed_at"), waiting=Count("pk", filter=Q(state=rules.WAITING))
    )
    last = found["last"].timestamp() if found["last"] else 0
    return f"{day.isoformat()}-{found['count']}-{found['waiting']}-{last:.3f}"


def ticket_view(ticket: Ticket, *, at: datetime) -> TicketView:
    """Return a number with how many are ahead of it."""
    label, tone, icon = words.TICKETS[ticket.state]
    ahead = 0
    if ticket.state == rules.WAITING:
        others = Ticket.objects.filter(
            point_id=ticket.point_id,
            day=ticket.day,
            state=rules.WAITING,
            service__unit_id=ticket.service.unit_id,
        ).exclude(pk=ticket.pk)
        if ticket.first_from is not None and ticket.first_from <= at:
            ahead = others.filter(first_from__lte=at, due_at__lt=ticket.due_at).count()
        else:
            ahead = others.filter(Q(first_from__lte=at) | Q(due_at__lt=ticket.due_at)).count()
    waits = _waits(ticket.point, ticket.day).get(ticket.service_id, [])
    return TicketView(ticket, ticket.label, label, tone, icon, ahead, rules.average_minutes(waits))


def my_tickets(actor: Actor, *, at: datetime) -> list[Ticket]:
    """Return the actor's own numbers of today."""
    rows = Ticket.objects.select_related("service", "point", "window").filter(
        person_id=actor.person_id or NOBODY, day=local_date(at), state__in=rules.IN_QUEUE
    )
    return list(rows.order_by("taken_at"))


def find_ticket(ticket_id: UUID) -> Ticket | None:
    """Return a number by its id, which only its holder knows."""
    return Ticket.objects.select_related("service__unit", "point", "window").filter(pk=ticket_id).first()


def window_page(window: Window, *, at: datetime) -> WindowPage:
    """Return what the clerk at a window sees, by three statements."""
    day = local_date(at)
    rows = list(
        Ticket.objects.select_related("service", "window", "appointment")
        .filter(point_id=window.point_id, day=day, service__unit_id=window.unit_id)
        .exclude(state=rules.DONE)
        .order_by("due_at", "number")
    )
    waiting = [row for row in rows if row.state == rules.WAITING]
    first = [row for row in waiting if row.first_from is not None and row.first_from <= at]
    return WindowPage(
        window=window,
        current=next((row for row in rows if row.state == rules.CALLED and row.window_id == window.pk), None),
        waiting=[*first, *(row for row in waiting if row not in first)],
        skipped=[row for row in rows if row.state == rules.SKIPPED],
        done=Ticket.objects.filter(window=window, day=day, state=rules.DONE).count(),
        average=_average(window, day),
    )


def _average(window: Window, day: date) -> int | None:
    units = set(
        Service.objects.filter(point_id=window.point_id, unit_id=window.unit_id).values_list("pk", flat=True)
    )
    waits = _waits(window.point, day)
    return rules.average_minutes([wait for pk in sorted(units) for wait in waits.get(pk, [])])
