"""Identifiers that sort by the moment they were made."""

from __future__ import annotations

import os
import threading
import time
from uuid import UUID

__all__ = ["ordered_uuid"]

_lock = threading.Lock()
_last = 0


def ordered_uuid() -> UUID:
    """Return a UUID of version 7 (RFC 9562): its first 60 free bits are the time, the last 62 are random.

    Within a process each is greater than the one before, even in the same moment and when the clock is set back: rows with
    one ``at`` keep the order in which they were made. Between processes the order is that of their clocks, to 0.3 µs.
    """
    global _last
    with _lock:
        _last = max(time.time_ns() * 4096 // 1_000_000, _last + 1)
        ticks = _last
    millisecond, fraction = divmod(ticks, 4096)
    high = (millisecond & (1 << 48) - 1) << 16 | 0x7000 | fraction
    low = 0b10 << 62 | int.from_bytes(os.urandom(8)) >> 2
    return UUID(int=high << 64 | low)
