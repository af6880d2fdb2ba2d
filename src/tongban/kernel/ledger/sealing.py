"""How an act becomes a leaf and a batch a link of the chain. Pure; docs/reference/ledger.md is the specification.

The bytes of a leaf hold the act without what may one day have to be forgotten: reason, subject, case, fields and blind keys
are a part of their own with a salt, and the leaf holds that part's digest. So the private part can be thinned and every
proof still holds; and who has only the leaf cannot guess what was forgotten.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tongban.kernel.ledger import merkle
from tongban.kernel.ledger.rules import (
    ALGORITHMS,
    EXACT,
    canonical_of_plain,
    canonical_of_texts,
    digest_of,
    is_simple,
    plain,
)

__all__ = ["Header", "Row", "as_moment", "leaf_bytes", "leaf_hash", "private_bytes"]


class Row(NamedTuple):
    """An act as it is read for hashing; ``kept`` is the digest of the private part when that was thinned."""

    id: int
    xid: int
    recorded_at: datetime
    at: datetime
    verb: str
    role: str
    account_id: int | None
    person_id: Any
    post_id: int | None
    unit_id: int | None
    entity_id: Any
    channel: str
    actor_name: str
    digest: str
    facts: str
    standing: str | None
    subject_kind: str
    subject_id: str
    case: str
    reason: str
    fields: list[str]
    about: list[bytes]
    salt: Any
    kept: str | None

    @property
    def place(self) -> tuple[int, int]:
        """Return where the act stands in the order of sealing."""
        return (self.xid, self.id)


def private_bytes(row: Row) -> bytes:
    """Return the canonical JSON of what is kept apart: what the act was about, and why, with the salt."""
    part = {
        "about": [bytes(key).hex() for key in row.about],
        "case": row.case,
        "fields": row.fields,
        "reason": row.reason,
        "salt": str(row.salt),
        "subject": f"{row.subject_kind}:{row.subject_id}",
    }
    return canonical_of_texts(part)


def leaf_bytes(row: Row, algorithm: str) -> bytes:
    """Return the canonical JSON of an act. What has no value is left out, so columns added later change no older leaf."""
    facts = _json(row.facts)
    standing = _json(row.standing) if row.standing is not None else None
    act = {
        "account": row.account_id,
        "at": as_moment(row.at),
        "channel": row.channel,
        "digest": row.digest or None,
        "entity": str(row.entity_id) if row.entity_id else None,
        "facts": facts,
        "id": row.id,
        "name": row.actor_name or None,
        "person": str(row.person_id) if row.person_id else None,
        "post": row.post_id,
        "private": row.kept or digest_of(private_bytes(row), algorithm),
        "recorded_at": as_moment(row.recorded_at),
        "role": row.role,
        "standing": standing,
        "unit": row.unit_id,
        "verb": row.verb,
        "xid": row.xid,
    }
    told = {key: value for key, value in act.items() if value is not None}
    if row.id < EXACT and row.xid < EXACT and is_simple(facts) and is_simple(standing):
        return canonical_of_texts(told)
    return canonical_of_plain(told)


def leaf_hash(row: Row, algorithm: str) -> bytes:
    """Return the hash under which an act stands in its batch."""
    return merkle.hash_leaf(leaf_bytes(row, algorithm), algorithm)


@dataclass(frozen=True, slots=True)
class Header:
    """What is said of a batch in public.

    ``first`` and ``last`` are ids in the order of sealing, ``xid`` is the transaction of the last. ``previous`` is the head of
    the batch before ("" for the first), ``root`` the Merkle root over the leaves; both as ``algorithm:hex``.
    """

    number: int
    previous: str
    first: int
    last: int
    xid: int
    count: int
    root: str
    algorithm: str
    sealed_at: str

    @classmethod
    def over(
        cls, rows: Sequence[Row], leaves: Sequence[bytes], after: Header | None, algorithm: str, at: datetime
    ) -> Header:
        """Return the header of a new batch that follows ``after``."""
        return cls(
            number=after.number + 1 if after else 1,
            previous=after.head if after else "",
            first=rows[0].id,
            last=rows[-1].id,
            xid=rows[-1].xid,
            count=len(rows),
            root=f"{algorithm}:{merkle.root_of(leaves, algorithm).hex()}",
            algorithm=algorithm,
            sealed_at=as_moment(at),
        )  # fmt: skip

    @classmethod
    def of(cls, value: dict[str, Any]) -> Header:
        """Return the header that stands in a line of a roots file or in a proof. Raises ValueError when it is none."""
        try:
            return cls(**{name: kind(value[name]) for name, kind in _KINDS.items()})
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a batch: {error}") from error

    def as_json(self) -> dict[str, Any]:
        """Return the header's fields by name."""
        return {name: getattr(self, name) for name in self.__slots__}

    @property
    def head(self) -> str:
        """Return the hash that the next batch names: it fixes this batch and every one before it."""
        return digest_of(canonical_of_plain(self.as_json()), self.algorithm)

    @property
    def place(self) -> tuple[int, int]:
        """Return up to where in the order of sealing everything is sealed with this batch."""
        return (self.xid, self.last)

    def fits(self, acts: Sequence[int], leaves: Sequence[bytes]) -> bool:
        """Tell whether these acts with these hashes are the batch's."""
        return (
            self.algorithm in ALGORITHMS
            and len(acts) == len(leaves) == self.count > 0
            and (acts[0], acts[-1]) == (self.first, self.last)
            and self.root == f"{self.algorithm}:{merkle.root_of(leaves, self.algorithm).hex()}"
        )

    def line(self) -> str:
        """Return the batch's line in the roots file, without the end of the line."""
        return canonical_of_plain({**self.as_json(), "head": self.head}).decode()


_KINDS: dict[str, Any] = {
    **dict.fromkeys(("number", "first", "last", "xid", "count"), int),
    **dict.fromkeys(("previous", "root", "algorithm", "sealed_at"), str),
}


def as_moment(at: datetime) -> str:
    """Return a moment in UTC with six digits after the second, as the database keeps it."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def _json(text: str) -> Any:
    """Read a JSON column. PostgreSQL also holds fractions that no double does; they stay as they are written."""
    return plain(_decode(text)) if text != "{}" else {}


def _fraction(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


_decode = json.JSONDecoder(parse_float=_fraction).decode
