"""An expression written to stop the server is refused, or costs no more than a plain one: nothing repeats without end."""

from __future__ import annotations

import pytest

from tests.support.burden import burden
from tongban.kernel.decisions.errors import ExpressionError
from tongban.kernel.decisions.grammar import CLOSURES, MAX_DEPTH, MAX_LENGTH, MAX_OPERATORS
from tongban.kernel.decisions.service import check_expression, evaluate

pytestmark = pytest.mark.campaign

SECONDS, MEGABYTES = 1.0, 100.0

REFUSED = {
    "ten thousand terms": " + ".join(["1"] * 10_000),
    "a few terms too many": "+".join(["1"] * (MAX_OPERATORS + 2)),
    "a text without end": "'" + "a" * 1_000_000 + "'",
    "brackets without end": "(" * 300 + "1" + ")" * 300,
    "lists without end": "[" * 300 + "]" * 300,
    "a loop in a loop": "map(items, filter(items, # > 1))",
    "a loop behind a bracket in a loop": "map(items, (sum(map(items, #))))",
    "a range of a thousand million numbers": "sum(map([1..1000000000], #))",
    "a range in a list": "len([1..1000000000])",
    "a function of its own": "f = (x) => f(x); f(1)",
    "a call by an unknown name": "loop(1)",
    "an assignment": "a = a + 1; a",
    "a template": "`${a}`",
    "the way to Python": "a.__class__.__mro__",
}
CHEAP = {
    "as many terms as may be": "+".join(["1"] * (MAX_OPERATORS + 1)),
    "a power tower": "9^9^9^9^9^9",
    "a large power": "10 ^ 1000000000",
    "a test against a huge range": "5 in [1..1000000000]",
    "a huge range for every item": "filter(items, # in [1..1000000000])",
    "a regular expression that backtracks": "matches(text, '(a+)+$')",
    "a regular expression that multiplies": "matches(text, '((a{1,1000}){1,1000}){1,1000}')",
    "many questions": "a ? 1 : " * 60 + "2",
    "many negations": "!" * 150 + "a",
    "a long way down": "a" + ".b" * 190,
    "a huge duration": "duration('99999999999999999y')",
    "a huge rounding": "round(1.5, 1000000000)",
}
CONTEXT = {"a": True, "text": "a" * 5_000 + "b", "items": list(range(1_000))}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_with_its_place_before_the_engine_sees_it(what: str) -> None:
    with burden() as cost, pytest.raises(ExpressionError) as refused:
        check_expression(REFUSED[what])
    assert cost.seconds < SECONDS
    assert cost.megabytes < MEGABYTES
    assert refused.value.detail.en.startswith("At character ")
    with pytest.raises(ExpressionError):
        evaluate(REFUSED[what], CONTEXT)


@pytest.mark.parametrize("what", CHEAP)
def test_what_is_allowed_costs_little(what: str) -> None:
    """Whether it has an answer is another matter: it comes to one, or to an error, at once."""
    with burden() as cost:
        try:
            evaluate(CHEAP[what], CONTEXT)
        except ExpressionError as error:
            assert error.detail.zh and error.detail.en
    assert cost.seconds < SECONDS
    assert cost.megabytes < MEGABYTES


def test_a_loop_turns_once_for_each_item_and_no_more() -> None:
    """The language knows no other repetition than these closures; one list, not nested, so the work grows with the data."""
    assert {"all", "some", "none", "one", "filter", "map", "flatMap", "count"} == CLOSURES
    for size in (1_000, 100_000):
        with burden() as cost:
            assert evaluate("count(items, # >= 0)", {"items": list(range(size))}) == size
        assert cost.seconds < SECONDS


def test_the_limits_are_those_of_the_reference() -> None:
    assert (MAX_LENGTH, MAX_DEPTH, MAX_OPERATORS) == (1000, 16, 200)
