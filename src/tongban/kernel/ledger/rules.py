"""What goes into an act, decided without a database: digests, field names, the actor's snapshot."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import rfc8785

from tongban.base.actor import Actor

__all__ = ["ALGORITHMS", "Signature", "canonical", "digest", "plain", "signature"]

ALGORITHMS = ("sha256", "sm3")
"""The hash functions an installation may choose from; the digest names the one that made it."""


def plain(value: Any) -> Any:
    """Turn what operations carry about into what JSON knows, so that one value has one digest."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if hasattr(value, "as_json"):
        return plain(value.as_json())
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return str(value)  # RFC 8785 knows only numbers that a double holds exactly
    return value


def canonical(payload: Mapping[str, Any]) -> bytes:
    """Return the payload as RFC 8785 canonical JSON. Raises TypeError for what JSON cannot express."""
    try:
        return rfc8785.dumps(plain(payload))
    except rfc8785.CanonicalizationError as error:
        raise TypeError(f"not for the ledger: {error}") from error


def digest(payload: Mapping[str, Any], algorithm: str = "sha256") -> str:
    """Return ``algorithm:hex`` over the canonical payload."""
    if algorithm not in ALGORITHMS:
        raise ValueError(f"unknown digest algorithm {algorithm!r}; known: {', '.join(ALGORITHMS)}")
    return f"{algorithm}:{hashlib.new(algorithm, canonical(payload)).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs for the act, as it is written down: a role, and a name only where it is a public one."""

    role: str
    name: str


def signature(actor: Actor) -> Signature:
    """Return role and displayable name of an actor.

    An official acts under their name and a part of the product under its own; a citizen's name is personal
    data and stays out of the ledger, where the person's id says enough to those who may resolve it.
    """
    if actor.is_system:
        return Signature("system", actor.name)
    if actor.is_official:
        return Signature("official", actor.name)
    if actor.account_id is not None:
        return Signature("entity" if actor.entity_id else "person", "")
    return Signature("code" if actor.holders else "stranger", "")
