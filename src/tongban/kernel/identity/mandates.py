"""Mandates as those see them who give them: of one organisation, open and ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from tongban.base.errors import NotFound
from tongban.kernel.identity.models import LegalEntity, Mandate

__all__ = ["MandateView", "find_entities", "get_mandate", "mandates_of"]


@dataclass(frozen=True, slots=True)
class MandateView:
    """A person may act for an entity within a half-open period."""

    id: int
    entity_id: UUID
    entity_name: str
    person_name: str
    citizen_id: str
    role: str
    since: datetime
    until: datetime | None

    def is_open(self, at: datetime) -> bool:
        """True while it counts, or will count later."""
        return self.until is None or at < self.until


def find_entities(text: str, *, limit: int = 30) -> list[LegalEntity]:
    """Return the organisation of a credit code, or those in whose name the words stand."""
    found = LegalEntity.objects.filter(Q(uscc=text.upper()) | Q(name__icontains=text))
    return list(found.order_by("name_sort", "pk")[:limit])


def mandates_of(entity_id: UUID) -> list[MandateView]:
    """Return all mandates for an organisation, the newest first."""
    rows = Mandate.objects.filter(entity_id=entity_id).select_related("person", "entity")
    return [_view(row) for row in rows.order_by("-valid_from", "-pk")]


def get_mandate(mandate_id: int, at: datetime) -> MandateView:
    """Return a mandate that has not ended. Raises NotFound."""
    row = Mandate.objects.filter(pk=mandate_id).select_related("person", "entity").first()
    if row is None or not _view(row).is_open(at):
        raise NotFound
    return _view(row)


def _view(row: Mandate) -> MandateView:
    return MandateView(
        id=row.pk,
        entity_id=row.entity_id,
        entity_name=row.entity.name,
        person_name=row.person.name,
        citizen_id=row.person.citizen_id or "",
        role=row.role,
        since=row.valid_from,
        until=row.valid_to,
    )
