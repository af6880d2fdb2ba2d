"""A register compiled to SQL: its table of current records and its table of every version.

All statements are composed of quoted identifiers and parameters; keys of registers and fields were checked by
``rules`` before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from psycopg import sql
from psycopg.types.json import Jsonb

from tongban.kernel.registers.rules import SUBJECT_ELEMENTS, TYPES, FieldSpec, RegisterSpec

__all__ = [
    "APP_ROLE",
    "SYSTEM",
    "adapt",
    "add_column",
    "blind_name",
    "create",
    "execute",
    "history_name",
    "history_tables",
    "key_column",
    "may_change_tables",
    "protect",
    "rename_column",
    "row_values",
    "table_name",
]

APP_ROLE = "tongban_app"
SYSTEM = ("rec_id", "rec_source", "rec_valid_from", "rec_recorded_at", "rec_act_id")
"""Our own columns: the record's id, where this version came from, since when it holds, when we learned of it, which act."""
_SYSTEM_COLUMNS = sql.SQL(
    "rec_id uuid NOT NULL, rec_source text NOT NULL, rec_valid_from timestamptz NOT NULL, "
    "rec_recorded_at timestamptz NOT NULL, rec_act_id bigint NOT NULL"
)


def table_name(register: str) -> str:
    """Return the table of current records."""
    return f"reg_{register}"


def history_name(register: str) -> str:
    """Return the table of all versions."""
    return f"reg_{register}_history"


def history_tables() -> list[str]:
    """Return the history tables that exist in the database, whatever the definitions say."""
    found = execute(
        sql.SQL(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() "
            "AND tablename LIKE 'reg\\_%%\\_history' ORDER BY 1"
        )
    )
    return [row[0] for row in found]


def execute(statement: sql.Composable, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows, if any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, list(parameters))
        return list(cursor.fetchall()) if cursor.description else []


def may_change_tables() -> bool:
    """True when this database login may create tables (the owner's, not the application's)."""
    return bool(execute(sql.SQL("SELECT has_schema_privilege(current_user, 'public', 'CREATE')"))[0][0])


def blind_name(field: str) -> str:
    """Return the column by which the values of a sealed field are found."""
    return f"rec_blind_{field}"


def key_column(spec: RegisterSpec) -> str:
    """Return the column by which a record is known."""
    field = spec.get(spec.key_field)
    return blind_name(spec.key_field) if field is not None and field.sealed else spec.key_field


def _columns(field: FieldSpec) -> list[sql.Composable]:
    if field.sealed:
        return [
            sql.SQL("{} bytea").format(sql.Identifier(name)) for name in (field.key, blind_name(field.key))
        ]
    return [sql.SQL("{} {}").format(sql.Identifier(field.key), sql.SQL(TYPES[field.type].column))]


def create(spec: RegisterSpec) -> list[sql.Composed]:
    """Return the statements that make both tables. Versions are found by record, records by key."""
    columns = sql.SQL(", ").join([column for field in spec.fields for column in _columns(field)])
    key = key_column(spec)
    return [
        sql.SQL("CREATE TABLE {} ({}, {}, PRIMARY KEY (rec_id), UNIQUE ({}))").format(
            sql.Identifier(table_name(spec.key)), _SYSTEM_COLUMNS, columns, sql.Identifier(key)
        ),
        sql.SQL("ALTER TABLE {} ALTER COLUMN {} SET NOT NULL").format(
            sql.Identifier(table_name(spec.key)), sql.Identifier(key)
        ),
        sql.SQL("CREATE TABLE {} (hist_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, {}, {})").format(
            sql.Identifier(history_name(spec.key)), _SYSTEM_COLUMNS, columns
        ),
        sql.SQL("CREATE INDEX ON {} (rec_id, hist_id)").format(sql.Identifier(history_name(spec.key))),
        *(
            sql.SQL("CREATE INDEX ON {} ({})").format(
                sql.Identifier(table_name(spec.key)),
                sql.Identifier(blind_name(field.key) if field.sealed else field.key),
            )
            for field in spec.fields
            if field.data_element in SUBJECT_ELEMENTS and field.key != spec.key_field
        ),
    ]


def add_column(register: str, field: FieldSpec) -> list[sql.Composed]:
    """Return the statements that add a field to both tables."""
    return [
        sql.SQL("ALTER TABLE {} ADD COLUMN {}").format(sql.Identifier(name), column)
        for name in (table_name(register), history_name(register))
        for column in _columns(field)
    ]


def rename_column(register: str, field: FieldSpec, new: str) -> list[sql.Composed]:
    """Return the statements that rename a field in both tables."""
    pairs = [(field.key, new), *([(blind_name(field.key), blind_name(new))] if field.sealed else [])]
    return [
        sql.SQL("ALTER TABLE {} RENAME COLUMN {} TO {}").format(
            sql.Identifier(name), sql.Identifier(old), sql.Identifier(renamed)
        )
        for name in (table_name(register), history_name(register))
        for old, renamed in pairs
    ]


def protect(register: str) -> None:
    """Give the application's role its rights: no deleting of records, and only adding to their history."""
    if not execute(sql.SQL("SELECT 1 FROM pg_roles WHERE rolname = %s"), [APP_ROLE]):
        return
    role = sql.Identifier(APP_ROLE)
    current, history = sql.Identifier(table_name(register)), sql.Identifier(history_name(register))
    for statement in (
        sql.SQL("REVOKE ALL ON {}, {} FROM {}").format(current, history, role),
        sql.SQL("GRANT SELECT, INSERT, UPDATE ON {} TO {}").format(current, role),
        sql.SQL("GRANT SELECT, INSERT ON {} TO {}").format(history, role),
    ):
        execute(statement)


def adapt(field: FieldSpec, value: Any) -> Any:
    """Return a value as the driver wants it."""
    if field.type == "json" and value is not None:
        return Jsonb(value, dumps=lambda item: json.dumps(item, ensure_ascii=False))
    return value


def row_values(fields: Iterable[FieldSpec], row: Sequence[Any]) -> Mapping[str, Any]:
    """Return a row's values by field key (Django leaves jsonb as text)."""
    return {
        field.key: json.loads(value) if field.type == "json" and isinstance(value, str) else value
        for field, value in zip(fields, row, strict=True)
    }
