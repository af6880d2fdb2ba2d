"""The application's database role and what it may do: read and write everything, but only add to append-only tables.

Run by the owner after every migration. A module names its append-only tables in its ``AppConfig``
(``append_only_tables``), and those that only the owner changes (``owner_only_tables``).
"""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import apps
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from tongban.main.database import APP_ROLE

__all__ = ["RoleMissing", "append_only_tables", "ensure_role", "grant", "owner_only_tables"]

LOCK = 7_310_014
"""An advisory lock: several processes (tests) may prepare databases of one cluster at once."""


class RoleMissing(RuntimeError):
    """The application's role is absent and this login may not make it; the message says what an administrator must run."""


def append_only_tables() -> list[str]:
    """Return the tables that modules declared append-only, those that are divided with their parts."""
    declared = {
        name for config in apps.get_app_configs() for name in getattr(config, "append_only_tables", ())
    }
    return sorted({*declared, *_parts_of(declared)})


def _parts_of(tables: Iterable[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
              WHERE i.inhparent = ANY(SELECT to_regclass(name) FROM unnest(%s::text[]) name)""",
            [list(tables)],
        )
        return [name for (name,) in cursor.fetchall()]


def owner_only_tables() -> list[str]:
    """Return the tables that only the owner changes: that of the migrations and those that modules declared so."""
    declared = {
        name for config in apps.get_app_configs() for name in getattr(config, "owner_only_tables", ())
    }
    return sorted({"django_migrations", *declared})


def ensure_role() -> None:
    """Make the application's role when absent, and let the present login take it. Raises RoleMissing."""
    quoted = connection.ops.quote_name(APP_ROLE)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE ROLE {quoted} NOLOGIN")
            # Since PostgreSQL 16 who makes a role is a member that may not yet take it.
            right = "SET" if connection.pg_version >= 160000 else "MEMBER"  # type: ignore[attr-defined]
            cursor.execute("SELECT pg_has_role(current_user, %s, %s)", [APP_ROLE, right])
            if not cursor.fetchone()[0]:
                cursor.execute(f"GRANT {quoted} TO CURRENT_USER")
    except ProgrammingError as error:
        message = (
            f"an administrator must run: CREATE ROLE {quoted}; GRANT {quoted} TO <the login of DATABASE_URL>;"
        )
        raise RoleMissing(message) from error


def grant() -> None:
    """Give the application's role its privileges on all present and future tables, and take back those it must not have."""
    role, quote = connection.ops.quote_name(APP_ROLE), connection.ops.quote_name
    rows = "SELECT, INSERT, UPDATE, DELETE"
    statements = [
        f"GRANT USAGE ON SCHEMA public TO {role}",
        f"GRANT {rows} ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {rows} ON TABLES TO {role}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role}",
        *(f"REVOKE UPDATE, DELETE, TRUNCATE ON {quote(name)} FROM {role}" for name in append_only_tables()),
        *(
            f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {quote(name)} FROM {role}"
            for name in owner_only_tables()
        ),
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        for statement in statements:
            cursor.execute(statement)
