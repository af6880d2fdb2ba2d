"""The databases of the tests: a throw-away server when none is given, and the two roles as in a real installation."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tongban.main.database import APP_ROLE
from tongban.main.supervisor import embedded, osuser
from tongban.main.supervisor.children import Child
from tongban.main.supervisor.postgres import SUPERUSER, THROW_AWAY, Cluster

__all__ = [
    "OWN_SERVER",
    "ThrowAwayServer",
    "as_app",
    "as_owner",
    "flush_as_owner",
    "fresh_database",
    "wait_for_neighbours",
]

OWN_SERVER = "TONGBAN_TEST_OWN_SERVER"
"""Set when nobody gave a database server, so that the tests run on a throw-away one of their own."""

PASSWORD = "throw-away"


class ThrowAwayServer:
    """An embedded PostgreSQL that writes nothing safely and is removed at the end."""

    def __init__(self) -> None:
        self.cluster = Cluster(
            Path(tempfile.mkdtemp(prefix="tongban-test-")), osuser.for_database(), THROW_AWAY
        )
        self.child: Child | None = None

    def start(self) -> str:
        """Make and start it; return the superuser's URL."""
        self.cluster.user.own(self.cluster.base)
        self.cluster.initialise(PASSWORD)
        self.child = embedded.server(self.cluster, self.cluster.base / "postgres.log")
        self.child.start()
        embedded.wait_until_ready(self.cluster, self.child)
        return self.cluster.url(SUPERUSER, PASSWORD, "postgres")

    def stop(self) -> None:
        """Stop and remove it."""
        if self.child is not None:
            self.child.patience = 5
            self.child.stop()
        shutil.rmtree(self.cluster.base, ignore_errors=True)
        shutil.rmtree(self.cluster.socket_directory, ignore_errors=True)


@contextlib.contextmanager
def fresh_database() -> Iterator[dict[str, str]]:
    """Give the variables with which an installation runs on the server that the tests were given, in a database of its own.

    None when they were given no server: the installation then brings its own, as the quick start does.
    """
    given = os.environ.get("DATABASE_URL", "")
    if not given or os.environ.get(OWN_SERVER):
        yield {}
        return
    name = f"tongban_site_{secrets.token_hex(4)}"
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(
            f"CREATE DATABASE {name} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8' TEMPLATE template0"
        )
        try:
            yield {"DATABASE_URL": make_url(given, name)}
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def make_url(url: str, database: str) -> str:
    """Return the address of another database on the same server."""
    return urlsplit(url)._replace(path=f"/{database}").geturl()


@contextlib.contextmanager
def as_app() -> Iterator[None]:
    """Make every connection of this process the application's role, as in the web and the worker."""
    from django.db import connections

    options = connections["default"].settings_dict["OPTIONS"]
    connections.close_all()
    options["options"] = f"-c role={APP_ROLE}"
    try:
        yield
    finally:
        del options["options"]
        connections.close_all()


@contextlib.contextmanager
def as_owner() -> Iterator[None]:
    """Be the owner for a while: for what an installation does at set-up (packs, registers), never for what a request does."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
    try:
        yield
    finally:
        # In a transaction that failed, its rollback gives the role back.
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(f"SET ROLE {APP_ROLE}")


RUNNING_ELSEWHERE = """SELECT 1 FROM pg_snapshot_xip(pg_current_snapshot()) AS running
WHERE running::text::bigint < %s AND NOT EXISTS (
  SELECT 1 FROM pg_stat_activity s
  WHERE s.backend_xid = running::xid AND s.datname = current_database() AND s.usesysid IS NOT NULL)"""


def wait_for_neighbours() -> None:
    """Wait until every transaction that runs in another database of the server now has ended.

    The sealer leaves for the next time what it cannot be certain of: an act younger than a neighbour's transaction that
    ends while the sealer looks whose it is. A test that says how many acts are sealed now calls this first.
    """
    from django.db import connection

    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        (horizon,) = cursor.fetchone()
        end = time.monotonic() + 60
        while True:
            cursor.execute(RUNNING_ELSEWHERE, [horizon])
            if cursor.fetchone() is None:
                return
            assert time.monotonic() < end, "a transaction of another database did not end"
            time.sleep(0.01)


KEPT_TABLES = frozenset({"django_migrations", "django_content_type", "auth_permission"})
"""What every installation has from its migrations on."""


def flush_as_owner(operations: object, statements: list[str]) -> None:
    """Empty all tables after a transactional test, as the owner: the application may not.

    Those of the job queue too, which Django leaves alone because it does not manage them. The tables of registers go
    altogether, as their definitions do. Takes the place of ``DatabaseOperations.execute_sql_flush``.
    """
    from django.db import connection, transaction

    quoted = connection.ops.quote_name
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        names = connection.introspection.table_names()
        for name in names:
            if name.startswith("reg_"):
                cursor.execute(f"DROP TABLE {quoted(name)}")
        tables = [name for name in names if not name.startswith("reg_") and name not in KEPT_TABLES]
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = session_user")
        if not cursor.fetchone()[0]:
            cursor.execute(f"TRUNCATE {', '.join(map(quoted, tables))} CASCADE")
            return
        # To truncate two hundred tables takes a second; a test has filled a few, with few rows. Locked first, as truncating
        # does: what a thread of the test still writes is waited for.
        cursor.execute(f"LOCK TABLE {', '.join(map(quoted, tables))} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}' WHERE EXISTS (SELECT FROM {quoted(name)})" for name in tables
            )
        )
        filled = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "SET LOCAL session_replication_role = replica"
        )  # no foreign keys, no triggers that refuse
        for name in filled:
            cursor.execute(f"DELETE FROM {quoted(name)}")


def clean_environment() -> dict[str, str]:
    """Return this process's variables without those that describe an installation."""
    described = {"DATABASE_URL", "DATABASE_APP_URL", "DJANGO_SETTINGS_MODULE"}
    return {
        name: value
        for name, value in os.environ.items()
        if name not in described and not name.startswith(("TONGBAN_", "PYTEST_"))
    }
