"""When something is trouble, and when somebody is told of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

__all__ = ["OUTBOX_LIMIT", "QUEUE_LIMIT", "QUIET", "SEALING_LIMIT", "TIMER_LIMIT", "Trouble", "must_tell"]

SEALING_LIMIT = 60.0
"""Seconds that an act may wait for its seal. Five is usual."""
OUTBOX_LIMIT = 300.0
"""Seconds that an event may be open."""
QUEUE_LIMIT = 300.0
"""Seconds that a job may wait for a worker."""
TIMER_LIMIT = 300.0
"""Seconds that a due time may be overdue."""
QUIET = timedelta(hours=1)
"""How long nobody is told of the same cause again."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong now. ``cause`` tells one trouble from another; ``count`` is how many things it stops."""

    kind: str
    cause: str
    count: int = 1


def must_tell(*, at: datetime, count: int, told_at: datetime | None, told_count: int, is_new: bool) -> bool:
    """Say whether somebody is told of a trouble: when it is new or has grown, but of one cause once an hour at most."""
    if told_at is None:
        return True
    return at - told_at >= QUIET and (is_new or count > told_count)
