"""Who acts: the one object that says on whose authority something is done.

``identity`` makes it, the ledger stores it, every operation takes it as ``actor=``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

__all__ = ["Actor", "StandIn"]


@dataclass(frozen=True, slots=True)
class StandIn:
    """A post that was delegated to the actor for a period, with the person whose post it is.

    ``shared`` are those of its ``holders`` that the actor's own post has too.
    """

    post_id: int
    unit_id: int
    duties: frozenset[str]
    holders: frozenset[int]
    shared: frozenset[int]
    person_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Actor:
    """A person in a capacity, at a moment.

    ``account_id`` is None for a stranger and for the system. ``post_id`` and ``unit_id`` are set when an official acts in
    a post; authority comes from there, never from the account. ``entity_id`` is the legal entity on whose behalf a
    representative acts. ``holders`` are the ids under which ``cases.Access`` and tasks know this actor (at most 20).
    ``behalf_of`` is the person whose post a delegate acts in; ``stands_in`` are the posts in which this actor could act for
    others now: their holders are among ``holders``, so that their work is seen; it is done in their capacity (``acting_for``).
    ``duties`` are those of the post ("services.window", "services.chief", ...). ``channel`` is one of "web", "api", "desk",
    "command", "system". ``assurance`` says how sure it is who this is (实名等级): 0 nobody knows, 1 as they said themselves,
    2 checked, 3 checked and a second factor shown in this session.
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
    behalf_of: UUID | None = None
    behalf_name: str = ""
    stands_in: tuple[StandIn, ...] = ()
    assurance: int = 0

    @property
    def persons(self) -> frozenset[UUID]:
        """Whose claimed work this actor may go on with: one's own, and that of those one stands in for."""
        people = (self.person_id, self.behalf_of, *(each.person_id for each in self.stands_in))
        return frozenset(person for person in people if person is not None)

    @property
    def signs_as(self) -> str:
        """The name under which an act is written down: 赵强（代王敏） when acting in another's post."""
        return f"{self.name}（代{self.behalf_name}）" if self.behalf_name else self.name

    def acting_for(self, holder: int, claimed_by: UUID | None = None) -> Actor:
        """Return the capacity in which this actor acts on a task of ``holder``: their own, or that of a post delegated to them.

        What the own post holds too is done in the own capacity, unless the one who delegated has claimed it.
        """
        lent = next((each for each in self.stands_in if self._is_for(each, holder, claimed_by)), None)
        if lent is None:
            return self
        return replace(
            self,
            post_id=lent.post_id,
            unit_id=lent.unit_id,
            duties=lent.duties,
            holders=lent.holders,
            behalf_of=lent.person_id,
            behalf_name=lent.name,
            stands_in=(),
        )

    @staticmethod
    def _is_for(lent: StandIn, holder: int, claimed_by: UUID | None) -> bool:
        return holder in lent.holders and (holder not in lent.shared or claimed_by == lent.person_id)

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
