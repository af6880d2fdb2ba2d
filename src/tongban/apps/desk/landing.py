"""Where a post begins its day: at the list of cases, or, when it handles none, at its own work."""

from __future__ import annotations

from django.http import HttpRequest

from tongban.base.actor import Actor
from tongban.design import navigation

__all__ = ["handles_cases", "landing_of"]

ADMINISTRATION = "admin."


def handles_cases(actor: Actor) -> bool:
    """Return whether the actor's post has any duty that brings it cases; administrators have none, on purpose."""
    return any(not duty.startswith(ADMINISTRATION) for duty in actor.duties) or not actor.duties


def landing_of(request: HttpRequest) -> str:
    """Return the address of the first page of the workbench that is this post's own work, "" when there is none."""
    own = [entry for entry in navigation.desk_entries if not entry.is_for_everybody]
    pages = navigation.links(own, request)
    return pages[0].url if pages else ""
