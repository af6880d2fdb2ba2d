"""What packs say about registers: ``registers.yaml``, with the file of each register's data.

``registers``: key, name, source, owner_unit (a unit's code), key_field, fields (key, label, type,
data_element, personal), and ``data``, a CSV file whose columns are fields; columns that the register does not
know are left to others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from tongban.base.actor import Actor
from tongban.base.bringing import bring
from tongban.base.packs import Pack, section
from tongban.base.text import LocalizedText
from tongban.kernel.registers.models import RegisterDef
from tongban.kernel.registers.operations.defining import define_register
from tongban.kernel.registers.operations.writing import bulk_load
from tongban.kernel.registers.queries import field_keys, written_one_by_one
from tongban.kernel.registers.rules import RegisterSpec

__all__ = ["load_records", "load_registers"]


@section("registers", order=26)
def load_registers(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Make the pack's registers or bring them to its definitions."""
    rows = {row["key"]: row for row in pack.yaml("registers.yaml", "registers")}

    def put(key: str) -> None:
        row = rows[key]
        define_register(
            actor=actor,
            key=key,
            name=LocalizedText.of(row["name"]),
            source=LocalizedText.of(row["source"]),
            key_field=row["key_field"],
            fields=row["fields"],
            owner_unit=row.get("owner_unit"),
            at=at,
        )

    said = {
        key: {**row, "data": None} for key, row in rows.items()
    }  # the records are no part of the definition
    bring(pack, "register", said, standing=_standing, put=put, at=at)


def _standing(keys: Collection[str]) -> dict[str, Any]:
    found = RegisterDef.objects.filter(key__in=keys).prefetch_related("fields")
    return {each.key: [each.owner_unit_id, *_words(each.spec())] for each in found}


def _words(spec: RegisterSpec) -> list[Any]:
    fields = [[f.key, f.label, f.type, f.data_element, f.personal] for f in spec.fields]
    return [spec.name, spec.source, spec.key_field, fields]


@section("records", order=27)
def load_records(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Fill the registers with the pack's data. A record that was written here, one by one, stays as it is."""
    for row in pack.yaml("registers.yaml", "registers"):
        if row.get("data"):
            ours = written_one_by_one(row["key"])
            rows = list(_rows(pack, row))
            kept = [each for each in rows if each[row["key_field"]] in ours]
            if kept:
                pack.leave("records", f"{row['key']} ({len(kept)})")
            bulk_load(
                actor=actor,
                register=row["key"],
                rows=[each for each in rows if each[row["key_field"]] not in ours],
                source=LocalizedText.of(row["source"]).zh,
                at=at,
            )


def _rows(pack: Pack, row: dict[str, Any]) -> Iterator[dict[str, str]]:
    known = field_keys(row["key"])
    for line in pack.csv(row["data"]):
        yield {name: value for name, value in line.items() if name in known}
