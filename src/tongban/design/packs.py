"""The site of a pack: ``site`` in ``pack.yaml``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from typing import Any

from tongban.base.actor import Actor
from tongban.base.bringing import bring
from tongban.base.packs import Pack, section
from tongban.design.models import SiteProfile
from tongban.design.site import Site, put_site

__all__ = ["load_site"]


@section("site", order=5)
def load_site(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Store what the installation calls itself; what other modules keep under ``site`` is theirs to read."""
    known = {field.name for field in fields(Site)}
    said = {name: value for name, value in pack.about.get("site", {}).items() if name in known}
    bring(pack, "site", {"site": said}, standing=_standing, put=lambda _: put_site(said), at=at)


def _standing(_: Collection[str]) -> dict[str, Any]:
    row = SiteProfile.objects.filter(pk=1).first()
    return {"site": row.values} if row else {}
