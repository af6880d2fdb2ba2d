"""The decision tables of a pack: every YAML file in a folder named ``tables``."""

from __future__ import annotations

from datetime import date, datetime

from tongban.base.actor import Actor
from tongban.base.packs import Pack, section
from tongban.base.text import LocalizedText
from tongban.kernel.decisions.operations.tables import put_table

__all__ = ["load_tables"]


@section("tables", order=30)
def load_tables(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Put every table of the pack. Loading twice makes no new version."""
    for file in pack.files("**/tables/*.yaml"):
        data = pack.yaml(file)
        put_table(
            key=data["key"],
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


def _date(value: date | str | None) -> date | None:
    """Read a day that YAML may already have read."""
    return date.fromisoformat(value) if isinstance(value, str) else value
