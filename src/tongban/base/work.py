"""The unit of work: what an operation changes is collected and written at its end, by one statement.

An operation checks, locks, decides, changes, records and announces as ever; it only says ``work.add(row)`` for a new row
and ``work.change(row, "state")`` for one that it holds locked, and what was said stands in memory until the outermost unit
ends. Then everything goes to the database at once: one statement (``WITH`` parts) for all rows of all tables and all jobs.
An error on the way leaves nothing behind, because everything happens in the unit's one transaction.

Nobody reads a table past what is still in memory: a statement that names a table with unwritten rows makes them be written
first, and so does a savepoint. So mixing with plain Django is always right; it only costs statements.

Outside of any unit every function does its work at once.

What follows from rows, whoever changed them and however often, is kept by ``at_end``: once, when they are written.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from threading import get_ident
from typing import Any, TypeVar, cast
from uuid import UUID

from django.db import connections, transaction
from django.db.models import (
    AutoField,
    BigIntegerField,
    BooleanField,
    CharField,
    Field,
    ForeignKey,
    IntegerField,
    Model,
    PositiveIntegerField,
    QuerySet,
    SmallIntegerField,
    TextField,
    UUIDField,
)
from django.db.models.expressions import DatabaseDefault
from django.db.models.sql import UpdateQuery
from procrastinate.contrib.django import app
from psycopg.types.json import Jsonb

from tongban.base import prepared, published

__all__ = [
    "add",
    "at_end",
    "change",
    "defer",
    "flush",
    "held",
    "hold",
    "let_go",
    "number",
    "numbered",
    "unit",
    "update",
]

M = TypeVar("M", bound=Model)
T = TypeVar("T")

JOBS = "procrastinate_jobs"
AHEAD = 4
"""How many numbers of each numbered model are taken at a time: enough for nearly every operation."""

_numbered: list[type[Model]] = []
_current: ContextVar[_Unit | None] = ContextVar("tongban_unit_of_work", default=None)


def numbered(model: type[M]) -> type[M]:
    """Declare (as a decorator) that operations want to know the id of a new row of this model before it is written."""
    _numbered.append(model)
    return model


@contextmanager
def unit(*, savepoint: bool = False) -> Iterator[None]:
    """Be one operation, as ``@work.unit()`` over a function or ``with work.unit():``.

    The outermost one is a transaction and writes at its end. One inside another is a part of it: when it fails all fails.
    Only with ``savepoint`` it may fail alone: it writes at its own end, so that a refusal of the database comes there.
    """
    found = _open()
    if found is not None:
        with transaction.atomic(savepoint=savepoint):
            yield
            if savepoint:
                found.flush()
        return
    connection = connections["default"]
    with transaction.atomic(), published.scope():
        made = _Unit(connection)
        token = _current.set(made)
        try:
            with connection.execute_wrapper(made.watch):
                yield
                made.end()
        finally:
            _current.reset(token)


def add(row: M, *, ignore_conflicts: bool = False) -> M:
    """Insert a new row at the end of the unit and return it. Until then it may still be changed in memory.

    Its ``save`` is not called. Its id is known after the unit, or at once when ``number`` gave it one.
    """
    found = _open()
    if found is not None:
        found.add(row, ignore_conflicts)
    elif ignore_conflicts:
        type(row)._default_manager.bulk_create([row], ignore_conflicts=True)
    else:
        row.save(force_insert=True)
    return row


def change(row: Model, *fields: str) -> None:
    """Write these fields of a row, with the values they have at the end of the unit. The caller holds its lock."""
    found = _open()
    if found is None:
        row.save(update_fields=fields)
    else:
        found.change(row, fields)


def update(rows: QuerySet[Any], **values: Any) -> None:
    """Update all rows of a queryset at the end of the unit (``QuerySet.update`` that waits)."""
    found = _open()
    if found is None:
        rows.update(**values)
    else:
        found.update(rows, values)


def number(row: M) -> M:
    """Give a new row of a ``numbered`` model its id now, so that others can name it. Returns the row."""
    found = _open()
    if found is not None and row.pk is None:
        row.pk = found.next_id(type(row))
    return row


def defer(
    task: str,
    *,
    queueing_lock: str | None = None,
    priority: int | None = None,
    queue: str | None = None,
    **arguments: Any,
) -> None:
    """Defer a job at the end of the unit, together with its rows; one with a lock of the queue by a statement of its own.

    Jobs of a higher ``priority`` than the task's own are taken first, however many wait. ``queue`` is another than the task's.
    """
    deferrer = app.configure_task(task, queueing_lock=queueing_lock, priority=priority, queue=queue)
    found = _open()
    if found is None:
        deferrer.defer(**arguments)
    else:
        found.defer(deferrer.make_new_job(**arguments))


def at_end(name: str, pk: object, act: Callable[[], None]) -> None:
    """Call ``act`` when everything is written, once for each ``name`` and ``pk`` however often it is asked for.

    It is called even where a part of the unit failed on the way, so it goes by the rows that are there.
    """
    found = _open()
    if found is None:
        act()
    else:
        found.endings.setdefault((name, pk), act)


def hold(kind: object, pk: object, lock: Callable[[], T]) -> T:
    """Return the row (of a model, ``kind``) that this unit holds locked, taking the lock by ``lock()`` the first time.

    Everybody in the unit gets the same object: nobody else can change the row, so there is nothing to read again. The same
    goes for what hangs on a locked row and changes only under its lock.
    """
    found = _open()
    if found is None:
        return lock()
    held: T | None = found.held.get((kind, pk))
    if held is None:
        held = found.held[kind, pk] = lock()
    return held


def held(kind: object, pk: object) -> Any | None:
    """Return what this unit holds already, None when it does not: for who would otherwise read it a second time."""
    found = _open()
    return None if found is None else found.held.get((kind, pk))


def let_go(kind: object, pk: object) -> None:
    """Forget what this unit holds under this name, because it was changed behind its back."""
    found = _open()
    if found is not None:
        found.held.pop((kind, pk), None)


def flush() -> None:
    """Write what is in memory now, for who wants to see a refusal of the database here. Outside a unit there is nothing."""
    found = _open()
    if found is not None:
        found.flush()


def _open() -> _Unit | None:
    found = _current.get()
    return found if found is not None and found.thread == get_ident() else None


class _Unit:
    """What one outermost operation has said so far."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.thread = get_ident()
        """Whose connection it is: what another thread does, though it was started in here, is none of our transaction."""
        self.held: dict[tuple[Any, object], Any] = {}
        self.endings: dict[tuple[str, object], Callable[[], None]] = {}
        self._ids: dict[type[Model], deque[int]] = {}
        self._forget()

    def _forget(self) -> None:
        self._new: dict[type[Model], list[Model]] = {}
        self._lenient: set[type[Model]] = set()
        self._changed: dict[tuple[type[Model], object], tuple[Model, dict[str, None]]] = {}
        self._updates: list[tuple[QuerySet[Any], dict[str, Any]]] = []
        self._updated: set[type[Model]] = set()
        self._jobs: list[Any] = []
        self._tables: frozenset[str] = frozenset()

    # what operations say

    def add(self, row: Model, lenient: bool) -> None:
        model = type(row)
        self._new.setdefault(model, []).append(row)
        if lenient:
            self._lenient.add(model)
        self._tables |= {model._meta.db_table}

    def change(self, row: Model, fields: tuple[str, ...]) -> None:
        if row._state.adding:
            return  # it is written whole
        if type(row) in self._updated:
            self.flush()
        _, known = self._changed.setdefault((type(row), row.pk), (row, {}))
        known.update(dict.fromkeys(fields))
        self._tables |= {row._meta.db_table}

    def update(self, rows: QuerySet[Any], values: dict[str, Any]) -> None:
        model = rows.model
        if model in self._new or model in self._updated or any(kind is model for kind, _ in self._changed):
            self.flush()  # the parts of a statement do not see each other, and a row can be changed by one of them only
        self._updates.append((rows, values))
        self._updated.add(model)
        self._tables |= {rows.model._meta.db_table}

    def defer(self, job: Any) -> None:
        self._jobs.append(job)
        self._tables |= {JOBS}

    def next_id(self, model: type[Model]) -> int:
        if not self._ids.get(model):
            self._take_ids()
        return self._ids[model].popleft()

    def _take_ids(self) -> None:
        names = ", ".join(f"nextval('{m._meta.db_table}_{m._meta.pk.column}_seq')" for m in _numbered)
        with prepared.cursor(self.connection) as cursor:
            cursor.execute(f"SELECT {names} FROM generate_series(1, {AHEAD})")  # noqa: S608 - names of our models
            rows = cursor.fetchall()
        for model, ids in zip(_numbered, zip(*rows, strict=True), strict=True):
            self._ids.setdefault(model, deque()).extend(ids)

    # what the database sees

    def watch(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Stand before every statement of the unit: see that it misses nothing that is still in memory."""
        if self._tables and isinstance(sql, str):
            if sql.startswith("ROLLBACK TO"):
                self._forget()
                self.held.clear()
            elif sql.startswith("SAVEPOINT") or _mentions(sql, self._tables):
                self.flush()
        elif self.held and isinstance(sql, str) and sql.startswith("ROLLBACK TO"):
            self.held.clear()
        return execute(sql, params, many, context)

    def end(self) -> None:
        """Write everything, and do what was put off until then."""
        self.flush()
        while self.endings:
            self.endings.pop(next(iter(self.endings)))()
            self.flush()

    def flush(self) -> None:
        """Write everything, rows before jobs."""
        if not self._tables:
            return
        new, lenient, changed = self._new, self._lenient, list(self._changed.values())
        updates, jobs = self._updates, self._jobs
        self._forget()
        parts: list[_Part] = []
        parts += [_Insert(model, rows, self.connection, model in lenient) for model, rows in new.items()]
        parts += [_changing(row, list(fields), self.connection) for row, fields in changed]
        parts += [_updating(rows, values, self.connection) for rows, values in updates]
        if jobs and not any(job.queueing_lock for job in jobs):
            parts.append(_Jobs(jobs))
            jobs = []
        if parts:
            self._write(parts)
        if jobs:
            app.job_manager.batch_defer_jobs(jobs=jobs)  # knows what it means that a bell rings already

    def _write(self, parts: list[_Part]) -> None:
        names = [f"w{index}" for index in range(len(parts))]
        told = [
            f"(SELECT array_agg({part.returning}) FROM {name})"  # noqa: S608 - names of our models
            for name, part in zip(names, parts, strict=True)
            if part.returning
        ]
        bodies = ", ".join(f"{name} AS ({part.sql})" for name, part in zip(names, parts, strict=True))
        sql = f"WITH {bodies} SELECT {', '.join(told) or 1}"
        with prepared.cursor(self.connection) as cursor:
            cursor.execute(sql, [value for part in parts for value in part.params])
            answers = iter(cursor.fetchone())
        for part in parts:
            part.written(next(answers) if part.returning else None)


class _Part:
    """One part of the statement; ``returning`` is the column whose values it tells."""

    returning = ""

    def __init__(self, sql: str, params: list[Any]) -> None:
        self.sql = sql
        self.params = params

    def written(self, answer: Any) -> None:
        """Hear that it was carried out."""


class _Insert(_Part):
    """New rows of one table, in the order in which they were added."""

    def __init__(self, model: type[Model], rows: list[Model], connection: Any, lenient: bool) -> None:
        fields = _fields(model)
        pk = model._meta.pk
        params: list[Any] = []
        lines = []
        for row in rows:
            cells = []
            for field, name, kind in fields:  # hundreds of cells: most are handed on without asking anybody
                value = getattr(row, name)
                if type(value) is kind:
                    params.append(value)
                    cells.append("%s")
                else:
                    cells.append(_cell(field, value, connection, params))
            lines.append(f"({', '.join(cells)})")
        columns = ", ".join(f'"{field.column}"' for field, _, _ in fields)
        table = model._meta.db_table
        sql = f'INSERT INTO "{table}" ({columns}) VALUES {", ".join(lines)}'  # noqa: S608 - names of our models
        if lenient:
            sql += " ON CONFLICT DO NOTHING"
        elif isinstance(pk, AutoField):
            self.returning = f'"{pk.column}"'
            sql += f" RETURNING {self.returning}"
        super().__init__(sql, params)
        self._rows = rows
        self._alias = connection.alias

    def written(self, answer: Any) -> None:
        for row, pk in zip(self._rows, answer or [None] * len(self._rows), strict=True):
            if pk is not None:
                row.pk = pk
            row._state.adding = False
            row._state.db = self._alias


class _Jobs(_Part):
    """New jobs that nothing forbids to be there twice."""

    def __init__(self, jobs: list[Any]) -> None:
        names = ("queue", "task_name", "priority", "lock", "queueing_lock", "task_kwargs", "scheduled_at")
        cells = [[getattr(job, name) for name in names] for job in jobs]
        row = "(%s, %s, %s, %s, %s, %s, %s)::procrastinate_job_to_defer_v1"
        super().__init__(
            f"SELECT procrastinate_defer_jobs_v1(ARRAY[{', '.join([row] * len(jobs))}]) AS ids",
            [Jsonb(value) if isinstance(value, dict) else value for each in cells for value in each],
        )
        self.returning = "ids"


AS_THEY_ARE: dict[type, type] = {
    BigIntegerField: int,
    BooleanField: bool,
    CharField: str,
    IntegerField: int,
    PositiveIntegerField: int,
    SmallIntegerField: int,
    TextField: str,
    UUIDField: UUID,
}
"""Fields of just these classes hand such a value to the driver as it is: asking them would cost more than all the rest."""


@cache
def _fields(model: type[Model]) -> list[tuple[Field[Any, Any], str, type | None]]:
    """Return the fields of a model's table, the name of each one's attribute and which type of value it takes as it is."""

    def kind(field: Any) -> type | None:
        own = field.target_field if isinstance(field, ForeignKey) else field
        return int if isinstance(own, AutoField) else AS_THEY_ARE.get(type(own))

    return [(field, field.attname, kind(field)) for field in model._meta.local_concrete_fields]


def _cell(field: Field[Any, Any], value: Any, connection: Any, params: list[Any]) -> str:
    if isinstance(value, DatabaseDefault) or (value is None and isinstance(field, AutoField)):
        return "DEFAULT"
    if value is None:
        return "NULL"
    if AS_THEY_ARE.get(type(field)) is not type(value):
        value = field.get_db_prep_save(value, connection=connection)
    params.append(value)
    placeholder = getattr(field, "get_placeholder", None)
    return placeholder(value, None, connection) if placeholder else "%s"


def _changing(row: Model, names: list[str], connection: Any) -> _Part:
    meta = row._meta
    params: list[Any] = []
    settings = []
    for name in names:
        field = cast("Field[Any, Any]", meta.get_field(name))
        settings.append(f'"{field.column}" = {_cell(field, getattr(row, field.attname), connection, params)}')
    what, where = ", ".join(settings), f'"{meta.pk.column}" = %s'
    sql = f'UPDATE "{meta.db_table}" SET {what} WHERE {where}'  # noqa: S608 - names of our models
    return _Part(sql, [*params, meta.pk.get_db_prep_value(row.pk, connection)])


def _updating(rows: QuerySet[Any], values: dict[str, Any], connection: Any) -> _Part:
    query: Any = rows.query.chain(UpdateQuery)
    query.add_update_values(values)
    sql, params = query.get_compiler(connection=connection).as_sql()
    return _Part(sql, list(params))


def _mentions(sql: str, tables: frozenset[str]) -> bool:
    return any(table in sql for table in tables) and _pattern(tables).search(sql) is not None


@lru_cache(maxsize=256)
def _pattern(tables: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(sorted(tables))})\b")
