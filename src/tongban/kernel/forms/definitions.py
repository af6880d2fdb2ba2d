"""From a definition (plain data) to a Form: validation, the once-only rule, compilation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tongban.kernel.decisions import service as decisions
from tongban.kernel.decisions.errors import ExpressionError
from tongban.kernel.forms.errors import DefinitionInvalid, OnceOnlyRefused
from tongban.kernel.forms.rules import definition
from tongban.kernel.forms.rules.structure import Field, Form, build
from tongban.kernel.registers import service as registers

__all__ = ["compile_form", "form_from", "validate"]


def validate(content: Any) -> list[definition.Problem]:
    """Return what is wrong with a definition by itself, without asking the registers."""
    return definition.problems(content, _check_expression)


def compile_form(content: Mapping[str, Any], *, version: int = 0) -> Form:
    """Make a Form. Raises DefinitionInvalid (naming every place) or OnceOnlyRefused."""
    found = validate(content)
    if found:
        raise DefinitionInvalid(
            "; ".join(map(str, found)), problems=[{"place": p.place, "message": p.message} for p in found]
        )
    form = build(content, version=version)
    _refuse_unknown_bindings(form)
    _refuse_asking_again(form)
    return form


def form_from(content: Any) -> Form:
    """Make a Form of a draft, to show it. Raises DefinitionInvalid; the registers are not asked, nothing is published."""
    found = validate(content)
    if found:
        problems = [{"place": p.place, "message": p.message, "zh": p.words.zh} for p in found]
        raise DefinitionInvalid("; ".join(map(str, found)), problems=problems)
    return build(content)


def _check_expression(expression: str) -> None:
    try:
        decisions.check_expression(expression)
    except ExpressionError as error:
        raise ValueError(str(error)) from error


def _refuse_unknown_bindings(form: Form) -> None:
    wrong = list(_unknown_bindings(form))
    if wrong:
        raise DefinitionInvalid("; ".join(f"{w['place']}: {w['message']}" for w in wrong), problems=wrong)


def _unknown_bindings(form: Form) -> Iterator[dict[str, str]]:
    for field in form.bound_fields():
        bind = field.bind
        assert bind is not None  # noqa: S101 - bound_fields yields no others
        if bind.field not in registers.field_keys(bind.register):
            yield {
                "place": f"{form.page_of[field.key]}.{field.key}.bind",
                "message": f"register {bind.register!r} has no field {bind.field!r}",
            }


def _refuse_asking_again(form: Form) -> None:
    asked_again = [
        {"field": f.key, "register": held[0], "register_field": held[1]}
        for f in form.fields.values()
        if (held := _held_elsewhere(f))
    ]
    if asked_again:
        raise OnceOnlyRefused(
            "; ".join(f"{a['field']} is held by {a['register']}.{a['register_field']}" for a in asked_again),
            fields=asked_again,
        )


def _held_elsewhere(field: Field) -> tuple[str, str] | None:
    if field.element == "own" or field.bind or field.computed or field.reason:
        return None
    return registers.register_holding(field.element)
