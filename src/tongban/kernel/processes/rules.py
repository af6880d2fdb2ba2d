"""Plain decisions of processes."""

from __future__ import annotations

from datetime import timedelta

__all__ = ["MAX_ATTEMPTS", "back_off"]

MAX_ATTEMPTS = 5
BACK_OFF = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))


def back_off(attempts: int) -> timedelta:
    """How long to wait after that many failed attempts."""
    return BACK_OFF[min(max(attempts, 1), len(BACK_OFF)) - 1]
