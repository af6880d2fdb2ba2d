"""The Actor of an account or of a query code: in which post or for which entity somebody acts, with which holders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from tongban.base.actor import Actor, StandIn
from tongban.kernel.identity.errors import EntityNotYours, PostNotYours
from tongban.kernel.identity.heirs import predecessors_of
from tongban.kernel.identity.models import Account
from tongban.kernel.identity.queries.capacities import PostView, capacities_of, posts_of
from tongban.kernel.identity.queries.holders import holder_id, holder_ids

__all__ = ["actor_for", "actor_for_code"]


def actor_for(
    account: Account,
    *,
    at: datetime,
    channel: str,
    post_id: int | None = None,
    entity_id: UUID | None = None,
) -> Actor:
    """Return the Actor that an account is at ``at``, acting in a post or for an entity.

    An official without ``post_id`` acts in their first post; a citizen without ``entity_id`` for themselves.
    Raises PostNotYours or EntityNotYours.
    """
    if account.kind == "official":
        if entity_id is not None:
            raise EntityNotYours
        return _official(account, posts_of(account, at), channel, post_id)
    if post_id is not None:
        raise PostNotYours
    return _citizen(account, at=at, channel=channel, entity_id=entity_id)


def _official(account: Account, posts: Sequence[PostView], channel: str, post_id: int | None) -> Actor:
    post = next((p for p in posts if post_id is None or p.post_id == post_id), None)
    if post is None and post_id is not None:
        raise PostNotYours
    actor = _person_actor(account, channel)
    if post is None:
        return actor
    # Not the person: what an official has to do with the government in private is no business of the post.
    pairs = {each.post_id: _pairs_of(each) for each in posts if each is post or each.is_delegated}
    ids = holder_ids({pair for each in pairs.values() for pair in each})
    holders = {key: frozenset(ids[pair] for pair in each) for key, each in pairs.items()}
    own = holders[post.post_id]
    stands_in = tuple(
        StandIn(
            p.post_id,
            p.unit_id,
            p.duties,
            holders[p.post_id],
            holders[p.post_id] & own,
            p.of_person,
            p.of_name,
        )
        for p in posts
        if p.of_person is not None and p is not post and not post.is_delegated
    )
    return replace(
        actor,
        post_id=post.post_id,
        unit_id=post.unit_id,
        duties=post.duties,
        holders=own.union(*(each.holders for each in stands_in)),
        behalf_of=post.of_person,
        behalf_name=post.of_name,
        stands_in=stands_in,
    )


def _pairs_of(post: PostView) -> list[tuple[str, str]]:
    units = [post.unit_id, *predecessors_of(post.unit_id)]
    return [
        ("post", str(post.post_id)),
        *(("unit", str(unit)) for unit in units),
        *(("duty", f"{unit}:{duty}") for unit in units for duty in sorted(post.duties)),
    ]


def _citizen(account: Account, *, at: datetime, channel: str, entity_id: UUID | None) -> Actor:
    found = capacities_of(account, at).holders if account.person_id else {}
    if entity_id is not None and ("entity", str(entity_id)) not in found:
        raise EntityNotYours
    missing = [pair for pair, holder in found.items() if holder is None]
    known = {holder for holder in found.values() if holder is not None}
    holders = known | set(holder_ids(missing).values()) if missing else known
    return replace(_person_actor(account, channel), entity_id=entity_id, holders=frozenset(holders))


def _person_actor(account: Account, channel: str) -> Actor:
    name = account.person.name if account.person else account.username
    return Actor(
        account_id=account.pk,
        person_id=account.person_id,
        channel=channel,
        name=name,
        assurance=account.level,
    )


def actor_for_code(case_id: object, *, channel: str = "web") -> Actor:
    """Return the Actor of somebody who showed the query code of a case: no account, one holder."""
    return Actor(holders=frozenset({holder_id("code", case_id)}), channel=channel)
