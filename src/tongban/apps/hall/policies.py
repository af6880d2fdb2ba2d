"""Who may do what in a hall."""

from __future__ import annotations

from uuid import UUID

from tongban.apps.hall.errors import NotYours, PersonNeeded
from tongban.apps.hall.models import Point, Service, Window
from tongban.base.actor import Actor

__all__ = [
    "MANAGE",
    "SERVE",
    "is_citizen",
    "may_manage",
    "may_serve",
    "require_manager",
    "require_person",
    "require_serving",
]

SERVE = "hall.window"
"""The duty of who calls numbers and receives people with appointments, at the windows of the own unit."""
MANAGE = "hall.manage"
"""The duty of who sets hours and closed days of the halls of the own unit."""


def is_citizen(actor: Actor) -> bool:
    """True for a person who has signed in and acts in no post."""
    return actor.account_id is not None and actor.person_id is not None and not actor.is_official


def require_person(actor: Actor) -> UUID:
    """Return who acts for himself. Raises PersonNeeded."""
    if not is_citizen(actor) or actor.person_id is None:
        raise PersonNeeded
    return actor.person_id


def may_manage(actor: Actor, point: Point) -> bool:
    """True for who sets the hours of this hall."""
    return actor.is_system or (MANAGE in actor.duties and actor.unit_id == point.unit_id)


def may_serve(actor: Actor, place: Service | Window) -> bool:
    """True for a clerk of the unit that serves here, and for who looks after the hall."""
    is_clerk = SERVE in actor.duties and actor.unit_id == place.unit_id
    return is_clerk or may_manage(actor, place.point)


def require_manager(actor: Actor, point: Point) -> None:
    """Raises NotYours."""
    if not may_manage(actor, point):
        raise NotYours


def require_serving(actor: Actor, place: Service | Window) -> None:
    """Raises NotYours."""
    if not may_serve(actor, place):
        raise NotYours
