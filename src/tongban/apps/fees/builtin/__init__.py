"""The paper that the application brings itself: the receipt. It is put after every migration; the same again changes nothing."""

from __future__ import annotations

from pathlib import Path

from django.db import connections

from tongban.base.packs import Pack
from tongban.base.time import now
from tongban.kernel.instruments import service as instruments

__all__ = ["put_builtin", "put_builtin_after_migrating"]


def put_builtin() -> None:
    """Put the papers, unless the office has changed them."""
    pack = Pack(Path(__file__).parent)
    instruments.bring_papers(pack, pack.files("papers/*.yaml"), at=now())


def put_builtin_after_migrating(using: str, **_: object) -> None:
    """Put what is built in when the database's owner has migrated; a test that empties tables is no migration."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE relname = 'fees_charge'"
        )
        found = cursor.fetchone()
    if found is not None and found[0]:
        put_builtin()
