"""Who may see and do what with money.

A charge is seen by whoever may see its case, and by the finance duties, who see those of the whole county (non-tax revenue is
kept by the finance bureau) but through them no case. Whoever may see it as a party may pay it, also by the query code: paying
for somebody harms nobody.
"""

from __future__ import annotations

from tongban.apps.fees.errors import ChargeNotFound
from tongban.apps.fees.models import Charge
from tongban.base.actor import Actor
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity

__all__ = [
    "APPROVE",
    "HANDLE",
    "has_desk",
    "may_pay",
    "may_see",
    "require_desk",
    "require_handling",
    "require_party",
]

HANDLE = "fees.handle"
"""The duty of the finance clerk."""
APPROVE = "fees.approve"
"""The duty of who takes the second look at refunds."""


def has_desk(actor: Actor) -> bool:
    """True when the actor's post has to do with fees."""
    return actor.is_official and not actor.duties.isdisjoint({HANDLE, APPROVE})


def require_desk(actor: Actor) -> None:
    """Return when the actor's post has to do with fees. Raises ChargeNotFound: others do not learn what there is."""
    if not has_desk(actor):
        raise ChargeNotFound


def require_handling(actor: Actor) -> None:
    """Return when the actor handles fees."""
    identity.require_duty(actor, HANDLE)


def may_pay(actor: Actor, charge: Charge) -> bool:
    """True for a party of the case, in private, not in a post."""
    return not actor.is_official and cases.is_party(actor, charge.case)


def may_see(actor: Actor, charge: Charge) -> bool:
    """Return whether this actor may see this charge."""
    return has_desk(actor) or cases.may_see(actor, charge.case)


def require_party(actor: Actor, charge: Charge) -> None:
    """Return when the actor may pay the charge. Raises ChargeNotFound."""
    if not may_pay(actor, charge):
        raise ChargeNotFound
