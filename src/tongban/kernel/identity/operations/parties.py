"""People, legal entities and mandates."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.errors import NotFound
from tongban.base.ref import Ref
from tongban.kernel.identity import rules
from tongban.kernel.identity.errors import BadMandate
from tongban.kernel.identity.models import LegalEntity, Mandate, Person
from tongban.kernel.identity.operations.authority import require_duty
from tongban.kernel.ledger import service as ledger

__all__ = ["end_mandate", "give_mandate", "give_mandate_to", "put_entity", "put_person"]


@transaction.atomic
def put_person(
    *,
    actor: Actor,
    name: str,
    at: datetime,
    citizen_id: str | None = None,
    phone: str = "",
    email: str = "",
    person_id: UUID | None = None,
) -> Person:
    """Create a person, or correct the one of this id or citizen id. Unchanged values leave no act."""
    require_duty(actor, "admin.system")
    rows = Person.objects.select_for_update()
    person = rows.filter(pk=person_id).first() if person_id else None
    if person is None and citizen_id:
        person = rows.filter(citizen_id=citizen_id).first()
    values = {"name": name, "citizen_id": citizen_id or None, "phone": phone, "email": email}
    if person is not None and all(getattr(person, key) == value for key, value in values.items()):
        return person
    if person is None:
        person = Person(**({"id": person_id} if person_id else {}))
    for key, value in values.items():
        setattr(person, key, value)
    person.save()
    ledger.record(
        actor=actor,
        verb="identity.put_person",
        subject=Ref.to("person", person.pk),
        at=at,
        payload=values,
        about=[citizen_id] if citizen_id else [],
    )
    return person


@transaction.atomic
def put_entity(*, actor: Actor, uscc: str, name: str, at: datetime, kind: str = "") -> LegalEntity:
    """Create a legal entity, or correct the one of this credit code. Unchanged values leave no act."""
    require_duty(actor, "admin.system")
    entity = LegalEntity.objects.select_for_update().filter(uscc=uscc).first() or LegalEntity(uscc=uscc)
    if not entity._state.adding and (entity.name, entity.kind) == (name, kind):
        return entity
    entity.name, entity.kind = name, kind
    entity.save()
    ledger.record(
        actor=actor,
        verb="identity.put_entity",
        subject=Ref.to("entity", entity.pk),
        at=at,
        payload={"name": name, "kind": kind},
        about=[uscc],
    )
    return entity


@transaction.atomic
def give_mandate(
    *,
    actor: Actor,
    person_id: UUID,
    entity_id: UUID,
    role: str,
    at: datetime,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    basis: str = "",
) -> Mandate:
    """Let a person act for an entity from ``valid_from`` (now by default).

    An open mandate in the role is left as it is.
    """
    require_duty(actor, "admin.system")
    person = Person.objects.select_for_update().get(pk=person_id)
    entity = LegalEntity.objects.get(pk=entity_id)
    standing = Mandate.objects.filter(person=person, entity=entity, role=role, valid_to__isnull=True).first()
    if standing is not None:
        return standing
    mandate = Mandate.objects.create(
        person=person, entity=entity, role=role, valid_from=valid_from or at, valid_to=valid_to
    )
    ledger.record(
        actor=actor,
        verb="identity.give_mandate",
        subject=Ref.to("entity", entity.pk),
        at=at,
        reason=basis,
        facts={"role": role},
        about=[entity.uscc, person.citizen_id or ""],
    )
    return mandate


@transaction.atomic
def give_mandate_to(
    *,
    actor: Actor,
    entity_id: UUID,
    name: str,
    citizen_id: str,
    role: str,
    basis: str,
    at: datetime,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> Mandate:
    """Let the person of this ID number act for an entity; who is not known yet is recorded. Raises BadMandate.

    For a known person the name must be the one on record: a slip in the number would give the mandate to a stranger.
    """
    require_duty(actor, "admin.system")
    citizen_id = citizen_id.upper()
    faults = rules.mandate_faults(
        name=name, citizen_id=citizen_id, basis=basis, since=valid_from or at, until=valid_to
    )
    known = Person.objects.filter(citizen_id=citizen_id).first() if citizen_id else None
    if known is not None and known.name != name:
        faults.append(
            rules.Fault("name", "和这个身份证号登记的姓名不一样", "Not the name on record for this ID number")
        )
    if (
        known is not None
        and Mandate.objects.filter(person=known, entity_id=entity_id, role=role, valid_to=None).exists()
    ):
        faults.append(
            rules.Fault("citizen_id", "这个人已经有这项授权", "This person has this mandate already")
        )
    if faults:
        raise BadMandate(errors=[fault.as_error() for fault in faults])
    person = known or put_person(actor=actor, name=name, citizen_id=citizen_id, at=at)
    return give_mandate(
        actor=actor,
        person_id=person.pk,
        entity_id=entity_id,
        role=role,
        valid_from=valid_from,
        valid_to=valid_to,
        basis=basis,
        at=at,
    )


@transaction.atomic
def end_mandate(*, actor: Actor, mandate_id: int, at: datetime, reason: str = "") -> Mandate:
    """End a mandate at this moment. The next request of its bearer no longer acts for the entity."""
    require_duty(actor, "admin.system")
    mandate = (
        Mandate.objects.select_for_update(of=("self",))
        .select_related("person", "entity")
        .filter(pk=mandate_id)
        .first()
    )
    if mandate is None:
        raise NotFound
    mandate.valid_to = max(at, mandate.valid_from)
    mandate.save(update_fields=["valid_to"])
    ledger.record(
        actor=actor,
        verb="identity.end_mandate",
        subject=Ref.to("entity", mandate.entity_id),
        at=at,
        reason=reason,
        facts={"role": mandate.role},
        about=[mandate.entity.uscc, mandate.person.citizen_id or ""],
    )
    return mandate
