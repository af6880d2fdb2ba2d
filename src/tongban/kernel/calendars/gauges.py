"""What clocks tell about themselves to who runs the machines: numbers only."""

from __future__ import annotations

from datetime import timedelta

from tongban.base.metrics import register_gauge
from tongban.base.time import now
from tongban.kernel.calendars.models import Clock

__all__ = ["register"]

SOON = timedelta(days=3)


def register() -> None:
    """Register the gauge, once at the start."""
    register_gauge(
        "tongban_clocks",
        "Running clocks: all, due within three days, overdue; and those that pause",
        _clocks,
        label="state",
    )


def _clocks() -> dict[str, float]:
    at = now()
    running = Clock.objects.filter(state="running")
    return {
        "running": running.count(),
        "due_soon": running.filter(due_at__gte=at, due_at__lt=at + SOON).count(),
        "overdue": running.filter(due_at__lt=at).count(),
        "paused": Clock.objects.filter(state="paused").count(),
    }
