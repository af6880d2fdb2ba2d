"""Puts an Actor on every request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from tongban.base.actor import Actor
from tongban.base.context import kind_of, note
from tongban.base.errors import Forbidden
from tongban.base.time import now
from tongban.kernel.identity import sessions
from tongban.kernel.identity.models import Account
from tongban.kernel.identity.queries.actors import actor_for

__all__ = ["ENTITY_KEY", "POST_KEY", "ActorMiddleware", "session_actor"]

POST_KEY = "post"
ENTITY_KEY = "entity"


class ActorMiddleware:
    """``request.actor`` is always an Actor.

    A stranger, a citizen, an official in a post. Made when first asked for.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        signed_in = request.user
        request.user = SimpleLazyObject(lambda: _living(request, signed_in))  # type: ignore[assignment]
        request.actor = SimpleLazyObject(lambda: session_actor(request))  # type: ignore[attr-defined]
        response = self.get_response(request)
        if getattr(request, "is_signed_in", False):
            sessions.keep_alive(request)
        return response


def _living(request: HttpRequest, signed_in: Any) -> Any:
    """Look at who is signed in when somebody first asks: a page that does not ask costs no statement."""
    user = sessions.living(request, signed_in if isinstance(signed_in, Account) else AnonymousUser())
    request.is_signed_in = isinstance(user, Account)  # type: ignore[attr-defined]
    return user


def session_actor(request: HttpRequest) -> Actor:
    """Return who acts in this session.

    Who owes something first (a new password, the second factor) is nobody until that is done.

    A post that is no longer held or a mandate that ended falls back to the account's default capacity: the
    person stays signed in, the authority is gone.
    """
    actor = _session_actor(request)
    note(actor=kind_of(actor))
    return actor


def _session_actor(request: HttpRequest) -> Actor:
    account = request.user
    if not isinstance(account, Account) or sessions.owes(request, account):
        return Actor.stranger()
    post, entity = request.session.get(POST_KEY), request.session.get(ENTITY_KEY)
    channel, at = "desk" if account.kind == "official" else "web", now()
    try:
        actor = actor_for(
            account, at=at, channel=channel, post_id=post, entity_id=UUID(entity) if entity else None
        )
    except Forbidden:
        request.session.pop(POST_KEY, None)
        request.session.pop(ENTITY_KEY, None)
        actor = actor_for(account, at=at, channel=channel)
    return replace(actor, assurance=sessions.assurance(request, account))
