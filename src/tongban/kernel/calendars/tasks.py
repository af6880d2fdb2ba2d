"""Jobs of ``calendars``: letting the clocks follow a changed calendar, and the watch over due dates."""

from __future__ import annotations

import structlog
from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from tongban.base.time import now

__all__ = ["defer_follow", "defer_recompute", "follow", "recompute", "watch"]

log = structlog.get_logger(__name__)


@app.task(name="calendars.recompute")
def recompute(change_id: int) -> None:
    """Let the clocks follow one change. A job that was killed is taken up by the next watch."""
    from tongban.kernel.calendars.operations.recompute import run_recompute

    run_recompute(change_id=change_id, at=now())


@app.task(name="calendars.follow", retry=RetryStrategy(max_attempts=8, wait=5))
def follow(clock_ids: list[int]) -> None:
    """Let those who keep due dates of these clocks beside their own rows know that they moved."""
    from tongban.kernel.calendars.registry import followers

    for tell in followers:
        tell(clock_ids)


@app.periodic(cron="* * * * *")
@app.task(name="calendars.watch", queueing_lock="calendars.watch", pass_context=False)
def watch(timestamp: int) -> None:
    """Every minute: finish what a change of the calendar left, end the pauses whose told time is over, warn."""
    from tongban.kernel.calendars.operations.recompute import recompute_all
    from tongban.kernel.calendars.operations.watch import end_pauses, give_warnings

    at, failed = now(), None
    for step in (recompute_all, end_pauses, give_warnings):
        try:
            step(at=at)
        except Exception as error:  # nobody goes without a warning because a calendar cannot be followed
            log.exception("calendars.watch_failed", step=step.__name__)
            failed = failed or error
    if failed:
        raise failed


def defer_recompute(change_id: int) -> None:
    """Ring for the recomputation, in the caller's transaction; once is enough."""
    try:
        with transaction.atomic():
            recompute.configure(queueing_lock=f"calendars.recompute.{change_id}").defer(change_id=change_id)
    except AlreadyEnqueued:
        pass


def defer_follow(clock_ids: list[int]) -> None:
    """Order the following, in the caller's transaction."""
    follow.defer(clock_ids=clock_ids)
