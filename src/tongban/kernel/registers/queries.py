"""Reading registers. Personal data is read through ``operations.reading``, which writes the act."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from psycopg import sql

from tongban.base.keyring import keyring
from tongban.base.published import Kept
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.base.veiled import veils_of
from tongban.kernel.ledger import service as ledger
from tongban.kernel.registers.errors import UnknownField, UnknownRegister
from tongban.kernel.registers.models import RegisterDef, RegisterField
from tongban.kernel.registers.rules import FieldSpec, RegisterSpec
from tongban.kernel.registers.sealing import bound_as, seal_row, values_of
from tongban.kernel.registers.tables import (
    SYSTEM,
    blind_name,
    execute,
    history_name,
    key_column,
    table_name,
)

__all__ = [
    "Record",
    "RegisterView",
    "Version",
    "count_records",
    "field_keys",
    "fields_of",
    "find_records",
    "get_record",
    "history_of",
    "list_registers",
    "region_names",
    "register_holding",
    "sealer",
    "spec_of",
    "written_one_by_one",
]


MOST_LOADS = 100_000
"""Of how many loads of a register it is asked what they wrote."""
DIVISION_CODE = 12
"""Digits of a division code: province, prefecture, county, township, village."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record as the register knows it now. ``as_of`` is when the register learned of these values."""

    register: str
    key: str
    record_id: UUID
    values: Mapping[str, Any]
    source: LocalizedText
    origin: str
    as_of: datetime
    valid_from: datetime

    @property
    def ref(self) -> Ref:
        """How the ledger names the record: by its id, because its key is mostly a person's number."""
        return Ref.to("record", self.record_id)

    def only(self, fields: list[str]) -> Record:
        """Return the record with these fields alone."""
        return replace(self, values={key: self.values.get(key) for key in fields})


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a record: since when it holds, when it was recorded, where it came from, by which act."""

    values: Mapping[str, Any]
    origin: str
    valid_from: datetime
    recorded_at: datetime
    act_id: int


@dataclass(frozen=True, slots=True)
class RegisterView:
    """A register in a list."""

    key: str
    name: LocalizedText
    source: LocalizedText
    owner_unit_id: int | None
    count: int


def spec_of(register: str) -> RegisterSpec:
    """Return the definition of a register. Raises UnknownRegister."""
    spec = _specs.get(register)
    if spec is None:
        raise UnknownRegister(register=register)
    return spec


def _load(register: str) -> RegisterSpec | None:
    definition = RegisterDef.objects.filter(key=register).prefetch_related("fields").first()
    return None if definition is None else definition.spec()


_specs = Kept(("registers_registerdef", "registers_registerfield"), _load)


def fields_of(register: str) -> list[FieldSpec]:
    """Return the fields in use, in order. Raises UnknownRegister."""
    return list(spec_of(register).fields)


def field_labels(keys: Iterable[str]) -> dict[str, LocalizedText]:
    """Return what personal fields of these names are called, in whichever register."""
    found = RegisterField.objects.filter(key__in=set(keys), personal=True).order_by("-id")
    return dict(found.values_list("key", "label"))


def field_keys(register: str) -> frozenset[str]:
    """Return the keys of the fields in use; none for a register that does not exist."""
    return frozenset(
        RegisterField.objects.filter(register__key=register, retired_at=None).values_list("key", flat=True)
    )


def written_one_by_one(register: str) -> frozenset[str]:
    """Return the keys of the records whose present version came by no load of many, but by an act of its own."""
    spec = spec_of(register)
    acts = ledger.acts_of(Ref("register", register), limit=MOST_LOADS)
    loads = [act.id for act in acts if act.verb == "registers.load"]
    statement = sql.SQL("SELECT {}, {} FROM {} WHERE rec_act_id <> ALL(%s)").format(
        _every_column(spec), sql.Identifier(key_column(spec)), sql.Identifier(table_name(register))
    )
    rows = execute(statement, [loads])
    return frozenset(_record(spec, row).key for row in rows)


def register_holding(data_element: str) -> tuple[str, str] | None:
    """Return the register and field that hold a data element ("person.name"), None when nobody has to be asked less.

    The oldest register wins when several hold it.
    """
    return (
        RegisterField.objects.filter(data_element=data_element, retired_at=None)
        .exclude(data_element="")
        .order_by("register_id", "position")
        .values_list("register__key", "key")
        .first()
    )


def region_names(beginnings: Iterable[str]) -> dict[str, LocalizedText]:
    """Return what the regions are called whose division codes begin like this and go on with zeros; none where unknown."""
    codes = {beginning.ljust(DIVISION_CODE, "0"): beginning for beginning in beginnings}
    holding = register_holding("division.code")
    if holding is None:
        return {}
    register, key = holding
    elements = {field.data_element: field.key for field in fields_of(register)}
    zh, en = elements.get("division.name", ""), elements.get("division.name_en", "")
    return {
        codes[record.values[key]]: LocalizedText(record.values.get(zh) or "", record.values.get(en) or "")
        for record in find_records(register, {key: list(codes)})
        if record.values.get(zh)
    }


def list_registers() -> list[RegisterView]:
    """Return all registers with the number of their records."""
    return [
        RegisterView(d.key, d.name, d.source, d.owner_unit_id, count_records(d.key))
        for d in RegisterDef.objects.order_by("pk")
    ]


def sealer(register: str) -> Callable[[Mapping[str, Any]], dict[str, bytes]]:
    """Return what gives, by column, how values of a record stand sealed in its row; the key must be among them.

    For those who write rows without the door. Asks the database now and not again. Raises UnknownRegister.
    """
    return partial(seal_row, spec_of(register))


def count_records(register: str, where: Mapping[str, Any] | None = None) -> int:
    """Return how many records there are. Raises UnknownRegister, UnknownField."""
    condition, parameters = _condition(spec_of(register), where or {})
    statement = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(
        sql.Identifier(table_name(register)), condition
    )
    return int(execute(statement, parameters)[0][0])


def get_record(register: str, key: str) -> Record | None:
    """Return the record of a key, with every field.

    For the product's own work (a job that prints a certificate); whoever shows it to a person reads it with
    ``read_record``.
    """
    spec = spec_of(register)
    found = find_records(register, {spec.key_field: key}, limit=1, spec=spec)
    return found[0] if found else None


def find_records(
    register: str, where: Mapping[str, Any], limit: int = 50, *, spec: RegisterSpec | None = None
) -> list[Record]:
    """Return records by equal values (a list means: one of them), in order of their keys.

    Like ``get_record`` for the product's own work. Where keys are sealed and there are more than ``limit``, it is not said which
    are left out. Raises UnknownRegister, UnknownField.
    """
    spec = spec or spec_of(register)
    condition, parameters = _condition(spec, where)
    statement = sql.SQL("SELECT {}, {} FROM {} WHERE {} ORDER BY {} LIMIT %s").format(
        _every_column(spec),
        sql.Identifier(key_column(spec)),
        sql.Identifier(table_name(register)),
        condition,
        sql.Identifier(key_column(spec)),
    )
    found = [_record(spec, row) for row in execute(statement, [*parameters, limit])]
    return found if key_column(spec) == spec.key_field else sorted(found, key=lambda record: record.key)


def _every_column(spec: RegisterSpec) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, [*SYSTEM, *spec.keys]))


def _condition(spec: RegisterSpec, where: Mapping[str, Any]) -> tuple[sql.Composable, list[Any]]:
    parts: list[sql.Composable] = [sql.SQL("true")]
    parameters: list[Any] = []
    for key, value in where.items():
        field = spec.get(key)
        if field is None:
            raise UnknownField(register=spec.key, field=key)
        if value is None:
            parts.append(sql.SQL("{} IS NULL").format(sql.Identifier(key)))
            continue
        several = isinstance(value, list | tuple | set | frozenset)
        if field.sealed:
            column = bound_as(spec.key, field)
            sought = [str(each) for each in (value if several else [value]) if each is not None]
            parts.append(sql.SQL("{} = ANY(%s)").format(sql.Identifier(blind_name(key))))
            parameters.append([digest for each in sought for digest in keyring().blinds(each, column=column)])
            continue
        if field.veiled:
            column = bound_as(spec.key, field)
            sought = [str(each) for each in (value if several else [value]) if each is not None]
            parts.append(sql.SQL("{} = ANY(%s)").format(sql.Identifier(key)))
            parameters.append([way for each in sought for way in veils_of(each, column=column)])
            continue
        operator = sql.SQL("{} = ANY(%s)" if several else "{} = %s")
        parts.append(operator.format(sql.Identifier(key)))
        parameters.append(list(value) if several else value)
    return sql.SQL(" AND ").join(parts), parameters


def _record(spec: RegisterSpec, row: tuple[Any, ...]) -> Record:
    record_id, origin, valid_from, recorded_at, _ = row[: len(SYSTEM)]
    values = values_of(spec, row[len(SYSTEM) : -1], row[-1])
    return Record(
        spec.key, values[spec.key_field], record_id, values, spec.source, origin, recorded_at, valid_from
    )


def history_of(register: str, key: str) -> list[Version]:
    """Return every version of a record, oldest first, retired fields left out. Raises UnknownRegister."""
    record = get_record(register, key)
    if record is None:
        return []
    spec = spec_of(register)
    statement = sql.SQL("SELECT {}, {} FROM {} WHERE rec_id = %s ORDER BY hist_id").format(
        _every_column(spec), sql.Identifier(key_column(spec)), sql.Identifier(history_name(register))
    )
    rows = execute(statement, [record.record_id])
    return [
        Version(values_of(spec, row[len(SYSTEM) : -1], row[-1]), row[1], row[2], row[3], row[4])
        for row in rows
    ]
