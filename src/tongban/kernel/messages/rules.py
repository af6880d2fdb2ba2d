"""How often and when a delivery is tried again. Pure."""

from __future__ import annotations

from datetime import timedelta

__all__ = ["MAX_ATTEMPTS", "state_after_failure", "wait_before"]

MAX_ATTEMPTS = 6


def wait_before(attempt: int) -> timedelta:
    """Return how long to wait before that attempt (2, 3, ...): one minute, then four times longer each time, to 6 hours."""
    return min(timedelta(minutes=4 ** (attempt - 2)), timedelta(hours=6))


def state_after_failure(attempts: int) -> str:
    """Return the delivery's state after that many attempts have failed."""
    return "failed" if attempts >= MAX_ATTEMPTS else "retried"
