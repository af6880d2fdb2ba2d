"""Who may see a case: whoever has an Access row for one of the actor's holders. Nobody else, and no exception."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from tongban.base.actor import Actor
from tongban.kernel.cases.models import Access, Case
from tongban.kernel.identity import service as identity

__all__ = ["is_handling", "is_party", "is_party_task", "may_see", "register", "scope"]


def scope(actor: Actor) -> Q:
    """Return the SQL scope of the cases that ``actor`` may see: one indexed look-up, no OR over parties and units."""
    if actor.is_system:
        return Q()
    if not actor.holders:
        return Q(pk__in=[])
    return Q(Exists(Access.objects.filter(case=OuterRef("pk"), holder_id__in=actor.holders)))


def may_see(actor: Actor, case: Case) -> bool:
    """Return whether this actor may see this case."""
    return actor.is_system or Access.objects.filter(case=case, holder_id__in=actor.holders).exists()


def is_party(actor: Actor, case: Case) -> bool:
    """Return whether the actor is the applicant, the writer or acts for one (not an official)."""
    return Access.objects.filter(case=case, holder_id__in=actor.holders, right="party").exists()


def is_handling(actor: Actor, case: Case) -> bool:
    """Return whether the actor handles the case as an official, now or earlier."""
    return (
        actor.is_official
        and Access.objects.filter(case=case, holder_id__in=actor.holders, right="handle").exists()
    )


def is_party_task(case: Case, holder_id: int) -> bool:
    """Return whether a task of this holder waits for a party and not for an official."""
    return Access.objects.filter(case=case, holder_id=holder_id, right="party").exists()


def register() -> None:
    """Register the policy of cases and of everything that hangs on a case."""
    identity.register_policy(
        "case", scope=scope, can={"read": may_see, "party": is_party, "handle": is_handling}
    )
