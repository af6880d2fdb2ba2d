"""Who may act for which entity at a moment, and whom to tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from tongban.base.statements import Statement
from tongban.kernel.identity.models import Mandate, Person

__all__ = ["Contact", "EntityView", "contacts_of", "entities_of", "representatives_of"]


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


_WHOM = """
    SELECT unnest(%s::uuid[]) UNION SELECT m.person_id FROM identity_mandate m, (SELECT %s::timestamptz AS at) now
    WHERE m.entity_id = ANY(%s::uuid[]) AND m.valid_from <= now.at AND (m.valid_to IS NULL OR m.valid_to > now.at)
"""
"""As one set, so that people are found by their keys; of two conditions with "or" the database looks at everybody."""

_CONTACTS = Statement(
    lambda people, entities, at: (
        Person.objects.filter(pk__in=RawSQL(_WHOM, [people, at, entities]))  # noqa: S611 - a constant
        .only("pk", "email")
        .order_by("name_sort")
    )
)


def _valid(mandates: QuerySet[Mandate], at: datetime) -> QuerySet[Mandate]:
    return mandates.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=at), valid_from__lte=at)
