"""What messages tell about themselves to who runs the machines: numbers only."""

from __future__ import annotations

from django.db.models import Count

from tongban.base.metrics import register_gauge
from tongban.kernel.messages.models import Delivery

__all__ = ["register"]

OPEN = [Delivery.State.CREATED, Delivery.State.RETRIED, Delivery.State.FAILED]


def register() -> None:
    """Register the gauge, once at the start."""
    register_gauge(
        "tongban_deliveries",
        "Messages that are on their way (created, retried) or were given up (failed)",
        _deliveries,
        label="state",
    )


def _deliveries() -> dict[str, float]:
    counted = Delivery.objects.filter(state__in=OPEN).values_list("state").annotate(n=Count("pk"))
    return {**{state.value: 0 for state in OPEN}, **dict(counted)}
