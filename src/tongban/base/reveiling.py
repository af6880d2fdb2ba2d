"""Which tables have veiled columns (``veiled``), and veiling them anew: after a change of key or cipher, and what is still clear.

Models with veiled fields are known by themselves; a module with tables of its own making names them
(``register_veiled_tables``). Rows from before their column was veiled are read as they are until they are written again or
``tongban keys reseal`` comes by.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from psycopg import sql

from tongban.base.keyring import keyring
from tongban.base.veiled import NUMBER, SIGN, Veiled, opened_document, unveiled, veiled, veiled_json

__all__ = [
    "VeiledColumn",
    "VeiledTable",
    "count_clear",
    "count_veiled",
    "register_veiled_tables",
    "reveil",
    "veiled_tables",
]

AT_ONCE = 500
"""Rows that are looked at, and locked, together."""


@dataclass(frozen=True, slots=True)
class VeiledColumn:
    """A veiled column and the name that its numbers are bound to."""

    name: str
    bound_as: str
    is_json: bool

    def opened(self, value: Any) -> Any:
        """Return a value as it was read from the database with its numbers. Raises NotOpened."""
        return opened_document(value, column=self.bound_as)

    def anew(self, text: str) -> str:
        """Return what stands there, as it would be written today. Raises NotOpened."""
        clear = unveiled(text, column=self.bound_as)
        if self.is_json:
            return veiled_json(json.loads(clear), column=self.bound_as)
        return veiled(clear, column=self.bound_as)


@dataclass(frozen=True, slots=True)
class VeiledTable:
    """A table with veiled columns and the column of its primary key."""

    name: str
    key: str
    columns: tuple[VeiledColumn, ...]


_others: list[Callable[[], Iterable[VeiledTable]]] = []


def register_veiled_tables(tables: Callable[[], Iterable[VeiledTable]]) -> None:
    """Name tables that are no models. Asked each time: they may have become more."""
    _others.append(tables)


def veiled_tables() -> list[VeiledTable]:
    """Return every table with veiled columns."""
    found = []
    for model in apps.get_models():
        columns = tuple(
            VeiledColumn(str(field.column), field.column_name, isinstance(field, models.JSONField))
            for field in model._meta.concrete_fields
            if isinstance(field, Veiled)
        )
        if columns:
            found.append(VeiledTable(model._meta.db_table, str(model._meta.pk.column), columns))
    return [*found, *(table for each in _others for table in each())]


def count_veiled(table: VeiledTable) -> dict[tuple[int, int], int]:
    """Return how many numbers of a table are veiled with which algorithm under which key."""
    counted: dict[tuple[int, int], int] = {}
    for each in table.columns:
        statement = sql.SQL(
            "SELECT found[1], count(*) FROM {table}, regexp_matches({column}::text, %s, 'g') found GROUP BY 1"
        ).format(table=sql.Identifier(table.name), column=sql.Identifier(each.name))
        for head, number in _rows(statement, [rf"{SIGN}([0-9a-f]{{8}})[0-9A-Za-z_-]+⟧"]):
            _, algorithm, key = int(head[:2], 16), int(head[2:4], 16), int(head[4:], 16)
            counted[algorithm, key] = counted.get((algorithm, key), 0) + number
    return counted


def count_clear(table: VeiledTable) -> int:
    """Return in how many rows of a table a number still stands in the clear."""
    statement = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(
        sql.Identifier(table.name), sql.SQL(" OR ").join(_matching(table))
    )
    return int(_rows(statement, [_CLEAR] * len(table.columns))[0][0])


def reveil(table: VeiledTable) -> Iterator[int]:
    """Veil anew what does not stand as it would be written today; yield how many rows each step did. A step is a transaction.

    The process is the owner of the database: histories are not the application's to change.
    """
    last: Any = None
    while True:
        with transaction.atomic():
            rows = _next(table, last)
            done = sum(_put(table, row) for row in rows)
        if not rows:
            return
        last = rows[-1][0]
        if done:
            yield done


_CLEAR = NUMBER.pattern.rpartition("|")[0]
"""A number, in a form that the database understands as well: only the sign is left out, which stands before envelopes."""


def _matching(table: VeiledTable) -> list[sql.Composed]:
    return [sql.SQL("{}::text ~ %s").format(sql.Identifier(each.name)) for each in table.columns]


def _next(table: VeiledTable, last: Any) -> list[tuple[Any, ...]]:
    old = rf"{SIGN}(?!{keyring().head.hex()})|{_CLEAR}"
    after = sql.SQL("true") if last is None else sql.SQL("{} > %s").format(sql.Identifier(table.key))
    statement = sql.SQL("SELECT {}, {} FROM {} WHERE ({}) AND {} ORDER BY {} LIMIT {} FOR UPDATE").format(
        sql.Identifier(table.key),
        sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier(each.name)) for each in table.columns),
        sql.Identifier(table.name),
        sql.SQL(" OR ").join(_matching(table)),
        after,
        sql.Identifier(table.key),
        sql.Literal(AT_ONCE),
    )
    return _rows(statement, [*[old] * len(table.columns), *([] if last is None else [last])])


def _put(table: VeiledTable, row: tuple[Any, ...]) -> bool:
    """Write what has to stand otherwise in a row; say whether something had to."""
    new = {}
    for each, text in zip(table.columns, row[1:], strict=True):
        if text is not None:
            made = each.anew(text)
            stood = json.loads(text) == json.loads(made) if each.is_json else text == made
            if not stood:
                new[each] = made
    if not new:
        return False
    statement = sql.SQL("UPDATE {} SET {} WHERE {} = %s").format(
        sql.Identifier(table.name),
        sql.SQL(", ").join(
            sql.SQL("{} = %s::jsonb" if each.is_json else "{} = %s").format(sql.Identifier(each.name))
            for each in new
        ),
        sql.Identifier(table.key),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*new.values(), row[0]])
    return True


def _rows(statement: sql.Composable, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return list(cursor.fetchall())
