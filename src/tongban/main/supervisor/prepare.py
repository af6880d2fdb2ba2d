"""What must be done before web and worker start, as the owner of the database. A process of its own, run by the supervisor.

Everything here may be done again at any time. The supervisor leaves it out when nothing it depends on has changed.
"""

from __future__ import annotations

import os
import sys

from tongban.main import database

__all__ = ["main"]


def main() -> int:
    """Migrate, grant, collect static files, install the demo county. Returns the exit code."""
    database.use_role("owner")
    os.environ["TONGBAN_COLLECTING"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.main.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from tongban.main import production, roles

    if settings.TONGBAN_ENV == "production" and (missing := production.missing(stage="settings")):
        return _refuse(missing)
    try:
        roles.ensure_role()  # the migration ends with the grants
        call_command("migrate", interactive=False, verbosity=0)
    except roles.RoleMissing as error:
        sys.stderr.write(f"{error}\n")
        return 1
    call_command("collectstatic", interactive=False, verbosity=0)
    if settings.TONGBAN_ENV == "production":
        missing = production.missing(stage="database")
        return _refuse(missing) if missing else 0
    _demo_county()
    return 0


def _demo_county() -> None:
    from django.conf import settings
    from django.core.management import call_command, get_commands

    pack = settings.BASE_DIR / "packs" / "chengxi"
    if (pack / "pack.yaml").exists() and "pack" in get_commands():
        call_command("pack", "install", str(pack))


def _refuse(missing: list[str]) -> int:
    sys.stderr.write("This cannot run in production yet:\n" + "".join(f"  - {line}\n" for line in missing))
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
