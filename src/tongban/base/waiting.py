"""What waits for a person's answer without being a case of hers yet: each application says what it has, my space shows all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tongban.base.actor import Actor
from tongban.base.registry import Registry
from tongban.base.text import LocalizedText

__all__ = ["Waiting", "register_waiting", "waiting_for"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing to answer: what it is, from whom and since when, and where the answer is given."""

    title: LocalizedText
    note: str
    state: LocalizedText
    at: datetime
    url: str


Source = Callable[[Actor], Sequence[Waiting]]

_sources: Registry[Source] = Registry("waiting")


def register_waiting(key: str, source: Source) -> None:
    """Add a source. Call it in ``AppConfig.ready()``."""
    _sources.register(key, source)


def waiting_for(actor: Actor) -> list[Waiting]:
    """Return everything that waits for this person, oldest first."""
    return sorted((each for source in _sources for each in source(actor)), key=lambda each: each.at)
