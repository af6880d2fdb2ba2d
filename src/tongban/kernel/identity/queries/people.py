"""People, legal entities and the accounts of officials: found by id, number or name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from tongban.base.actor import Actor
from tongban.base.errors import NotFound
from tongban.base.text import LocalizedText
from tongban.kernel.identity.models import Account, Holding, LegalEntity, Person

__all__ = [
    "OfficialView",
    "demo_accounts",
    "find_entity",
    "find_officials",
    "find_person",
    "get_entity",
    "get_person",
    "has_account",
    "keys_of",
    "keys_of_actor",
    "official_name",
    "person_of",
]

M = TypeVar("M", bound=Model)


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


def demo_accounts() -> list[Account]:
    """Return the accounts that belong to the demo, in the order of the pack."""
    return list(
        Account.objects.filter(demo_role__isnull=False, is_active=True)
        .select_related("person")
        .order_by("demo_order", "pk")
    )
