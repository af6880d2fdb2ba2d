"""What packs say about people, organisations, units, posts and accounts.

- ``entities.csv``: uscc, name, kind (and what the register of entities holds)
- ``people.csv``: citizen_id, name, phone (and what the register of the population holds); optional email
- ``mandates.csv``: uscc, citizen_id, role, valid_from, valid_to (days; the last day still counts)
- ``units.yaml``: units with code, name, short_name, parent, division_code, level, kind, prefix
- ``posts.yaml``: posts with code (one in the whole pack), unit, name, duties
- ``accounts.yaml``: accounts with username, password, person (citizen id), posts (codes), email, language;
  those that are ``listed`` stand in the demo's list by ``order``, with role and note

An account with posts is an official's, any other a citizen's.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from tongban.base.actor import Actor
from tongban.base.packs import Pack, PackError, section
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL
from tongban.kernel.identity.models import LegalEntity, Mandate, Person, Post, Unit
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
    known = {p.citizen_id: p for p in Person.objects.exclude(citizen_id=None)}
    for row in pack.csv("people.csv"):
        person = known.get(row["citizen_id"])
        email = row.get("email", "") or (person.email if person else "")
        if person is None or (person.name, person.phone, person.email) != (row["name"], row["phone"], email):
            put_person(
                actor=actor,
                citizen_id=row["citizen_id"],
                name=row["name"],
                phone=row["phone"],
                email=email,
                at=at,
            )


@section("entities", order=21)
def load_entities(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load the legal entities of the pack."""
    known = {e.uscc: e for e in LegalEntity.objects.all()}
    for row in pack.csv("entities.csv"):
        entity = known.get(row["uscc"])
        if entity is None or (entity.name, entity.kind) != (row["name"], row["kind"]):
            put_entity(actor=actor, uscc=row["uscc"], name=row["name"], kind=row["kind"], at=at)


@section("mandates", order=22)
def load_mandates(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load who may act for whom, ended mandates too."""
    people = dict(Person.objects.exclude(citizen_id=None).values_list("citizen_id", "pk"))
    entities = dict(LegalEntity.objects.values_list("uscc", "pk"))
    standing = set(Mandate.objects.values_list("person_id", "entity_id", "role", "valid_from"))
    for row in pack.csv("mandates.csv"):
        person, entity = people.get(row["citizen_id"]), entities.get(row["uscc"])
        if person is None or entity is None:
            raise PackError(f"mandates.csv: unknown person or entity in {row['uscc']}")
        since = _begin(row["valid_from"])
        if (person, entity, row["role"], since) not in standing:
            until = _begin(row["valid_to"]) + timedelta(days=1) if row["valid_to"] else None
            give_mandate(
                actor=actor,
                person_id=person,
                entity_id=entity,
                role=row["role"],
                valid_from=since,
                valid_to=until,
                at=at,
            )


def _begin(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(), tzinfo=LOCAL)


@section("units", order=23)
def load_units(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load the tree of units; a parent stands before its children."""
    for row in pack.yaml("units.yaml", "units"):
        put_unit(
            actor=actor,
            code=row["code"],
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


@section("posts", order=24)
def load_posts(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load the posts with their duties."""
    units = dict(Unit.objects.values_list("code", "pk"))
    for row in pack.yaml("posts.yaml", "posts"):
        if row["unit"] not in units:
            raise PackError(f"posts.yaml: {row['code']} is in an unknown unit {row['unit']!r}")
        put_post(
            actor=actor,
            unit_id=units[row["unit"]],
            code=row["code"],
            name=LocalizedText.of(row["name"]),
            duties=row["duties"],
            at=at,
        )


@section("accounts", order=25)
def load_accounts(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load accounts and who holds which post."""
    posts = {post.code: post.pk for post in Post.objects.all()}
    people = {p.citizen_id: p for p in Person.objects.exclude(citizen_id=None)}
    for row in pack.yaml("accounts.yaml", "accounts"):
        person = people.get(str(row["person"]))
        if person is None:
            raise PackError(f"accounts.yaml: {row['username']} is nobody in people.csv")
        held: list[str] = row.get("posts") or []
        if unknown := set(held) - set(posts):
            raise PackError(f"accounts.yaml: {row['username']} holds unknown posts {sorted(unknown)}")
        _put(row, kind="official" if held else "citizen", person=person, actor=actor, at=at)
        for code in held:
            appoint(actor=actor, person_id=person.pk, post_id=posts[code], since=FOUNDING, at=at)


def _put(row: dict[str, Any], *, kind: str, person: Person, actor: Actor, at: datetime) -> None:
    listed = bool(row.get("listed"))
    email = row.get("email") or ""
    if email and email != person.email:
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
        kind=kind,
        person_id=person.pk,
        password=row.get("password") or None,
        email=email,
        language=row.get("language") or "",
        demo_role=LocalizedText.of(row["role"]) if listed else None,
        demo_note=LocalizedText.of(row.get("note")) if listed else None,
        demo_order=int(row.get("order", 0)),
        level=int(row.get("level", 2)),  # whom a pack names by ID number is known to the government
        at=at,
    )
