"""The decision tables of a pack: every YAML file in a folder named ``tables``."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from tongban.base.actor import Actor
from tongban.base.bringing import bring
from tongban.base.packs import Pack, section
from tongban.base.text import LocalizedText
from tongban.kernel.decisions.models import DecisionTable
from tongban.kernel.decisions.operations.tables import put_table

__all__ = ["load_tables"]


@section("tables", order=30)
def load_tables(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Put every table of the pack, unless the office has changed it. Loading twice makes no new version."""
    said = {data["key"]: data for data in map(pack.yaml, pack.files("**/tables/*.yaml"))}

    def put(key: str) -> None:
        data = said[key]
        put_table(
            key=key,
            name=LocalizedText.of(data["name"]),
            content={
                name: data[name] for name in ("inputs", "outputs", "rules", "hit", "examples") if name in data
            },
            legal_source=LocalizedText.of(data.get("legal_source")),
            valid_from=_date(data["valid_from"]) or at.date(),
            valid_to=_date(data.get("valid_to")),
            actor=actor,
            at=at,
        )

    bring(pack, "table", said, standing=_standing, put=put, at=at)


def _standing(keys: Collection[str]) -> dict[str, Any]:
    names = ("name", "content", "legal_source", "valid_from", "valid_to")
    newest = DecisionTable.objects.filter(key__in=keys).order_by("key", "-version").distinct("key")
    return {row.key: [getattr(row, name) for name in names] for row in newest}


def _date(value: date | str | None) -> date | None:
    """Read a day that YAML may already have read."""
    return date.fromisoformat(value) if isinstance(value, str) else value
