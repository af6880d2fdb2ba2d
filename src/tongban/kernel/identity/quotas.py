"""The threat: one program asks a thousand times a second, on purpose or by a mistake, and everybody else waits.

The remedy: a quota for each kind of thing that costs, per account or network and period. It is one number in the database, so
it counts for all hosts; but asking the database at each request would cost more than it saves. So every process spends a
small share freely, and what is beyond it in portions that it draws from the database: an ordinary visitor never writes
a row, and a flood writes one for every twentieth request.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection

from tongban.base.errors import TooManyRequests
from tongban.kernel.identity.operations.throttling import attempt_key

__all__ = ["Quota"]

PORTIONS = 20
MOST_KNOWN = 50_000
"""Of so many a process keeps count; then it forgets all, and goes on."""

DRAW = """
INSERT INTO identity_attempts AS a (key, account, count, locks, since)
VALUES (%(key)s, '', %(portion)s, 0, clock_timestamp())
ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN a.since < clock_timestamp() - make_interval(secs => %(period)s)
               THEN excluded.count ELSE least(a.count, %(limit)s) + excluded.count END,
  since = CASE WHEN a.since < clock_timestamp() - make_interval(secs => %(period)s)
               THEN excluded.since ELSE a.since END
RETURNING count, extract(epoch FROM since - clock_timestamp()) + %(period)s
"""


@dataclass(slots=True)
class _Share:
    ends: float
    left: int
    is_spent: bool = False


@dataclass(slots=True)
class Quota:
    """At most ``limit`` uses of ``kind`` in ``period`` seconds for each who; each process may use a portion more."""

    kind: str
    limit: int
    period: int = 60
    clock: Callable[[], float] = time.monotonic
    _shares: dict[str, _Share] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, who: str) -> None:
        """Use it once. Raises TooManyRequests. A limit of 0 means that there is none."""
        if not self.limit:
            return
        moment = self.clock()
        with self._lock:
            share = self._shares.get(who)
            if share is None or moment >= share.ends:
                if len(self._shares) >= MOST_KNOWN:
                    self._shares.clear()
                share = self._shares[who] = _Share(moment + self.period, self.portion)
            if share.left > 0:
                share.left -= 1
                return
            if share.is_spent:
                raise TooManyRequests(retry_after=self._seconds(share.ends - moment))
        drawn, seconds = self._draw(who)
        with self._lock:
            if drawn - self.portion >= self.limit:
                share.is_spent, share.ends = True, moment + seconds
                raise TooManyRequests(retry_after=self._seconds(seconds))
            share.left += self.portion - 1

    @property
    def portion(self) -> int:
        """How much is drawn at a time."""
        return max(self.limit // PORTIONS, 1)

    def forget(self) -> None:
        """Forget what this process has left (for tests)."""
        self._shares.clear()

    @staticmethod
    def _seconds(left: float) -> int:
        return max(int(left) + 1, 1)

    def _draw(self, who: str) -> tuple[int, float]:
        with connection.cursor() as cursor:
            key = attempt_key("quota", self.kind, who)
            cursor.execute(
                DRAW, {"key": key, "portion": self.portion, "period": self.period, "limit": self.limit}
            )
            count, seconds = cursor.fetchone()
        return int(count), float(seconds)
