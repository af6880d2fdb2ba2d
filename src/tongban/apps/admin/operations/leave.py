"""Leaving a post: what is in the hands goes to a successor, then the appointment ends."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tongban.base.actor import Actor
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity

__all__ = ["leave_post"]


@transaction.atomic
def leave_post(*, actor: Actor, holding_id: int, to: str, reason: str, at: datetime) -> cases.HandOver | None:
    """End an appointment; ``to`` (a colleague's key) takes over what is in hands, "" leaves it where it is.

    Raises as ``cases.hand_over`` and ``identity.end_holding``: then nothing of both is done.
    """
    holding = identity.get_holding(holding_id, at)
    done = None
    if to:
        key = f"{holding.post_id}:{holding.person_id}"
        done = cases.hand_over(actor=actor, person=key, to=to, reason=reason, at=at)
    identity.end_holding(actor=actor, holding_id=holding_id, reason=reason, at=at)
    return done
