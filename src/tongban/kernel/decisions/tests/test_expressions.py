"""The expression language: what it says, and what it refuses with which advice."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.base.text import LocalizedText
from tongban.kernel.decisions.errors import ExpressionError
from tongban.kernel.decisions.expressions import check_expression, evaluate, evaluate_test, holds

CONTEXT = {
    "area": Decimal("52.3"),
    "kind": "restaurant",
    "corrections": 0,
    "data": {"receive": {"missing": ["a", "b"]}},
    "opened_on": date(2026, 3, 12),
    "empty": None,
    "agreed": True,
}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("area > 50", True),
        ("area * 2", 104.6),
        ("corrections == 0 and kind == 'restaurant'", True),
        ("kind in ['canteen', 'restaurant']", True),
        ("kind not in ['canteen']", True),
        ("area in [50..100)", True),
        ("not (agreed)", False),
        ("area <= 50 ? 'small' : 'large'", "large"),
        ("len(data.receive.missing)", 2),
        ("some(data.receive.missing, # == 'b')", True),
        ("data.answer.outcome == null", True),
        ("empty ?? 3", 3),
        ("date(opened_on) > date('2026-03-01')", True),
        ("contains(kind, 'rest')", True),
        ("0.1 + 0.2", 0.3),
        ("'中文' == '中文'", True),
    ],
)
def test_what_expressions_say(expression: str, value: Any) -> None:
    assert evaluate(expression, CONTEXT) == value


def test_whole_numbers_stay_whole() -> None:
    assert repr(evaluate("[1, 2.5, 3]", {})) == "[1, 2.5, 3]"


@pytest.mark.parametrize(
    ("expression", "advice"),
    [
        ("", "empty"),
        ("kind = 'a'", "Write =="),
        ("a && b", "Write and"),
        ("a || b", "Write or"),
        ("`t`", "single quotes"),
        ("area >", "cannot be read"),
        ("kind == 'a", "quotation mark"),
        ("(area > 1", "Brackets do not match"),
        ("area > 1]", "Brackets do not match"),
        ("system('ls')", "no function system"),
        ("rand(10) > 5", "no function rand"),
        ("date('now') > date('2026-01-01')", "present moment"),
        ("map([1..1000000000], #)", "only stand after in"),
        ("[1..1000000000]", "only stand after in"),
        ("map(a, map(a, #))", "loop inside a loop"),
        ("(" * 40 + "1" + ")" * 40, "too deeply"),
        ("1 + " * 600 + "1", "too long"),
        ("1" + "+1" * 300, "Too many operators"),
        ("a; b", "; is not allowed"),
        ("x.__class__", "no attribute"),
        ("a € b", "Unknown character"),
    ],
)
def test_what_cannot_be_read_is_refused_with_advice(expression: str, advice: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        check_expression(expression)
    detail = refused.value.detail
    assert isinstance(detail, LocalizedText)
    assert advice in detail.en
    assert detail.zh != detail.en


def test_a_value_that_is_not_there_is_an_error_for_evaluate_and_not_true_for_holds() -> None:
    with pytest.raises(ExpressionError, match=r"not there yet|还没有填"):
        evaluate("empty > 3", CONTEXT)
    assert holds("empty > 3", CONTEXT) is False
    assert holds("area > 50", CONTEXT) is True
    assert holds("area", CONTEXT) is False
    with pytest.raises(ExpressionError):
        holds("area >", CONTEXT)


def test_values_that_cannot_be_used_are_named() -> None:
    with pytest.raises(ExpressionError, match="object"):
        evaluate("a", {"a": object()})
    nested: dict[str, Any] = {}
    for _ in range(30):
        nested = {"a": nested}
    with pytest.raises(ExpressionError):
        evaluate("a", nested)


@pytest.mark.parametrize(
    ("test", "value", "passes"),
    [
        ("> 50", 52.3, True),
        ("> 50", 50, False),
        ("[1..50]", 50, True),
        ("[1..50)", 50, False),
        ("'a', 'b'", "b", True),
        ("'a', 'b'", "c", False),
        ("", None, True),
        ("-", 3, True),
        ("> 50", None, False),
        ("null", None, True),
        ("true", True, True),
        ("$ > limit", 60, True),
    ],
)
def test_the_cells_of_a_table(test: str, value: Any, passes: bool) -> None:
    assert evaluate_test(test, value, {"limit": 50}) is passes


@given(st.text(max_size=80))
def test_whatever_is_typed_is_worked_out_or_refused_and_nothing_else(text: str) -> None:
    with suppress(ExpressionError):
        evaluate(text, {"a": 1})


@given(st.text(alphabet="abc123 .()[]{}'\"+-*/<>=!?:,#$andornoti", max_size=120))
def test_nothing_that_looks_like_an_expression_breaks_out(text: str) -> None:
    with suppress(ExpressionError):
        evaluate(text, {"a": 1, "b": [1, 2], "c": {"a": "x"}})


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("a == 1 and b.c == 2", True),
        ("$root.a", 1),
        ("missing == null", True),
        ("some(rows, # > a)", True),
        ("'b' == 'b'", True),
    ],
)
def test_an_expression_is_given_what_it_speaks_of_and_nothing_else(expression: str, answer: object) -> None:
    context = {"a": 1, "b": {"c": 2}, "rows": [1, 2], **{f"f{n}": n for n in range(50)}}
    assert evaluate(expression, context) == answer


def test_what_cannot_be_used_in_an_expression_does_no_harm_where_none_speaks_of_it() -> None:
    assert evaluate("a == 1", {"a": 1, "other": object()}) is True
    with pytest.raises(ExpressionError):
        evaluate("other == 1", {"a": 1, "other": object()})
