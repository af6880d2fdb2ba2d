"""Jobs of figures."""

from __future__ import annotations

import structlog
from procrastinate.contrib.django import app

from tongban.apps.figures.operations.count import check_counts, count_days, count_stale_days
from tongban.base.time import now

__all__ = ["count", "recount"]

log = structlog.get_logger(__name__)


@app.periodic(cron="10 0 * * *")
@app.task(name="figures.count", queueing_lock="figures.count", lock="figures", pass_context=False)
def count(timestamp: int) -> None:
    """Every night: count the days that are over, and compare what is kept with what it was counted from."""
    at = now()
    count_days(at=at)
    if wrong := check_counts(at=at):
        log.error("figures.not_what_was_counted", days=[day.isoformat() for day in wrong])


@app.periodic(cron="*/10 * * * *")
@app.task(name="figures.recount", queueing_lock="figures.recount", lock="figures", pass_context=False)
def recount(timestamp: int) -> None:
    """Every ten minutes: count anew the days of which a case changed; catch up when a night was missed."""
    at = now()
    count_stale_days(at=at)
    count_days(at=at)
