"""What goes into an act, decided without a database: digests, field names, the actor's snapshot."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import rfc8785

from tongban.base.actor import Actor

__all__ = [
    "ALGORITHMS",
    "EXACT",
    "Signature",
    "canonical",
    "canonical_of_plain",
    "canonical_of_texts",
    "digest",
    "digest_of",
    "is_simple",
    "plain",
    "signature",
]

ALGORITHMS = ("sha256", "sm3")
"""The hash functions an installation may choose from; the digest names the one that made it."""
EXACT = 2**53
"""From here on a double no longer holds every whole number."""
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def plain(value: Any) -> Any:
    """Turn what operations carry about into what JSON knows, so that one value has one digest."""
    kind = type(value)
    if value is None or kind is str or kind is bool or (kind is int and -EXACT < value < EXACT):
        return value  # what nearly everything is
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
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= EXACT:
        return str(value)  # RFC 8785 knows only numbers that a double holds exactly
    return value


def canonical(payload: Mapping[str, Any]) -> bytes:
    """Return the payload as RFC 8785 canonical JSON. Raises TypeError for what JSON cannot express."""
    return canonical_of_plain(plain(payload))


def canonical_of_plain(value: Any) -> bytes:
    """Return canonical JSON of what is plain already (read from a JSON column, say)."""
    if is_simple(value):
        # Five times as quick, and the same: without fractions and odd keys RFC 8785 is what Python writes.
        return canonical_of_texts(value)
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        raise TypeError(f"not for the ledger: {error}") from error


def canonical_of_texts(value: Any) -> bytes:
    """Return canonical JSON of what is known to be simple: texts as a database holds them, whole numbers, plain keys."""
    return _encode(value).encode()


def is_simple(value: Any) -> bool:
    """True for JSON whose canonical form needs neither the number format of RFC 8785 nor its order of keys."""
    kind = type(value)
    if kind is str:
        return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)
    if kind is dict:
        return all(type(key) is str and key.isascii() and is_simple(item) for key, item in value.items())
    if kind is list:
        return all(map(is_simple, value))
    return kind is bool or value is None or (kind is int and abs(value) < EXACT)


def digest(payload: Mapping[str, Any], algorithm: str = "sha256") -> str:
    """Return ``algorithm:hex`` over the canonical payload."""
    return digest_of(canonical(payload), algorithm)


def digest_of(content: bytes, algorithm: str) -> str:
    """Return ``algorithm:hex`` over these bytes. Raises ValueError for an algorithm that is not ours."""
    if algorithm not in ALGORITHMS:
        raise ValueError(f"unknown digest algorithm {algorithm!r}; known: {', '.join(ALGORITHMS)}")
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


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
    if actor.is_system or (
        actor.account_id is None and actor.duties
    ):  # a registered program has duties of its own
        return Signature("system", actor.name)
    if actor.is_official:
        return Signature("official", actor.signs_as)
    if actor.account_id is not None:
        return Signature("entity" if actor.entity_id else "person", "")
    return Signature("code" if actor.holders else "stranger", "")
