"""What modules above tell this one: who owns clocks, who keeps due dates beside them, what regions are called."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from tongban.base.ref import Ref
from tongban.base.registry import Registry
from tongban.base.text import LocalizedText

__all__ = [
    "ClockOwner",
    "OwnerLink",
    "followers",
    "owners",
    "region_names",
    "register_follower",
    "register_owner",
    "register_region_names",
]


@dataclass(frozen=True, slots=True)
class OwnerLink:
    """What a clock is about, as the pages of the calendar show it: number, words, address."""

    number: str
    title: LocalizedText
    url: str


class ClockOwner(Protocol):
    """What the owner of clocks of one kind (``case``) is asked."""

    def describe(self, refs: Iterable[Ref]) -> Mapping[Ref, OwnerLink]:
        """Say what these are, with few queries however many they are."""

    def lock(self, owner: Ref) -> None:
        """Take the owner's lock, which comes before that of a clock."""

    def warn(self, owner: Ref, clock: Any, horizon: str, *, at: datetime) -> None:
        """Tell who has to know that this clock (a ``ClockView``) comes to its end or is ``overdue``, and write the act."""


owners: Registry[ClockOwner] = Registry("owners of clocks")
followers: Registry[Callable[[Sequence[int]], None]] = Registry("what follows moved clocks")
region_names: Registry[Callable[[Collection[str]], Mapping[str, LocalizedText]]] = Registry(
    "names of regions"
)


def register_owner(kind: str, owner: ClockOwner) -> ClockOwner:
    """Make an owner of clocks known under the kind of its Ref."""
    return owners.register(kind, owner)


def register_follower(key: str, follow: Callable[[Sequence[int]], None]) -> None:
    """Have ``follow(clock ids)`` called in the transaction in which these clocks moved."""
    followers.register(key, follow)


def register_region_names(key: str, names: Callable[[Collection[str]], Mapping[str, LocalizedText]]) -> None:
    """Have ``names(codes)`` asked what the regions are called whose division codes begin like this."""
    region_names.register(key, names)
