"""The decision tables of a pack: every YAML file in a folder named ``tables``."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import yaml

from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.kernel.decisions.operations.tables import put_table

__all__ = ["load_tables"]


def load_tables(root: Path, *, actor: Actor, at: datetime) -> int:
    """Put every table found under ``root``; return how many were read. Loading twice makes no new version."""
    files = sorted(root.rglob("tables/*.yaml"))
    for file in files:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
        valid_from = data["valid_from"]
        put_table(
            key=data["key"],
            name=LocalizedText.of(data["name"]),
            content={name: data[name] for name in ("inputs", "outputs", "rules", "hit") if name in data},
            legal_source=LocalizedText.of(data.get("legal_source")),
            valid_from=valid_from if isinstance(valid_from, date) else date.fromisoformat(valid_from),
            valid_to=data.get("valid_to"),
            actor=actor,
            at=at,
        )
    return len(files)
