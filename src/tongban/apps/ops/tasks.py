"""Jobs of ops."""

from __future__ import annotations

from procrastinate.contrib.django import app

from tongban.apps.ops.operations import watch as watching
from tongban.base.time import now

__all__ = ["watch"]


@app.periodic(cron="* * * * *")
@app.task(name="ops.watch", queueing_lock="ops.watch")
def watch(timestamp: int) -> None:
    """Once a minute: look at everything and tell who runs the machines."""
    watching.watch(at=now())
