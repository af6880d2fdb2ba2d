"""Questions as they are drawn: which control, with which attributes, holding what was typed.

The attributes of a control are put together here, once, and not by the templates: a page of a hundred questions has hundreds of
controls, and asking for each attribute in a template is most of the time that drawing it takes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from django.utils.safestring import SafeString

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

    value: str
    label: LocalizedText
    note: LocalizedText
    is_chosen: bool
    attributes: SafeString


@dataclass(frozen=True, slots=True)
class DatePart:
    """Year, month or day of a date that is typed."""

    part: str
    attributes: SafeString


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
    is_optional: bool
    """True when it is said that it may be left out."""
    described_by: str
    known: KnownValue | None
    hint: LocalizedText
    attributes: SafeString
    """Those of its one control, when it has one."""
    layout: str
    """How the options stand: "checks", or "choices", in one row when they are few and short enough."""
    decides: bool
    """True when other questions of the page depend on this one: a change shows or hides them."""


def question(
    field: Field, now: Situation, options: Sequence[Option], known: KnownValue | None,
    error: LocalizedText | None, decides: bool,
) -> FieldView:  # fmt: skip
    """Return one question, ready to draw."""
    identifier = f"f-{field.key}"
    value = now.context.get(field.key)
    described = [
        f"{identifier}-{what}"
        for what, there in (("hint", field.hint), ("known", known), ("error", error))
        if there
    ]
    template = _template(field, options)
    return FieldView(
        field=field,
        id=identifier,
        template=f"forms/fields/{template}.html",
        value=_typed(field, value),
        options=_options(field, identifier, options, value),
        parts=_date_parts(field, identifier, value, error),
        error=error,
        is_required=field.key in now.required,
        is_optional=not field.computed and field.key not in now.required,
        described_by=" ".join(described),
        known=known,
        hint=field.hint,
        attributes=_attributes(
            {
                **_control(field, template, identifier, value),
                "aria-describedby": " ".join(described) or None,
                "aria-invalid": "true" if error else None,
                "aria-required": "true" if field.key in now.required else None,
                "autocomplete": _autocomplete(field) or None,
            }
        ),
        layout="checks"
        if field.type == "multi"
        else f"choices{' row-of' if _is_row(field, options) else ''}",
        decides=decides,
    )


def _attributes(values: Mapping[str, str | int | bool | None]) -> SafeString:
    """Return attributes as they stand in a tag, escaped; those that are None are left out, True stands by its name."""
    return SafeString(
        "".join(
            f" {name}" if value is True else f' {name}="{escape(str(value))}"'
            for name, value in values.items()
            if value is not None and value is not False
        )
    )


def _control(field: Field, template: str, identifier: str, value: Any) -> dict[str, str | int | bool | None]:
    """Return what tells the kinds of controls apart."""
    if template == "textarea":
        return {"class": "input", "id": identifier, "name": field.key, "rows": field.rows}
    if template == "select":
        return {"class": "input", "id": identifier, "name": field.key}
    is_code = field.type in ("citizen_id", "uscc")
    return {
        "class": f"input {_size(field)}".rstrip(),
        "id": identifier,
        "name": field.key,
        "type": _INPUT_TYPE.get(field.type, "text"),
        "value": _typed(field, value),
        "inputmode": _INPUTMODE.get(field.type),
        "spellcheck": "false" if is_code else None,
        "autocapitalize": "characters" if is_code else None,
    }


def _autocomplete(field: Field) -> str:
    return field.autocomplete or _AUTOCOMPLETE.get(field.element, "")


def _template(field: Field, options: Sequence[Option]) -> str:
    if field.computed:
        return "output"
    if field.type in ("date", "textarea", "entity"):
        return field.type
    if field.type in ("bool", "multi"):
        return "choices"
    if field.type == "unit" or len(options) > RADIOS_UP_TO:
        return "select"
    return "choices" if field.is_choice else "input"


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
    kind = "checkbox" if field.type == "multi" else "radio"
    return [
        OptionView(
            value=option.value,
            label=option.label,
            note=option.note,
            is_chosen=option.value in chosen,
            attributes=_attributes(
                {
                    "type": kind,
                    "id": identifier if n == 0 else f"{identifier}-{n}",
                    "name": field.key,
                    "value": option.value,
                    "checked": option.value in chosen,
                }
            ),
        )
        for n, option in enumerate(options)
    ]


def _date_parts(field: Field, identifier: str, value: Any, error: LocalizedText | None) -> list[DatePart]:
    if field.type != "date":
        return []
    typed = [*str(value or "").split("-", 2), "", "", ""][:3]
    is_birthday = _autocomplete(field) == "bday"
    return [
        DatePart(
            part,
            _attributes(
                {
                    "class": f"input num {part}",
                    "id": identifier if n == 0 else f"{identifier}-{part}",
                    "name": f"{field.key}.{part}",
                    "value": typed[n].lstrip("0") or typed[n],
                    "inputmode": "numeric",
                    "autocomplete": f"bday-{part}" if is_birthday else "off",
                    "aria-invalid": "true" if error else None,
                }
            ),
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
