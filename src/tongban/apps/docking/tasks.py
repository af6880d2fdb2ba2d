"""Jobs of docking."""

from __future__ import annotations

from datetime import timedelta

import structlog
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from tongban.apps.docking.errors import StatementUnavailable
from tongban.apps.docking.models import Destination
from tongban.apps.docking.operations import reconcile
from tongban.apps.docking.operations.work import work
from tongban.base.time import now, today

__all__ = ["compare", "ring", "run"]

log = structlog.get_logger(__name__)
LOOK_BACK = 3
"""Days of which the other side's list is fetched every night."""


@app.periodic(cron="* * * * * */10")
@app.task(name="docking.ring", queueing_lock="docking.ring")
def ring(timestamp: int) -> None:
    """Every ten seconds: a round for every destination, each a job of its own, so that a slow one holds up no other."""
    for pk in Destination.objects.filter(is_active=True).values_list("pk", flat=True):
        lock = f"docking.run.{pk}"
        try:
            app.configure_task("docking.run", queueing_lock=lock, lock=lock).defer(destination_id=pk)
        except AlreadyEnqueued:
            continue


@app.task(name="docking.run")
def run(destination_id: int) -> None:
    """One round for one destination."""
    work(destination_id=destination_id, at=now())


@app.periodic(cron="20 2 * * *")
@app.task(name="docking.compare", queueing_lock="docking.compare")
def compare(timestamp: int) -> None:
    """Once a night: fetch the lists of the last days, forget the contents of what was accepted long ago."""
    for destination in Destination.objects.filter(is_active=True):
        for days in range(1, LOOK_BACK + 1):
            day = today() - timedelta(days=days)
            try:
                reconcile.fetch_statement(destination=destination, day=day, at=now())
            except StatementUnavailable:
                log.info("docking.no_statement", destination=destination.key, day=day.isoformat())
    reconcile.forget_contents(at=now())
