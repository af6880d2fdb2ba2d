"""Reading what was typed. Nothing is refused here: what cannot be read stays as typed, so that it can be shown again
and corrected; ``checking`` then says what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from tongban.kernel.forms.rules.structure import Field

__all__ = ["Posted", "is_empty", "parse_date", "read_posted", "read_value", "same"]

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_FULL_WIDTH = {0xFF01 + n: 0x21 + n for n in range(94)} | {0x3000: 0x20}
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,10})?\Z")
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z")
_YES = {"yes", "true", "1", "是"}
_NO = {"no", "false", "0", "否"}
DATE_PARTS = ("year", "month", "day")


class Posted(Protocol):
    """A QueryDict, or anything that gives all values of a name."""

    def __contains__(self, key: object, /) -> bool: ...

    def getlist(self, key: str, /) -> Sequence[Any]: ...


def read_posted(field: Field, posted: Posted) -> tuple[bool, Any]:
    """Return (was the field on the page at all, its value). A date may come whole or as year, month and day."""
    parts = [f"{field.key}.{part}" for part in DATE_PARTS]
    if field.type == "date" and any(part in posted for part in parts):
        typed = [_last(posted.getlist(part)) for part in parts]
        return True, read_value(field, "-".join(typed) if any(typed) else "")
    if field.key not in posted:
        return False, None
    values = posted.getlist(field.key)
    return True, read_value(field, list(values) if field.type == "multi" else _last(values))


def _last(values: Sequence[Any]) -> str:
    return str(values[-1]).strip() if values else ""


def read_value(field: Field, raw: Any) -> Any:
    """Return ``raw`` in the shape in which it is stored; None when empty; as typed when it cannot be read.

    Full-width digits and letters become half-width in codes and numbers, spaces inside codes go, dates become ISO.
    """
    if field.type == "multi":
        values = raw if isinstance(raw, list | tuple) else [] if raw is None else [raw]
        chosen = [_text(v) for v in values]
        return list(dict.fromkeys(v for v in chosen if v)) or None
    if isinstance(raw, bool) and field.type == "bool":
        return raw
    text = _text(raw)
    if not text:
        return None
    value = _READERS.get(field.type, lambda t: t)(text)
    return None if value == "" else value


def _text(raw: Any) -> str:
    if raw is None:
        return ""
    text = raw if isinstance(raw, str) else str(raw)
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _half_width(text: str) -> str:
    return text.translate(_FULL_WIDTH)


def _code(text: str) -> str:
    return re.sub(r"[\s\-]", "", _half_width(text)).upper()


def _mobile(text: str) -> str:
    digits = re.sub(r"[\s\-()]", "", _half_width(text))
    return re.sub(r"\A(\+86|0086)+", "", digits)


def _number(text: str) -> Any:
    plain = _half_width(text).replace(",", "").replace(" ", "")
    if not _NUMBER.match(plain):
        return text
    value = float(plain)  # a float keeps fifteen digits exactly as typed
    return int(value) if value.is_integer() else value  # 48 and 48.0 are one answer


def _date(text: str) -> str:
    match = _DATE.match(_half_width(text).replace("/", "-").replace(".", "-"))
    if not match:
        return text
    year, month, day = match.groups()
    return f"{year}-{int(month):02}-{int(day):02}"


def _bool(text: str) -> Any:
    lowered = text.lower()
    return True if lowered in _YES else False if lowered in _NO else text


_READERS: Mapping[str, Any] = {
    "citizen_id": _code,
    "uscc": _code,
    "mobile": _mobile,
    "email": lambda text: _half_width(text).replace(" ", ""),
    "decimal": _number,
    "integer": _number,
    "date": _date,
    "bool": _bool,
}


def parse_date(value: Any) -> date | None:
    """Return the date an ISO text names, None when there is no such day."""
    if not isinstance(value, str) or not _DATE.match(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def is_empty(value: Any) -> bool:
    """True when nothing was answered. ``False`` and ``0`` are answers."""
    return value is None or value == "" or value == []


def same(one: Any, other: Any) -> bool:
    """True when two values mean the same answer: empty like missing, 48 like 48.0, any order of a multiple choice."""
    if is_empty(one) or is_empty(other):
        return is_empty(one) and is_empty(other)
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(str, one)) == sorted(map(str, other))
    return bool(one == other) or str(one).strip() == str(other).strip()
