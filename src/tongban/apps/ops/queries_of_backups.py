"""How the copies of the installation stand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

from tongban.apps.ops.models import Backup

__all__ = ["Standing", "backup_age", "backup_standing", "last_backup_began"]


@dataclass(frozen=True, slots=True)
class Standing:
    """The age in seconds of the newest good copy (None: there was none), and whether an attempt failed since."""

    age: float | None
    failed: bool
    watched: bool
    """Whether somebody wants copies: a plan is set, or real people use it."""

    @property
    def is_bad(self) -> bool:
        """Return whether who runs the machines must do something."""
        limit = settings.TONGBAN_BACKUP_MAX_AGE_HOURS * 3600
        return self.watched and (self.failed or self.age is None or self.age > limit)


def backup_standing() -> Standing:
    """Look; by the clock of the database, which the demo does not move."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT extract(epoch FROM now() - max(began_at) FILTER (WHERE fault = '')),
                   coalesce(max(began_at) FILTER (WHERE fault <> '') > max(began_at) FILTER (WHERE fault = ''), false)
            FROM ops_backup
            """
        )
        age, failed = cursor.fetchone()
    watched = settings.TONGBAN_BACKUP_TO is not None or settings.TONGBAN_ENV == "production"
    return Standing(None if age is None else max(float(age), 0.0), failed, watched)


def backup_age() -> float:
    """Return the age in seconds of the newest good copy for the measurements, NaN when there was none."""
    age = backup_standing().age
    return math.nan if age is None else age


def last_backup_began() -> datetime | None:
    """Return when the last copy was begun, good or not."""
    return Backup.objects.order_by("-began_at").values_list("began_at", flat=True).first()
