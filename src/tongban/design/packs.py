"""The site of a pack: ``site`` in ``pack.yaml``."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from tongban.base.actor import Actor
from tongban.base.packs import Pack, section
from tongban.design.site import Site, put_site

__all__ = ["load_site"]


@section("site", order=5)
def load_site(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Store what the installation calls itself; what other modules keep under ``site`` is theirs to read."""
    known = {field.name for field in fields(Site)}
    put_site({name: value for name, value in pack.about.get("site", {}).items() if name in known})
