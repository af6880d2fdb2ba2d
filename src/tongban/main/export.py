"""Everything in open formats, for whoever leaves this program or looks at its data with another.

    tables/GROUP/TABLE.csv     for spreadsheets: no cell becomes a formula
    tables/GROUP/TABLE.jsonl   the same rows exactly, one JSON object a line
    dictionary.csv             every column: type, key, what it refers to
    files/                     uploaded and made files, by their SHA-256; tables/files/files_file has their names
    export.json, SHA256SUMS    what is in it, what was left out and why, and the sum of each file

One snapshot, taken while everything runs. What is sealed in the database is written clear. Passwords, second factors,
tokens and sessions are left out.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from django.apps import apps
from psycopg import sql

from tongban import __version__
from tongban.base.resealing import Table, sealed_tables
from tongban.base.reveiling import VeiledTable, veiled_tables
from tongban.base.spreadsheets import BOM, csv_line
from tongban.kernel.files.errors import FileStoreUnavailable
from tongban.main.backup.dump import connect
from tongban.main.backup.errors import BackupFault
from tongban.main.backup.form import PARTIAL, sync_directory
from tongban.main.backup.take import Source, Writer

__all__ = ["COLUMNS_LEFT_OUT", "TABLES_LEFT_OUT", "Exported", "export"]

OPENS = "lets somebody in"
PASSING = "passing state of the program"
DERIVED = "made from other tables"
TABLES_LEFT_OUT = {
    "auth_group": PASSING,
    "auth_group_permissions": PASSING,
    "auth_permission": PASSING,
    "base_event": PASSING,
    "base_eventreceipt": PASSING,
    "base_idempotencykey": PASSING,
    "base_stamp": PASSING,
    "base_timeoffset": PASSING,
    "django_content_type": PASSING,
    "django_migrations": PASSING,
    "django_session": OPENS,
    "federation_code": OPENS,
    "federation_ticket": OPENS,
    "identity_attempts": PASSING,
    "identity_confirmationcode": OPENS,
    "identity_invitation": OPENS,
    "identity_presence": PASSING,
    "identity_recoverycode": OPENS,
    "identity_token": OPENS,
    "procrastinate_events": PASSING,
    "procrastinate_jobs": PASSING,
    "procrastinate_periodic_defers": PASSING,
    "procrastinate_workers": PASSING,
    "search_entry": DERIVED,
    "search_word": DERIVED,
}
COLUMNS_LEFT_OUT = {
    ("identity_person", "citizen_id_blind"): DERIVED,
    ("cases_case", "code_digest"): OPENS,
    ("federation_provisioner", "token_digest"): OPENS,
    ("federation_system", "secret_digest"): OPENS,
    ("hall_kiosk", "digest"): OPENS,
    ("identity_account", "password"): OPENS,
    ("identity_factor", "secret"): OPENS,
}
AT_ONCE = 2000
README = """通办数据导出 / Export of Tongban

dictionary.csv 说明每一列。tables/ 里每张表有两份：.csv 给表格软件用（以 = + - @ 开头的内容前面加了 '），
.jsonl 是原样的数据，一行一条。
files/ 里的文件以 SHA-256 命名，名称和类型见 tables/files/files_file。核对：sha256sum --check SHA256SUMS
里面有个人信息，请妥善保管。

dictionary.csv explains every column. Each table is there twice: .csv for spreadsheets (what begins with = + - @ has a '
before it), .jsonl exactly as it is, one object a line. Files are named by their SHA-256; tables/files/files_file has names
and types. To check: sha256sum --check SHA256SUMS. This holds personal data: keep it accordingly.
"""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    directory: Path
    tables: dict[str, int]
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    type: str
    nullable: bool
    key: str
    refers_to: str


def export(source: Source, place: Path, *, name: str) -> Exported:
    """Write everything into ``place``/``name``. Raises BackupFault; then nothing is left."""
    target = place.absolute() / name
    draft = target.with_name(target.name + PARTIAL)
    if target.exists():
        raise BackupFault(f"{target} is there already")
    try:
        draft.mkdir(mode=0o700, parents=True)
        try:
            done = _fill(source, draft, target)
            draft.rename(target)
            sync_directory(target.parent)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    except psycopg.OperationalError as error:
        raise BackupFault(f"no database (is `tongban up` running?): {str(error).splitlines()[0]}") from None
    except FileStoreUnavailable:
        raise BackupFault(f"{source.store} does not answer: nothing is left of the export") from None
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise BackupFault(f"the disk of {place} is full; nothing is left of the export") from None
        raise BackupFault(f"cannot write the export: {error}") from None
    return done


def _fill(source: Source, draft: Path, target: Path) -> Exported:
    with connect(source.database) as connection, (draft / "SHA256SUMS").open("x", encoding="utf-8") as sums:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        writer = Writer(draft, sums, None)
        sealed = {each.name: each for each in sealed_tables()}
        veiled = {each.name: each for each in veiled_tables()}
        counted, described = {}, [["table", "column", "type", "nullable", "key", "refers to", "table is"]]
        for table in _tables(connection):
            numbers = sealed[table].columns if table in sealed else ()
            hidden, opened = {each.blind for each in numbers}, {each.name for each in numbers}
            columns = [
                replace(each, type="text") if each.name in opened else each
                for each in _columns(connection, table)
                if (table, each.name) not in COLUMNS_LEFT_OUT and each.name not in hidden
            ]
            words = _words(table)
            described += [
                [table, each.name, each.type, "yes" if each.nullable else "", each.key, each.refers_to, words]
                for each in columns
            ]
            counted[table] = _write_table(
                connection, writer, table, columns, sealed.get(table), veiled.get(table)
            )
        writer.write("dictionary.csv", _encoded(iter(described)))
        for each in source.store.all():
            with contextlib.suppress(FileNotFoundError):  # swept away just now: no row names it
                writer.stored(each, source.store.blocks(each.sha256))
        writer.write("README.txt", iter([README.encode()]))
        about = {
            "program": __version__,
            "tables": counted,
            "tables left out": TABLES_LEFT_OUT,
            "columns left out": {
                f"{table}.{column}": why for (table, column), why in COLUMNS_LEFT_OUT.items()
            },
        }
        writer.write("export.json", iter([json.dumps(about, ensure_ascii=False, indent=1).encode() + b"\n"]))
        sums.flush()
        os.fsync(sums.fileno())
    return Exported(target, counted, writer.files, writer.size)


def _tables(connection: psycopg.Connection[Any]) -> list[str]:
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
        "AND NOT relispartition ORDER BY relname"
    )
    return [name for (name,) in rows if name not in TABLES_LEFT_OUT]


def _columns(connection: psycopg.Connection[Any], table: str) -> list[_Column]:
    rows = connection.execute(
        """
        SELECT a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
               CASE WHEN bool_or(c.contype = 'p') THEN 'primary' WHEN bool_or(c.contype = 'u') THEN 'unique' ELSE '' END,
               coalesce(max(c.confrelid::regclass::text) FILTER (WHERE c.contype = 'f'), '')
        FROM pg_attribute a
        LEFT JOIN pg_constraint c ON c.conrelid = a.attrelid AND c.conkey = ARRAY[a.attnum]
        WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
        GROUP BY a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull ORDER BY a.attnum
        """,
        [f'public."{table}"'],
    )
    return [_Column(*row) for row in rows]


def _words(table: str) -> str:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table == table:
            doc = (model.__doc__ or "").split("\n\n")[0]
            return "" if doc.startswith(f"{model.__name__}(") else " ".join(doc.split())
    return "rows of a register" if table.startswith("reg_") else ""


def _write_table(
    connection: psycopg.Connection[Any],
    writer: Writer,
    table: str,
    columns: Sequence[_Column],
    sealed: Table | None = None,
    veiled: VeiledTable | None = None,
) -> int:
    """Write both forms of a table; return how many rows it has."""
    group = table.split("_", 1)[0]
    heads = [each.name for each in columns]
    first = next((each.name for each in columns if each.key == "primary"), heads[0])
    taken = [*heads, *([] if sealed is None or sealed.row in heads else [sealed.row])]
    query = sql.SQL("SELECT {} FROM {} ORDER BY {}").format(
        sql.SQL(", ").join(map(sql.Identifier, taken)), sql.Identifier("public", table), sql.Identifier(first)
    )
    count = 0

    def rows() -> Iterator[tuple[Any, ...]]:
        with connection.cursor(name="export") as cursor:
            cursor.itersize = AT_ONCE
            cursor.execute(query)
            for row in cursor:
                if veiled is not None:
                    row = _unveiled(veiled, taken, row)
                yield row if sealed is None else _opened(sealed, taken, row)[: len(heads)]

    def sheet() -> Iterator[list[Any]]:
        nonlocal count
        yield heads
        for row in rows():
            count += 1
            yield [_cell(value) for value in row]

    writer.write(f"tables/{group}/{table}.csv", _encoded(sheet()))
    writer.write(
        f"tables/{group}/{table}.jsonl",
        (
            json.dumps(
                {head: _plain(value) for head, value in zip(heads, row, strict=True)}, ensure_ascii=False
            ).encode()
            + b"\n"
            for row in rows()
        ),
    )
    return count


def _opened(sealed: Table, names: Sequence[str], row: Sequence[Any]) -> tuple[Any, ...]:
    values = dict(zip(names, row, strict=True))
    return tuple({**values, **sealed.opened(values)}.values())


def _unveiled(veiled: VeiledTable, names: Sequence[str], row: Sequence[Any]) -> tuple[Any, ...]:
    values = dict(zip(names, row, strict=True))
    return tuple(
        {**values, **{each.name: each.opened(values[each.name]) for each in veiled.columns}}.values()
    )


def _encoded(rows: Iterator[Sequence[Any]]) -> Iterator[bytes]:
    yield BOM.encode()
    for row in rows:
        yield csv_line(row).encode()


def _cell(value: Any) -> str:
    plain = _plain(value)
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "true" if plain else "false"
    return json.dumps(plain, ensure_ascii=False) if isinstance(plain, dict | list) else str(plain)


def _plain(value: Any) -> Any:
    """Return a value of the database as JSON knows it."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value)
