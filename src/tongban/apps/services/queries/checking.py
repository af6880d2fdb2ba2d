"""An item judged together with what it names: its form and its decision tables, published or at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from tongban.apps.services.rules import Flaw, WithForm, check_item
from tongban.apps.services.rules.flaws import Content
from tongban.base.errors import Invalid, NotFound
from tongban.base.text import LocalizedText as T
from tongban.base.time import local_date
from tongban.kernel.decisions import service as decisions
from tongban.kernel.decisions.errors import ExpressionError
from tongban.kernel.forms import service as forms

__all__ = ["check_together", "faults_of"]

FORM_UNKNOWN = T("没有发布这张表单", "No such form has been published")


def faults_of(
    content: Content, *, at: datetime | None = None, beside: Mapping[tuple[str, str], Content] | None = None,
    is_demo: bool | None = None,
) -> list[Flaw]:  # fmt: skip
    """Return everything that is wrong with an item, as this installation judges: a demo shows what nobody has verified.

    With ``at`` it is judged together with its form and tables: the published ones, or those of ``beside`` (by kind and key)
    that are about to be published with it. Without, by its content alone.
    """
    is_demo = settings.TONGBAN_ENV == "demo" if is_demo is None else is_demo
    if at is None:
        return check_item(content, is_demo=is_demo)
    near, today = beside or {}, local_date(at)

    def form_of(key: str) -> Content | None:
        if ("form", key) in near:
            return near["form", key]
        try:
            return forms.get_form(key).content
        except NotFound:
            return None

    def table_of(key: str) -> Content | None:
        if ("table", key) in near:
            return near["table", key]
        try:
            return decisions.get_table(key, on=today).content
        except NotFound:
            return None

    return check_together(content, form_of=form_of, table_of=table_of, is_demo=is_demo, at=at)


def check_together(
    content: Content, *, form_of: Callable[[str], Content | None], table_of: Callable[[str], Content | None],
    is_demo: bool, at: datetime,
) -> list[Flaw]:  # fmt: skip
    """Return everything that is wrong with an item and between it and its form. Nothing is looked up but by ``…_of``.

    A form that is no form by itself says so where it is checked; the item is then judged without it.
    """
    key = content.get("form")
    if not isinstance(key, str) or not key:
        return check_item(content, is_demo=is_demo)
    definition = form_of(key)
    if definition is None:
        return [*check_item(content, is_demo=is_demo), Flaw("form-unknown", "form", FORM_UNKNOWN)]
    try:
        form = forms.form_from(definition)
    except Invalid:
        return check_item(content, is_demo=is_demo)

    def examine(conditions: Mapping[str, str], table: Content | None) -> Iterable[forms.Finding]:
        return forms.examine(form, at=at, conditions=conditions, refusal=_refusal(table, form, at))

    together = WithForm(
        fields=frozenset(form.fields), table_of=table_of, unreadable=_unreadable, examine=examine
    )
    return check_item(content, is_demo=is_demo, with_form=together)


def _unreadable(expression: str) -> T | None:
    try:
        decisions.check_expression(expression)
    except ExpressionError as error:
        return T.of(error.detail or error.title)
    return None


def _refusal(table: Content | None, form: forms.Form, at: datetime) -> forms.Refusal | None:
    """Return the table of eligibility as the forms want it: the cells of its rules by field, and whom it rules out."""
    if table is None or not isinstance(table.get("rules"), list):
        return None
    columns = table.get("inputs") or ()
    inputs = {str(column.get("key") if isinstance(column, Mapping) else column) for column in columns}
    tests: dict[str, list[str]] = {name: [] for name in sorted(inputs & set(form.fields))}
    for rule in table["rules"]:
        for name, test in (rule.get("when") or {}).items():
            if name in form.fields:
                tests.setdefault(name, []).append(str(test))

    def rules_out(answers: Mapping[str, Any]) -> bool:
        try:
            return decisions.try_content(table, answers).result.get("eligible") is False
        except (ExpressionError, KeyError, TypeError):
            return True  # handing in would fail there as well

    return forms.Refusal(tests, rules_out)
