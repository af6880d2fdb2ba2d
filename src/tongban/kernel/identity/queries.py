"""Reading identity: who somebody is, in which capacities, and the Actor that follows from it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.db.models.expressions import RawSQL

from tongban.base import published, work
from tongban.base.actor import Actor, StandIn
from tongban.base.errors import NotFound
from tongban.base.statements import Statement
from tongban.base.text import LocalizedText
from tongban.kernel.identity.errors import EntityNotYours, PostNotYours
from tongban.kernel.identity.heirs import predecessors_of, unit_in_charge
from tongban.kernel.identity.models import (
    Account,
    Holder,
    Holding,
    LegalEntity,
    Mandate,
    Person,
    Post,
    Unit,
)

__all__ = [
    "Contact",
    "EntityView",
    "OfficialView",
    "PostView",
    "actor_for",
    "actor_for_code",
    "contacts_of",
    "demo_accounts",
    "entities_of",
    "find_entity",
    "find_officials",
    "find_person",
    "get_entity",
    "get_person",
    "get_unit",
    "has_account",
    "holder_id",
    "holder_ids",
    "holder_names",
    "holding_of",
    "holds",
    "keys_of",
    "keys_of_actor",
    "list_units",
    "new_code_holder",
    "official_name",
    "people_with_duty",
    "person_of",
    "post_names",
    "posts_of",
    "representatives_of",
    "unit_names",
    "units_with_duty",
]

M = TypeVar("M", bound=Model)


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


@dataclass(frozen=True, slots=True)
class EntityView:
    """An entity for which a person may act now."""

    entity_id: UUID
    name: str
    uscc: str
    role: str

    @property
    def pk(self) -> UUID:
        """The entity's id, as on the model."""
        return self.entity_id


# --- Holders ---


def holder_ids(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return holder ids for ``(kind, key)`` pairs and create those that do not exist yet.

    Those of the organisation are kept in memory, others are one indexed query.
    """
    wanted = {(kind, str(key)) for kind, key in pairs}
    official = {pair for pair in wanted if pair[0] in OFFICIAL}
    known = _organisation.get(None) if official else {}
    found = {pair: known[pair] for pair in official if pair in known}
    found |= _find_holders(wanted - official)
    missing = wanted - set(found)
    if missing:
        Holder.objects.bulk_create([Holder(kind=k, key=v) for k, v in sorted(missing)], ignore_conflicts=True)
        published.forget()
        found |= _find_holders(missing)
    return found


def new_code_holder(case_id: object) -> int:
    """Return the id of the holder for the query code of a case that is being submitted; in one unit always the same."""
    key = str(case_id)
    return work.hold(Holder, ("code", key), lambda: work.add(work.number(Holder(kind="code", key=key)))).pk


OFFICIAL = ("unit", "post", "duty")
"""The kinds of holders that the organisation of the government has; there are some hundreds, and they stay."""


def _load_organisation(_: None) -> dict[tuple[str, str], int]:
    rows = Holder.objects.filter(kind__in=OFFICIAL).values_list("kind", "key", "pk")
    return {(kind, key): pk for kind, key, pk in rows}


_organisation = published.Kept(("identity_holder", "identity_unit"), _load_organisation)
_units: published.Kept[None, dict[int, Unit]] = published.Kept(
    ("identity_unit",), lambda _: {unit.pk: unit for unit in Unit.objects.all()}
)


def _find_holders(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    by_kind: dict[str, list[str]] = {}
    for kind, key in pairs:
        by_kind.setdefault(kind, []).append(key)
    if not by_kind:
        return {}
    condition = Q()
    for kind, keys in by_kind.items():
        condition |= Q(kind=kind, key__in=keys)
    rows = Holder.objects.filter(condition).values_list("kind", "key", "pk")
    return {(kind, key): pk for kind, key, pk in rows}


def holder_id(kind: str, key: object) -> int:
    """Return the holder id of a thing; a duty's key is ``"<unit id>:<duty>"``, a code's key the case's id."""
    if kind not in dict(Holder.KINDS):
        raise ValueError(f"nothing of kind {kind!r} can hold a right or a task")
    pair = (kind, str(key))
    return holder_ids([pair])[pair]


def holder_names(ids: Iterable[int]) -> dict[int, LocalizedText]:
    """Return what officials call holders: a unit, a post in its unit, a person, an entity."""
    wanted = set(ids)
    holders = {pk: pair for pair, pk in _organisation.get(None).items() if pk in wanted}
    others = wanted - set(holders)
    if others:
        rows = Holder.objects.filter(pk__in=others).values_list("pk", "kind", "key")
        holders |= {pk: (kind, key) for pk, kind, key in rows}
    keys: dict[str, list[str]] = {}
    for kind, key in holders.values():
        keys.setdefault(kind, []).append(key)
    posts = {str(p.pk): p for p in _found(Post, keys.get("post"))}
    people = {str(p.pk): p for p in _found(Person, keys.get("person"))}
    entities = {str(e.pk): e for e in _found(LegalEntity, keys.get("entity"))}
    units = _units.get(None)

    def name(kind: str, key: str) -> LocalizedText:
        if kind == "person" and key in people:
            return LocalizedText(people[key].name)
        if kind == "entity" and key in entities:
            return LocalizedText(entities[key].name)
        if kind == "post" and key in posts:
            post = posts[key]
            return LocalizedText("{unit} {post}", "{unit}, {post}").format(
                unit=units[post.unit_id].name, post=post.name
            )
        if kind in ("unit", "duty"):
            unit = units.get(unit_in_charge(int(key.partition(":")[0])))
            if unit is not None:
                return unit.name
        if kind == "code":
            return LocalizedText("持查询码的人", "The bearer of the query code")
        return LocalizedText("（已不存在）", "(no longer exists)")

    return {pk: name(*pair) for pk, pair in holders.items()}


def _found(model: type[M], keys: list[str] | None) -> Iterable[M]:
    return model._default_manager.filter(pk__in=keys) if keys else ()


# --- Capacities ---


def _held(at: datetime, prefix: str = "") -> Q:
    return Q(**{f"{prefix}since__lte": at}) & (
        Q(**{f"{prefix}until__isnull": True}) | Q(**{f"{prefix}until__gt": at})
    )


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


def _capacities(account: Account, at: datetime) -> Capacities:
    kept: Capacities | None = getattr(account, "capacities", None)
    if kept is not None:
        return kept
    asked = Account(pk=account.pk, kind=account.kind, person_id=account.person_id)
    told = Account.objects.annotate(told=told_capacities(at)).values_list("told", flat=True)
    keep_capacities(asked, told.get(pk=account.pk))
    return _capacities(asked, at)


def posts_of(account: Account, at: datetime) -> list[PostView]:
    """Return the posts in which an official's account may act at ``at``: held first, then delegated ones.

    A post that two colleagues hold stands there twice when one delegated it to the other.
    """
    if account.kind != "official" or account.person_id is None:
        return []
    return _capacities(account, at).posts


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


def entities_of(person_id: UUID | None, at: datetime) -> list[EntityView]:
    """Return the entities for which a person holds a mandate that is valid at ``at``, in Chinese order."""
    if person_id is None:
        return []
    mandates = (
        _valid(Mandate.objects.filter(person_id=person_id), at)
        .select_related("entity")
        .order_by("entity__name_sort", "id")
    )
    views = [EntityView(m.entity_id, m.entity.name, m.entity.uscc, m.role) for m in mandates]
    return list({view.entity_id: view for view in views}.values())


def representatives_of(entity_id: UUID, at: datetime) -> list[UUID]:
    """Return the persons who may act for an entity at ``at``, in Chinese order."""
    return [contact.person_id for contact in contacts_of(entities=[entity_id], at=at)]


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody who is to be told something, and the address that we have ("" for none)."""

    person_id: UUID
    email: str


def contacts_of(*, people: Sequence[UUID] = (), entities: Sequence[UUID] = (), at: datetime) -> list[Contact]:
    """Return these people and those who may act for these entities at ``at``, each once, in Chinese order."""
    found = _CONTACTS.all(people=list(people), entities=list(entities), at=at)
    return [Contact(person.pk, person.email) for person in found]


_CONTACTS = Statement(
    lambda people, entities, at: (
        Person.objects.filter(
            Q(pk__in=people)
            | Q(pk__in=_valid(Mandate.objects.filter(entity_id__in=entities), at).values("person_id"))
        )
        .only("pk", "email")
        .order_by("name_sort")
    ),
    people="uuid[]",
    entities="uuid[]",
)


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
    found = _capacities(account, at).holders if account.person_id else {}
    if entity_id is not None and ("entity", str(entity_id)) not in found:
        raise EntityNotYours
    missing = [pair for pair, holder in found.items() if holder is None]
    known = {holder for holder in found.values() if holder is not None}
    holders = known | set(holder_ids(missing).values()) if missing else known
    return replace(_person_actor(account, channel), entity_id=entity_id, holders=frozenset(holders))


def _valid(mandates: QuerySet[Mandate], at: datetime) -> QuerySet[Mandate]:
    return mandates.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=at), valid_from__lte=at)


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


# --- People and units ---


def person_of(actor: Actor) -> Person | None:
    """Return the person who acts, None for strangers and the system."""
    return None if actor.person_id is None else Person.objects.get(pk=actor.person_id)


def get_person(key: UUID | str) -> Person:
    """Return a person by id or by citizen id. Raises NotFound."""
    return _one(Person.objects.filter(pk=key) if _is_uuid(key) else Person.objects.filter(citizen_id=key))


def find_person(citizen_id: str) -> Person | None:
    """Return the person of an ID number, None where nobody of that number was ever recorded here."""
    return Person.objects.filter(citizen_id=citizen_id).first()


def find_entity(uscc: str) -> LegalEntity | None:
    """Return the legal entity of a credit code, None where nobody of that code was ever recorded here."""
    return LegalEntity.objects.filter(uscc=uscc).first()


def has_account(person_id: UUID) -> bool:
    """True when a person can sign in as a citizen."""
    return Account.objects.filter(person_id=person_id, kind="citizen", is_active=True).exists()


def get_entity(key: UUID | str) -> LegalEntity:
    """Return a legal entity by id or by its credit code. Raises NotFound."""
    return _one(LegalEntity.objects.filter(pk=key) if _is_uuid(key) else LegalEntity.objects.filter(uscc=key))


def keys_of(person_id: UUID | None = None, entity_id: UUID | None = None) -> list[str]:
    """Return citizen id and credit code of those, as the ledger wants to know whom an act is about."""
    people = (
        [p.citizen_id for p in Person.objects.filter(pk=person_id).only("citizen_id")] if person_id else []
    )
    entities = LegalEntity.objects.filter(pk=entity_id).values_list("uscc", flat=True) if entity_id else []
    return [key for key in (*people, *entities) if key]


def keys_of_actor(actor: Actor) -> list[str]:
    """Return the number of whom a citizen is at this moment: of the entity one acts for, else of oneself. Officials ask
    as citizens.
    """
    if actor.is_official:
        return []
    return keys_of(entity_id=actor.entity_id) if actor.entity_id else keys_of(person_id=actor.person_id)


def get_unit(key: int | str) -> Unit:
    """Return a unit by id or by code. It is shared, change it only by ``put_unit``. Raises NotFound."""
    units = _units.get(None)
    found = (
        units.get(key) if isinstance(key, int) else next((u for u in units.values() if u.code == key), None)
    )
    if found is None:
        raise NotFound
    return found


def _one(rows: QuerySet[M]) -> M:
    found = rows.first()
    if found is None:
        raise NotFound
    return found


def _is_uuid(key: UUID | str) -> bool:
    if isinstance(key, UUID):
        return True
    try:
        UUID(key)
    except ValueError:
        return False
    return True


def unit_names(ids: Iterable[int]) -> Mapping[int, LocalizedText]:
    """Return the names of units by id."""
    units = _units.get(None)
    return {pk: units[pk].name for pk in set(ids) if pk in units}


@dataclass(frozen=True, slots=True)
class OfficialView:
    """An official's account, for choosing among several of one name."""

    account_id: int
    username: str
    name: str
    unit: LocalizedText


def find_officials(text: str, *, limit: int = 20) -> list[OfficialView]:
    """Return officials with exactly this name or user name, also those who have left."""
    found = Account.objects.filter(Q(person__name=text) | Q(username=text), kind="official")
    accounts = list(found.select_related("person").order_by("username")[:limit])
    units = dict(
        Holding.objects.filter(person_id__in=[account.person_id for account in accounts])
        .order_by("since")
        .values_list("person_id", "post__unit__name")
    )
    return [
        OfficialView(a.pk, a.username, a.person.name, units.get(a.person.pk) or LocalizedText(""))
        for a in accounts
        if a.person is not None
    ]


def official_name(account_id: int) -> LocalizedText:
    """Return the name of an official's account; for any other account its number only."""
    account = Account.objects.filter(pk=account_id, kind="official").select_related("person").first()
    return LocalizedText(account.person.name if account and account.person else f"#{account_id}")


def post_names(ids: Iterable[int]) -> Mapping[int, LocalizedText]:
    """Return the names of posts by id."""
    return dict(Post.objects.filter(pk__in=set(ids)).values_list("pk", "name"))


def list_units(*, with_closed: bool = False) -> list[Unit]:
    """Return the units in force, in Chinese order; ``with_closed`` also those that were merged into others."""
    units = Unit.objects.order_by("name_sort")
    return list(units if with_closed else units.filter(closed_at=None))


def units_with_duty(duty: str) -> list[Unit]:
    """Return the units that have a post with this duty, in Chinese order. They are shared, change them only by ``put_unit``."""
    return list(_competent.get(duty))


def _load_competent(duty: str) -> list[Unit]:
    having = Post.objects.filter(duties__contains=[duty]).values("unit_id")
    return list(Unit.objects.filter(pk__in=having).order_by("name_sort"))


_competent = published.Kept(("identity_post", "identity_unit"), _load_competent)


def people_with_duty(unit_id: int, duty: str, at: datetime) -> list[UUID]:
    """Return the persons who hold a post with this duty in the unit at ``at`` (for messages to officials)."""
    unit = unit_in_charge(unit_id)
    held = Holding.objects.filter(_held(at), post__unit_id=unit, post__duties__contains=[duty])
    return list(held.order_by("person__name_sort").values_list("person_id", flat=True).distinct())


def holding_of(person_id: UUID, post_id: int, at: datetime) -> int | None:
    """Return the id of the holding by which a person holds a post at ``at``, None when they don't."""
    held = Holding.objects.filter(_held(at), person_id=person_id, post_id=post_id)
    return held.order_by("pk").values_list("pk", flat=True).first()


def holds(person_id: UUID, holder: int, at: datetime) -> bool:
    """Return whether a person's own posts at ``at`` make them (one of) what that holder stands for: a post, a duty, a unit."""
    found = Holder.objects.filter(pk=holder).first()
    if found is None:
        return False
    held = Holding.objects.filter(_held(at), person_id=person_id)
    if found.kind == "post":
        return held.filter(post_id=found.key).exists()
    key, _, duty = found.key.partition(":")
    if found.kind not in ("duty", "unit"):
        return False
    unit = unit_in_charge(int(key))
    if found.kind == "duty":
        return held.filter(post__unit_id=unit, post__duties__contains=[duty]).exists()
    return held.filter(post__unit_id=unit).exists()


def demo_accounts() -> list[Account]:
    """Return the accounts that belong to the demo, in the order of the pack."""
    return list(
        Account.objects.filter(demo_role__isnull=False, is_active=True)
        .select_related("person")
        .order_by("demo_order", "pk")
    )
