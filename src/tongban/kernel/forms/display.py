"""An answer as people read it, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tongban.base.text import LocalizedText
from tongban.kernel.forms.rules.masks import mask
from tongban.kernel.forms.rules.structure import Field, Option
from tongban.kernel.forms.rules.values import is_empty, parse_date

__all__ = ["NOT_ANSWERED", "as_text"]

NOT_ANSWERED = LocalizedText("没有填", "Not answered")
YES, NO = LocalizedText("是", "Yes"), LocalizedText("否", "No")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip


def as_text(
    field: Field, value: Any, options: Sequence[Option] | None = None, *, masked: bool = False
) -> LocalizedText:
    """Return the answer as text: labels of choices, dates in words, numbers with their unit, masked when asked."""
    if is_empty(value):
        return NOT_ANSWERED
    if isinstance(value, bool):
        return YES if value else NO
    if field.is_choice:
        return _labels(value, field.options if options is None else options)
    if field.type == "date":
        return _date(value)
    if field.type in ("decimal", "integer") and isinstance(value, int | float):
        return _number(field, value)
    text = str(value)
    return LocalizedText(mask(text, field.mask) if masked else text)


def _labels(value: Any, options: Sequence[Option]) -> LocalizedText:
    known = {o.value: o.label for o in options}
    labels = [
        known.get(str(v), LocalizedText(str(v))) for v in (value if isinstance(value, list) else [value])
    ]
    return LocalizedText("、".join(x.zh for x in labels), ", ".join(x.in_language("en") for x in labels))


def _date(value: Any) -> LocalizedText:
    day = parse_date(value)
    if day is None:
        return LocalizedText(str(value))
    return LocalizedText(
        f"{day.year}年{day.month}月{day.day}日", f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    )


def _number(field: Field, value: int | float) -> LocalizedText:
    text = format(Decimal(repr(value)), ",f")
    if not field.unit:
        return LocalizedText(text)
    return LocalizedText(f"{text} {field.unit.zh}", f"{text} {field.unit.in_language('en')}")
