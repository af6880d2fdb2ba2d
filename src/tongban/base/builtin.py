"""Content that the program brings itself: what it names by key, no installation can do without.

An application keeps it in a folder that is a pack (``papers/*.yaml``, ``forms/*.yaml``, ``*.bpmn``) and says so in
``AppConfig.ready()``::

    builtin.register("services", Path(__file__).parent / "builtin")

After every migration by the owner of the database each thing is put by its ``Editable``. It is content like any other from then
on: an office edits it in studio. What anybody has changed since stays as it is, in every
later release too; what nobody has changed follows the release.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import connections, transaction

from tongban.base import editables
from tongban.base.actor import Actor
from tongban.base.models import BuiltIn
from tongban.base.packs import Pack
from tongban.base.registry import Registry
from tongban.base.time import now

__all__ = ["ACTOR", "Content", "bring", "bring_after_migrating", "contents", "register"]

ACTOR = Actor.system("built-in")
SINCE = date(2000, 1, 1)
"""Built-in forms hold for whatever day an installation shows."""

_folders: Registry[Path] = Registry("folders of built-in content")


@dataclass(frozen=True, slots=True)
class Content:
    """One thing that the program brings, as its ``Editable`` reads it."""

    kind: str
    key: str
    value: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """What tells this content from that of another release."""
        return hashlib.sha256(json.dumps(self.value, sort_keys=True, default=str).encode()).hexdigest()


def register(name: str, folder: Path) -> None:
    """Make a folder of built-in content known. Registering a name again leaves the first."""
    if name not in _folders:
        _folders.register(name, folder)


def contents() -> Iterator[Content]:
    """Yield all built-in content, folder after folder, forms before the processes that name them."""
    for name in sorted(_folders.keys()):
        pack = Pack(_folders.get(name))
        for path in pack.files("forms/*.yaml"):
            value = pack.yaml(path)
            yield Content("form", value["key"], value)
        for path in pack.files("papers/*.yaml"):
            value = pack.yaml(path)
            source = pack.text(path.with_name(value["source"]))
            yield Content("paper", value["key"], {**value, "source": source})
        for path in pack.files("*.bpmn"):
            yield Content("process", path.stem, {"key": path.stem, "xml": pack.text(path)})


def bring(*, at: datetime) -> list[Content]:
    """Put what is new or of another release, and return it; what an office or a pack has put since is left alone."""
    put = []
    with transaction.atomic():
        known = {(row.kind, row.key): row for row in BuiltIn.objects.select_for_update()}
        for content in contents():
            row = known.get((content.kind, content.key))
            if row is not None and row.digest == content.digest:
                continue
            entry = editables.editable(content.kind)
            versions = entry.versions(content.key)
            if versions and (row is None or row.version != versions[0].version):
                continue
            version = entry.publish(content=content.value, actor=ACTOR, at=at, valid_from=SINCE)
            BuiltIn.objects.update_or_create(
                kind=content.kind,
                key=content.key,
                defaults={"version": version, "digest": content.digest},
            )
            put.append(content)
    return put


def bring_after_migrating(using: str, **_: object) -> None:
    """Bring it when the database's owner has migrated; a test that empties tables is no migration."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE relname = 'base_builtin'"
        )
        found = cursor.fetchone()
    if found is not None and found[0]:
        bring(at=now())
