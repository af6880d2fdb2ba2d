"""What who runs the machines was told of, so that nobody is told twice within the hour; and the copies that were made."""

from __future__ import annotations

from django.db import models

__all__ = ["Alert", "Backup"]


class Alert(models.Model):
    """One cause of trouble: how many things it stops now, when it was told of, and (until it comes back) when it ended."""

    cause = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=20)
    count = models.PositiveIntegerField(default=1)
    began_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    told_count = models.PositiveIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["kind"], condition=models.Q(ended_at__isnull=True), name="ops_alert_open")
        ]


class Backup(models.Model):
    """A copy of the installation that was made, or tried: then ``fault`` says why there is none."""

    began_at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField()
    place = models.TextField()
    bytes_written = models.BigIntegerField(default=0)
    fault = models.TextField(blank=True)
