"""Published years, the days that differ from Monday-to-Friday, and clocks with their pauses and
extensions.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tongban.base.ref import Ref
from tongban.base.text import LocalizedTextField

__all__ = ["CalendarDay", "CalendarYear", "Clock", "Extension", "Pause"]


class CalendarYear(models.Model):
    """A year whose holidays have been published (each autumn, by the State Council's office)."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    notice = models.CharField(max_length=300)
    published = models.BooleanField(default=True)
    imported_at = models.DateTimeField()


class CalendarDay(models.Model):
    """A day off on a weekday, or a make-up working day on a weekend. Layers: "national" and "local" (county
    holidays).
    """

    day = models.DateField()
    is_off = models.BooleanField()
    name = LocalizedTextField()
    layer = models.CharField(max_length=20, default="national")
    source = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "layer"], name="calendars_day_once_per_layer")]


class Clock(models.Model):
    """A time limit that is running, paused or stopped, for an owner that this module does not know."""

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

    class Meta:
        indexes = [
            models.Index(fields=["owner_kind", "owner_id"], name="calendars_clock_owner"),
            models.Index(fields=["due_at"], condition=Q(state="running"), name="calendars_clock_due"),
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
    """

    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="pauses")
    reason = LocalizedTextField()
    legal_source = LocalizedTextField()
    paper_ref = models.CharField(max_length=110)
    paper_number = models.CharField(max_length=80, blank=True)
    paused_at = models.DateTimeField()
    resumed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clock"], condition=Q(resumed_at__isnull=True), name="calendars_one_open_pause"
            )
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
