"""The pack section "docking": destinations (``docking.yaml``). Secrets are never in a pack."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from tongban.apps.docking.models import Destination
from tongban.apps.docking.operations.destinations import put_destination
from tongban.base.actor import Actor
from tongban.base.bringing import bring
from tongban.base.packs import Pack, section

__all__ = ["load_destinations"]


@section("docking", order=70)
def load_destinations(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load ``docking.yaml``. A destination that the operators have changed stays as they have set it."""
    rows = {row["key"]: row for row in pack.yaml("docking.yaml", "destinations")}

    def put(key: str) -> None:
        content = {name: value for name, value in rows[key].items() if name != "from_start"}
        put_destination(actor=actor, content=content, from_start=bool(rows[key].get("from_start")), at=at)

    bring(pack, "destination", rows, standing=_standing, put=put, at=at)


def _standing(keys: Collection[str]) -> dict[str, Any]:
    found = Destination.objects.filter(key__in=keys)
    return {each.key: [each.name, each.kind, each.address, each.settings, each.is_active] for each in found}
