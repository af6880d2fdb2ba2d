"""Who sees which page. What may be done there is for the operations, which ask again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from tongban.base.actor import Actor
from tongban.base.errors import NotFound
from tongban.kernel.identity import service as identity

__all__ = ["AUDIT", "SECURITY", "SYSTEM", "for_duties", "may"]

SYSTEM = frozenset({"admin.system"})
SECURITY = frozenset({"admin.security"})
AUDIT = frozenset({"admin.audit"})


def may(actor: Actor, duties: frozenset[str]) -> bool:
    """True when the post in which one acts has one of the duties."""
    return not actor.duties.isdisjoint(duties)


def for_duties(duties: frozenset[str]) -> Callable[[Callable[..., HttpResponse]], Any]:
    """Show a page to holders of one of the duties; for everybody else it does not exist."""

    def guard(view: Callable[..., HttpResponse]) -> Any:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not may(request.actor, duties):  # type: ignore[attr-defined]
                raise NotFound
            return view(request, *args, **kwargs)

        return identity.official_only(guarded)

    return guard
