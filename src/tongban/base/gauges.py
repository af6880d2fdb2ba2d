"""The queue, the outbox and the database in numbers."""

from __future__ import annotations

from django.db import connection
from django.db.models import Min

from tongban.base import jobs
from tongban.base.metrics import register_gauge
from tongban.base.models import Event
from tongban.base.time import now

__all__ = ["outbox_lag", "register"]


def register() -> None:
    """Register the gauges, once at the start."""
    register_gauge(
        "tongban_jobs",
        "Jobs in the queue: waiting (due), scheduled (not due yet), running, failed (gave up)",
        _jobs,
        label="state",
    )
    register_gauge(
        "tongban_job_oldest_seconds",
        "For how long the longest waiting job has been due",
        lambda: jobs.figures().oldest,
    )
    register_gauge(
        "tongban_workers", "Workers that gave a sign of life within the last half minute", _workers
    )
    register_gauge(
        "tongban_outbox_open", "Events not yet handled by everybody who waits for them", _outbox_open
    )
    register_gauge("tongban_outbox_lag_seconds", "Age of the oldest open event", outbox_lag)
    register_gauge(
        "tongban_database_connections",
        "Connections to this database, of all processes: open now, and how many the server allows",
        _connections,
        label="state",
    )


def outbox_lag() -> float:
    """Return the age in seconds of the oldest open event; 0 when there is none."""
    first = Event.objects.filter(done_at__isnull=True).aggregate(first=Min("created_at"))["first"]
    return max((now() - first).total_seconds(), 0.0) if first else 0.0


def _jobs() -> dict[str, float]:
    found = jobs.figures()
    return {
        "waiting": found.waiting,
        "scheduled": found.scheduled,
        "running": found.running,
        "failed": found.failed,
    }


def _workers() -> float:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '30 seconds'"
        )
        return float(cursor.fetchone()[0])


def _outbox_open() -> float:
    return Event.objects.filter(done_at__isnull=True).count()


def _connections() -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),
                   current_setting('max_connections')::int
            """
        )
        open_now, allowed = cursor.fetchone()
    return {"open": float(open_now), "allowed": float(allowed)}
