"""Asking the registers once, instead of asking the person again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tongban.base.actor import Actor
from tongban.kernel.forms.provenance import Bound
from tongban.kernel.forms.rules.structure import Field, Form
from tongban.kernel.forms.rules.values import is_empty, read_value
from tongban.kernel.identity import service as identity
from tongban.kernel.registers import service as registers

__all__ = ["prefill"]


def prefill(
    form: Form,
    *,
    actor: Actor,
    person_id: UUID | None,
    entity_id: UUID | None = None,
    purpose: str,
    at: datetime,
) -> dict[str, Bound]:
    """Return what registers hold for the bound fields, by field key; fields about which nothing is held are absent.

    One read per register and subject, only of the fields that the form needs, each an act in the ledger with ``purpose``.
    """
    keys = _keys(person_id, entity_id)
    wanted: dict[tuple[str, str], list[Field]] = defaultdict(list)
    for field in form.bound_fields():
        if field.bind and field.bind.subject in keys:
            wanted[field.bind.register, field.bind.subject].append(field)
    found: dict[str, Bound] = {}
    for (register, subject), fields in wanted.items():
        found |= _read(register, keys[subject], fields, actor=actor, purpose=purpose, at=at)
    return found


def _keys(person_id: UUID | None, entity_id: UUID | None) -> Mapping[str, str]:
    """Return the register keys of the subjects: a person's ID number, an entity's credit code."""
    keys = {}
    if person_id is not None:
        keys["person"] = identity.get_person(person_id).citizen_id
    if entity_id is not None:
        keys["entity"] = identity.get_entity(entity_id).uscc
    return {subject: key for subject, key in keys.items() if key}


def _read(
    register: str, key: str, fields: list[Field], *, actor: Actor, purpose: str, at: datetime
) -> dict[str, Bound]:
    names = sorted({f.bind.field for f in fields if f.bind})
    record = registers.read_record(
        actor=actor, register=register, key=key, purpose=purpose, fields=names, at=at
    )
    if record is None:
        return {}
    return {
        f.key: Bound(
            value=value, source=record.source, as_of=record.as_of, register=register, key=key, field=f.bind.field,
            read_at=at,
        )
        for f in fields
        if f.bind and not is_empty(value := _value(f, record.values.get(f.bind.field)))
    }  # fmt: skip


def _value(field: Field, raw: Any) -> Any:
    return read_value(field, raw.isoformat() if isinstance(raw, date) else raw)
