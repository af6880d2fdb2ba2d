"""On whom a paper is served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

__all__ = ["Recipient"]


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person, an entity, or whoever holds the query code of a case (by the holder's id).

    ``notify`` are the persons whose box gets our message: ``Recipient.person`` sets it, an empty one says that the caller tells
    them itself. ``email`` None means their own addresses.
    """

    kind: str
    id: str
    name: str
    method: str = "electronic"
    notify: tuple[UUID, ...] = ()
    email: str | None = None
    evidence: str = ""

    @classmethod
    def person(cls, person_id: UUID, name: str, **options: Any) -> Recipient:
        """Return a natural person, told in their own box."""
        return cls(kind="person", id=str(person_id), name=name, **{"notify": (person_id,), **options})

    @classmethod
    def entity(cls, entity_id: UUID, name: str, **options: Any) -> Recipient:
        """Return a legal entity; ``notify`` should name its representatives."""
        return cls(kind="entity", id=str(entity_id), name=name, **options)

    @classmethod
    def holder(cls, holder_id: int, name: str, **options: Any) -> Recipient:
        """Return whoever has the query code; there is no box, perhaps an e-mail address."""
        return cls(kind="holder", id=str(holder_id), name=name, **options)
