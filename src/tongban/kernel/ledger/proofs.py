"""Inclusion proofs: what convinces somebody who trusts only a kept root that an act was sealed, and is unchanged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tongban.base.actor import Actor
from tongban.kernel.ledger import merkle, rows
from tongban.kernel.ledger.errors import ActNotFound, ActNotSealed
from tongban.kernel.ledger.readers import may_read
from tongban.kernel.ledger.sealing import Header, Row, leaf_bytes, private_bytes

__all__ = ["FORMAT", "Proof", "batch_of", "proof_of"]

FORMAT = "tongban-ledger-proof-1"
FOLLOWING = 50
"""Headers of later batches that a proof brings along, to lead to a root that was kept later."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The leaf's hash with its path to the root of its batch, and the batches after it.

    ``text`` is the canonical act, ``private`` its private part; "" for who may not read it (and the second when it was thinned).
    """

    act: int
    leaf: str
    position: int
    path: tuple[str, ...]
    header: Header
    chain: tuple[Header, ...]
    text: str
    private: str
    row: Row | None

    @property
    def is_unaltered(self) -> bool | None:
        """Whether the act still is what was sealed; None for who may not read it."""
        if not self.text:
            return None
        algorithm = self.header.algorithm
        return merkle.hash_leaf(self.text.encode(), algorithm).hex() == self.leaf

    def as_json(self) -> dict[str, Any]:
        """Return the proof as docs/reference/ledger.md specifies it."""
        value: dict[str, Any] = {
            "format": FORMAT,
            "act": self.act,
            "leaf": self.leaf,
            "position": self.position,
            "path": list(self.path),
            "header": self.header.as_json(),
            "head": self.header.head,
            "chain": [{**header.as_json(), "head": header.head} for header in self.chain],
        }
        if self.text:
            value["text"] = self.text
        if self.private:
            value["private"] = self.private
        return value


def proof_of(act_id: int, *, actor: Actor) -> Proof:
    """Return the proof of an act, with its content for who may read it. Raises ActNotFound, ActNotSealed."""
    row = rows.acts_by_id([act_id]).get(act_id)
    if row is None:
        raise ActNotFound(act=act_id)
    batch = rows.batch_holding(row.place)
    if batch is None or act_id not in batch.acts:
        raise ActNotSealed(act=act_id)
    position, algorithm = batch.acts.index(act_id), batch.header.algorithm
    readable = may_read(actor, row)
    return Proof(
        act=act_id,
        leaf=batch.leaves[position].hex(),
        position=position,
        path=tuple(step.hex() for step in merkle.path_of(position, batch.leaves, algorithm)),
        header=batch.header,
        chain=tuple(rows.headers_from(batch.header.number + 1, limit=FOLLOWING)),
        text=leaf_bytes(row, algorithm).decode() if readable else "",
        private=private_bytes(row).decode() if readable and row.kept is None else "",
        row=row if readable else None,
    )


def batch_of(places: dict[int, tuple[int, int]]) -> dict[int, int]:
    """Return the number of the batch of each act that is sealed, for acts given by id with their places; one statement."""
    return rows.batches_holding(places)
