"""Events: written in the transaction in which the thing happened, handled after commit, at least once.

``announce`` writes the row and defers one job (in the same transaction, at the end of the unit of work); the worker calls every
handler that registered for the name. A handler must be idempotent; a receipt per handler spares it repetitions. Handlers take
``(event)``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from tongban.base import published, work
from tongban.base.models import Event, EventReceipt
from tongban.base.ref import Ref

__all__ = ["announce", "dispatch", "forget", "handler", "handlers_of", "ring_again"]

PATIENCE = timedelta(minutes=2)
"""How long an event may be open before somebody looks whether it has a job at all."""

KEPT = timedelta(days=90)
"""How long events stay after all their handlers are done: for whoever looks for the cause of something."""
AT_ONCE = 5_000

Handler = Callable[[Event], None]
_handlers: dict[str, dict[str, Handler]] = {}


def handler(event_name: str, key: str) -> Callable[[Handler], Handler]:
    """Register a function for events of that name; ``key`` names the handler for ever (``"voice.index_answer"``)."""

    def register(function: Handler) -> Handler:
        _handlers.setdefault(event_name, {})[key] = function
        return function

    return register


def handlers_of(event_name: str) -> Mapping[str, Handler]:
    """Return the handlers of an event by key."""
    return _handlers.get(event_name, {})


def announce(name: str, subject: Ref, *, at: datetime, **data: Any) -> Event:
    """Write an event about ``subject`` into the outbox. ``data`` is JSON and holds no personal data."""
    is_awaited = bool(handlers_of(name))
    event = Event(
        name=name,
        subject_kind=subject.kind,
        subject_id=subject.id,
        data=data,
        created_at=at,
        done_at=None if is_awaited else at,
    )
    work.add(work.number(event) if is_awaited else event)
    if is_awaited:
        work.defer("base.dispatch_event", event_id=event.pk)
    return event


def dispatch(event: Event, *, at: datetime) -> None:
    """Call the handlers that have not yet handled ``event``; each in its own transaction with its receipt.

    Like a request, it looks once at what is published.
    """
    with published.scope():
        for key, function in handlers_of(event.name).items():
            with transaction.atomic():
                _receipt, is_new = EventReceipt.objects.get_or_create(
                    event=event, handler=key, defaults={"handled_at": at}
                )
                if is_new:
                    function(event)
    Event.objects.filter(pk=event.pk).update(done_at=at)


def ring_again(*, at: datetime) -> int:
    """Defer the dispatching of open events that have no job, waiting, running or failed; return how many those were."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT event.id FROM base_event event
            WHERE event.done_at IS NULL AND event.created_at <= %s AND NOT EXISTS (
                SELECT 1 FROM procrastinate_jobs job
                WHERE job.task_name = 'base.dispatch_event' AND job.args ->> 'event_id' = event.id::text
                  AND job.status IN ('todo', 'doing', 'failed'))
            ORDER BY event.id LIMIT 500 FOR UPDATE SKIP LOCKED
            """,
            [at - PATIENCE],
        )
        found = [row[0] for row in cursor.fetchall()]
        for event_id in found:
            work.defer("base.dispatch_event", event_id=event_id)
    return len(found)


def forget(*, at: datetime) -> int:
    """Remove events with their receipts that were done so long ago; return how many. What happened stands in the ledger.

    The oldest first and few at a time, each time in a transaction of its own. An event that was never done stays.
    """
    gone = 0
    while found := _forget_some(at - KEPT):
        gone += found
    return gone


def _forget_some(before: datetime) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM base_event WHERE done_at < %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
            [before, AT_ONCE],
        )
        old = [row[0] for row in cursor.fetchall()]
        if old:
            cursor.execute("DELETE FROM base_eventreceipt WHERE event_id = ANY(%s)", [old])
            cursor.execute("DELETE FROM base_event WHERE id = ANY(%s)", [old])
    return len(old)
