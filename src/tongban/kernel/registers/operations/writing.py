"""Writing records: one by one, or many at once. Every version stays in the history."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection, transaction
from psycopg import sql

from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.errors import Forbidden
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.ledger import service as ledger
from tongban.kernel.registers.errors import DuplicateKeys, UnknownField, ValueInvalid
from tongban.kernel.registers.policies import may_write, subjects_of
from tongban.kernel.registers.queries import Record, get_record, spec_of
from tongban.kernel.registers.rules import FieldSpec, RegisterSpec, read_value
from tongban.kernel.registers.sealing import columns as columns_of
from tongban.kernel.registers.sealing import refuse_other_blinds, written
from tongban.kernel.registers.tables import (
    SYSTEM,
    blind_name,
    execute,
    history_name,
    key_column,
    table_name,
)

__all__ = ["Loaded", "bulk_load", "put_record"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did."""

    created: int
    changed: int
    unchanged: int


@transaction.atomic
def put_record(
    *,
    actor: Actor,
    register: str,
    key: str,
    values: Mapping[str, Any],
    source: str,
    at: datetime,
    valid_from: datetime | None = None,
) -> Record:
    """Create the record of a key, or change the given fields of it; return it as it is then.

    ``source`` says in words where the values come from. Unchanged values make neither version nor act. Raises
    UnknownRegister, UnknownField, ValueInvalid, Forbidden.
    """
    if not may_write(actor):
        raise Forbidden
    spec = spec_of(register)
    new = _read(spec, {**values, spec.key_field: key})
    # Two writers of one key meet here: a row lock would not help as long as there is no row.
    execute(
        sql.SQL("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"),
        [f"{register}:{new[spec.key_field]}"],
    )
    before = get_record(register, key)
    if before is not None and all(before.values[name] == value for name, value in new.items()):
        return before
    merged = {**(before.values if before else dict.fromkeys(spec.keys)), **new}
    record_id = before.record_id if before else uuid.uuid4()
    act = ledger.record(
        actor=actor,
        verb="registers.put",
        subject=Ref.to("record", record_id),
        at=at,
        reason=source,
        payload=merged,
        about=subjects_of(spec, merged, concerned=True),
        facts={"register": register},
    )
    work.flush()  # what is written next names the act
    system = [record_id, source, valid_from or at, at, act.pk]
    _write_one(spec, system, written(spec, spec.fields, merged))
    record = get_record(register, key)
    assert record is not None  # noqa: S101 -- written above, in this transaction
    return record


def _read(spec: RegisterSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    read, errors = {}, []
    for name, raw in values.items():
        field = spec.get(name)
        if field is None:
            raise UnknownField(register=spec.key, field=name)
        try:
            read[name] = read_value(field.type, raw)
        except (ValueError, TypeError):
            errors.append({"field": name, "message": _misfit(field).as_json()})
    if read.get(spec.key_field) is None:
        errors.append(
            {"field": spec.key_field, "message": LocalizedText("不能为空", "Must not be empty").as_json()}
        )
    if errors:
        raise ValueInvalid(register=spec.key, errors=errors)
    return read


def _misfit(field: FieldSpec) -> LocalizedText:
    return LocalizedText("“{label}”不是 {type} 类型", "“{label}” is not of type {type}").format(
        label=field.label, type=field.type
    )


def _write_one(spec: RegisterSpec, system: list[Any], values: list[Any]) -> None:
    names = [*SYSTEM, *columns_of(spec.fields)]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    places = sql.SQL(", ").join([sql.Placeholder()] * len(names))
    execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT (rec_id) DO UPDATE SET {}").format(
            sql.Identifier(table_name(spec.key)), columns, places, _assign(names)
        ),
        [*system, *values],
    )
    execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(history_name(spec.key)), columns, places
        ),
        [*system, *values],
    )


def _assign(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(
        sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(name)) for name in names if name != "rec_id"
    )


@transaction.atomic
def bulk_load(
    *,
    actor: Actor,
    register: str,
    rows: Iterable[Mapping[str, Any]],
    source: str,
    at: datetime,
    valid_from: datetime | None = None,
) -> Loaded:
    """Create and change many records at once, by COPY and three statements, however many there are.

    All rows have the fields of the first one; other fields stay as they are. One act stands for the whole
    load. Raises UnknownRegister, UnknownField, ValueInvalid, DuplicateKeys, Forbidden.
    """
    if not may_write(actor):
        raise Forbidden
    spec = spec_of(register)
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return Loaded(0, 0, 0)
    names = list(first)
    fields = _fields(spec, names)
    refuse_other_blinds(spec, fields)
    loading = sql.Identifier(f"load_{uuid.uuid4().hex}")
    total = _copy(spec, fields, loading, first, rows)
    created, changed = _compare(spec, fields, loading)
    if created or changed:
        act = ledger.record(
            actor=actor,
            verb="registers.load",
            subject=Ref("register", register),
            at=at,
            reason=source,
            fields=names,
            facts={"register": register, "created": created, "changed": changed},
        )
        work.flush()  # what is written next names the act
        _merge(spec, fields, loading, [source, valid_from or at, at, act.pk])
    execute(sql.SQL("DROP TABLE {}").format(loading))
    return Loaded(created, changed, total - created - changed)


def _fields(spec: RegisterSpec, names: list[str]) -> list[FieldSpec]:
    found = []
    for name in names:
        field = spec.get(name)
        if field is None:
            raise UnknownField(register=spec.key, field=name)
        found.append(field)
    return found


def _copy(
    spec: RegisterSpec,
    fields: list[FieldSpec],
    loading: sql.Identifier,
    first: Mapping[str, Any],
    rest: Iterable[Mapping[str, Any]],
) -> int:
    names = [field.key for field in fields]
    columns = sql.SQL(", ").join(map(sql.Identifier, columns_of(fields)))
    execute(
        sql.SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
            loading, columns, sql.Identifier(table_name(spec.key))
        )
    )
    execute(sql.SQL("ALTER TABLE {} ADD PRIMARY KEY ({})").format(loading, sql.Identifier(key_column(spec))))
    total = 0
    try:
        with (
            connection.cursor() as cursor,
            cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(loading, columns)) as copy,
        ):
            for row in _chain(first, rest):
                if list(row) != names:
                    raise ValueInvalid(register=spec.key, row=total + 1, errors=[])
                copy.write_row(written(spec, fields, _read(spec, row)))
                total += 1
    except psycopg.errors.UniqueViolation as error:
        raise DuplicateKeys(register=spec.key) from error
    return total


def _chain(first: Mapping[str, Any], rest: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    yield first
    yield from rest


def _told_apart(fields: Iterable[FieldSpec]) -> list[str]:
    """Return the columns by which two states of a record differ: envelopes differ also when only their key does."""
    return [blind_name(field.key) if field.sealed else field.key for field in fields]


def _rows_differ(fields: Iterable[FieldSpec]) -> sql.Composed:
    names = _told_apart(fields)
    current = sql.SQL(", ").join(sql.SQL("r.{}").format(sql.Identifier(name)) for name in names)
    loaded = sql.SQL(", ").join(sql.SQL("l.{}").format(sql.Identifier(name)) for name in names)
    return sql.SQL("ROW({}) IS DISTINCT FROM ROW({})").format(current, loaded)


def _compare(spec: RegisterSpec, fields: list[FieldSpec], loading: sql.Identifier) -> tuple[int, int]:
    """Return how many loaded rows are new and how many differ from what is there; lock the latter."""
    statement = sql.SQL(
        "SELECT count(*) FILTER (WHERE r.rec_id IS NULL), "
        "count(*) FILTER (WHERE r.rec_id IS NOT NULL AND {differ}) "
        "FROM {loading} l LEFT JOIN {table} r ON r.{key} = l.{key}"
    ).format(
        differ=_rows_differ(fields),
        loading=loading,
        table=sql.Identifier(table_name(spec.key)),
        key=sql.Identifier(key_column(spec)),
    )
    created, changed = execute(statement)[0]
    return int(created), int(changed)


def _merge(spec: RegisterSpec, fields: list[FieldSpec], loading: sql.Identifier, system: list[Any]) -> None:
    """Insert and update from the loaded rows, and write each version it makes into the history, in one statement."""
    names = columns_of(fields)
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    all_columns = sql.SQL(", ").join(map(sql.Identifier, [*SYSTEM, *columns_of(spec.fields)]))
    statement = sql.SQL(
        "WITH written AS ("
        "INSERT INTO {table} AS r (rec_id, rec_source, rec_valid_from, rec_recorded_at, rec_act_id, {columns}) "
        "SELECT gen_random_uuid(), %s, %s, %s, %s, {columns} FROM {loading} "
        "ON CONFLICT ({key}) DO UPDATE SET {assign} WHERE {differ} "
        "RETURNING {all_columns}) "
        "INSERT INTO {history} ({all_columns}) SELECT {all_columns} FROM written"
    ).format(
        table=sql.Identifier(table_name(spec.key)),
        history=sql.Identifier(history_name(spec.key)),
        columns=columns,
        loading=loading,
        key=sql.Identifier(key_column(spec)),
        assign=_assign([*SYSTEM, *names]),
        differ=_differs_from_excluded(_told_apart(fields)),
        all_columns=all_columns,
    )
    execute(statement, system)


def _differs_from_excluded(names: list[str]) -> sql.Composed:
    current = sql.SQL(", ").join(sql.SQL("r.{}").format(sql.Identifier(name)) for name in names)
    new = sql.SQL(", ").join(sql.SQL("EXCLUDED.{}").format(sql.Identifier(name)) for name in names)
    return sql.SQL("ROW({}) IS DISTINCT FROM ROW({})").format(current, new)
