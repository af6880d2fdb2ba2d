"""What a look finds: how bad it is, what was seen, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tongban.base.text import LocalizedText as T
from tongban.main.environment import Environment

__all__ = ["FAULT", "OK", "WARNING", "Finding", "Look", "ok"]

OK, WARNING, FAULT = "ok", "warning", "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen of one thing, and for all but ``ok`` what to do."""

    key: str
    level: str
    seen: T
    advice: T | None = None


Look = Callable[[Environment], Iterator[Finding]]


def ok(key: str, zh: str, en: str) -> Finding:
    return Finding(key, OK, T(zh, en))
