"""Who may change the organisation itself."""

from __future__ import annotations

from tongban.base.actor import Actor
from tongban.base.errors import Forbidden

__all__ = ["require_duty"]


def require_duty(actor: Actor, *duties: str) -> None:
    """Return when the actor is the product itself or has one of the duties. Raises Forbidden."""
    if not actor.is_system and actor.duties.isdisjoint(duties):
        raise Forbidden(duties=sorted(duties))
