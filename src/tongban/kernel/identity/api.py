"""Bearer tokens for the API, and who the caller is."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.security import HttpBearer

from tongban.base.actor import Actor
from tongban.base.context import kind_of, note
from tongban.base.errors import Invalid
from tongban.base.text import LocalizedText
from tongban.base.time import now
from tongban.kernel.identity.errors import TokenRefused
from tongban.kernel.identity.models import Account
from tongban.kernel.identity.operations.accounts import actor_for_token
from tongban.kernel.identity.queries.capacities import posts_of
from tongban.kernel.identity.queries.people import get_entity
from tongban.kernel.identity.queries.representatives import entities_of
from tongban.kernel.identity.queries.units import get_unit

__all__ = ["Bearer", "api_actor", "router"]

POST_HEADER = "Tongban-Post"
ENTITY_HEADER = "Tongban-Entity"


def _actor_of(plain: str, request: HttpRequest) -> Actor:
    """Resolve a token, once a request; the headers choose the capacity of a token that is not bound to one."""
    known: tuple[str, Actor] | None = getattr(request, "token_actor", None)
    if known is not None and known[0] == plain:
        return known[1]
    post, entity = request.headers.get(POST_HEADER), request.headers.get(ENTITY_HEADER)
    try:
        actor = actor_for_token(
            plain, now(), post_id=int(post) if post else None, entity_id=UUID(entity) if entity else None
        )
        note(actor=kind_of(actor))
        request.token_actor = (plain, actor)  # type: ignore[attr-defined]
        return actor
    except ValueError as error:
        raise Invalid(LocalizedText("岗位或单位编号格式不对", "Malformed post or entity id")) from error


class Bearer(HttpBearer):
    """``Authorization: Bearer <token>``; sets ``request.actor``. A wrong token is refused with 401."""

    openapi_scheme = "bearer"

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        actor = _actor_of(token, request)
        request.actor = actor  # type: ignore[attr-defined]
        return actor


def api_actor(request: HttpRequest) -> Actor:
    """Return the caller of an operation that is open to strangers (``auth=None``).

    The token's actor, or a stranger.

    A token that is shown must be valid: nobody falls back to a stranger by mistake. The session's cookie
    counts for nothing here.
    """
    header = request.headers.get("Authorization", "")
    if not header:
        actor = Actor.stranger(channel="api")
    else:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise TokenRefused
        actor = _actor_of(token.strip(), request)
    request.actor = actor  # type: ignore[attr-defined]
    return actor


class Text(Schema):
    """A text in both languages."""

    zh: str
    en: str


class Capacity(Schema):
    """The capacity in which the token acts."""

    unit: str | None = None
    unit_name: Text | None = None
    post_id: int | None = None
    entity: str | None = None
    entity_name: str | None = None


class PostOut(Schema):
    """A post in which the caller may act: its id goes into the header ``Tongban-Post``."""

    id: int
    name: Text
    unit_name: Text
    is_delegated: bool


class EntityOut(Schema):
    """An entity for which the caller may act: its id goes into ``Tongban-Entity`` or into a new application."""

    id: UUID
    name: str
    uscc: str


class Me(Schema):
    """Who the caller is, and in which other capacities she may act today."""

    account_id: int
    person_id: UUID | None
    name: str
    is_official: bool
    duties: list[str]
    capacity: Capacity
    posts: list[PostOut]
    entities: list[EntityOut]


router = Router(tags=["identity"])


@router.get("/me", response=Me, auth=Bearer(), summary="Who I am and in which capacity I act")
def me(request: HttpRequest) -> Me:
    """Return the actor of the token: its person, post and unit or entity, and duties."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.account_id is None:  # a token always belongs to an account
        raise TokenRefused
    capacity = Capacity(post_id=actor.post_id)
    if actor.unit_id is not None:
        unit = get_unit(actor.unit_id)
        capacity.unit, capacity.unit_name = unit.code, Text(**unit.name.as_json())
    if actor.entity_id is not None:
        entity = get_entity(actor.entity_id)
        capacity.entity, capacity.entity_name = entity.uscc, entity.name
    account, at = Account.objects.get(pk=actor.account_id), now()
    return Me(
        account_id=actor.account_id,
        person_id=actor.person_id,
        name=actor.name,
        is_official=actor.is_official,
        duties=sorted(actor.duties),
        capacity=capacity,
        posts=[
            PostOut(
                id=post.post_id,
                name=Text(**post.name.as_json()),
                unit_name=Text(**post.unit_name.as_json()),
                is_delegated=post.is_delegated,
            )
            for post in posts_of(account, at)
        ],
        entities=[
            EntityOut(id=entity.entity_id, name=entity.name, uscc=entity.uscc)
            for entity in entities_of(None if actor.is_official else actor.person_id, at)
        ],
    )
