"""Places where people come in person: their hours, what they serve, who comes when, who waits.

Integrity lives in the database: a slot never takes more than its capacity, a person has one open appointment for a service, a
number is given once a day, a window has one caller.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q

from tongban.apps.hall import rules
from tongban.base.ref import Ref
from tongban.base.text import LocalizedTextField

__all__ = ["Appointment", "Kiosk", "OddDay", "Opening", "Point", "Service", "Slot", "Ticket", "Window"]


class Point(models.Model):
    """A hall or service centre. ``settings`` are its declared rules (``rules.SETTINGS`` has the usual ones)."""

    key = models.SlugField(max_length=40, unique=True)
    name = LocalizedTextField()
    place = LocalizedTextField()
    phone = models.CharField(max_length=40, blank=True)
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    region = models.CharField(max_length=12, blank=True)
    settings = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=100)

    def setting(self, name: str) -> Any:
        """Return a declared rule of this hall."""
        return self.settings.get(name, rules.SETTINGS[name])


class Opening(models.Model):
    """Hours of a weekday (0 Monday). A day off by the calendar is closed; a make-up working day has Monday's hours."""

    point = models.ForeignKey(Point, on_delete=models.CASCADE, related_name="openings")
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="hall_opening_in_order"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="hall_opening_weekday"),
            models.UniqueConstraint(fields=["point", "weekday", "opens"], name="hall_opening_once"),
        ]


class OddDay(models.Model):
    """A day with other hours than usual; without hours it is closed. It goes before weekday and calendar."""

    point = models.ForeignKey(Point, on_delete=models.CASCADE, related_name="odd_days")
    day = models.DateField()
    opens = models.TimeField(null=True)
    closes = models.TimeField(null=True)
    reason = LocalizedTextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["point", "day"], name="hall_odd_day"),
            models.CheckConstraint(
                condition=Q(opens__isnull=True, closes__isnull=True) | Q(closes__gt=F("opens")),
                name="hall_odd_day_in_order",
            ),
        ]


class Service(models.Model):
    """What people come for. The windows of ``unit`` serve it; ``item`` is the key of the service item, if there is one."""

    point = models.ForeignKey(Point, on_delete=models.PROTECT, related_name="services")
    key = models.SlugField(max_length=40)
    name = LocalizedTextField()
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    prefix = models.CharField(max_length=2)
    item = models.CharField(max_length=60, blank=True)
    bring = LocalizedTextField()
    minutes = models.PositiveSmallIntegerField(default=30)
    capacity = models.PositiveSmallIntegerField(default=1)
    by_appointment = models.BooleanField(default=False)
    by_number = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["point", "key"], name="hall_service_key"),
            models.UniqueConstraint(fields=["point", "prefix"], name="hall_service_prefix"),
            models.CheckConstraint(condition=Q(minutes__gte=5), name="hall_service_minutes"),
        ]


class Window(models.Model):
    """A window of a hall at which clerks of ``unit`` sit."""

    point = models.ForeignKey(Point, on_delete=models.PROTECT, related_name="windows")
    label = models.CharField(max_length=8)
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["point", "label"], name="hall_window_label")]


class Slot(models.Model):
    """How many places of a service at a time are taken. The row comes with the first who takes one."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="slots")
    starts_at = models.DateTimeField()
    capacity = models.PositiveSmallIntegerField()
    taken = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "starts_at"], name="hall_slot_once"),
            models.CheckConstraint(condition=Q(taken__lte=F("capacity")), name="hall_slot_capacity"),
        ]


class Appointment(models.Model):
    """A person comes to a service at a time. ``case`` is what it is about, when it is about a case.

    ``code`` is shown on arrival. ``offered_at`` says that the hall moved it (a closed day): then it may be changed until it
    begins. ``sequence`` counts the changes for calendars.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="appointments")
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, null=True, related_name="+")
    starts_at = models.DateTimeField()
    state = models.CharField(max_length=10, default=rules.BOOKED)
    code = models.CharField(max_length=8, unique=True)
    booked_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    offered_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    sequence = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "service"],
                condition=Q(state__in=rules.OPEN),
                name="hall_one_open_appointment",
            ),
            models.CheckConstraint(condition=Q(state__in=rules.STATES), name="hall_appointment_state"),
        ]
        indexes = [
            models.Index(fields=["service", "starts_at"], name="hall_appointment_day"),
            models.Index(fields=["person", "-starts_at"], name="hall_appointment_mine"),
            models.Index(
                fields=["starts_at"], condition=Q(state__in=rules.OPEN), name="hall_appointment_open"
            ),
        ]

    @property
    def ref(self) -> Ref:
        """What the ledger and messages call it."""
        return Ref.to("appointment", self.pk)


class Kiosk(models.Model):
    """A machine in the hall that may give out numbers without anybody signing in, known by a cookie."""

    point = models.ForeignKey(Point, on_delete=models.PROTECT, related_name="kiosks")
    name = models.CharField(max_length=40)
    digest = models.CharField(max_length=64, unique=True)
    put_up_at = models.DateTimeField()
    put_up_by = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    taken_down_at = models.DateTimeField(null=True)


class Ticket(models.Model):
    """A number in the queue of a day. ``person`` is who took it on line; one from a kiosk belongs to whoever holds it.

    ``due_at`` orders those who wait. From ``first_from`` on it goes before the others: the time of an appointment.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    point = models.ForeignKey(Point, on_delete=models.PROTECT, related_name="tickets")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, default=rules.WAITING)
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, null=True, related_name="tickets")
    person = models.ForeignKey("identity.Person", on_delete=models.PROTECT, null=True, related_name="+")
    window = models.ForeignKey(Window, on_delete=models.PROTECT, null=True, related_name="+")
    due_at = models.DateTimeField()
    first_from = models.DateTimeField(null=True)
    taken_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True)
    calls = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "day", "number"], name="hall_ticket_number"),
            models.UniqueConstraint(
                fields=["window"], condition=Q(state=rules.CALLED), name="hall_one_called_a_window"
            ),
            models.UniqueConstraint(
                fields=["person", "service", "day"],
                condition=Q(state__in=rules.IN_QUEUE),
                name="hall_one_ticket_a_person",
            ),
            models.CheckConstraint(condition=Q(state__in=rules.TICKET_STATES), name="hall_ticket_state"),
        ]
        indexes = [models.Index(fields=["point", "day", "state"], name="hall_ticket_queue")]

    @property
    def label(self) -> str:
        """The number as it is called: A012."""
        return rules.ticket_label(self.service.prefix, self.number)
