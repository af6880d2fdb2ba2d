"""The one source of the present moment. Only edges (views, jobs, commands) call ``now``; the rest is given ``at=``.

In the demo the source can be moved forward (``tongban demo advance 6wd``), so that automatic acceptance and overdue cases can
be seen. The offset is one row that web and worker read at most once a second.
"""

from __future__ import annotations

import time as _time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

__all__ = ["LOCAL", "freeze", "local_date", "now", "today"]

LOCAL = ZoneInfo("Asia/Shanghai")
"""All of China is one time zone; legal days are days there."""

_frozen: ContextVar[datetime | None] = ContextVar("tongban_frozen_time", default=None)
_offset: tuple[float, timedelta] = (float("-inf"), timedelta(0))


def now() -> datetime:
    """Return the present moment, aware, in UTC; moved by the demo's offset when there is one."""
    frozen = _frozen.get()
    return frozen if frozen is not None else timezone.now() + _demo_offset()


def today() -> date:
    """Return the present day in the county."""
    return local_date(now())


def local_date(at: datetime) -> date:
    """Return the legal day of a moment: its date in China."""
    return at.astimezone(LOCAL).date()


@contextmanager
def freeze(at: datetime) -> Iterator[datetime]:
    """Hold the time source at ``at`` (aware). For tests and for loading the demo's past."""
    token = _frozen.set(at)
    try:
        yield at
    finally:
        _frozen.reset(token)


def _demo_offset() -> timedelta:
    global _offset
    if settings.TONGBAN_ENV != "demo":
        return timedelta(0)
    read_at, offset = _offset
    if _time.monotonic() - read_at > 1:
        from tongban.base.models import TimeOffset

        row = TimeOffset.objects.values_list("seconds", flat=True).first()
        offset = timedelta(seconds=row or 0)
        _offset = (_time.monotonic(), offset)
    return offset


def forget_offset() -> None:
    """Make the next ``now`` read the offset again (after it was changed in this process)."""
    global _offset
    _offset = (float("-inf"), timedelta(0))
