"""Days that were counted, so that a year of a million cases is read at once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

__all__ = ["Counted", "DayCount", "MonthCount", "StaleDay"]


class DayCount(models.Model):
    """How many rows of a measure a day had, for one unit, item and township."""

    day = models.DateField()
    measure = models.CharField(max_length=40)
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    item = models.CharField(max_length=160)
    place = models.CharField(max_length=9, blank=True)
    n = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["day", "measure"], name="figures_day_measure")]


class MonthCount(models.Model):
    """The sums of a month's ``DayCount``: by unit and item (``kind`` item, without a place), by unit and township (place).

    Of a thousand days a year needs some tens of thousands of these rows, however many cases there were. A month that is not over
    has its days so far.
    """

    ITEM, PLACE = "item", "place"

    month = models.DateField()
    kind = models.CharField(max_length=5)
    measure = models.CharField(max_length=40)
    unit = models.ForeignKey("identity.Unit", on_delete=models.PROTECT, related_name="+")
    item = models.CharField(max_length=160, blank=True)
    place = models.CharField(max_length=9, blank=True)
    n = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["month", "kind", "measure"], name="figures_month_measure")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["item", "place"]), name="figures_month_kind")
        ]


class Counted(models.Model):
    """How far the days are counted: all before ``until``, of the measures of these ``keys``. One row; before the first night
    there is none. When a release brings another measure, everything is counted anew.

    Changes of days before ``noted`` are noted as ``StaleDay``: it is moved first, so that nothing changes unseen while days
    are being counted.
    """

    until = models.DateField(null=True)
    noted = models.DateField()
    keys = models.JSONField(default=list)
    at = models.DateTimeField()


class StaleDay(models.Model):
    """A counted day of which a case changed afterwards (its unit, a moment). A trigger writes it; it is counted anew soon, and
    until then read from the cases themselves.
    """

    day = models.DateField(db_index=True)
