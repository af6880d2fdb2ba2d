"""Which tables have sealed columns, and sealing them anew after a change of key or cipher, while everything runs.

Models with ``SealedText`` are known by themselves; a module with tables of its own making names them
(``register_sealed_tables``). What has been done is told by the envelopes: an interrupted run goes on where it stood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from psycopg import sql

from tongban.base.keyring import keyring, open_text, place_of
from tongban.base.sealed import BlindField, SealedText

__all__ = [
    "Column",
    "Table",
    "count_by_head",
    "register_sealed_tables",
    "reseal",
    "row_name",
    "sealed_tables",
]

AT_ONCE = 500
"""Rows that are sealed anew, and locked, together."""


@dataclass(frozen=True, slots=True)
class Column:
    """A sealed column, the name its values are bound to and blinded by, and its blind column, "" for none."""

    name: str
    bound_as: str
    blind: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with sealed columns. ``row`` is the column that names a row in the places of its values; it may be a blind one."""

    name: str
    key: str
    row: str
    columns: tuple[Column, ...]

    def opened(self, row: Mapping[str, Any]) -> dict[str, str | None]:
        """Return the clear values of a row, by column. Raises NotOpened."""
        named = row_name(row[self.row])
        return {each.name: _opened(row[each.name], place_of(each.bound_as, named)) for each in self.columns}

    def sealed(self, row: Mapping[str, Any], clear: Mapping[str, str | None]) -> dict[str, Any]:
        """Return what has to stand in the row now: envelopes and blinds."""
        ring, new = keyring(), {}
        for each in self.columns:
            value = clear[each.name]
            if each.blind:
                new[each.blind] = ring.blind(value, column=each.bound_as) if value else None
        named = row_name(new.get(self.row, row[self.row]))
        for each in self.columns:
            value = clear[each.name]
            new[each.name] = (
                ring.seal(value, place=place_of(each.bound_as, named)) if value else row[each.name]
            )
        return new


def row_name(value: Any) -> str:
    """Return how a row is named in a place: a blind by its digits."""
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def _opened(value: Any, place: bytes) -> str | None:
    return None if value is None else open_text(bytes(value), place=place) if len(value) else ""


_others: list[Callable[[], Iterable[Table]]] = []


def register_sealed_tables(tables: Callable[[], Iterable[Table]]) -> None:
    """Name tables that are no models. Asked each time: they may have become more."""
    _others.append(tables)


def sealed_tables() -> list[Table]:
    """Return every table with sealed columns."""
    found = []
    for model in apps.get_models():
        fields = model._meta.concrete_fields
        blinds = {field.of: str(field.column) for field in fields if isinstance(field, BlindField)}
        columns = [
            Column(str(field.column), field.column_name, blinds.get(field.name, ""))
            for field in fields
            if isinstance(field, SealedText)
        ]
        if columns:
            key = str(model._meta.pk.column)
            found.append(Table(model._meta.db_table, key, key, tuple(columns)))
    return [*found, *(table for each in _others for table in each())]


def count_by_head(table: Table) -> dict[tuple[int, int], int]:
    """Return how many values of a table are sealed with which algorithm under which key."""
    counted: dict[tuple[int, int], int] = {}
    for each in table.columns:
        statement = sql.SQL(
            "SELECT get_byte({column}, 1), get_byte({column}, 2) * 256 + get_byte({column}, 3), count(*) FROM {table} "
            "WHERE octet_length({column}) > 3 GROUP BY 1, 2"
        ).format(column=sql.Identifier(each.name), table=sql.Identifier(table.name))
        for algorithm, key, number in _rows(statement):
            counted[algorithm, key] = counted.get((algorithm, key), 0) + number
    return counted


def reseal(table: Table) -> Iterator[int]:
    """Seal anew what is not sealed as it would be today; yield how many rows each step did. A step is a transaction.

    The process is the owner of the database: histories are not the application's to change.
    """
    last: Any = None
    while True:
        with transaction.atomic():
            rows = list(_next(table, last))
            for row in rows:
                _put(table, row, table.sealed(row, table.opened(row)))
        if not rows:
            return
        last = rows[-1][table.key]
        yield len(rows)


def _next(table: Table, last: Any) -> Iterator[dict[str, Any]]:
    ring = keyring()
    heads = [
        sql.SQL("(octet_length({0}) > 0 AND substring({0} FROM 1 FOR 4) <> %s)").format(
            sql.Identifier(each.name)
        )
        for each in table.columns
    ]
    marks = [
        sql.SQL("substring({} FROM 1 FOR 1) <> %s").format(sql.Identifier(each.blind))
        for each in table.columns
        if each.blind
    ]
    names = list(dict.fromkeys([table.key, table.row, *(each.name for each in table.columns)]))
    after = sql.SQL("true") if last is None else sql.SQL("{} > %s").format(sql.Identifier(table.key))
    statement = sql.SQL("SELECT {} FROM {} WHERE ({}) AND {} ORDER BY {} LIMIT {} FOR UPDATE").format(
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.Identifier(table.name),
        sql.SQL(" OR ").join([*heads, *marks]),
        after,
        sql.Identifier(table.key),
        sql.Literal(AT_ONCE),
    )
    values = [*[ring.head] * len(heads), *[ring.mark] * len(marks), *([] if last is None else [last])]
    for row in _rows(statement, values):
        yield dict(zip(names, row, strict=True))


def _put(table: Table, row: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    statement = sql.SQL("UPDATE {} SET {} WHERE {} = %s").format(
        sql.Identifier(table.name),
        sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in new),
        sql.Identifier(table.key),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*new.values(), row[table.key]])


def _rows(statement: sql.Composable, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return list(cursor.fetchall())
