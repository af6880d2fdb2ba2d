"""What is published (definitions, forms, templates, the calendar) is kept in memory, and is never out of date.

Published content changes a few times a year and is read by every request. Each table of it has a *stamp*, a random value that
a trigger changes in the transaction that changes the table, whoever does it and however. A process keeps what it read
together with the stamp under which it read it, and looks at all stamps by one small statement a request (it rides on the
statement that signs the caller in): a new version counts in every process from the moment of its commit.

A module names its tables in its ``AppConfig`` (``published_tables``) and reads through a ``Kept``. What comes out of it is
shared by all threads: nobody changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Generic, TypeVar

from django.apps import apps
from django.db import connection, transaction
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse

__all__ = [
    "Kept",
    "StampsMiddleware",
    "forget",
    "install_triggers",
    "prime",
    "scope",
    "stamps",
    "tables",
    "told_along",
]

K = TypeVar("K")
V = TypeVar("V")

ALL_STAMPS = "SELECT coalesce(jsonb_object_agg(stamp.key, stamp.value), '{}') FROM base_stamp stamp"


class _Scope:
    """One request or one operation: the stamps are looked at once in it."""

    def __init__(self) -> None:
        self.stamps: Mapping[str, str] | None = None


_scope: ContextVar[_Scope | None] = ContextVar("tongban_published_scope", default=None)


@contextmanager
def scope() -> Iterator[None]:
    """Look at the stamps at most once inside. A scope within another is the same scope."""
    if _scope.get() is not None:
        yield
        return
    token = _scope.set(_Scope())
    try:
        yield
    finally:
        _scope.reset(token)


class StampsMiddleware:
    """Makes every request a scope."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with scope():
            return self.get_response(request)


def stamps() -> Mapping[str, str]:
    """Return the stamps of all published tables; one that never changed has none."""
    found = _scope.get()
    if found is not None and found.stamps is not None:
        return found.stamps
    with connection.cursor() as cursor:
        cursor.execute(ALL_STAMPS)
        read = _read(cursor.fetchone()[0])
    prime(read)
    return read


def told_along() -> RawSQL:
    """Return the stamps as an annotation for a statement that is made anyway; what it tells goes to ``prime``."""
    return RawSQL(f"({ALL_STAMPS})::text", [])  # noqa: S611 - a constant


def prime(told: Mapping[str, str] | str) -> None:
    """Take the stamps that another statement told along."""
    found = _scope.get()
    if found is not None:
        found.stamps = _read(told)


def forget() -> None:
    """Look again: called by whoever publishes, so that the rest of the same request sees it too."""
    found = _scope.get()
    if found is not None:
        found.stamps = None


class Kept(Generic[K, V]):
    """What ``load(key)`` returned, kept as long as the stamps of ``tables`` stay the same.

    Also that there is nothing (None) is kept. Values are shared: do not change them.
    """

    def __init__(self, tables: tuple[str, ...], load: Callable[[K], V]) -> None:
        self.tables = tables
        self.load = load
        self._kept: tuple[tuple[str | None, ...], dict[K, V]] = ((), {})

    def get(self, key: K) -> V:
        """Return the value of ``key`` as it is published now."""
        now = stamps()
        stamp = tuple(now.get(table) for table in self.tables)
        known, values = self._kept
        if known != stamp:
            values = {}
            self._kept = (stamp, values)
        try:
            return values[key]
        except KeyError:
            value = values[key] = self.load(key)
            return value


def _read(told: Any) -> Mapping[str, str]:
    import json

    return json.loads(told) if isinstance(told, str) else told


def install_triggers() -> None:
    """Let every change of a published table change its stamp. Run by the owner after every migration; idempotent."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE OR REPLACE FUNCTION base_stamp_change() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO base_stamp (key, value) VALUES (TG_TABLE_NAME, gen_random_uuid())
                ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value;
                RETURN NULL;
            END $$
            """
        )
        for table, condition in sorted(tables().items()):
            quoted = connection.ops.quote_name(table)
            events = "INSERT OR UPDATE OR DELETE OR TRUNCATE" if not condition else "INSERT"
            each = "STATEMENT" if not condition else f"ROW WHEN ({condition})"
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER published AFTER {events} ON {quoted} "
                f"FOR EACH {each} EXECUTE FUNCTION base_stamp_change()"
            )


def tables() -> dict[str, str]:
    """Return the declared tables; a condition restricts to new rows for which it holds (rows that never change)."""
    found: dict[str, str] = {}
    for config in apps.get_app_configs():
        declared = getattr(config, "published_tables", ())
        found.update(declared if isinstance(declared, Mapping) else dict.fromkeys(declared, ""))
    return found
