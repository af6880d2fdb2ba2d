"""Jobs of oversight."""

from __future__ import annotations

from procrastinate.contrib.django import app

from tongban.apps.oversight.operations.inspect import end_inspections
from tongban.apps.oversight.operations.watch import watch as watching
from tongban.base.time import now

__all__ = ["watch"]


@app.periodic(cron="* * * * *")
@app.task(name="oversight.watch", queueing_lock="oversight.watch", lock="oversight.watch", pass_context=False)
def watch(timestamp: int) -> None:
    """Every minute: judge what happened by the rules, end inspections whose time is over."""
    at = now()
    end_inspections(at=at)
    watching(at=at)
