"""What packs say about people, organisations, units, posts and accounts.

- ``entities.csv``: uscc, name, kind (and what the register of entities holds)
- ``people.csv``: citizen_id, name, phone (and what the register of the population holds); optional email
- ``mandates.csv``: uscc, citizen_id, role, valid_from, valid_to (days; the last day still counts)
- ``units.yaml``: units with code, name, short_name, parent, division_code, level, kind, prefix
- ``posts.yaml``: posts with code (one in the whole pack), unit, name, duties
- ``accounts.yaml``: accounts with username, password, person (citizen id), posts (codes), email, language;
  those that are ``listed`` stand in the demo's list by ``order``, with role and note

An account with posts is an official's, any other a citizen's. A password is given to a new account and never again, e-mail and
language likewise: from then on they are its owner's.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tongban.base.actor import Actor
from tongban.base.bringing import bring, unnamed
from tongban.base.errors import NotFound
from tongban.base.packs import Pack, PackError, section
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL
from tongban.kernel.identity.models import Account, Holding, LegalEntity, Mandate, Person, Post, Unit
from tongban.kernel.identity.operations.accounts import put_account
from tongban.kernel.identity.operations.organisation import appoint, put_post
from tongban.kernel.identity.operations.parties import give_mandate, put_entity, put_person
from tongban.kernel.identity.operations.units import put_unit

__all__ = ["load_accounts", "load_entities", "load_mandates", "load_people", "load_posts", "load_units"]

FOUNDING = datetime(2020, 1, 1, tzinfo=UTC)
"""Posts of a pack are held since before any of its past cases."""


@section("people", order=20)
def load_people(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load the persons of the pack."""
    rows = {unnamed(row["citizen_id"]): row for row in pack.csv("people.csv")}
    names = {row["citizen_id"]: key for key, row in rows.items()}

    def standing(keys: Collection[str]) -> dict[str, Any]:
        found = Person.objects.filter(citizen_id__in=[rows[key]["citizen_id"] for key in keys])
        return {names[p.citizen_id or ""]: [p.name, p.phone] for p in found}

    known = Person.objects.filter(citizen_id__in=names).exclude(email="")
    emails = {person.citizen_id: person.email for person in known}

    def put(key: str) -> None:
        row = rows[key]
        put_person(
            actor=actor,
            citizen_id=row["citizen_id"],
            name=row["name"],
            phone=row["phone"],
            email=emails.get(row["citizen_id"]) or row.get("email", ""),
            at=at,
        )

    said = {key: [row["name"], row["phone"]] for key, row in rows.items()}
    bring(pack, "person", said, standing=standing, put=put, at=at)


@section("entities", order=21)
def load_entities(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load the legal entities of the pack."""
    said = {row["uscc"]: [row["name"], row["kind"]] for row in pack.csv("entities.csv")}

    def standing(keys: Collection[str]) -> dict[str, Any]:
        return {each.uscc: [each.name, each.kind] for each in LegalEntity.objects.filter(uscc__in=keys)}

    def put(key: str) -> None:
        name, kind = said[key]
        put_entity(actor=actor, uscc=key, name=name, kind=kind, at=at)

    bring(pack, "entity", said, standing=standing, put=put, at=at)


@section("mandates", order=22)
def load_mandates(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load who may act for whom, ended mandates too. One that is there, or has been ended here, stays as it is."""
    people = {p.citizen_id: p.pk for p in Person.objects.exclude(citizen_id=None)}
    entities = dict(LegalEntity.objects.values_list("uscc", "pk"))
    given: dict[str, tuple[Any, ...]] = {}
    ends: dict[str, datetime | None] = {}
    for row in pack.csv("mandates.csv"):
        person, entity = people.get(row["citizen_id"]), entities.get(row["uscc"])
        if person is None or entity is None:
            raise PackError(f"mandates.csv: unknown person or entity in {row['uscc']}")
        key = unnamed(row["citizen_id"], row["uscc"], row["role"], row["valid_from"])
        given[key] = (person, entity, row["role"], _begin(row["valid_from"]))
        ends[key] = _begin(row["valid_to"]) + timedelta(days=1) if row["valid_to"] else None
    keys_of = {mandate: key for key, mandate in given.items()}

    def standing(keys: Collection[str]) -> dict[str, Any]:
        wanted = {given[key] for key in keys}
        found = Mandate.objects.filter(entity_id__in={entity for _, entity, _, _ in wanted})
        rows = found.values_list("person_id", "entity_id", "role", "valid_from", "valid_to")
        return {keys_of[mandate]: end for *parts, end in rows if (mandate := tuple(parts)) in wanted}

    def put(key: str) -> None:
        person, entity, role, since = given[key]
        give_mandate(
            actor=actor,
            person_id=person,
            entity_id=entity,
            role=role,
            valid_from=since,
            valid_to=ends[key],
            at=at,
        )

    bring(pack, "mandate", dict.fromkeys(given, True), standing=standing, put=put, at=at)


def _begin(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), tzinfo=LOCAL)


@section("units", order=23)
def load_units(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load the tree of units; a parent stands before its children."""
    rows = {row["code"]: row for row in pack.yaml("units.yaml", "units")}

    def put(code: str) -> None:
        row = rows[code]
        put_unit(
            actor=actor,
            code=code,
            name=LocalizedText.of(row["name"]),
            short_name=LocalizedText.of(row.get("short_name") or row["name"]),
            parent=row.get("parent") or None,
            division_code=str(row["division_code"]),
            level=str(row.get("level", "")),
            kind=row.get("kind", ""),
            prefix=row.get("prefix", ""),
            uscc=row.get("uscc", ""),
            at=at,
        )

    bring(pack, "unit", rows, standing=_units, put=put, at=at)


def _units(codes: Collection[str]) -> dict[str, Any]:
    names = (
        "name",
        "short_name",
        "parent_id",
        "division_code",
        "level",
        "kind",
        "prefix",
        "uscc",
        "closed_at",
    )
    return {
        unit.code: [getattr(unit, name) for name in names] for unit in Unit.objects.filter(code__in=codes)
    }


@section("posts", order=24)
def load_posts(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load the posts with their duties."""
    units = dict(Unit.objects.values_list("code", "pk"))
    rows = {row["code"]: row for row in pack.yaml("posts.yaml", "posts")}
    for row in rows.values():
        if row["unit"] not in units:
            raise PackError(f"posts.yaml: {row['code']} is in an unknown unit {row['unit']!r}")

    def put(code: str) -> None:
        row = rows[code]
        put_post(
            actor=actor,
            unit_id=units[row["unit"]],
            code=code,
            name=LocalizedText.of(row["name"]),
            duties=row["duties"],
            at=at,
        )

    bring(pack, "post", rows, standing=_posts, put=put, at=at)


def _posts(codes: Collection[str]) -> dict[str, Any]:
    found = Post.objects.filter(code__in=codes).order_by("pk")
    return {post.code: [post.unit_id, post.name, sorted(post.duties), post.closed_at] for post in found}


@section("accounts", order=25)
def load_accounts(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load accounts and who holds which post."""
    people = {p.citizen_id: p for p in Person.objects.exclude(citizen_id=None)}
    rows = {row["username"]: row for row in pack.yaml("accounts.yaml", "accounts")}
    posts = {row["code"] for row in pack.yaml("posts.yaml", "posts")}
    posts |= set(Post.objects.values_list("code", flat=True))
    appointed: dict[str, tuple[Any, str]] = {}
    for username, row in rows.items():
        person = people.get(str(row["person"]))
        if person is None:
            raise PackError(f"accounts.yaml: {username} is nobody in people.csv")
        held: list[str] = row.get("posts") or []
        if unknown := set(held) - posts:
            raise PackError(f"accounts.yaml: {username} holds unknown posts {sorted(unknown)}")
        appointed |= {f"{username} {code}": (person.pk, code) for code in held}

    def put(username: str) -> None:
        row = rows[username]
        _put(row, person=people[str(row["person"])], actor=actor, at=at)

    # Neither the password, of which no digest may lie about, nor what is the owner's from the first day.
    own = {"password", "email", "language"}
    said = {name: {key: row[key] for key in row if key not in own} for name, row in rows.items()}
    bring(pack, "account", said, standing=_accounts, put=put, at=at)

    def appointments(keys: Collection[str]) -> dict[str, Any]:
        names = {appointed[key]: key for key in keys}
        found = Holding.objects.filter(person_id__in={person for person, _ in names}).order_by("pk")
        rows = found.values_list("person_id", "post__code", "until")
        return {names[person, code]: until for person, code, until in rows if (person, code) in names}

    def take_office(key: str) -> None:
        person_id, code = appointed[key]
        post = Post.objects.filter(code=code).order_by("pk").last()
        if post is None:  # the pack's post has gone into another unit under another code
            raise NotFound
        appoint(actor=actor, person_id=person_id, post_id=post.pk, since=FOUNDING, at=at)

    offices = dict.fromkeys(appointed, True)
    bring(pack, "appointment", offices, standing=appointments, put=take_office, at=at)


def _accounts(usernames: Collection[str]) -> dict[str, Any]:
    names = ("kind", "person_id", "is_active", "demo_role", "demo_note", "demo_order")
    found = Account.objects.filter(username__in=usernames)
    return {account.username: [getattr(account, name) for name in names] for account in found}


def _put(row: dict[str, Any], *, person: Person, actor: Actor, at: datetime) -> None:
    listed = bool(row.get("listed"))
    before = Account.objects.filter(username=row["username"]).first()
    email = before.email if before else row.get("email") or ""
    if email and not before and email != person.email:
        put_person(
            actor=actor,
            person_id=person.pk,
            citizen_id=person.citizen_id,
            name=person.name,
            phone=person.phone,
            email=email,
            at=at,
        )
    put_account(
        actor=actor,
        username=row["username"],
        kind="official" if row.get("posts") else "citizen",
        person_id=person.pk,
        password=None if before else row.get("password") or None,
        email=email,
        language=before.language if before else row.get("language") or "",
        demo_role=LocalizedText.of(row["role"]) if listed else None,
        demo_note=LocalizedText.of(row.get("note")) if listed else None,
        demo_order=int(row.get("order", 0)),
        level=int(row.get("level", 2)),  # whom a pack names by ID number is known to the government
        at=at,
    )
