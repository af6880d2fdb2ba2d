"""The pack section "docking": destinations (``docking.yaml``). Secrets are never in a pack."""

from __future__ import annotations

from datetime import datetime

from tongban.apps.docking.models import Destination
from tongban.apps.docking.operations.destinations import put_destination
from tongban.base.actor import Actor
from tongban.base.packs import Pack, section

__all__ = ["load_destinations"]


@section("docking", order=70)
def load_destinations(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load ``docking.yaml``. A destination that is there stays as the operators have set it."""
    known = set(Destination.objects.values_list("key", flat=True))
    for row in pack.yaml("docking.yaml", "destinations"):
        if row["key"] not in known:
            content = {name: value for name, value in row.items() if name != "from_start"}
            put_destination(actor=actor, content=content, from_start=bool(row.get("from_start")), at=at)
