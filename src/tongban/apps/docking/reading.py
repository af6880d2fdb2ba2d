"""Reading items that an upper platform hands down: JSON or XML in the shape of the standard's table 4. Pure.

The threat: a file from outside that is too large, nested without end, or XML with a DTD that expands or reads files.
The remedy: a bound on the size, a parser that refuses DTDs and entities, and nothing taken over but the fields of the
table, as texts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import ParseError, fromstring  # type: ignore[import-untyped]

from tongban.apps.docking.standard import Field, tables

__all__ = ["MOST_BYTES", "MOST_ROWS", "Unreadable", "read_items"]

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 20_000


class Unreadable(ValueError):
    """The file is not in the shape of the table."""


def read_items(content: bytes) -> list[dict[str, Any]]:
    """Return the records of a file by field codes. Raises Unreadable.

    JSON: one record, a list of them, or ``{"records": [...]}``; a record with or without the envelope in which we
    send ours; fields under the standard's names or our codes. XML: ``<record>`` or many of them below one root,
    fields as in what we send.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable("too large")
    text = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    rows = _from_xml(text) if text.startswith(b"<") else _from_json(text)
    if not rows or len(rows) > MOST_ROWS:
        raise Unreadable("no records" if not rows else "too many records")
    return rows


def _from_json(content: bytes) -> list[dict[str, Any]]:
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        raise Unreadable("no JSON") from None
    if isinstance(told, dict):
        told = told.get("records", [told])
    if not isinstance(told, list) or not all(isinstance(row, dict) for row in told):
        raise Unreadable("no list of records")
    return [_record(row.get("record", row)) for row in told]


def _from_xml(content: bytes) -> list[dict[str, Any]]:
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError):
        raise Unreadable("no XML") from None
    found = [root] if root.tag == "record" else root.findall("record")
    return [_record({_key(each): each.text or "" for each in one.findall("field")}) for one in found]


def _key(field: Any) -> str:
    return str(field.get("code") or field.get("name") or "")


def _record(row: Any) -> dict[str, Any]:
    """Return a record by codes; what the table does not know is left out, materials too: forms here are our own."""
    if not isinstance(row, Mapping):
        raise Unreadable("no record")
    names: dict[str, Field] = {}
    for field in tables()["item"].fields:
        names[field.code] = names[field.name] = field
    return {
        names[name].code: str(value).replace("\r\n", "\n").strip()
        for name, value in row.items()
        if name in names and isinstance(value, str | int) and not isinstance(value, bool)
    }
