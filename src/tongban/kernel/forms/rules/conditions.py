"""Which questions are asked, which must be answered, what is computed.

A condition may only speak of questions asked *before* it, so one pass from top to bottom decides everything and no two
conditions can chase each other. Whoever is not asked has no answer: an invisible field counts as empty for all that follow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tongban.kernel.forms.rules.structure import Field, Form

__all__ = ["Evaluate", "Situation", "fails", "holds", "is_required", "names_in", "situation", "value_of"]

Evaluate = Callable[[str, Mapping[str, Any]], Any]
"""Evaluates one expression in a context. Raises LookupError, TypeError or ValueError when it makes no sense there."""

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
_NAME = re.compile(r"(?<![\w.$#])[A-Za-z_]\w*(?!\w|\s*\()")
_WORDS = {"and", "or", "not", "in", "true", "false", "null", "undefined"}


def names_in(expression: str) -> set[str]:
    """Return the names that an expression reads (not functions, not words of the language, not parts of a path)."""
    return set(_NAME.findall(_QUOTED.sub(" ", expression))) - _WORDS


@dataclass(frozen=True)
class Situation:
    """A form in the light of certain answers."""

    pages: tuple[str, ...]
    """Keys of the pages that are shown."""
    visible: frozenset[str]
    """Keys of the fields that are asked or shown."""
    required: frozenset[str]
    """Keys of the visible fields that must be answered."""
    answers: Mapping[str, Any]
    """What counts: visible fields only, computed ones included. Fields without an answer are absent."""
    context: Mapping[str, Any]
    """What further expressions (checks) are evaluated in: every field, None where there is no answer."""


def situation(form: Form, data: Mapping[str, Any], *, evaluate: Evaluate, today: str) -> Situation:
    """Walk the form from top to bottom and decide each field. ``today`` is an ISO date that conditions may use."""
    context: dict[str, Any] = dict.fromkeys(form.fields)
    context["today"] = today
    pages, visible, required = [], set(), set()
    for page in form.pages:
        if page.visible and not holds(page.visible, context, evaluate):
            continue
        pages.append(page.key)
        for field in page.fields:
            if field.visible and not holds(field.visible, context, evaluate):
                continue
            visible.add(field.key)
            context[field.key] = value_of(field, data, context, evaluate)
            if is_required(field, context, evaluate):
                required.add(field.key)
    answers = {
        key: context[key] for key in form.fields if key in visible and context[key] not in (None, "", [])
    }
    return Situation(tuple(pages), frozenset(visible), frozenset(required), answers, context)


def value_of(field: Field, data: Mapping[str, Any], context: Mapping[str, Any], evaluate: Evaluate) -> Any:
    """Return the answer to a visible field, worked out where it is computed."""
    if not field.computed:
        return data.get(field.key)
    try:
        value = evaluate(field.computed, context)
    except (LookupError, TypeError, ValueError):
        return None  # something it is computed from has not been answered yet
    return round(value, field.decimals) if isinstance(value, float) else value


def is_required(field: Field, context: Mapping[str, Any], evaluate: Evaluate) -> bool:
    """True when this visible field must be answered."""
    if field.computed:
        return False
    if isinstance(field.required, str):
        return holds(field.required, context, evaluate)
    return field.required


def holds(expression: str, context: Mapping[str, Any], evaluate: Evaluate) -> bool:
    """True when the expression is true. A comparison with something unanswered does not hold."""
    try:
        return evaluate(expression, context) is True
    except (LookupError, TypeError, ValueError):
        return False


def fails(expression: str, context: Mapping[str, Any], evaluate: Evaluate) -> bool:
    """True when the expression is false. One that needs something unanswered does not fail: that is asked for elsewhere."""
    try:
        return evaluate(expression, context) is False
    except (LookupError, TypeError, ValueError):
        return False
