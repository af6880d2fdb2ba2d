"""What becomes of a merged unit: who is in charge of its work now, and what stands in its name until somebody takes it over.

Work is not moved, it is inherited: a post of the successor also holds what its unit's predecessors hold. So every open step,
every step that an old process will still make, and the right to see what was done, go over at one moment, and no row of a case
changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tongban.base import published
from tongban.base.registry import Registry
from tongban.base.text import LocalizedText
from tongban.kernel.identity.models import Unit

__all__ = ["Standing", "predecessors_of", "register_standing", "standing_things", "unit_in_charge"]


def _load(_: None) -> dict[int, int]:
    merged = Unit.objects.exclude(successor=None).values_list("pk", "successor_id")
    return {unit: heir for unit, heir in merged if heir is not None}


_merged: published.Kept[None, dict[int, int]] = published.Kept(("identity_unit",), _load)


def unit_in_charge(unit_id: int) -> int:
    """Return the unit that has the work of a unit now: itself, or its successor, or that one's."""
    merged = _merged.get(None)
    while unit_id in merged:
        unit_id = merged[unit_id]
    return unit_id


def predecessors_of(unit_id: int) -> list[int]:
    """Return the units whose work a unit has taken over, also those of units that were merged into them."""
    merged = _merged.get(None)
    return sorted(unit for unit in merged if unit != unit_id and unit_in_charge(unit) == unit_id)


@dataclass(frozen=True, slots=True)
class Standing:
    """Things that stand in a unit's name and are not work: items, mailboxes. ``move`` gives them to another unit."""

    key: str
    label: LocalizedText
    count: Callable[[int], int]
    move: Callable[[int, int], object]


_standing: Registry[Standing] = Registry("what stands in a unit's name")


def register_standing(
    key: str, label: LocalizedText, *, count: Callable[[int], int], move: Callable[[int, int], object]
) -> None:
    """Say what of a module stands in a unit's name. Call it in ``AppConfig.ready()``."""
    if key not in _standing:
        _standing.register(key, Standing(key, label, count, move))


def standing_things() -> list[Standing]:
    """Return what modules said."""
    return list(_standing)
