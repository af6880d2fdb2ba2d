"""What applications tell of their things to whoever passes them on, and take in from outside, without knowing one another.

An application owns things that the kernel does not know (service items, ratings). Where such a thing leaves the installation in
somebody else's format (the upper platform's tables), whoever writes that format must read it, and may not import its owner. So
the owner registers what it *tells* of a kind of thing, as plain JSON, and how it *takes in* rows of a kind.

No policy is asked here: it is for parts of the product that act for the installation itself, never for a visitor's request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.registry import Registry
from tongban.base.text import LocalizedText

__all__ = ["Intake", "Taken", "facts_of", "intake_of", "register_facts", "register_intake"]

Tells = Callable[[str], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of rows that were taken in; ``rejected`` are (place of the row from 1, why)."""

    added: int = 0
    changed: int = 0
    same: int = 0
    rejected: Sequence[tuple[int, LocalizedText]] = field(default_factory=tuple)


Intake = Callable[[Sequence[Mapping[str, Any]], Actor, datetime, bool], Taken]
"""Takes rows in; with the last argument True it only says what would happen."""

_facts: Registry[Tells] = Registry("facts of things")
_intakes: Registry[Intake] = Registry("intakes")


def register_facts(kind: str, tells: Tells) -> None:
    """Say what is told of things of this kind (of ``Ref.kind``): a function from the key to JSON, None for no such thing."""
    _facts.register(kind, tells)


def facts_of(ref: Ref) -> Mapping[str, Any] | None:
    """Return what its owner tells of a thing; None when there is none, or nobody tells of this kind."""
    tells = _facts.find(ref.kind)
    return tells(ref.id) if tells is not None else None


def register_intake(kind: str, intake: Intake) -> None:
    """Say how rows of this kind are taken in."""
    _intakes.register(kind, intake)


def intake_of(kind: str) -> Intake | None:
    """Return how rows of this kind are taken in, None when no application of this installation takes them."""
    return _intakes.find(kind)
