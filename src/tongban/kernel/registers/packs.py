"""What packs say about registers: ``registers.yaml``, with the file of each register's data.

``registers``: key, name, source, owner_unit (a unit's code), key_field, fields (key, label, type,
data_element, personal), and ``data``, a CSV file whose columns are fields; columns that the register does not
know are left to others.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tongban.base.actor import Actor
from tongban.base.packs import Pack, section
from tongban.base.text import LocalizedText
from tongban.kernel.registers.operations.defining import define_register
from tongban.kernel.registers.operations.writing import bulk_load
from tongban.kernel.registers.queries import field_keys

__all__ = ["load_records", "load_registers"]


@section("registers", order=26)
def load_registers(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Make the pack's registers or bring them to its definitions."""
    for row in pack.yaml("registers.yaml", "registers"):
        define_register(
            actor=actor,
            key=row["key"],
            name=LocalizedText.of(row["name"]),
            source=LocalizedText.of(row["source"]),
            key_field=row["key_field"],
            fields=row["fields"],
            owner_unit=row.get("owner_unit"),
            at=at,
        )


@section("records", order=27)
def load_records(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Fill the registers with the pack's data."""
    for row in pack.yaml("registers.yaml", "registers"):
        if row.get("data"):
            bulk_load(
                actor=actor,
                register=row["key"],
                rows=_rows(pack, row),
                source=LocalizedText.of(row["source"]).zh,
                at=at,
            )


def _rows(pack: Pack, row: dict[str, Any]) -> Iterator[dict[str, str]]:
    known = field_keys(row["key"])
    for line in pack.csv(row["data"]):
        yield {name: value for name, value in line.items() if name in known}
