"""Who may do what in studio: a duty of the post for the pages, the case's Access for each change."""

from __future__ import annotations

from tongban.apps.studio.errors import ChangeNotFound
from tongban.base.actor import Actor

__all__ = ["EDIT", "REVIEW", "is_studio", "require_studio"]

EDIT = "studio.edit"
REVIEW = "studio.review"


def is_studio(actor: Actor) -> bool:
    """True for who may edit or review; nobody else is told that studio exists."""
    return not actor.duties.isdisjoint((EDIT, REVIEW))


def require_studio(actor: Actor, duty: str = "") -> None:
    """Return for who has the duty (any of studio without one). Raises ChangeNotFound: a stranger learns nothing."""
    if duty not in actor.duties if duty else not is_studio(actor):
        raise ChangeNotFound
