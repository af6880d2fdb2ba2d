"""Who acts: the one object that says on whose authority something is done.

``identity`` makes it, the ledger stores it, every operation takes it as ``actor=``.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

__all__ = ["Actor"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person in a capacity, at a moment.

    ``account_id`` is None for a stranger and for the system. ``post_id`` and ``unit_id`` are set when an official acts in
    a post; authority comes from there, never from the account. ``entity_id`` is the legal entity on whose behalf a
    representative acts. ``holders`` are the ids under which ``cases.Access`` and tasks know this actor (at most 20).
    ``duties`` are those of the post ("services.window", "services.chief", ...). ``channel`` is one of "web", "api", "desk",
    "command", "system".
    """

    account_id: int | None = None
    person_id: UUID | None = None
    post_id: int | None = None
    unit_id: int | None = None
    entity_id: UUID | None = None
    holders: frozenset[int] = frozenset()
    duties: frozenset[str] = frozenset()
    channel: str = "web"
    name: str = ""

    @property
    def is_stranger(self) -> bool:
        """True when nobody has signed in and no query code was shown."""
        return self.account_id is None and not self.holders and self.channel != "system"

    @property
    def is_system(self) -> bool:
        """True for the product itself: timers, jobs, installation."""
        return self.channel == "system"

    @property
    def is_official(self) -> bool:
        """True when acting in a post."""
        return self.post_id is not None

    @classmethod
    def system(cls, name: str = "system") -> Actor:
        """The product itself; ``name`` says which part ("timer", "job", "pack")."""
        return cls(channel="system", name=name)

    @classmethod
    def stranger(cls, channel: str = "web") -> Actor:
        """Somebody who has not signed in."""
        return cls(channel=channel)
