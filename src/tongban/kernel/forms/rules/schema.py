"""A form as a JSON Schema (2020-12): the shape of its answers, for validation and for those who use the API.

Conditional things (visible, required by an expression, checks) cannot be said in the schema; ``x-visible`` and
``x-required`` carry the expressions for readers.
"""

from __future__ import annotations

from typing import Any

from tongban.kernel.forms.rules.structure import Field, Form

__all__ = ["FORMATS", "json_schema"]

FORMATS = {"citizen_id": "citizen-id", "uscc": "uscc", "mobile": "mobile", "email": "mailbox", "date": "day"}
"""Our format names by field type. The checks behind them are given to the validator by ``checking``."""


def json_schema(form: Form) -> dict[str, Any]:
    """Return the schema of the answers to ``form``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": form.name.zh,
        "type": "object",
        "properties": {key: field_schema(field) for key, field in form.fields.items()},
        "required": [key for key, f in form.fields.items() if _always_required(form, f)],
        "additionalProperties": False,
    }


def _always_required(form: Form, field: Field) -> bool:
    page = form.page(form.page_of[field.key])
    return field.required is True and not field.visible and not field.computed and not (page and page.visible)


def field_schema(field: Field) -> dict[str, Any]:
    """Return the schema of one field's value."""
    schema: dict[str, Any] = {"title": field.label.zh}
    if field.hint:
        schema["description"] = field.hint.zh
    if field.visible:
        schema["x-visible"] = field.visible
    if isinstance(field.required, str):
        schema["x-required"] = field.required
    if field.computed:
        return schema | {"readOnly": True, "x-computed": field.computed}
    return schema | _shape(field)


def _shape(field: Field) -> dict[str, Any]:
    if field.type == "bool":
        return {"type": "boolean"}
    if field.type in ("decimal", "integer"):
        return _number(field)
    choices = {"enum": [o.value for o in field.options]} if field.options else {}
    if field.type == "multi":
        return {"type": "array", "items": {"type": "string", **choices}, "uniqueItems": True}
    return _string(field) | choices


def _number(field: Field) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "integer" if field.type == "integer" else "number"}
    if isinstance(field.min, int | float):
        schema["minimum"] = field.min
    if isinstance(field.max, int | float):
        schema["maximum"] = field.max
    return schema


def _string(field: Field) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if field.type in FORMATS:
        schema["format"] = FORMATS[field.type]
    elif field.min_length:
        schema["minLength"] = field.min_length
    if field.max_length:
        schema["maxLength"] = field.max_length
    if field.pattern:
        schema["pattern"] = rf"^(?:{field.pattern})$"
    return schema
