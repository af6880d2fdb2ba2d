"""The values with which each field of a form is tried. Plain Python, no Django.

They are read from the conditions, and the table of eligibility, that look at the field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, pairwise
from typing import Any

from tongban.kernel.forms.rules.conditions import names_in
from tongban.kernel.forms.rules.structure import Field, Form

__all__ = ["Refusal", "Samples", "is_plain"]

OTHERS = ("甲", "乙")
SUBSETS_OF = 5

_STRING = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")
_CALCULATES = re.compile(r"[-+*/%^]|\b(?!(?:not|in|and|or|len|contains)\b)[A-Za-z]\w*\s*\(")
_BETWEEN_NAMES = re.compile(r"[A-Za-z_]\w*\s*(?:==|!=|<=?|>=?)\s*(?!true\b|false\b|null\b)[A-Za-z_]")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Answers with which nothing can be handed in, though none is wrong: a table of eligibility, its cells by field."""

    tests: Mapping[str, Sequence[str]]
    rules_out: Callable[[Mapping[str, Any]], bool]


@dataclass
class Samples:
    """The values with which each field is tried."""

    form: Form
    today: str
    expressions: Sequence[tuple[set[str], str]]
    refusal: Refusal | None

    def by_field(self) -> dict[str, list[Any]]:
        strings: dict[str, set[str]] = {key: set() for key in self.form.fields}
        numbers: dict[str, set[float]] = {key: set() for key in self.form.fields}
        spoken = list(self.expressions)
        if self.refusal:
            spoken += [
                ({key} | names_in(test), test) for key, tests in self.refusal.tests.items() for test in tests
            ]
        counted: set[str] = set()
        for names, text in spoken:
            reached = self._through_computed(names)
            literal_strings = {one or other for one, other in _STRING.findall(text)}
            literal_numbers = {float(n) for n in _NUMBER.findall(_STRING.sub(" ", text))}
            for key in reached:
                for edge in (self.form.fields[key].min, self.form.fields[key].max):
                    literal_numbers |= (
                        {float(edge)} if isinstance(edge, int | float) and len(reached) > 1 else set()
                    )
            for key in reached:
                strings[key] |= literal_strings
                numbers[key] |= literal_numbers
            if "len(" in text:
                counted |= reached
        return {
            key: self._values(each, strings[key], numbers[key], key in counted)
            for key, each in self.form.fields.items()
            if each.is_asked
        }

    def _through_computed(self, names: set[str]) -> set[str]:
        found: set[str] = set()
        waiting = names & set(self.form.fields)
        while waiting:
            key = waiting.pop()
            found.add(key)
            waiting |= (names_in(self.form.fields[key].computed) & set(self.form.fields)) - found
        return found

    def _values(self, each: Field, strings: set[str], numbers: set[float], is_counted: bool) -> list[Any]:
        values: list[Any]
        options = [option.value for option in each.options]
        match each.type:
            case "bool":
                values = [True, False]
            case "decimal" | "integer":
                values = _numbers(each, numbers)
            case "date":
                values = _dates(each, numbers, strings, date.fromisoformat(self.today))
            case "multi" if options:
                values = _subsets(options, set(options) if is_counted else strings)
            case "enum" if options:
                values = options if each.checks else _with_one_other(options, strings)
            case "multi":
                values = [[value] for value in [*sorted(strings), *OTHERS]]
            case _:
                values = [*sorted(strings - {""}), *OTHERS]
        return values if each.required is True else [*values, None]


def _with_one_other(options: Sequence[str], named: set[str]) -> list[str]:
    other = next((option for option in options if option not in named), None)
    return [option for option in options if option in named or option == other]


def _subsets(options: Sequence[str], named: set[str]) -> list[list[str]]:
    tried = _with_one_other(options, named)
    if len(tried) > SUBSETS_OF:
        return [[option] for option in tried] + [list(options)]
    found = [list(some) for size in range(1, len(tried) + 1) for some in combinations(tried, size)]
    return found if list(options) in found else [*found, list(options)]


def _numbers(each: Field, named: set[float]) -> list[int | float]:
    least = float(each.min) if isinstance(each.min, int | float) else None
    most = float(each.max) if isinstance(each.max, int | float) else None
    tried = {n + step for n in named for step in (-1, 0, 1)} | {n for n in (least, most) if n is not None}
    if each.type == "decimal":
        tried |= {round((one + other) / 2, each.decimals) for one, other in pairwise(sorted(tried))}
    else:
        tried = {float(round(n)) for n in tried}
    inside = [n for n in tried if (least is None or n >= least) and (most is None or n <= most)]
    return [int(n) if n.is_integer() else n for n in sorted(inside)] or [
        1 if least is None else int(least) + 1
    ]


def _dates(each: Field, numbers: set[float], strings: set[str], today: date) -> list[str]:
    days = {today + timedelta(step) for step in (-1, 0, 1)}
    for number in {int(n) for n in numbers if 0 < n < 40_000}:
        days |= {today + timedelta(sign * number + step) for sign in (-1, 1) for step in (-1, 0, 1)}
        if number <= 130:
            days |= {today - timedelta(round(number * 365.2425) + step) for step in (-2, 2)}
    for text in (*strings, str(each.min or ""), str(each.max or "")):
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            days |= {date.fromisoformat(text) + timedelta(step) for step in (-1, 0, 1)}
    found = sorted(day.isoformat() for day in days)
    edges = [today.isoformat() if edge == "today" else edge for edge in (each.min, each.max)]
    inside = [
        d for d in found if (not edges[0] or d >= str(edges[0])) and (not edges[1] or d <= str(edges[1]))
    ]
    return inside or [str(edges[0] or edges[1])]


def is_plain(expression: str) -> bool:
    """True when an expression only compares answers with given values: trying those is trying everything."""
    bare = _STRING.sub(" 0 ", expression)
    return not (_CALCULATES.search(bare) or _BETWEEN_NAMES.search(bare))
