"""The decision tables of a pack: every YAML file in a folder named ``tables``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tongban.base.actor import Actor
from tongban.base.packs import Pack, section
from tongban.base.text import LocalizedText
from tongban.kernel.decisions.models import DecisionTable
from tongban.kernel.decisions.operations.tables import put_table

__all__ = ["load_tables"]


@section("tables", order=30)
def load_tables(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Put every table of the pack. Loading twice makes no new version, and a table that the office has replaced since by another
    stays replaced.
    """
    for file in pack.files("**/tables/*.yaml"):
        data = pack.yaml(file)
        table: dict[str, Any] = {
            "name": LocalizedText.of(data["name"]),
            "content": {
                name: data[name] for name in ("inputs", "outputs", "rules", "hit", "examples") if name in data
            },
            "legal_source": LocalizedText.of(data.get("legal_source")),
            "valid_from": _date(data["valid_from"]) or at.date(),
            "valid_to": _date(data.get("valid_to")),
        }
        if not _was_replaced(data["key"], table):
            put_table(key=data["key"], **table, actor=actor, at=at)


def _was_replaced(key: str, table: Mapping[str, Any]) -> bool:
    """True when this very table was the newest once and another has been put since."""
    versions = DecisionTable.objects.filter(key=key).order_by("-version")
    known = [all(getattr(each, name) == value for name, value in table.items()) for each in versions]
    return any(known[1:]) and not known[0]


def _date(value: date | str | None) -> date | None:
    """Read a day that YAML may already have read."""
    return date.fromisoformat(value) if isinstance(value, str) else value
