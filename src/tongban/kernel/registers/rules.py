"""What a register may be: names, types, the reading of values, and what changes between two definitions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from tongban.base.text import LocalizedText

__all__ = [
    "SEALED_ELEMENTS",
    "SUBJECT_ELEMENTS",
    "SYSTEM_PREFIX",
    "TYPES",
    "Change",
    "FieldSpec",
    "RegisterSpec",
    "changes",
    "is_field_key",
    "problems",
    "read_value",
]

SYSTEM_PREFIX = "rec_"
"""Columns of ours; a register's own fields may not begin like that."""
SUBJECT_ELEMENTS = frozenset({"person.citizen_id", "entity.uscc", "certificate.holder_key"})
"""Data elements that say whom a record is about; their columns have an index."""
SEALED_ELEMENTS = frozenset({"person.citizen_id", "person.phone", "entity.legal_representative_id"})
"""Data elements that the database knows only sealed, and finds by their blinds."""
VEILED_ELEMENTS = frozenset({"certificate.holder_key", "certificate.number", "certificate.data"})
"""Data elements that may have somebody's number in them, which the database knows only veiled (``base.veiled``)."""
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field: ``data_element`` is what forms ask by.

    ``personal`` ones are read only with an act in the ledger.
    """

    key: str
    label: LocalizedText
    type: str
    data_element: str = ""
    personal: bool = False

    @property
    def sealed(self) -> bool:
        """True when the column holds envelopes."""
        return self.data_element in SEALED_ELEMENTS and self.type in ("text", "code")

    @property
    def veiled(self) -> bool:
        """True when numbers of people stand veiled in the column."""
        return self.data_element in VEILED_ELEMENTS and self.type in ("text", "code", "json")

    @classmethod
    def of(cls, value: FieldSpec | Mapping[str, Any]) -> FieldSpec:
        """Read the mapping that packs write."""
        if isinstance(value, FieldSpec):
            return value
        return cls(
            key=str(value["key"]),
            label=LocalizedText.of(value["label"]),
            type=str(value["type"]),
            data_element=str(value.get("data_element") or ""),
            personal=bool(value.get("personal", False)),
        )


@dataclass(frozen=True, slots=True)
class RegisterSpec:
    """A register: its words, where its data come from, by which field a record is known, and its fields in order."""

    key: str
    name: LocalizedText
    key_field: str
    source: LocalizedText
    fields: tuple[FieldSpec, ...] = field(default=())

    def get(self, key: str) -> FieldSpec | None:
        """Return the field of that key."""
        return next((each for each in self.fields if each.key == key), None)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all fields, in order."""
        return tuple(each.key for each in self.fields)


def is_field_key(key: str) -> bool:
    """True for a name that a field may have."""
    return bool(_KEY.fullmatch(key)) and not key.startswith(SYSTEM_PREFIX)


def problems(spec: RegisterSpec) -> Iterator[str]:
    """Yield what is wrong with a definition, in plain words."""
    if not _KEY.fullmatch(spec.key):
        yield f"{spec.key!r} is no name for a register: small letters, digits and _, at most 40"
    if len(set(spec.keys)) != len(spec.keys):
        yield f"{spec.key}: a field stands there twice"
    for each in spec.fields:
        if not is_field_key(each.key):
            yield f"{spec.key}.{each.key}: no name for a field"
        if each.type not in TYPES:
            yield f"{spec.key}.{each.key}: unknown type {each.type!r}; known: {', '.join(TYPES)}"
        if not each.label:
            yield f"{spec.key}.{each.key}: a label in Chinese is missing"
    known = spec.get(spec.key_field)
    if known is None or known.type not in ("code", "text"):
        yield f"{spec.key}: the key field {spec.key_field!r} must be a field of type code or text"


# --- Values ---


def _text(raw: Any) -> str:
    return str(raw).strip()


def _day(raw: Any) -> date:
    return raw if isinstance(raw, date) else date.fromisoformat(str(raw).strip())


def _integer(raw: Any) -> int:
    if isinstance(raw, bool):
        raise ValueError("true and false are no numbers")
    return int(raw)


def _decimal(raw: Any) -> Decimal:
    try:
        return Decimal(str(raw).strip())
    except InvalidOperation as error:
        raise ValueError(f"not a number: {raw!r}") from error


def _truth(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    try:
        return {"true": True, "1": True, "是": True, "false": False, "0": False, "否": False}[
            str(raw).strip().lower()
        ]
    except KeyError:
        raise ValueError(f"neither true nor false: {raw!r}") from None


def _json(raw: Any) -> Any:
    return json.loads(raw) if isinstance(raw, str) else json.loads(json.dumps(raw, ensure_ascii=False))


@dataclass(frozen=True, slots=True)
class FieldType:
    """The column type in PostgreSQL and the reader of values from outside."""

    column: str
    read: Callable[[Any], Any]


TYPES: dict[str, FieldType] = {
    "text": FieldType("text", _text),
    "code": FieldType("text", _text),
    "date": FieldType("date", _day),
    "int": FieldType("bigint", _integer),
    "decimal": FieldType("numeric", _decimal),
    "bool": FieldType("boolean", _truth),
    "json": FieldType("jsonb", _json),
}


def read_value(type_: str, raw: Any) -> Any:
    """Return the value of a field from what a form, a file or a program gives.

    Empty is None. Raises ValueError.
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    return TYPES[type_].read(raw)


# --- Changes ---


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two definitions: ``kind`` is add, retire, revive, describe or retype."""

    kind: str
    field: FieldSpec


def changes(
    before: Iterable[FieldSpec], retired: Iterable[FieldSpec], after: Iterable[FieldSpec]
) -> list[Change]:
    """Return what leads from the fields in use (and those retired earlier) to the new ones.

    A field that is missing is retired: its column stays, because history points to it. A type never changes, nor whether and
    as what a field is sealed: ``retype`` is there to be refused, the way is a new field.
    """
    active, gone = {f.key: f for f in before}, {f.key: f for f in retired}
    wanted = {f.key: f for f in after}
    found = []
    for key, new in wanted.items():
        old = active.get(key) or gone.get(key)
        if old is None:
            found.append(Change("add", new))
        elif old.type != new.type or _seal_of(old) != _seal_of(new):
            found.append(Change("retype", new))
        elif key in gone:
            found.append(Change("revive", new))
        elif old != new:
            found.append(Change("describe", new))
    found += [Change("retire", old) for key, old in active.items() if key not in wanted]
    return found


def _seal_of(spec: FieldSpec) -> str:
    return spec.data_element if spec.sealed else ""
