"""The field lists of GB/T 39046-2020 and what they demand of a record. Pure: no Django, no database.

The lists are data (``tables.yaml``). A record is a plain mapping of field codes to strings; the repeated part of a
table (the materials) is a list of such mappings under the code of its group. ``violations`` says everything that is
wrong with a record; one with a violation is never sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from stdnum.cn import ric, uscc

from tongban.base.text import LocalizedText as T

__all__ = [
    "CODES",
    "DEVIATIONS",
    "STANDARD",
    "Field",
    "Format",
    "Group",
    "Table",
    "Violation",
    "personal_labels",
    "tables",
    "violations",
]

_PATTERN = re.compile(
    r"(?P<kind>an|a|n)(?P<least>\d+)?(?:(?P<range>\.\.)(?P<most>\d+)(?:,(?P<decimals>\d+))?)?"
)
_NOT_TEXT = re.compile("[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 does not know: control characters, halves of characters."""
LITERAL, WIDE = "literal", "wide"


@dataclass(frozen=True, slots=True)
class Format:
    """How a value is written: ``an..200``, ``n1``, ``n..16,2``, ``text``, ``date``, ``datetime``, ``binary``."""

    text: str
    kind: str
    least: int = 0
    most: int | None = None
    decimals: int = 0

    @classmethod
    def parse(cls, text: str) -> Format:
        """Read a format. Raises ValueError for one that the standard's table 3 does not know."""
        if text in ("text", "date", "datetime", "binary"):
            return cls(text, text)
        found = _PATTERN.fullmatch(text)
        if found is None or not (found["least"] or found["most"]):
            raise ValueError(f"{text!r} is no format of GB/T 39046")
        least = int(found["least"] or 0)
        most = int(found["most"]) if found["range"] else least
        return cls(text, found["kind"], least, most, int(found["decimals"] or 0))

    def fault(self, value: str) -> T | None:
        """Say why this value is not of the format, None when it is. Length counts characters."""
        if _NOT_TEXT.search(value):
            return T("含有不能传的控制字符", "contains characters that cannot be sent")
        if self.kind == "date":
            return (
                None if _is_moment(value, "%Y%m%d", 8) else T("不是 YYYYMMDD 的日期", "is no date YYYYMMDD")
            )
        if self.kind == "datetime":
            well = _is_moment(value, "%Y%m%d%H%M%S", 14)
            return None if well else T("不是 YYYYMMDDhhmmss 的时间", "is no moment YYYYMMDDhhmmss")
        if self.kind == "binary":
            return T("文件不随记录传", "files are not sent with records")
        if self.kind == "n" and not self._is_number(value):
            return T(f"应当是数字（{self.text}）", f"must be digits ({self.text})")
        if self.most is not None and len(value) > self.most:
            return T(
                f"有 {len(value)} 个字符，最多 {self.most} 个",
                f"has {len(value)} characters, {self.most} at most",
            )
        if len(value) < self.least:
            return T(
                f"只有 {len(value)} 个字符，应当有 {self.least} 个",
                f"has {len(value)} characters instead of {self.least}",
            )
        return None

    def _is_number(self, value: str) -> bool:
        if not self.decimals:
            return value.isascii() and value.isdigit()
        return re.fullmatch(rf"\d+(\.\d{{1,{self.decimals}}})?", value, re.ASCII) is not None


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``name`` is the standard's; ``format`` is the literal one, ``wide`` the one in use where real
    values need more.
    """

    code: str
    name: str
    format: Format
    wide: Format
    why: str = ""
    required: bool = False
    codes: str = ""
    label_of: str = ""
    check: str = ""
    not_before: str = ""
    mask: str = ""
    says: str = ""

    def format_in(self, widths: str) -> Format:
        """Return the format that counts under these widths ("wide" or "literal")."""
        return self.format if widths == LITERAL else self.wide


@dataclass(frozen=True, slots=True)
class Group:
    """The part of a table that repeats."""

    code: str
    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A data set of the standard: its number there, its fields in order."""

    key: str
    number: int
    name: T
    fields: tuple[Field, ...]
    group: Group | None = None

    @property
    def personal(self) -> tuple[str, ...]:
        """The codes of the fields that hold something about a person."""
        return tuple(field.code for field in self.fields if field.mask)


@dataclass(frozen=True, slots=True)
class Violation:
    """Where a record violates the standard (``applicant``, ``materials.2.name``), the field's name, and how."""

    place: str
    name: str
    message: T

    def as_json(self) -> dict[str, Any]:
        """Return the shape in which it is kept with the record."""
        return {"place": self.place, "name": self.name, "message": self.message.as_json()}


def _content() -> dict[str, Any]:
    text = (Path(__file__).parent / "tables.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


_CONTENT = _content()
STANDARD: str = _CONTENT["standard"]
CODES: Mapping[str, Mapping[str, str]] = _CONTENT["codes"]
DEVIATIONS: Mapping[str, T] = {key: T.of(value) for key, value in _CONTENT["deviations"].items()}


@lru_cache(maxsize=1)
def tables() -> Mapping[str, Table]:
    """Return the tables by their keys, in the order of the standard."""
    return {key: _table(key, row) for key, row in _CONTENT["tables"].items()}


def personal_labels(codes: Iterable[str]) -> dict[str, T]:
    """Return what the standard calls the personal fields with these codes; it has Chinese names only."""
    fields = [field for table in tables().values() for field in table.fields if field.mask]
    names = {
        field.code: T(zh=field.name, en=field.code.replace("_", " ").capitalize())
        for field in reversed(fields)
    }
    return {code: names[code] for code in codes if code in names}


def violations(table: Table, record: Mapping[str, Any], widths: str = WIDE) -> list[Violation]:
    """Return everything in which a record violates its table; unknown fields too. An empty value counts as none."""
    known = {field.code for field in table.fields} | ({table.group.code} if table.group else set())
    found = [_unknown(name) for name in record if name not in known]
    found += _faults(table.fields, record, "", widths)
    if table.group is not None:
        for place, row in enumerate(record.get(table.group.code) or (), start=1):
            prefix = f"{table.group.code}.{place}."
            codes = {field.code for field in table.group.fields}
            found += [_unknown(prefix + name) for name in row if name not in codes]
            found += _faults(table.group.fields, row, prefix, widths)
    return found


def _faults(fields: Sequence[Field], row: Mapping[str, Any], prefix: str, widths: str) -> list[Violation]:
    found = []
    for field in fields:
        value = row.get(field.code)
        fault = (
            (T("没有填", "is missing") if field.required else None)
            if value in (None, "")
            else _fault(field, value, row, widths)
        )
        if fault is not None:
            found.append(Violation(prefix + field.code, field.name, fault))
    return found


def _fault(field: Field, value: Any, row: Mapping[str, Any], widths: str) -> T | None:
    if not isinstance(value, str):
        return T("不是文字", "is no text")
    fault = field.format_in(widths).fault(value)
    if fault is not None:
        return fault
    if field.codes and value not in CODES[field.codes]:
        return T(f"代码表 {field.codes} 里没有 {value}", f"code table {field.codes} has no {value}")
    if field.label_of and value != _label(field, row):
        return T("和代码不一致", "does not agree with its code")
    if field.not_before and value < str(row.get(field.not_before) or ""):
        return T("早于开始的时间", "is before the beginning")
    if field.check == "uscc" and not uscc.is_valid(value):
        return T("不是有效的统一社会信用代码", "is no valid unified social credit code")
    if field.check == "holder" and not _is_holder(value, str(row.get("applicant_id_type") or "")):
        return T("证件号码和证件类型不符", "does not fit the kind of document")
    return None


def _label(field: Field, row: Mapping[str, Any]) -> str | None:
    return CODES[_CODED[field.label_of]].get(str(row.get(field.label_of) or ""))


def _is_holder(value: str, kind: str) -> bool:
    """Citizen IDs and credit codes are proved by their check characters; other documents have none that we know."""
    if kind == "111":
        return _has_citizen_form(value)
    return uscc.is_valid(value) if kind == "001" else True


def _has_citizen_form(value: str) -> bool:
    """Check form and check character; codes of areas that are no more are right in old numbers, so areas are not looked up."""
    return (
        re.fullmatch(r"\d{17}[\dX]", value, re.ASCII) is not None and ric.calc_check_digit(value) == value[-1]
    )


def _is_moment(value: str, pattern: str, length: int) -> bool:
    if len(value) != length or not (value.isascii() and value.isdigit()):
        return False
    try:
        datetime.strptime(value, pattern)
    except ValueError:
        return False
    return True


def _unknown(place: str) -> Violation:
    return Violation(place, place, T("标准里没有这一项", "is not in the standard"))


_CODED: Mapping[str, str] = {
    field["code"]: field["codes"]
    for table in _CONTENT["tables"].values()
    for field in table["fields"]
    if "codes" in field
}


def _table(key: str, row: Mapping[str, Any]) -> Table:
    group = row.get("group")
    return Table(
        key=key,
        number=row["number"],
        name=T.of(row["name"]),
        fields=tuple(_field(each) for each in row["fields"]),
        group=Group(group["code"], group["name"], tuple(_field(each) for each in group["fields"]))
        if group
        else None,
    )


def _field(row: Mapping[str, Any]) -> Field:
    literal = Format.parse(row["format"])
    rest = {name: row[name] for name in row if name not in ("format", "wide")}
    return Field(format=literal, wide=Format.parse(row["wide"]) if "wide" in row else literal, **rest)
