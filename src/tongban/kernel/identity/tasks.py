"""Jobs of identity: what counts no longer is dropped at night."""

from __future__ import annotations

from procrastinate.contrib.django import app

from tongban.base.time import now
from tongban.kernel.identity.operations.throttling import forget_old_attempts

__all__ = ["forget_attempts"]


@app.periodic(cron="50 3 * * *")
@app.task(name="identity.forget_attempts", queueing_lock="identity.forget_attempts")
def forget_attempts(timestamp: int) -> None:
    """Once a night: drop counts of attempts and uses that are over."""
    forget_old_attempts(at=now())
