"""The bench of decisions: every table with its versions, and what it says to some inputs.

What is typed here is kept nowhere and goes into no address, because it may be about a person.
"""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from tongban.base.text import LocalizedText
from tongban.base.time import local_date, now
from tongban.kernel.decisions.bench import Column, columns_of, grid, read_inputs
from tongban.kernel.decisions.errors import ExpressionError
from tongban.kernel.decisions.expressions import evaluate
from tongban.kernel.decisions.grammar import FUNCTIONS
from tongban.kernel.decisions.queries import TableView, Trial, list_tables, table_view, try_content
from tongban.kernel.identity.service import official_only

__all__ = ["list_rules", "try_expression", "try_table"]

YES, NO = LocalizedText("是", "Yes"), LocalizedText("否", "No")
YES_NO = [("", LocalizedText("不填", "Empty")), ("true", YES), ("false", NO)]
NOT_AN_OBJECT = LocalizedText(
    zh='要写成 JSON 对象，如 {"area": 48}', en='Write a JSON object such as {"area": 48}'
)
MAX_TEXT = 20_000


@official_only
@require_safe
def list_rules(request: HttpRequest) -> HttpResponse:
    """Show every decision table with the version that decides today and its legal source."""
    today = local_date(now())
    return render(request, "decisions/list.html", {"tables": list_tables(on=today), "day": today})


@official_only
@require_http_methods(["GET", "HEAD", "POST"])
def try_table(request: HttpRequest, key: str) -> HttpResponse:
    """Show one version of a table; with inputs, what it answers and the trace of the rule that fired."""
    asked = request.GET.get("version", "")
    table = table_view(
        key, on=local_date(now()), version=int(asked) if asked.isdecimal() and len(asked) < 7 else None
    )
    inputs = columns_of(table.content, "inputs")
    outputs = columns_of(table.content, "outputs")
    context: dict[str, Any] = {"table": table, "outputs": outputs}
    typed: dict[str, str] = {}
    faults: dict[str, LocalizedText] = {}
    trial: Trial | None = None
    if request.method == "POST":
        typed = {column.key: ",".join(request.POST.getlist(column.key))[:MAX_TEXT] for column in inputs}
        values, faults = read_inputs(inputs, typed)
        if not faults:
            try:
                trial = try_content(table.content, values)
            except ExpressionError as error:
                context["refusal"] = error.detail or error.title
    context |= {
        "fields": _fields(inputs, typed, faults),
        "trial": trial,
        "results": _results(table, trial),
        "grid": [
            (
                row,
                [
                    (column, _shown(output, column))
                    for column, output in zip(outputs, row.outputs, strict=True)
                ],
            )
            for row in grid(table.content, trial.trace if trial else (), trial.rule if trial else None)
        ],
        "inputs": inputs,
        "width": len(inputs) + len(table.content["outputs"]),
        "examples": _examples(table, inputs),
    }
    return render(request, "decisions/table.html", context, status=422 if faults else 200)


@official_only
@require_http_methods(["GET", "HEAD", "POST"])
def try_expression(request: HttpRequest) -> HttpResponse:
    """Work out one expression over data given as JSON."""
    expression = request.POST.get("expression", "")[:MAX_TEXT]
    data = request.POST.get("data", "")[:MAX_TEXT]
    context: dict[str, Any] = {
        "expression": expression,
        "data": data,
        "functions": sorted(FUNCTIONS - {"and", "or", "not", "in"}),
        "data_hint": NOT_AN_OBJECT,
    }
    if request.method == "POST" and expression.strip():
        try:
            given = json.loads(data or "{}")
            if not isinstance(given, dict):
                raise TypeError
        except (ValueError, TypeError, RecursionError):
            context["data_error"] = NOT_AN_OBJECT
        else:
            try:
                context["answer"] = json.dumps(evaluate(expression, given), ensure_ascii=False)
            except ExpressionError as error:
                context["refusal"] = error.detail or error.title
    wrong = "data_error" in context or "refusal" in context
    return render(request, "decisions/expression.html", context, status=422 if wrong else 200)


def _type_of(declared: str, has_options: bool) -> str:
    if has_options and declared == "list":
        return "checkboxes"
    if has_options or declared == "bool":
        return "select"
    return {"number": "text", "date": "date"}.get(declared, "text")


def _options(column: Any) -> list[tuple[str, LocalizedText]]:
    if column.options:
        return [*([] if column.type == "list" else YES_NO[:1]), *column.options]
    return YES_NO if column.type == "bool" else []


def _chosen(column: Column, typed: str) -> str | list[str]:
    return typed.split(",") if column.options and column.type == "list" else typed


def _fields(inputs: Any, typed: dict[str, str], faults: dict[str, LocalizedText]) -> list[dict[str, Any]]:
    """Return what the template needs to draw each question."""
    return [
        {
            "column": column,
            "type": _type_of(column.type, bool(column.options)),
            "options": _options(column),
            "value": _chosen(column, typed.get(column.key, "")),
            "error": faults.get(column.key, ""),
        }
        for column in inputs
    ]


def _results(table: TableView, trial: Trial | None) -> list[tuple[LocalizedText, Any]]:
    if trial is None or trial.rule is None:
        return []
    return [
        (column.label, _shown(trial.result.get(column.key), column))
        for column in columns_of(table.content, "outputs")
    ]


def _examples(table: TableView, inputs: Any) -> list[dict[str, Any]]:
    """Return the examples that were tried at publishing, as forms that fill the bench."""
    return [
        {
            "given": [
                (column, _typed(value), _shown(value, column))
                for column in inputs
                for value in [example["given"].get(column.key)]
            ],
            "then": [
                _shown(example["then"].get(column.key), column)
                for column in columns_of(table.content, "outputs")
            ],
        }
        for example in table.content.get("examples") or ()
    ]


def _shown(value: Any, column: Column) -> Any:
    """Return a value as people read it: in the words of the column's options where it has any."""
    if isinstance(value, bool):
        return YES if value else NO
    words = dict(column.options)
    if isinstance(value, list):
        named = [words.get(str(each), LocalizedText(str(each))) for each in value]
        return LocalizedText(
            zh="、".join(each.zh for each in named), en=", ".join(each.en or each.zh for each in named)
        )
    return words.get(str(value), value)


def _typed(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(str(each) for each in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
