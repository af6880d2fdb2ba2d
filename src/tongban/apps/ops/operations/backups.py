"""Writing down that a copy of the installation was made, or failed."""

from __future__ import annotations

from datetime import datetime, timedelta

from tongban.apps.ops.models import Backup

__all__ = ["record_backup"]

REMEMBERED = timedelta(days=400)


def record_backup(
    *, began_at: datetime, ended_at: datetime, place: str, bytes_written: int = 0, fault: str = ""
) -> None:
    """Remember a copy, or with ``fault`` that none came about; forget those of long ago. The moments are the machine's."""
    Backup.objects.create(
        began_at=began_at, ended_at=ended_at, place=place, bytes_written=bytes_written, fault=fault[:2000]
    )
    Backup.objects.filter(began_at__lt=began_at - REMEMBERED).delete()
