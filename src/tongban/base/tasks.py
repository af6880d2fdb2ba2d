"""Jobs of ``base``: the dispatching of events, and the care of the queue itself."""

from __future__ import annotations

import procrastinate
from django.conf import settings
from procrastinate.contrib.django import app

from tongban.base import idempotency, jobs, outbox
from tongban.base.models import Event
from tongban.base.time import now

__all__ = ["care_for_queue", "dispatch_event", "forget_answers", "forget_events"]

RETRY = procrastinate.RetryStrategy(max_attempts=8, exponential_wait=2)


@app.task(name="base.dispatch_event", retry=RETRY)
def dispatch_event(event_id: int) -> None:
    """Call the handlers of one event. Does nothing when it was dispatched already."""
    event = Event.objects.filter(pk=event_id, done_at__isnull=True).first()
    if event is not None:
        outbox.dispatch(event, at=now())


@app.periodic(cron="* * * * * */10")
@app.task(name="base.care_for_queue", queueing_lock="base.care_for_queue")
def care_for_queue(timestamp: int) -> None:
    """Every ten seconds: let jobs of dead workers run again, and ring again for events whose bell was lost."""
    jobs.rescue(silence=settings.WORKER_SILENCE_SECONDS)
    jobs.forget_bells()
    outbox.ring_again(at=now())


@app.periodic(cron="40 3 * * *")
@app.task(name="base.forget_answers", queueing_lock="base.forget_answers")
def forget_answers(timestamp: int) -> None:
    """Once a night: forget the answers that were kept for repetitions."""
    idempotency.forget(at=now())


@app.periodic(cron="50 3 * * *")
@app.task(name="base.forget_events", queueing_lock="base.forget_events")
def forget_events(timestamp: int) -> None:
    """Once a night: forget the events of more than a quarter of a year ago whose handlers are all done."""
    outbox.forget(at=now())
