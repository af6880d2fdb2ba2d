"""Questions as they are drawn: which control, with which attributes, holding what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tongban.base.text import LocalizedText
from tongban.kernel.forms.display import as_text
from tongban.kernel.forms.known import FIGURES, KnownValue
from tongban.kernel.forms.rules.conditions import Situation
from tongban.kernel.forms.rules.structure import Field, Option
from tongban.kernel.forms.rules.values import DATE_PARTS, is_empty

__all__ = ["FieldView", "OptionView", "question"]

RADIOS_UP_TO = 7
"""More options than these make a list to choose from."""

_AUTOCOMPLETE = {
    "person.name": "name", "person.phone": "tel", "person.email": "email", "person.address": "street-address",
    "person.birth_on": "bday", "entity.name": "organization",
}  # fmt: skip
_INPUTMODE = {"decimal": "decimal", "integer": "numeric", "mobile": "tel", "email": "email"}
_INPUT_TYPE = {"mobile": "tel", "email": "email"}


@dataclass(frozen=True, slots=True)
class OptionView:
    """One radio, checkbox or line of a list."""

    id: str
    value: str
    label: LocalizedText
    note: LocalizedText
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class DatePart:
    """Year, month or day of a date that is typed."""

    name: str
    id: str
    part: str
    value: str


@dataclass(frozen=True, slots=True)
class FieldView:
    """One question as drawn. ``id`` is the id of the control that an error links to, ``f-<key>``."""

    field: Field
    id: str
    template: str
    value: str
    options: Sequence[OptionView]
    parts: Sequence[DatePart]
    error: LocalizedText | None
    is_required: bool
    described_by: str
    known: KnownValue | None
    hint: LocalizedText
    size: str
    input_type: str
    input_mode: str
    autocomplete: str
    is_row: bool
    """True when the options are few and short enough to stand in one row."""
    decides: bool
    """True when other questions of the page depend on this one: a change shows or hides them."""


def question(
    field: Field, now: Situation, options: Sequence[Option], known: KnownValue | None,
    error: LocalizedText | None, decides: bool,
) -> FieldView:  # fmt: skip
    """Return one question, ready to draw."""
    identifier = f"f-{field.key}"
    value = now.context.get(field.key)
    parts = _date_parts(field, identifier, value)
    described = [
        f"{identifier}-{what}"
        for what, there in (("hint", field.hint), ("known", known), ("error", error))
        if there
    ]
    return FieldView(
        field=field,
        id=identifier,
        template=_template(field, options),
        value=_typed(field, value),
        options=_options(field, identifier, options, value),
        parts=parts,
        error=error,
        is_required=field.key in now.required,
        described_by=" ".join(described),
        known=known,
        hint=field.hint,
        size=_size(field),
        input_type=_INPUT_TYPE.get(field.type, "text"),
        input_mode=_INPUTMODE.get(field.type, ""),
        autocomplete=field.autocomplete or _AUTOCOMPLETE.get(field.element, ""),
        is_row=_is_row(field, options),
        decides=decides,
    )


def _template(field: Field, options: Sequence[Option]) -> str:
    if field.computed:
        return "output"
    if field.type in ("bool", "multi", "date", "textarea"):
        return {"bool": "yes_no", "multi": "checks"}.get(field.type, field.type)
    if field.type == "entity":
        return "entity"
    if field.type == "unit" or len(options) > RADIOS_UP_TO:
        return "select"
    return "radios" if field.is_choice else "input"


def _is_row(field: Field, options: Sequence[Option]) -> bool:
    if field.type == "bool":
        return True
    short = all(len(o.label.zh) <= 8 and len(o.label.en) <= 30 and not o.note for o in options)
    return len(options) <= 3 and short


def _typed(field: Field, value: Any) -> str:
    """Return the value as it stands in a control: exactly what was typed when it could not be read."""
    if field.computed:
        return str(as_text(field, value)) if not is_empty(value) else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None or isinstance(value, list) else str(value)


def _options(field: Field, identifier: str, options: Sequence[Option], value: Any) -> list[OptionView]:
    if field.type == "bool":
        options = (Option("true", LocalizedText("是", "Yes")), Option("false", LocalizedText("否", "No")))
        value = _typed(field, value)
    chosen = {str(v) for v in value} if isinstance(value, list) else {str(value)}
    return [
        OptionView(identifier if n == 0 else f"{identifier}-{n}", o.value, o.label, o.note, o.value in chosen)
        for n, o in enumerate(options)
    ]


def _date_parts(field: Field, identifier: str, value: Any) -> list[DatePart]:
    if field.type != "date":
        return []
    typed = [*str(value or "").split("-", 2), "", "", ""][:3]
    return [
        DatePart(
            f"{field.key}.{part}",
            identifier if n == 0 else f"{identifier}-{part}",
            part,
            typed[n].lstrip("0") or typed[n],
        )
        for n, part in enumerate(DATE_PARTS)
    ]


def _size(field: Field) -> str:
    figure = " num" if field.type in FIGURES else ""
    if field.type in ("decimal", "integer") or (field.type == "text" and (field.max_length or 99) <= 10):
        return f"short{figure}"
    if field.type in ("citizen_id", "uscc", "mobile"):
        return f"middle{figure}"
    return ""
