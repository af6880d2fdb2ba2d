"""Published years, the days that differ from Monday-to-Friday, and clocks with their pauses and
extensions.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from tongban.base import work
from tongban.base.ref import Ref
from tongban.base.text import LocalizedTextField

__all__ = ["CalendarChange", "CalendarDay", "CalendarYear", "Clock", "Extension", "MovedClock", "Pause"]


class CalendarYear(models.Model):
    """A year whose holidays have been published (each autumn, by the State Council's office)."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    notice = models.CharField(max_length=300)
    published = models.BooleanField(default=True)
    imported_at = models.DateTimeField()


class CalendarDay(models.Model):
    """A day off, or a make-up working day on a weekend.

    ``layer`` is "national", or the beginning of the division codes in whose region the day applies ("532399" a county).
    ``year`` is the year of the notice, which may name a day of the December before.
    """

    day = models.DateField()
    year = models.PositiveSmallIntegerField()
    is_off = models.BooleanField()
    name = LocalizedTextField()
    layer = models.CharField(max_length=20, default="national")
    source = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "layer"], name="calendars_day_once_per_layer")]


class CalendarChange(models.Model):
    """One change of the calendar and the working out anew of every clock that it caused.

    The newest row is the state of the calendar: ``stamp`` names it (so it can be kept in memory), ``known_until`` says how far
    it reaches. ``first`` and ``last`` bound the days that changed. ``actor`` is in whose name the clocks move.
    """

    RUNNING, DONE = "running", "done"

    stamp = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=10)
    year = models.PositiveSmallIntegerField()
    layer = models.CharField(max_length=20)
    notice = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    days = models.JSONField(default=dict)
    first = models.DateField()
    last = models.DateField()
    known_until = models.DateField()
    actor = models.JSONField(default=dict)
    state = models.CharField(max_length=8, default=RUNNING)
    looked_at = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    timers_moved = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["import", "day"]), name="calendars_change_kind"),
            models.CheckConstraint(
                condition=Q(state="running", finished_at__isnull=True)
                | Q(state="done", finished_at__isnull=False),
                name="calendars_change_done_has_end",
            ),
        ]


@work.numbered
class Clock(models.Model):
    """A time limit that is running, paused or stopped, for an owner that this module does not know.

    ``region`` is the division code whose calendar counts; ``terms`` say what may happen to the limit, as the law's data were
    when it started. ``revision`` is the calendar change under which it was derived last. ``warn_at`` is when somebody is to be
    told next, ``warned`` what was told last and about which due date ("2wd:2026-03-10").
    """

    owner_kind = models.CharField(max_length=40)
    owner_id = models.CharField(max_length=64)
    key = models.CharField(max_length=40)
    label = LocalizedTextField()
    limit_value = models.PositiveIntegerField()
    limit_unit = models.CharField(max_length=2)
    legal_source = LocalizedTextField()
    confidence = models.CharField(max_length=1, blank=True)
    start_event = LocalizedTextField()
    started_on = models.DateField()
    started_at = models.DateTimeField()
    due_on = models.DateField(null=True)
    due_at = models.DateTimeField(null=True)
    provisional = models.BooleanField(default=False)
    derivation = models.JSONField(default=dict)
    state = models.CharField(max_length=8, default="running")
    stopped_at = models.DateTimeField(null=True)
    met = models.BooleanField(null=True)
    region = models.CharField(max_length=12, blank=True)
    terms = models.JSONField(default=dict)
    revision = models.BigIntegerField(default=0)
    warn_at = models.DateTimeField(null=True)
    warned = models.CharField(max_length=30, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["owner_kind", "owner_id"], name="calendars_clock_owner"),
            models.Index(fields=["due_at", "id"], condition=Q(state="running"), name="calendars_clock_turn"),
            models.Index(fields=["id"], condition=Q(state="paused"), name="calendars_clock_paused"),
            models.Index(fields=["warn_at"], condition=Q(state="running"), name="calendars_clock_warn"),
            models.Index(
                fields=["revision", "id"], condition=~Q(state="stopped"), name="calendars_clock_rev"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["running", "paused", "stopped"]), name="calendars_clock_state"
            ),
            models.CheckConstraint(condition=Q(limit_unit__in=["wd", "d", "h"]), name="calendars_clock_unit"),
            models.CheckConstraint(
                condition=Q(state="running", due_at__isnull=False, due_on__isnull=False)
                | ~Q(state="running"),
                name="calendars_running_clock_has_due",
            ),
            models.CheckConstraint(
                condition=Q(state="stopped", stopped_at__isnull=False)
                | (~Q(state="stopped") & Q(stopped_at__isnull=True, met__isnull=True)),
                name="calendars_stopped_clock_has_end",
            ),
        ]

    @property
    def owner(self) -> Ref:
        """What the limit is about."""
        return Ref(self.owner_kind, self.owner_id)


class Pause(models.Model):
    """An interval that does not count, with the paper by which the applicant was told (Licensing Law art.
    45).

    ``until`` is the last day of which the paper told; with it the pause ends by itself.
    """

    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="pauses")
    reason_key = models.CharField(max_length=40, blank=True)
    reason = LocalizedTextField()
    legal_source = LocalizedTextField()
    paper_ref = models.CharField(max_length=110)
    paper_number = models.CharField(max_length=80, blank=True)
    paused_at = models.DateTimeField()
    until = models.DateField(null=True)
    resumed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clock"], condition=Q(resumed_at__isnull=True), name="calendars_one_open_pause"
            )
        ]
        indexes = [
            models.Index(fields=["until"], condition=Q(resumed_at__isnull=True), name="calendars_pause_until")
        ]


class Extension(models.Model):
    """Time added to a clock by somebody who may (Licensing Law art. 42), with the reason told."""

    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="extensions")
    limit_value = models.PositiveIntegerField()
    reason = LocalizedTextField()
    legal_source = LocalizedTextField()
    paper_ref = models.CharField(max_length=110, blank=True)
    paper_number = models.CharField(max_length=80, blank=True)
    by_account = models.BigIntegerField(null=True)
    by_post = models.BigIntegerField(null=True)
    extended_at = models.DateTimeField()


class MovedClock(models.Model):
    """What one change of the calendar did to one clock: its due date before and after."""

    change = models.ForeignKey(CalendarChange, on_delete=models.CASCADE, related_name="clocks")
    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="+")
    owner_kind = models.CharField(max_length=40)
    owner_id = models.CharField(max_length=64)
    due_before = models.DateField(null=True)
    due_after = models.DateField(null=True)
    provisional_before = models.BooleanField()
    provisional_after = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change", "clock"], name="calendars_moved_once_a_change")
        ]

    @property
    def owner(self) -> Ref:
        """What the limit is about."""
        return Ref(self.owner_kind, self.owner_id)
