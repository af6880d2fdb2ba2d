"""A record as the bytes that go out: JSON or XML, with the standard's own field names or with our short codes.

XML is made by a serialiser, never by joining strings, and a value with a character that XML does not know never gets here (the
validator refuses it). Every field stands in an element of its own, named by attributes, because the standard's names
(联系人/代理人姓名) are not names of XML.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from tongban.apps.docking.standard import STANDARD, Field, Table, tables

__all__ = ["Envelope", "Style", "masked", "render"]

JSON, XML = "json", "xml"


@dataclass(frozen=True, slots=True)
class Style:
    """How a destination wants records: ``form`` json or xml, ``names`` chinese or code, ``with_t`` 20260301T101500."""

    form: str = JSON
    names: str = "chinese"
    with_t: bool = False

    @property
    def media_type(self) -> str:
        """The type of the content, for a request."""
        return "application/xml; charset=utf-8" if self.form == XML else "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands around a record: which table, the place in the sequence, the key by which it has one effect only."""

    table: str
    key: str
    sequence: int
    day: str
    digest: str


def render(envelope: Envelope, record: Mapping[str, Any], style: Style) -> bytes:
    """Return a record with its envelope as it is sent."""
    table = tables()[envelope.table]
    head = {
        "standard": STANDARD,
        "table": envelope.table,
        "number": str(table.number),
        "key": envelope.key,
        "sequence": str(envelope.sequence),
        "day": envelope.day,
        "digest": envelope.digest,
    }
    return _xml(head, table, record, style) if style.form == XML else _json(head, table, record, style)


def masked(table: Table, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record for the eyes of an operator: everything about persons is covered."""
    covered = {field.code: _MASKS[field.mask] for field in table.fields if field.mask}
    return {
        code: covered[code](value) if code in covered and isinstance(value, str) and value else value
        for code, value in record.items()
    }


_MASKS = {
    "name": lambda value: value[0] + "*" * max(1, len(value) - 1),
    "id": lambda value: (
        value[:6] + "*" * max(0, len(value) - 10) + value[-4:] if len(value) > 10 else "*" * len(value)
    ),
    "mobile": lambda value: value[:3] + "****" + value[-4:] if len(value) > 7 else "****",
    "text": lambda value: f"（{len(value)} 字）",
}


def _json(head: Mapping[str, str], table: Table, record: Mapping[str, Any], style: Style) -> bytes:
    content: dict[str, Any] = {
        _name(field, style): _value(field, record, style) for field in _filled(table.fields, record)
    }
    if table.group is not None:
        name = table.group.name if style.names == "chinese" else table.group.code
        content[name] = [
            {_name(field, style): _value(field, row, style) for field in _filled(table.group.fields, row)}
            for row in record.get(table.group.code) or ()
        ]
    return json.dumps({**head, "record": content}, ensure_ascii=False, indent=1).encode() + b"\n"


def _xml(head: Mapping[str, str], table: Table, record: Mapping[str, Any], style: Style) -> bytes:
    root = ET.Element("record", dict(head))
    _fields(root, table.fields, record, style)
    if table.group is not None:
        for row in record.get(table.group.code) or ():
            part = ET.SubElement(root, "group", {"code": table.group.code, "name": table.group.name})
            _fields(part, table.group.fields, row, style)
    ET.indent(root, " ")
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _fields(parent: ET.Element, fields: tuple[Field, ...], row: Mapping[str, Any], style: Style) -> None:
    for field in _filled(fields, row):
        names = {"code": field.code, "name": field.says or field.name}
        ET.SubElement(parent, "field", names).text = _value(field, row, style)


def _filled(fields: tuple[Field, ...], row: Mapping[str, Any]) -> list[Field]:
    return [field for field in fields if row.get(field.code) not in (None, "")]


def _name(field: Field, style: Style) -> str:
    return field.name if style.names == "chinese" else field.code


def _value(field: Field, row: Mapping[str, Any], style: Style) -> str:
    value = str(row[field.code])
    is_moment = field.format.kind == "datetime" and len(value) == 14
    return f"{value[:8]}T{value[8:]}" if style.with_t and is_moment else value
