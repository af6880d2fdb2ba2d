"""Are the answers right? The shape by JSON Schema, the numbers by their check digits, the rest by expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import jsonschema_rs

from tongban.base import checks as check_digits
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.kernel.decisions import service as decisions
from tongban.kernel.decisions.errors import ExpressionError
from tongban.kernel.forms.display import as_text
from tongban.kernel.forms.options import Options, options_for
from tongban.kernel.forms.rules import wording
from tongban.kernel.forms.rules.conditions import Situation, fails, situation
from tongban.kernel.forms.rules.paths import Finding
from tongban.kernel.forms.rules.paths import examine as find_dead_ends
from tongban.kernel.forms.rules.samples import Refusal
from tongban.kernel.forms.rules.schema import json_schema
from tongban.kernel.forms.rules.structure import Field, Form
from tongban.kernel.forms.rules.values import is_empty, parse_date

__all__ = ["FieldError", "answers_of", "check", "examine", "situation_of"]

_MAILBOX = re.compile(r"[^@\s,;<>()\"]{1,64}@[^@\s,;<>()\"]+\.[^@\s.,;<>()\"]{2,}\Z")


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one answer."""

    field: str
    message: LocalizedText

    def as_json(self) -> dict[str, Any]:
        """Return the shape in which refusals carry it."""
        return {"field": self.field, "message": self.message.as_json()}


def evaluate(expression: str, context: Mapping[str, Any]) -> Any:
    """Evaluate an expression of a form; what makes no sense in this context raises ValueError."""
    try:
        return decisions.evaluate(expression, context)
    except ExpressionError as error:
        raise ValueError(str(error)) from error


def situation_of(form: Form, data: Mapping[str, Any], *, at: datetime) -> Situation:
    """Return which pages and fields are shown and required with these answers, and what counts."""
    return situation(form, data, evaluate=evaluate, today=local_date(at).isoformat())


def examine(
    form: Form, *, at: datetime, conditions: Mapping[str, str] | None = None, refusal: Refusal | None = None
) -> list[Finding]:
    """Return what is wrong with the ways through a form: see ``rules.paths``.

    ``conditions`` are those of others over its answers, by their place; ``refusal`` says which answers rule a person out.
    """
    return find_dead_ends(
        form,
        evaluate=evaluate,
        today=local_date(at).isoformat(),
        conditions=conditions,
        refusal=refusal,
    )


def answers_of(form: Form, data: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """Return what counts: the answers to the questions that are asked, and what is computed from them."""
    return dict(situation_of(form, data, at=at).answers)


def check(
    form: Form,
    data: Mapping[str, Any],
    *,
    page: str | None = None,
    at: datetime,
    actor: Actor | None = None,
    about: Ref | None = None,
) -> list[FieldError]:
    """Return what is wrong with the answers of a page (or of the whole form), in the order of the questions.

    One error a field, the first that matters. ``actor`` is needed when options depend on who answers (entities, units).
    """
    now = situation_of(form, data, at=at)
    fields = [
        f
        for k, f in form.fields.items()
        if k in now.visible and page in (None, form.page_of[k]) and f.is_asked
    ]
    options = options_for(form, actor=actor, at=at, about=about, page=page)
    found: dict[str, LocalizedText] = dict(_shape_errors(form, now.answers))
    for field in fields:
        if field.key not in found:
            error = _error(field, now, options)
            if error:
                found[field.key] = error
    unknown = [] if page else [FieldError(k, wording.UNKNOWN) for k in data if k not in form.fields]
    return [FieldError(f.key, found[f.key]) for f in fields if f.key in found] + unknown


def _error(field: Field, now: Situation, options: Options) -> LocalizedText | None:
    value = now.context.get(field.key)
    if is_empty(value):
        return wording.required(field) if field.key in now.required else None
    return (
        _option_error(field, value, options)
        or _date_error(field, value, str(now.context["today"]))
        or _decimals_error(field, value)
        or _check_error(field, now)
    )


def _option_error(field: Field, value: Any, options: Options) -> LocalizedText | None:
    if not field.is_choice:
        return None
    possible = {o.value for o in options.get(field.key, ())}
    chosen = set(value) if isinstance(value, list) else {value}
    return None if chosen <= possible else wording.OPTION


def _date_error(field: Field, value: Any, today: str) -> LocalizedText | None:
    if field.type != "date":
        return None
    for limit, keyword in ((field.min, "earliest"), (field.max, "latest")):
        if limit is None:
            continue
        edge = today if limit == "today" else str(limit)
        if (value < edge) if keyword == "earliest" else (value > edge):
            return wording.say(field, keyword, as_text(field, edge))
    return None


def _decimals_error(field: Field, value: Any) -> LocalizedText | None:
    if field.type == "decimal" and isinstance(value, float) and round(value, field.decimals) != value:
        return wording.say(field, "decimals", field.decimals)
    return None


def _check_error(field: Field, now: Situation) -> LocalizedText | None:
    for one in field.checks:
        if fails(one.that, now.context, evaluate):
            return one.say
    return None


def _shape_errors(form: Form, answers: Mapping[str, Any]) -> Iterator[tuple[str, LocalizedText]]:
    seen = set()
    for error in _validator(form).iter_errors(dict(answers)):
        if not error.instance_path:
            continue  # missing answers are the business of conditions
        field = form.fields[str(error.instance_path[0])]
        if field.key in seen:
            continue
        seen.add(field.key)
        keyword, detail = str(error.schema_path[-1]), error.kind.as_dict()
        limit = detail.get("limit", detail.get("format", ""))
        yield field.key, wording.say(field, keyword, limit, len(str(answers[field.key])))


@lru_cache(maxsize=256)
def _validator(form: Form) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(
        json_schema(form),
        validate_formats=True,
        formats={
            "citizen-id": check_digits.is_citizen_id,
            "uscc": check_digits.is_uscc,
            "mobile": check_digits.is_mobile,
            "mailbox": lambda text: bool(_MAILBOX.match(text)),
            "day": lambda text: parse_date(text) is not None,
        },
        # Patterns come from data: the engine without backtracking cannot be made to hang by an answer.
        pattern_options=jsonschema_rs.RegexOptions(),
    )
