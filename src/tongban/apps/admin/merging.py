"""What merging a unit will take along, for whoever is about to do it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tongban.base.errors import NotFound
from tongban.base.text import LocalizedText
from tongban.kernel.identity import service as identity
from tongban.kernel.processes import service as processes

__all__ = ["MergePlan", "merge_plan"]


@dataclass(frozen=True, slots=True)
class MergePlan:
    """Into which unit, and how much goes over."""

    into: LocalizedText
    posts: int
    people: int
    below: int
    tasks: int
    standing: tuple[tuple[LocalizedText, int], ...]


def merge_plan(unit: Any, into: str, at: datetime) -> MergePlan | None:
    """Count what goes over from a unit; None when there is no such unit to merge into. Changes nothing."""
    if not (into.isdecimal() and len(into) < 19):
        return None
    try:
        heir = identity.get_unit(int(into))
    except NotFound:
        return None
    page = identity.unit_page(unit.code, at)
    duties = {duty for row in page.posts for duty in row.duties}
    units = [unit.pk, *identity.predecessors_of(unit.pk)]
    pairs = [("unit", str(each)) for each in units] + [("post", str(row.post.pk)) for row in page.posts]
    pairs += [("duty", f"{each}:{duty}") for each in units for duty in duties]
    people = {holder.person_id for row in page.posts for holder in row.holders if holder.has_begun}
    things = [(each.label, each.count(unit.pk)) for each in identity.standing_things()]
    return MergePlan(
        into=heir.name,
        posts=len(page.posts),
        people=len(people),
        below=len(page.below),
        tasks=processes.open_tasks(identity.holder_ids(pairs).values()).count(),
        standing=tuple((label, count) for label, count in things if count),
    )
