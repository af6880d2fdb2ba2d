"""The capacities of an account's person, told by one statement: posts held and lent, holders as a citizen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models.expressions import RawSQL

from tongban.base.text import LocalizedText
from tongban.kernel.identity.models import Account
from tongban.kernel.identity.queries.units import get_unit

__all__ = ["PostView", "capacities_of", "keep_capacities", "posts_of", "told_capacities"]


@dataclass(frozen=True, slots=True)
class PostView:
    """A post in which a person may act now; ``is_delegated`` when they stand in for its holder, ``of_person``."""

    post_id: int
    name: LocalizedText
    unit_id: int
    unit_name: LocalizedText
    unit_short_name: LocalizedText
    duties: frozenset[str]
    is_delegated: bool
    of_person: UUID | None = None
    of_name: str = ""


class Capacities(NamedTuple):
    """In what an account's person may act: her posts, posts that others lent her, and the holders that she is as a citizen.

    A holder is None where none was made yet.
    """

    posts: list[PostView]
    holders: dict[tuple[str, str], int | None]


TOLD = """(
    SELECT jsonb_build_object(
        'held', ARRAY(
            SELECT jsonb_build_object('id', p.id, 'name', p.name, 'unit_id', p.unit_id, 'duties', p.duties)
            FROM identity_holding h JOIN identity_post p ON p.id = h.post_id
            WHERE h.person_id = me.id AND h.since <= now.at AND (h.until IS NULL OR h.until > now.at)
            ORDER BY h.since, h.id),
        'lent', ARRAY(
            SELECT jsonb_build_object('id', p.id, 'name', p.name, 'unit_id', p.unit_id, 'duties', p.duties,
                                      'of_person', h.person_id, 'of_name', lender.name)
            FROM identity_delegation d JOIN identity_holding h ON h.id = d.from_holding_id
            JOIN identity_post p ON p.id = h.post_id JOIN identity_person lender ON lender.id = h.person_id
            WHERE d.to_person_id = me.id AND d.since <= now.at AND d.until > now.at
              AND h.since <= now.at AND (h.until IS NULL OR h.until > now.at)
            ORDER BY d.since, d.id),
        'own', (SELECT o.id FROM identity_holder o WHERE o.kind = 'person' AND o.key = me.id::text),
        'entities', ARRAY(
            SELECT jsonb_build_object('entity', m.entity_id, 'holder', e.id)
            FROM identity_mandate m
            LEFT JOIN identity_holder e ON e.kind = 'entity' AND e.key = m.entity_id::text
            WHERE m.person_id = me.id AND m.valid_from <= now.at AND (m.valid_to IS NULL OR m.valid_to > now.at)))
    FROM (SELECT identity_account.person_id AS id) me, (SELECT %s::timestamptz AS at) now
)::text"""
"""Written by hand: it is a part of every request, and putting it together anew each time takes longer than running it."""


def told_capacities(at: datetime) -> RawSQL:
    """Return an annotation by which a statement that reads an account tells the capacities of its person, as JSON."""
    return RawSQL(TOLD, [at])  # noqa: S611 - a constant


def keep_capacities(account: Account, told: str) -> None:
    """Keep with ``account`` what a statement told, for this request."""
    row = json.loads(told)
    own = {("person", str(account.person_id)): row["own"]} if account.person_id else {}
    entities = {("entity", each["entity"]): each["holder"] for each in row["entities"]}
    posts = [_post_view(each) for each in (*row["held"], *row["lent"])] if account.kind == "official" else []
    posts = list({(view.post_id, view.of_person): view for view in reversed(posts)}.values())[::-1]
    account.capacities = Capacities(posts, own | entities)  # type: ignore[attr-defined]


def capacities_of(account: Account, at: datetime) -> Capacities:
    """Return the capacities kept with ``account``, asked for first where nobody has yet."""
    kept: Capacities | None = getattr(account, "capacities", None)
    if kept is not None:
        return kept
    asked = Account(pk=account.pk, kind=account.kind, person_id=account.person_id)
    told = Account.objects.annotate(told=told_capacities(at)).values_list("told", flat=True)
    keep_capacities(asked, told.get(pk=account.pk))
    return capacities_of(asked, at)


def posts_of(account: Account, at: datetime) -> list[PostView]:
    """Return the posts in which an official's account may act at ``at``: held first, then delegated ones.

    A post that two colleagues hold stands there twice when one delegated it to the other.
    """
    if account.kind != "official" or account.person_id is None:
        return []
    return capacities_of(account, at).posts


def _post_view(post: Mapping[str, Any]) -> PostView:
    unit = get_unit(post["unit_id"])
    return PostView(
        post_id=post["id"],
        name=LocalizedText.of(post["name"]),
        unit_id=unit.pk,
        unit_name=unit.name,
        unit_short_name=unit.short_name,
        duties=frozenset(post["duties"]),
        is_delegated="of_person" in post,
        of_person=UUID(post["of_person"]) if "of_person" in post else None,
        of_name=post.get("of_name", ""),
    )
