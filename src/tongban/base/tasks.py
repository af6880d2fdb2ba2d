"""Jobs of ``base``: the dispatching of events."""

from __future__ import annotations

import procrastinate
from procrastinate.contrib.django import app

from tongban.base import outbox
from tongban.base.models import Event
from tongban.base.time import now

__all__ = ["dispatch_event"]

RETRY = procrastinate.RetryStrategy(max_attempts=8, exponential_wait=2)


@app.task(name="base.dispatch_event", retry=RETRY)
def dispatch_event(event_id: int) -> None:
    """Call the handlers of one event. Does nothing when it was dispatched already."""
    event = Event.objects.filter(pk=event_id, done_at__isnull=True).first()
    if event is not None:
        outbox.dispatch(event, at=now())
