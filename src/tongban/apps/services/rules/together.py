"""Does an item fit its form? Its situations, materials and tables speak of answers: those must be asked for, and lead somewhere.

What the form by itself lets happen is found out by the forms (``examine``); here stands what the item adds to it. Pure: how an
expression is read, which tables there are and what a form lets happen comes in from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tongban.apps.services.rules.flaws import ERROR, WARNING, Content, Flaw
from tongban.base.text import LocalizedText as T

__all__ = ["FAULTS", "WithForm", "check_with_form"]

FAULTS = frozenset(
    {
        "form-unknown", "field-unknown", "table-unknown", "table-reads-unasked", "condition-unreadable",
        "condition-unknown-field", "condition-never-holds", "question-never-asked", "page-never-shown", "page-asks-nothing",
        "question-unanswerable", "answer-leads-nowhere", "nothing-can-be-handed-in",
    }
)  # fmt: skip
"""Codes of plain faults: an item and its form that do not fit are not published, in a demo neither."""


class Finding(Protocol):
    """What the forms found out about the ways through a form."""

    @property
    def code(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def message(self) -> T: ...
    @property
    def is_fault(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class WithForm:
    """An item's form and tables, as far as its rules need them."""

    fields: Collection[str]
    table_of: Callable[[str], Content | None]
    unreadable: Callable[[str], T | None]
    """Says why an expression cannot be read, None when it can."""
    examine: Callable[[Mapping[str, str], Content | None], Iterable[Finding]]
    """Examines the ways through the form with the conditions of the item (by their place) and its table of eligibility."""


def check_with_form(content: Content, form: WithForm) -> Iterator[Flaw]:
    """Yield what is wrong between an item and its form."""
    yield from _situations(content, form)
    yield from _named_fields(content, form)
    yield from _tables(content, form)
    conditions = {}
    for index, row in enumerate(_rows(content, "materials")):
        condition, path = row.get("when"), f"materials.{index}.when"
        if condition in (None, ""):
            continue
        why = (
            form.unreadable(condition)
            if isinstance(condition, str)
            else T("条件是一个表达式", "It is an expression")
        )
        if why is not None:
            message = T("条件读不懂：{why}", "The condition cannot be read: {why}").format(why=why)
            yield Flaw("condition-unreadable", path, message)
        else:
            conditions[path] = condition
    eligibility = _table_named(content, "eligibility")
    for found in form.examine(conditions, form.table_of(eligibility) if eligibility else None):
        level = ERROR if found.is_fault else WARNING
        if found.place in conditions:
            yield Flaw(found.code, found.place, found.message, level)
        else:
            words = T("表单 {place}：{message}", "Form, {place}: {message}")
            yield Flaw(found.code, "form", words.format(place=found.place, message=found.message), level)


def _situations(content: Content, form: WithForm) -> Iterator[Flaw]:
    for index, row in enumerate(_rows(content, "situations")):
        asked = row.get("field")
        if asked and asked not in form.fields:
            yield _unknown(f"situations.{index}.field", asked)


def _named_fields(content: Content, form: WithForm) -> Iterator[Flaw]:
    for path in ("eligibility.field", "publicity.fields"):
        element, _, name = path.partition(".")
        said = content.get(element)
        named = said.get(name) if isinstance(said, Mapping) else None
        if element == "eligibility" and said and not named:
            yield _unknown(path, "")
        for key in named if isinstance(named, list) else [named] if named else []:
            if key not in form.fields:
                yield _unknown(path, key)


def _tables(content: Content, form: WithForm) -> Iterator[Flaw]:
    for element in ("eligibility", "calculation"):
        key, path = _table_named(content, element), f"{element}.table"
        if not key:
            continue
        table = form.table_of(key)
        if table is None:
            yield Flaw("table-unknown", path, T("没有这张决策表", "There is no such decision table"))
            continue
        found = content[element].get("found")
        given = {*form.fields, "today", *(found if isinstance(found, list) else ())}
        for column in table.get("inputs") or ():
            name = column.get("key") if isinstance(column, Mapping) else column
            if name not in given:
                message = T(
                    "决策表要看“{field}”，表单没有问",
                    "The table looks at {field}, which the form does not ask",
                )
                yield Flaw("table-reads-unasked", path, message.format(field=name))


def _table_named(content: Content, element: str) -> str:
    said = content.get(element)
    key = said.get("table") if isinstance(said, Mapping) else None
    return key if isinstance(key, str) else ""


def _rows(content: Content, name: str) -> Sequence[Mapping[str, Any]]:
    rows = content.get(name)
    return [row if isinstance(row, Mapping) else {} for row in rows] if isinstance(rows, list) else []


def _unknown(path: str, key: Any) -> Flaw:
    return Flaw(
        "field-unknown", path, T("表单没有问“{field}”", "The form does not ask {field}").format(field=key)
    )
