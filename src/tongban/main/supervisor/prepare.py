"""What must be done before web and worker start, as the owner of the database. A process of its own, run by the supervisor.

Everything here may be done again at any time. The supervisor leaves it out when nothing it depends on has changed.
"""

from __future__ import annotations

import os
import sys

from tongban.main import database, demo
from tongban.main.environment import PRODUCTION
from tongban.main.supervisor.fingerprint import fingerprint

__all__ = ["main"]


def main() -> int:
    """Migrate, grant, bring the national calendar, collect static files, install the demo county. Returns the exit code."""
    database.use_role("owner")
    os.environ["TONGBAN_COLLECTING"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.main.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from tongban.base.time import now
    from tongban.kernel.calendars.packs import bring_national
    from tongban.kernel.ledger import service as ledger
    from tongban.main import production, roles

    in_production = settings.TONGBAN_ENV == PRODUCTION
    if in_production and (missing := production.missing()):
        sys.stderr.write(
            "This cannot run in production yet:\n" + "".join(f"  - {line}\n" for line in missing)
        )
        return 1
    try:
        roles.ensure_role()  # the migration ends with the grants
        call_command("migrate", interactive=False, verbosity=0)
    except roles.RoleMissing as error:
        sys.stderr.write(f"{error}\n")
        return 1
    ledger.resume(at=now())  # does something only after a restore from a dump
    bring_national(at=now())
    call_command("collectstatic", interactive=False, verbosity=0)
    if not in_production:
        _demo_county()
    return 0


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
