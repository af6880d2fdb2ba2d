"""The pack section "hall": halls with their hours, services and windows (``hall.yaml``)."""

from __future__ import annotations

from datetime import datetime

from tongban.apps.hall.operations.hours import put_point
from tongban.base.actor import Actor
from tongban.base.packs import Pack, section

__all__ = ["load_halls"]


@section("hall", order=65)
def load_halls(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load ``hall.yaml``, when the pack has one."""
    for content in pack.yaml("hall.yaml", "points"):
        put_point(content=content, actor=actor, at=at)
