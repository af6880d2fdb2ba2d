"""What processes tell about themselves to who runs the machines: numbers only."""

from __future__ import annotations

from django.db.models import Count, Min

from tongban.base.metrics import register_gauge
from tongban.base.time import now
from tongban.kernel.processes.models import Incident, Job, Timer

__all__ = ["register", "timer_lag"]


def register() -> None:
    """Register the gauges, once at the start."""
    register_gauge(
        "tongban_process_jobs",
        "Steps of processes that a machine does, by state (done and skipped ones are not counted)",
        _jobs,
        label="state",
    )
    register_gauge("tongban_timers_waiting", "Due times of processes still ahead or due", _waiting)
    register_gauge("tongban_timers_due", "Due times that are due and have not fired yet", _due)
    register_gauge("tongban_timer_lag_seconds", "How long the longest due timer has been due", timer_lag)
    register_gauge("tongban_incidents_open", "Steps that gave up and wait for a person", _incidents)


def timer_lag() -> float:
    """Return for how many seconds the longest due timer has been due; 0 when none is."""
    at = now()
    waiting = Timer.objects.filter(state=Timer.WAITING, next_at__lte=at)
    first = waiting.aggregate(first=Min("due_at"))["first"]
    return max((at - first).total_seconds(), 0.0) if first else 0.0


def _jobs() -> dict[str, float]:
    counted = Job.objects.filter(state__in=[Job.WAITING, Job.FAILED]).values_list("state")
    return {Job.WAITING: 0, Job.FAILED: 0, **dict(counted.annotate(n=Count("pk")))}


def _waiting() -> float:
    return Timer.objects.filter(state=Timer.WAITING).count()


def _due() -> float:
    return Timer.objects.filter(state=Timer.WAITING, next_at__lte=now()).count()


def _incidents() -> float:
    return Incident.objects.filter(resolved_at__isnull=True).count()
