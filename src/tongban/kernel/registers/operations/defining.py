"""Making and changing registers. Run by the owner of the database, at set-up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from psycopg import sql

from tongban.base import published, work
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.registers import rules, tables
from tongban.kernel.registers.errors import (
    DefinitionInvalid,
    NotTheOwner,
    TypeCannotChange,
    UnknownField,
    UnknownRegister,
)
from tongban.kernel.registers.models import RegisterChange, RegisterDef, RegisterField
from tongban.kernel.registers.rules import FieldSpec, RegisterSpec

__all__ = ["define_register", "rename_field"]


@transaction.atomic
def define_register(
    *,
    actor: Actor,
    key: str,
    name: LocalizedText,
    key_field: str,
    fields: Iterable[FieldSpec | Mapping[str, Any]],
    source: LocalizedText,
    at: datetime,
    owner_unit: int | str | None = None,
) -> RegisterDef:
    """Make a register, or bring the one of this key to this definition.

    Return it. Unchanged, nothing happens.

    New fields become columns, missing ones are retired (their columns and history stay), words may change,
    types may not. Every change is recorded with its statements. Raises DefinitionInvalid, TypeCannotChange,
    NotTheOwner.
    """
    identity.require_duty(actor, "admin.system")
    try:
        spec = RegisterSpec(key, name, key_field, source, tuple(FieldSpec.of(f) for f in fields))
    except KeyError as error:
        raise DefinitionInvalid(problems=[f"{key}: a field without {error}"]) from error
    if wrong := list(rules.problems(spec)):
        raise DefinitionInvalid("; ".join(wrong), problems=wrong)
    unit_id = None if owner_unit is None else identity.get_unit(owner_unit).pk
    definition = RegisterDef.objects.select_for_update().filter(key=key).first()
    if definition is None:
        return _create(spec, unit_id=unit_id, actor=actor, at=at)
    return _change(definition, spec, unit_id=unit_id, actor=actor, at=at)


def _create(spec: RegisterSpec, *, unit_id: int | None, actor: Actor, at: datetime) -> RegisterDef:
    definition = RegisterDef.objects.create(
        key=spec.key,
        name=spec.name,
        source=spec.source,
        key_field=spec.key_field,
        owner_unit_id=unit_id,
        created_at=at,
    )
    RegisterField.objects.bulk_create(
        _row(definition, position, field) for position, field in enumerate(spec.fields)
    )
    statements = tables.create(spec)
    _run(statements)
    tables.protect(spec.key)
    _keep(definition, [("create", "", statements)], actor=actor, at=at)
    return definition


def _change(
    definition: RegisterDef, spec: RegisterSpec, *, unit_id: int | None, actor: Actor, at: datetime
) -> RegisterDef:
    before = definition.spec()
    if spec.key_field != before.key_field:
        raise TypeCannotChange(register=spec.key, field=spec.key_field)
    found = rules.changes(before.fields, definition.retired(), spec.fields)
    if retyped := [change.field.key for change in found if change.kind == "retype"]:
        raise TypeCannotChange(register=spec.key, fields=retyped)
    done: list[tuple[str, str, list[sql.Composed]]] = []
    for change in found:
        statements = tables.add_column(spec.key, change.field) if change.kind == "add" else []
        _run(statements)
        done.append((change.kind, change.field.key, statements))
    words = (definition.name, definition.source, definition.owner_unit_id)
    if words != (spec.name, spec.source, unit_id):
        definition.name, definition.source, definition.owner_unit_id = spec.name, spec.source, unit_id
        definition.save(update_fields=["name", "source", "owner_unit"])
        done.append(("describe", "", []))
    if before.keys != spec.keys and not found:
        done.append(("reorder", "", []))
    if done:
        _write_fields(definition, spec, at)
        _keep(definition, done, actor=actor, at=at)
    return definition


def _write_fields(definition: RegisterDef, spec: RegisterSpec, at: datetime) -> None:
    for position, field in enumerate(spec.fields):
        row = _row(definition, position, field)
        values = {
            name: getattr(row, name) for name in ("position", "label", "type", "data_element", "personal")
        }
        RegisterField.objects.update_or_create(
            register=definition, key=field.key, defaults={**values, "retired_at": None}
        )
    RegisterField.objects.filter(register=definition, retired_at=None).exclude(key__in=spec.keys).update(
        retired_at=at
    )


def _row(definition: RegisterDef, position: int, field: FieldSpec) -> RegisterField:
    return RegisterField(
        register=definition,
        position=position,
        key=field.key,
        label=field.label,
        type=field.type,
        data_element=field.data_element,
        personal=field.personal,
    )


@transaction.atomic
def rename_field(*, actor: Actor, register: str, old: str, new: str, at: datetime) -> RegisterDef:
    """Give a field another key, in the records and in their history.

    Raises UnknownRegister, UnknownField, NotTheOwner.
    """
    identity.require_duty(actor, "admin.system")
    definition = RegisterDef.objects.select_for_update().filter(key=register).first()
    if definition is None:
        raise UnknownRegister(register=register)
    field = definition.fields.filter(key=old).first()
    if field is None:
        raise UnknownField(register=register, field=old)
    if not rules.is_field_key(new) or definition.fields.filter(key=new).exists():
        raise DefinitionInvalid(problems=[f"{register}.{new}: no name for a field, or taken"])
    statements = tables.rename_column(register, field.spec(), new)
    _run(statements)
    field.key = new
    field.save(update_fields=["key"])
    if definition.key_field == old:
        definition.key_field = new
        definition.save(update_fields=["key_field"])
    _keep(definition, [("rename", new, statements)], actor=actor, at=at)
    return definition


def _run(statements: list[sql.Composed]) -> None:
    if statements and not tables.may_change_tables():
        raise NotTheOwner
    for statement in statements:
        tables.execute(statement)


def _keep(
    definition: RegisterDef,
    done: list[tuple[str, str, list[sql.Composed]]],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Record the changes and the act behind them."""
    published.forget()
    act = ledger.record(
        actor=actor,
        verb="registers.define",
        subject=Ref("register", definition.key),
        at=at,
        facts={"register": definition.key, "changes": [[kind, field] for kind, field, _ in done]},
    )
    work.flush()  # what is written next names the act
    RegisterChange.objects.bulk_create(
        RegisterChange(
            register=definition,
            kind=kind,
            field=field,
            statements=";\n".join(statement.as_string() for statement in statements),
            act_id=act.pk,
            at=at,
        )
        for kind, field, statements in done
    )
