"""Jobs of the installation itself: its copies by plan."""

from __future__ import annotations

import os
import subprocess
import sys

import structlog
from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from tongban.apps.ops import service as ops
from tongban.kernel.ledger import service as ledger
from tongban.main.backup import keeper

__all__ = ["back_up", "open_years"]

log = structlog.get_logger(__name__)


@app.periodic(cron="*/5 * * * *")
@app.task(name="main.back_up", queueing_lock="main.back_up", lock="main.back_up")
def back_up(timestamp: int) -> None:
    """Make the copy of the day once its time has come, when TONGBAN_BACKUP_TO says where to."""
    if settings.TONGBAN_BACKUP_TO is None:
        return
    hour, minute = settings.TONGBAN_BACKUP_AT
    if not keeper.is_due(at=timezone.now(), hour=hour, minute=minute, began_at=ops.last_backup_began()):
        return
    done = _as_owner("backup", "--keep", str(settings.TONGBAN_BACKUP_KEEP))
    said = done.stderr.strip()
    if done.returncode:
        log.error("backup", code=done.returncode, said=said)  # the page and the alert know it from its row
    else:
        log.info("backup", made=done.stdout.splitlines()[0], said=said)


@app.periodic(cron="5 * * * *")
@app.task(name="main.open_years", queueing_lock="main.open_years", lock="main.open_years")
def open_years(timestamp: int) -> None:
    """Let the ledger have a part for this year and the next; there is something to do twice a year."""
    if ledger.are_years_open(at=timezone.now()):
        return
    done = _as_owner("ledger", "years", "--open")
    log.info("ledger.years", code=done.returncode, said=(done.stdout + done.stderr).strip())


def _as_owner(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of ours in a process of its own, as the owner of the database: the worker only is the application."""
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "tongban", *arguments],
        env={**os.environ, "TONGBAN_DATABASE_ROLE": "owner"},
        capture_output=True,
        text=True,
    )
