"""The rules of a pack: ``oversight/rules.yaml``."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from tongban.apps.oversight.models import Rule
from tongban.apps.oversight.operations.put_rule import put_rule
from tongban.base.actor import Actor
from tongban.base.bringing import bring
from tongban.base.packs import Pack, section

__all__ = ["load_rules"]

FILE = "oversight/rules.yaml"


@section("oversight", order=60)
def load_rules(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Put every rule that the pack declares."""
    if not pack.has(FILE):
        return
    said = {content["key"]: content for content in pack.yaml(FILE, "rules")}

    def put(key: str) -> None:
        put_rule(actor=actor, content=said[key], at=at)

    bring(pack, "oversight-rule", said, standing=_standing, put=put, at=at)


def _standing(keys: Collection[str]) -> dict[str, Any]:
    rows = Rule.objects.filter(key__in=keys).order_by("version")
    return {row.key: row.content for row in rows}
