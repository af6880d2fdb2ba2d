"""Who holds which post at a moment, and what follows from it: duties of a unit, what a holder stands for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from tongban.kernel.identity.heirs import unit_in_charge
from tongban.kernel.identity.models import Holder, Holding

__all__ = ["held_at", "holding_of", "holds", "people_with_duty"]


def held_at(at: datetime, prefix: str = "") -> Q:
    """Return the condition that a holding or a delegation is in force at ``at``."""
    return Q(**{f"{prefix}since__lte": at}) & (
        Q(**{f"{prefix}until__isnull": True}) | Q(**{f"{prefix}until__gt": at})
    )


def people_with_duty(unit_id: int, duty: str, at: datetime) -> list[UUID]:
    """Return the persons who hold a post with this duty in the unit at ``at`` (for messages to officials)."""
    unit = unit_in_charge(unit_id)
    held = Holding.objects.filter(held_at(at), post__unit_id=unit, post__duties__contains=[duty])
    return list(held.order_by("person__name_sort").values_list("person_id", flat=True).distinct())


def holding_of(person_id: UUID, post_id: int, at: datetime) -> int | None:
    """Return the id of the holding by which a person holds a post at ``at``, None when they don't."""
    held = Holding.objects.filter(held_at(at), person_id=person_id, post_id=post_id)
    return held.order_by("pk").values_list("pk", flat=True).first()


def holds(person_id: UUID, holder: int, at: datetime) -> bool:
    """Return whether a person's own posts at ``at`` make them (one of) what that holder stands for: a post, a duty, a unit."""
    found = Holder.objects.filter(pk=holder).first()
    if found is None:
        return False
    held = Holding.objects.filter(held_at(at), person_id=person_id)
    if found.kind == "post":
        return held.filter(post_id=found.key).exists()
    key, _, duty = found.key.partition(":")
    if found.kind not in ("duty", "unit"):
        return False
    unit = unit_in_charge(int(key))
    if found.kind == "duty":
        return held.filter(post__unit_id=unit, post__duties__contains=[duty]).exists()
    return held.filter(post__unit_id=unit).exists()
