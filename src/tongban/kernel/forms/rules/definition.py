"""Is a form definition sound? Every problem is named with its place, so that whoever draws forms can find it.

What needs other modules (do the expressions compile, does a register hold this element) is asked through functions given in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tongban.base.text import LocalizedText
from tongban.kernel.forms.rules.conditions import names_in
from tongban.kernel.forms.rules.masks import KINDS
from tongban.kernel.forms.rules.problem_words import in_chinese
from tongban.kernel.forms.rules.structure import DEFAULT_SOURCE, TYPES

__all__ = ["Problem", "problems"]

_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}\Z")
_FORM_KEY = re.compile(r"[a-z][a-z0-9-]{0,79}\Z")
_PAGE_KEY = re.compile(r"[a-z][a-z0-9-]{0,39}\Z")
_PAGE_WORDS = {"key", "title", "intro", "visible", "fields"}
_FORM_WORDS = {"key", "name", "pages", "description"}
_FIELD_WORDS = {
    "key", "label", "type", "hint", "required", "visible", "computed", "checks", "options", "source", "element", "bind",
    "reason", "min", "max", "min_length", "max_length", "pattern", "pattern_hint", "decimals", "unit", "autocomplete",
    "rows", "mask", "beside",
}  # fmt: skip
RESERVED = {"today", "csrfmiddlewaretoken"} | {"and", "or", "not", "in", "true", "false", "null"}
"""Names that a field may not have: they mean something in conditions or in the page."""
NUMBERS = ("decimal", "integer")


@dataclass(frozen=True, slots=True)
class Problem:
    """``place`` is a path like ``pages[1].fields[3] (area).visible``."""

    place: str
    message: str

    @property
    def words(self) -> LocalizedText:
        """The message for whoever draws forms, in both languages."""
        return LocalizedText(in_chinese(self.message), self.message)

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


CheckExpression = Callable[[str], None]
"""Raises ValueError (with the reason) when an expression does not compile."""


def problems(content: Any, check_expression: CheckExpression) -> list[Problem]:
    """Return everything that is wrong with a definition, in the order in which it stands."""
    if not isinstance(content, Mapping):
        return [Problem("form", "must be a mapping")]
    return list(_form(content, check_expression))


def _form(content: Mapping[str, Any], check_expression: CheckExpression) -> Iterator[Problem]:
    yield from _words(content, _FORM_WORDS, "form")
    if not _FORM_KEY.match(str(content.get("key", ""))):
        yield Problem("key", "must be lower-case letters, digits and hyphens, beginning with a letter")
    yield from _text(content, "name", "name", needed=True)
    pages = content.get("pages")
    if not isinstance(pages, list) or not pages:
        yield Problem("pages", "must be a list with at least one page")
        return
    scope = _Scope(all=set(_field_keys(pages)), check_expression=check_expression)
    for number, page in enumerate(pages):
        yield from _page(page, f"pages[{number}]", scope)
    yield from _doubles(pages)


@dataclass
class _Scope:
    """What an expression may speak of at the present place: fields asked before; in checks all fields."""

    all: set[str]
    check_expression: CheckExpression
    before: set[str] = field(default_factory=set)


def _page(page: Any, place: str, scope: _Scope) -> Iterator[Problem]:
    if not isinstance(page, Mapping):
        yield Problem(place, "must be a mapping")
        return
    place = f"{place} ({page.get('key', '?')})"
    yield from _words(page, _PAGE_WORDS, place)
    if not _PAGE_KEY.match(str(page.get("key", ""))):
        yield Problem(
            f"{place}.key", "must be lower-case letters, digits and hyphens, beginning with a letter"
        )
    yield from _text(page, "title", place, needed=True)
    yield from _text(page, "intro", place)
    yield from _expression(page, "visible", place, scope)
    fields = page.get("fields")
    if not isinstance(fields, list) or not fields:
        yield Problem(f"{place}.fields", "must be a list with at least one field")
        return
    here: set[str] = set()
    for number, one in enumerate(fields):
        yield from _field(one, f"{place}.fields[{number}]", scope, here)
        if isinstance(one, Mapping):
            scope.before.add(str(one.get("key")))
            here.add(str(one.get("key")))


def _field_keys(pages: list[Any]) -> Iterator[str]:
    for page in pages:
        fields = page.get("fields") if isinstance(page, Mapping) else None
        yield from (
            str(f.get("key")) for f in (fields if isinstance(fields, list) else []) if isinstance(f, Mapping)
        )


def _doubles(pages: list[Any]) -> Iterator[Problem]:
    page_keys = Counter(str(p.get("key")) for p in pages if isinstance(p, Mapping))
    field_keys = Counter(_field_keys(pages))
    for what, keys in (("page", page_keys), ("field", field_keys)):
        for key, times in keys.items():
            if times > 1:
                yield Problem("pages", f"the {what} key {key!r} is used {times} times")


def _field(field: Any, place: str, scope: _Scope, here: set[str]) -> Iterator[Problem]:
    if not isinstance(field, Mapping):
        yield Problem(place, "must be a mapping")
        return
    key, kind = str(field.get("key", "")), field.get("type")
    place = f"{place} ({key or '?'})"
    yield from _words(field, _FIELD_WORDS, place)
    if not _KEY.match(key) or key in RESERVED:
        yield Problem(
            f"{place}.key", "must be lower-case letters, digits and underscores, and no reserved word"
        )
    if kind not in TYPES:
        yield Problem(f"{place}.type", f"unknown type {kind!r}; known are {', '.join(TYPES)}")
        return
    yield from _text(field, "label", place, needed=True)
    for name in ("hint", "reason", "unit", "pattern_hint"):
        yield from _text(field, name, place)
    for name in ("visible", "computed"):
        yield from _expression(field, name, place, scope)
    if not isinstance(field.get("required", False), bool):
        yield from _expression(field, "required", place, scope)
    yield from _checks(field, place, scope)
    yield from _options(field, place)
    yield from _limits(field, place)
    yield from _binding(field, place, here)


def _checks(field: Mapping[str, Any], place: str, scope: _Scope) -> Iterator[Problem]:
    checks = field.get("checks", [])
    if not isinstance(checks, list) or not all(isinstance(c, Mapping) for c in checks):
        yield Problem(f"{place}.checks", "must be a list of {that: expression, say: text}")
        return
    for number, one in enumerate(checks):
        where = f"{place}.checks[{number}]"
        if "that" not in one:
            yield Problem(where, "'that' is missing: the expression that must hold")
        yield from _expression(one, "that", where, scope, everywhere=True)
        yield from _text(one, "say", where, needed=True)


def _options(field: Mapping[str, Any], place: str) -> Iterator[Problem]:
    kind, options, source = field["type"], field.get("options"), field.get("source")
    if kind not in ("enum", "multi", "entity", "unit"):
        for name in ("options", "source"):
            if name in field:
                yield Problem(f"{place}.{name}", f"a field of type {kind} has no options")
        return
    if options is not None and source:
        yield Problem(f"{place}.options", "give either options or a source, not both")
    if options is None:
        if not source and kind not in DEFAULT_SOURCE:
            yield Problem(f"{place}.options", f"a field of type {kind} needs options or a source")
        return
    if not isinstance(options, list) or not options:
        yield Problem(f"{place}.options", "must be a list with at least one option")
        return
    values: Counter[str] = Counter()
    for number, option in enumerate(options):
        where = f"{place}.options[{number}]"
        if isinstance(option, str):
            values[option] += 1
        elif not isinstance(option, Mapping) or "value" not in option:
            yield Problem(where, "must have a value and a label")
        elif isinstance(option["value"], bool):
            yield Problem(where, "the value reads as true or false; put it into quotation marks")
        else:
            values[str(option["value"])] += 1
            yield from _text(option, "label", where, needed=True)
            yield from _text(option, "note", where)
    for value, times in values.items():
        if times > 1 or not value:
            yield Problem(f"{place}.options", f"the value {value!r} must be given, and only once")


def _limits(field: Mapping[str, Any], place: str) -> Iterator[Problem]:
    kind = field["type"]
    for name in ("min", "max"):
        limit = field.get(name)
        if limit is None:
            continue
        if kind in NUMBERS and (isinstance(limit, bool) or not isinstance(limit, int | float)):
            yield Problem(f"{place}.{name}", "must be a number")
        elif kind == "date" and not re.match(r"(\d{4}-\d\d-\d\d|today)\Z", str(limit)):
            yield Problem(f"{place}.{name}", "must be a date like 2026-01-31, or today")
        elif kind not in (*NUMBERS, "date"):
            yield Problem(
                f"{place}.{name}", f"a field of type {kind} has no {name}; perhaps {name}_length is meant"
            )
    for name in ("min_length", "max_length", "decimals", "rows"):
        if name in field and (
            not isinstance(field[name], int) or isinstance(field[name], bool) or field[name] < 0
        ):
            yield Problem(f"{place}.{name}", "must be a whole number, 0 or more")
    if "pattern" in field:
        try:
            re.compile(field["pattern"])
        except (re.error, TypeError) as error:
            yield Problem(f"{place}.pattern", f"is no regular expression: {error}")
        if not field.get("pattern_hint"):
            yield Problem(f"{place}.pattern_hint", "is needed: say in words what the pattern expects")
    if field.get("mask", "") not in ("", *KINDS):
        yield Problem(f"{place}.mask", f"unknown mask; known are {', '.join(KINDS)}")


def _binding(field: Mapping[str, Any], place: str, here: set[str]) -> Iterator[Problem]:
    bind = field.get("bind")
    if "beside" in field and (bind is None or str(field["beside"]) not in here):
        yield Problem(f"{place}.beside", "must name a bound field asked before this one on the same page")
    if bind is None:
        return
    if not isinstance(bind, Mapping) or not {"register", "field", "subject"} <= set(bind):
        yield Problem(f"{place}.bind", "needs register, field and subject")
        return
    yield from _words(bind, {"register", "field", "subject", "editable"}, f"{place}.bind")
    if bind["subject"] not in ("person", "entity"):
        yield Problem(f"{place}.bind.subject", "must be person or entity")
    if field.get("computed"):
        yield Problem(f"{place}.bind", "a computed field cannot be bound to a register")


def _expression(
    data: Mapping[str, Any], name: str, place: str, scope: _Scope, *, everywhere: bool = False
) -> Iterator[Problem]:
    expression = data.get(name)
    if expression is None:
        return
    where = f"{place}.{name}"
    if not isinstance(expression, str) or not expression.strip():
        yield Problem(where, "must be an expression")
        return
    try:
        scope.check_expression(expression)
    except ValueError as error:
        yield Problem(where, f"the expression does not compile: {error}")
        return
    known = scope.all if everywhere else scope.before
    for unknown in sorted(names_in(expression) - known - {"today"}):
        which = "no field of the form" if everywhere else "no field asked before this one"
        yield Problem(where, f"speaks of {unknown!r}, which is {which}")


def _text(data: Mapping[str, Any], name: str, place: str, *, needed: bool = False) -> Iterator[Problem]:
    value = data.get(name)
    where = place if place == name else f"{place}.{name}"
    if value is None:
        if needed:
            yield Problem(where, "is missing")
        return
    if isinstance(value, str) and value.strip():
        return
    if not isinstance(value, Mapping) or not isinstance(value.get("zh"), str) or not value["zh"].strip():
        yield Problem(where, "must be a text with zh (and en)")
    elif not set(value) <= {"zh", "en"} or not isinstance(value.get("en", ""), str):
        yield Problem(where, "may only have zh and en, both texts")


def _words(data: Mapping[str, Any], allowed: set[str], place: str) -> Iterator[Problem]:
    for word in data:
        if word not in allowed:
            yield Problem(place, f"unknown word {word!r}; known are {', '.join(sorted(allowed))}")
