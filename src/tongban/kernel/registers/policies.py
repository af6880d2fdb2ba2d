"""Who may read and write records.

A person reads what a register holds about them, a representative what it holds about the entity, an official
with business duties whatever a purpose needs: every reading of personal data is an act that the person
concerned can see. Administrators of the system have no business with anybody's data.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tongban.base.actor import Actor
from tongban.kernel.identity import service as identity
from tongban.kernel.registers.rules import SUBJECT_ELEMENTS, RegisterSpec

__all__ = ["is_on_business", "is_subject", "may_write", "own_keys", "subjects_of"]

_CONCERNED = SUBJECT_ELEMENTS | {"entity.legal_representative_id"}
"""Data elements that name a person whom the record also tells something about."""


def subjects_of(spec: RegisterSpec, values: Mapping[str, Any], *, concerned: bool = False) -> set[str]:
    """Return the numbers of whom a record is about; with ``concerned`` also of those whom it mentions."""
    wanted = _CONCERNED if concerned else SUBJECT_ELEMENTS
    return {str(values[f.key]) for f in spec.fields if f.data_element in wanted and values.get(f.key)}


def own_keys(actor: Actor, at: datetime) -> set[str]:
    """Return the numbers of the actor and of every entity for which they may act at ``at``."""
    person = identity.person_of(actor)
    entities = {entity.uscc for entity in identity.entities_of(actor.person_id, at)}
    return entities | ({person.citizen_id} if person is not None and person.citizen_id else set())


def is_on_business(actor: Actor) -> bool:
    """True for the product itself and for officials with duties other than an administrator's."""
    return actor.is_system or (actor.is_official and bool(actor.duties - identity.ADMIN_DUTIES))


def is_subject(actor: Actor, subjects: set[str], at: datetime) -> bool:
    """True when one of ``subjects`` is the actor or an entity for which they may act."""
    return not actor.is_official and bool(subjects & own_keys(actor, at))


def may_write(actor: Actor) -> bool:
    """True for whoever writes on behalf of the government.

    The operation that calls has checked its own policy.
    """
    return is_on_business(actor)
