"""What a piece of work costs: processor time and memory of this process. Not the clock on the wall, which other programs move."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["Burden", "burden"]


@dataclass
class Burden:
    """Filled in when the work is done: seconds of processor time, and by how many MB the peak of memory rose."""

    seconds: float = 0
    megabytes: float = 0


@contextmanager
def burden() -> Iterator[Burden]:
    """Measure the work inside, natively allocated memory too."""
    cost = Burden()
    before = resource.getrusage(resource.RUSAGE_SELF)
    yield cost
    after = resource.getrusage(resource.RUSAGE_SELF)
    cost.seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    cost.megabytes = (after.ru_maxrss - before.ru_maxrss) / 1024
