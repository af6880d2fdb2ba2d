"""Decision tables with their versions."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tongban.base.text import LocalizedTextField

__all__ = ["DecisionTable"]


class DecisionTable(models.Model):
    """One version of a table. A version is never changed; a new one takes over from its ``valid_from``."""

    key = models.CharField(max_length=80)
    version = models.PositiveIntegerField()
    name = LocalizedTextField()
    content = models.JSONField()
    legal_source = LocalizedTextField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    put_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="decisions_table_version_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="decisions_table_validity",
            ),
        ]
        indexes = [models.Index(fields=["key", "-valid_from", "-version"], name="decisions_table_latest")]
