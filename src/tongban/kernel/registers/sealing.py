"""Sealed fields of registers: how their values go into a row and come out of it.

A sealed field has two columns, its envelope under its own name and its blind (``blind_name``). Envelopes are bound to register,
data element and record; a record is named by its key, and by the key's blind where that is sealed itself. Current records and
histories hold the same bytes. ``seal_row`` is for whoever writes rows without the door.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from tongban.base.keyring import keyring, open_text, place_of
from tongban.base.resealing import Column, Table, row_name
from tongban.base.reveiling import VeiledColumn, VeiledTable
from tongban.base.veiled import unveiled, veiled, veiled_json
from tongban.kernel.registers.errors import SealedOtherwise
from tongban.kernel.registers.models import RegisterDef
from tongban.kernel.registers.rules import FieldSpec, RegisterSpec
from tongban.kernel.registers.tables import (
    adapt,
    blind_name,
    execute,
    history_name,
    key_column,
    row_values,
    table_name,
)

__all__ = [
    "Values",
    "bound_as",
    "columns",
    "refuse_other_blinds",
    "seal_row",
    "sealed_tables",
    "values_of",
    "veiled_tables",
    "written",
]


def bound_as(register: str, field: FieldSpec) -> str:
    """Return what the values of a field are bound to and blinded by; it stays when the field is renamed."""
    return f"{register}.{field.data_element}"


def columns(fields: Iterable[FieldSpec]) -> list[str]:
    """Return the columns of fields, the blinds of sealed ones behind them."""
    return [
        name
        for field in fields
        for name in ([field.key, blind_name(field.key)] if field.sealed else [field.key])
    ]


def written(spec: RegisterSpec, fields: Iterable[FieldSpec], values: Mapping[str, Any]) -> list[Any]:
    """Return the values of ``columns(fields)`` as the driver wants them."""
    ring, named, row = keyring(), _row_name(spec, values[spec.key_field]), []
    for field in fields:
        value = values[field.key]
        if field.veiled and value is not None:
            row.append(_veiled(spec, field, value))
        elif not field.sealed:
            row.append(adapt(field, value))
        elif value is None:
            row += [None, None]
        else:
            place = bound_as(spec.key, field)
            row += [ring.seal(value, place=place_of(place, named)), ring.blind(value, column=place)]
    return row


def _veiled(spec: RegisterSpec, field: FieldSpec, value: Any) -> Any:
    column = bound_as(spec.key, field)
    if field.type != "json":
        return veiled(value, column=column)
    return Jsonb(value, dumps=lambda document: veiled_json(document, column=column))


def _row_name(spec: RegisterSpec, key: str) -> str:
    field = spec.get(spec.key_field)
    if field is None or not field.sealed:
        return key
    return row_name(keyring().blind(key, column=bound_as(spec.key, field)))


def seal_row(spec: RegisterSpec, values: Mapping[str, Any]) -> dict[str, bytes]:
    """Return what stands in the sealed columns of a record and in their blinds, of the fields given; the key must be there."""
    fields = [field for field in spec.fields if field.sealed and field.key in values]
    return dict(zip(columns(fields), written(spec, fields, values), strict=True))


class Values(Mapping[str, Any]):
    """The values of a row; a sealed one is opened when it is asked for."""

    __slots__ = ("_named", "_register", "_row", "_sealed")

    def __init__(self, spec: RegisterSpec, row: Mapping[str, Any], named: str) -> None:
        self._register, self._named, self._row = spec.key, named, dict(row)
        self._sealed = {field.key: field for field in spec.fields if field.sealed}

    def __getitem__(self, key: str) -> Any:
        value = self._row[key]
        if isinstance(value, bytes):
            place = place_of(bound_as(self._register, self._sealed[key]), self._named)
            value = self._row[key] = open_text(value, place=place)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._row)

    def __len__(self) -> int:
        return len(self._row)

    def __repr__(self) -> str:
        return f"<values of a record of {self._register}>"


def values_of(spec: RegisterSpec, row: tuple[Any, ...], named: Any) -> Values:
    """Return the values of the columns of all fields; ``named`` is the row's key column."""
    plain = [
        bytes(value)
        if isinstance(value, memoryview)
        else unveiled(value, column=bound_as(spec.key, field))
        if field.veiled and isinstance(value, str)
        else value
        for field, value in zip(spec.fields, row, strict=True)
    ]
    return Values(spec, row_values(spec.fields, plain), row_name(named))


def refuse_other_blinds(spec: RegisterSpec, fields: Iterable[FieldSpec]) -> None:
    """Raise SealedOtherwise while records stand there under the blinds of another cipher: they would not be found."""
    mark = keyring().mark
    for field in fields:
        if field.sealed:
            blind = sql.Identifier(blind_name(field.key))
            statement = sql.SQL("SELECT EXISTS (SELECT 1 FROM {} WHERE {} < %s OR {} >= %s)").format(
                sql.Identifier(table_name(spec.key)), blind, blind
            )
            if execute(statement, [mark, bytes([mark[0] + 1])])[0][0]:
                raise SealedOtherwise(register=spec.key)


def sealed_tables() -> list[Table]:
    """Return the tables of registers that have sealed columns, retired ones too."""
    found = []
    for definition in RegisterDef.objects.prefetch_related("fields").order_by("pk"):
        spec, every = definition.spec(), [field.spec() for field in definition.fields.all()]
        sealed = [
            Column(field.key, bound_as(spec.key, field), blind_name(field.key))
            for field in every
            if field.sealed
        ]
        if sealed:
            row = key_column(spec)
            found.append(Table(table_name(spec.key), "rec_id", row, tuple(sealed)))
            found.append(Table(history_name(spec.key), "hist_id", row, tuple(sealed)))
    return found


def veiled_tables() -> list[VeiledTable]:
    """Return the tables of registers that have veiled columns, retired ones too."""
    found = []
    for definition in RegisterDef.objects.prefetch_related("fields").order_by("pk"):
        spec, every = definition.spec(), [field.spec() for field in definition.fields.all()]
        columns = tuple(
            VeiledColumn(field.key, bound_as(spec.key, field), field.type == "json")
            for field in every
            if field.veiled
        )
        if columns:
            found.append(VeiledTable(table_name(spec.key), "rec_id", columns))
            found.append(VeiledTable(history_name(spec.key), "hist_id", columns))
    return found
