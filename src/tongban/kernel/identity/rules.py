"""Decisions of identity that need no database.

Periods, the three administrators, sorting by pinyin, lock-out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

__all__ = [
    "ADMIN_DUTIES",
    "Failures",
    "after_failure",
    "clashing_duties",
    "is_locked",
    "is_within",
    "pinyin_key",
]

ADMIN_DUTIES = frozenset({"admin.system", "admin.security", "admin.audit"})
"""The three administrators (GB/T 22239-2019 8.1.4.2): no person may hold two of these duties."""


def is_within(at: datetime, since: datetime, until: datetime | None) -> bool:
    """True when ``at`` lies in the half-open period: an end takes effect at its very moment."""
    return since <= at and (until is None or at < until)


def clashing_duties(duties: Iterable[str]) -> frozenset[str]:
    """Return the administrator duties when there are two or more among ``duties``, else nothing."""
    found = ADMIN_DUTIES & set(duties)
    return found if len(found) > 1 else frozenset()


@lru_cache(maxsize=4096)
def pinyin_key(name: str) -> str:
    """Return the key by which a name sorts in Chinese order.

    Syllables with tone numbers, then the name itself.

    Code point order would put 张 before 李; the name at the end keeps the order of homophones stable.
    """
    from pypinyin import (
        Style,
        lazy_pinyin,
    )  # its dictionaries are large, so only when a name is really written

    syllables = lazy_pinyin(name, style=Style.TONE3, neutral_tone_with_five=True)
    return " ".join([*(syllable.casefold() for syllable in syllables), name])[:200]


@dataclass(frozen=True, slots=True)
class Failures:
    """How often signing in failed under one key, since when, and until when it is locked."""

    count: int
    since: datetime
    locked_until: datetime | None = None


WINDOW = timedelta(minutes=15)
LOCK = timedelta(minutes=15)


def after_failure(before: Failures | None, *, limit: int, at: datetime) -> Failures:
    """Return the state after one more failure at ``at``.

    Failures older than the window count no longer; the ``limit``-th failure within it locks for a quarter of
    an hour.
    """
    if before is None or at - before.since > WINDOW:
        before = Failures(0, at)
    count = before.count + 1
    return Failures(count, before.since, at + LOCK if count >= limit else None)


def is_locked(state: Failures | None, at: datetime) -> bool:
    """True while signing in is locked."""
    return state is not None and state.locked_until is not None and at < state.locked_until
