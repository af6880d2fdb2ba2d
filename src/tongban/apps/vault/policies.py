"""Whose vault it is. Officials have no way in: they see a material only as part of a case in which it was used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tongban.apps.vault.models import Material
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.identity import service as identity

__all__ = ["Owner", "is_owner", "keys_of", "owners_of"]


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody whose vault the actor opens: himself, or an entity that he represents now. ``key`` is the number."""

    ref: Ref
    name: str
    key: str

    @property
    def is_person(self) -> bool:
        """True for one's own."""
        return self.ref.kind == "person"


def owners_of(actor: Actor, at: datetime) -> list[Owner]:
    """Return whose vaults the actor may open now: the own one, then those of entities by a valid mandate; none in a post."""
    if actor.person_id is None or actor.is_official:
        return []
    person = identity.get_person(actor.person_id)
    found = [Owner(Ref.to("person", person.pk), person.name, person.citizen_id or "")]
    for entity in identity.entities_of(actor.person_id, at=at):
        found.append(Owner(Ref.to("entity", entity.entity_id), entity.name, entity.uscc))
    return found


def is_owner(actor: Actor, owner: Ref, at: datetime) -> bool:
    """True when it is the actor's own vault, or one of an entity that he represents now."""
    if actor.person_id is None or actor.is_official:
        return False
    if owner.kind == "person":
        return owner.id == str(actor.person_id)
    return any(str(entity.entity_id) == owner.id for entity in identity.entities_of(actor.person_id, at=at))


def keys_of(material: Material) -> list[str]:
    """Return the number of whom a material belongs to, as the ledger wants to know whom an act is about."""
    if material.owner_kind == "person":
        return identity.keys_of(person_id=UUID(material.owner_id))
    return identity.keys_of(entity_id=UUID(material.owner_id))
