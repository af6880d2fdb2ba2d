"""The installation's own copies: taken by the command or the worker's schedule, written down for ``ops``, old ones removed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from tongban.apps.ops import service as ops
from tongban.base.time import LOCAL
from tongban.kernel.files import service as files
from tongban.main.backup import proof
from tongban.main.backup.errors import BackupFault
from tongban.main.backup.form import Copy
from tongban.main.backup.take import Source, forget_old, take

__all__ = ["Made", "back_up", "is_due", "source"]


@dataclass(frozen=True, slots=True)
class Made:
    """A copy that was made, how long it took, what was removed for it, and what the operator should know."""

    copy: Copy
    seconds: float
    removed: list[Path]
    warnings: list[str]


def source() -> Source:
    """Return this installation. The process is the owner of the database."""
    return Source(
        home=settings.TONGBAN_HOME,
        environment=settings.TONGBAN_ENV,
        database=settings.DATABASES["default"],
        keys=proof.keys_in_use(),
        elsewhere=files.storage() if settings.TONGBAN_FILES_URL else None,
    )


def back_up(place: Path, *, passphrase: str = "", with_keys: bool = True, keep: int | None = None) -> Made:
    """Make a copy and write down that it was made, or that it failed. Raises BackupFault."""
    began, at = time.monotonic(), timezone.now()  # not the demo's moved time
    this = source()
    try:
        copy = take(this, place, passphrase=passphrase, with_keys=with_keys, at=at)
    except BackupFault as fault:
        ops.record_backup(began_at=at, ended_at=timezone.now(), place=str(place), fault=str(fault))
        raise
    ops.record_backup(
        began_at=at, ended_at=timezone.now(), place=str(copy.directory), bytes_written=copy.manifest.bytes
    )
    removed = forget_old(place, this.installation, keep) if keep else []
    return Made(copy, round(time.monotonic() - began, 2), removed, _warnings(copy, this.home))


def is_due(*, at: datetime, hour: int, minute: int, began_at: datetime | None) -> bool:
    """Say whether the copy of the last planned moment has not been begun. A failed one is tried again at the next moment only."""
    local = at.astimezone(LOCAL)
    planned = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if planned > local:
        planned -= timedelta(days=1)
    return began_at is None or began_at < planned


def _warnings(copy: Copy, home: Path) -> list[str]:
    manifest, found = copy.manifest, []
    if manifest.keys == "plain":
        found.append(
            "the keys lie in the copy as they are: whoever has it can read everything and sign in the county's name; "
            "seal them with --passphrase-file, and keep the passphrase elsewhere"
        )
    if manifest.keys == "none":
        found.append(f"the keys are not in the copy: keep {home / 'secrets'} safe yourself")
    if copy.directory.stat().st_dev == home.stat().st_dev:
        found.append("the copy lies on the same disk as the installation: it is lost together with it")
    if manifest.missing:
        found.append(
            f"{len(manifest.missing)} files that the database names were not there; see missing in the manifest"
        )
    if manifest.damaged:
        found.append(f"{len(manifest.damaged)} stored files have other bytes than they should; see damaged")
    return found
