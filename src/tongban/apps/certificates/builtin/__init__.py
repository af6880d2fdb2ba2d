"""What the application brings itself: the process, forms and papers of proceedings on certificates.

They are content like any other and stand in a folder that is a pack; but no installation can do without them, so they are put
after every migration and not by a pack of the county. Putting the same again changes nothing; what an office changed in the
studio stays.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from django.db import connections

from tongban.base.actor import Actor
from tongban.base.packs import Pack
from tongban.base.time import now
from tongban.kernel.forms import service as forms
from tongban.kernel.instruments import service as instruments
from tongban.kernel.processes import service as processes

__all__ = ["PROCESS", "put_builtin", "put_builtin_after_migrating"]

PROCESS = "certificate-act"
SINCE = date(2000, 1, 1)
"""Built-in forms hold for whatever day an installation shows."""


def put_builtin(*, actor: Actor, at: datetime) -> None:
    """Put forms, papers and the process, unless the office has changed them."""
    pack = Pack(Path(__file__).parent)
    forms.bring_forms(pack, pack.files("forms/*.yaml"), actor=actor, at=at, valid_from=SINCE)
    instruments.bring_papers(pack, pack.files("papers/*.yaml"), at=at)
    processes.load_processes(pack, actor=actor, at=at)


def put_builtin_after_migrating(using: str, **_: object) -> None:
    """Put what is built in when the database's owner has migrated; a test that empties tables is no migration."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class "
            "WHERE relname = 'certificates_certificate'"
        )
        found = cursor.fetchone()
    if found is not None and found[0]:
        put_builtin(actor=Actor.system("built-in"), at=now())
