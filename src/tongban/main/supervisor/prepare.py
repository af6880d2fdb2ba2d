"""What must be done before web and worker start, as the owner of the database. A process of its own, run by the supervisor.

Everything here may be done again at any time. The supervisor leaves it out when nothing it depends on has changed.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

from tongban.main import database, demo
from tongban.main.environment import PRODUCTION
from tongban.main.supervisor.fingerprint import fingerprint

__all__ = ["main"]


LOCK = 7_310_016
"""The advisory lock that a machine holds while it prepares: of several that start at once, one works and the others wait."""


def main() -> int:
    """Migrate, grant, bring the national calendar, collect static files, install the demo county. Returns the exit code.

    Where only the application's login is given (``DATABASE_APP_URL``), collect static files and see that all was migrated.
    """
    may_migrate = bool(os.environ.get("DATABASE_URL") or not os.environ.get("DATABASE_APP_URL"))
    database.use_role("owner" if may_migrate else "app")
    os.environ["TONGBAN_COLLECTING"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.main.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from tongban.main import production

    in_production = settings.TONGBAN_ENV == PRODUCTION
    if in_production and (missing := production.missing()):
        sys.stderr.write(
            "This cannot run in production yet:\n" + "".join(f"  - {line}\n" for line in missing)
        )
        return 1
    if may_migrate:
        with _alone():
            code = _prepare_database(in_production)
    else:
        code = _see_that_all_was_migrated()
    if not code:
        call_command("collectstatic", interactive=False, verbosity=0)
    return code


def _prepare_database(in_production: bool) -> int:
    from django.core.management import call_command
    from django.utils import timezone

    from tongban.base.time import now
    from tongban.kernel.calendars.packs import bring_national
    from tongban.kernel.ledger import service as ledger
    from tongban.main import roles

    try:
        roles.ensure_role()  # the migration ends with the grants
        call_command("migrate", interactive=False, verbosity=0)
    except roles.RoleMissing as error:
        sys.stderr.write(f"{error}\n")
        return 1
    ledger.resume(at=now())  # does something only after a restore from a dump
    ledger.open_years(at=timezone.now())  # not the demo's moved time
    bring_national(at=now())
    if not in_production:
        _demo_county()
    return 0


def _see_that_all_was_migrated() -> int:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        sys.stderr.write(
            f"{len(missing)} migrations are missing: start a machine that has DATABASE_URL first, "
            "it migrates the database\n"
        )
    return 1 if missing else 0


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Let other machines that prepare the same database wait. The lock is a session's: a crash gives it back."""
    from django.db import connections

    session = connections.create_connection("default")
    try:
        with session.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield
    finally:
        session.close()


def _demo_county() -> None:
    """Install the demo county when it is new or its files changed; write down what the supervisor shows at the end."""
    from django.conf import settings
    from django.core.management import call_command

    packs = settings.BASE_DIR / "packs"
    notice = settings.TONGBAN_HOME / "run" / "welcome.txt"
    stamp = settings.TONGBAN_HOME / "run" / "pack"
    present = fingerprint(
        [packs], str(settings.DATABASES["default"]["HOST"]), settings.DATABASES["default"]["NAME"]
    )
    if not (packs / "chengxi" / "pack.yaml").exists() or (stamp.exists() and stamp.read_text() == present):
        return
    call_command("pack", "install", str(packs / "chengxi"))
    notice.write_text(demo.welcome(packs), encoding="utf-8")
    stamp.write_text(present)


if __name__ == "__main__":
    raise SystemExit(main())
