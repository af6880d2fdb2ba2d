"""Which questions are asked."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel.forms.checking import evaluate
from tongban.kernel.forms.rules.conditions import Situation, names_in, situation
from tongban.kernel.forms.rules.structure import build
from tongban.kernel.forms.tests.shop import GOOD, SHOP

FORM = build(SHOP)


def now(**data: Any) -> Situation:
    return situation(FORM, {**GOOD, **data}, evaluate=evaluate, today="2026-11-20")


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("area > 50", {"area"}),
        ("'cold' in goods and not(kind == \"small\")", {"goods", "kind"}),
        ("d(opens_on) > d(today)", {"opens_on", "today"}),
        ("address.town == 'x' or len(goods) > 2", {"address", "goods"}),
        ("a1 + b_2 ? true : null", {"a1", "b_2"}),
        ("'area > 50'", set()),
    ],
)
def test_names_are_found_in_expressions(expression: str, names: set[str]) -> None:
    assert names_in(expression) == names


def test_a_question_is_asked_when_its_condition_holds() -> None:
    assert "cold_room" not in now().visible
    assert "cold_room" in now(goods=["noodles", "cold"]).visible


def test_an_answer_to_a_question_that_is_not_asked_any_more_does_not_count() -> None:
    then = now(goods=["noodles"], cold_room=True, cold_room_area=6)
    assert "cold_room" not in then.answers
    assert "cold_room_area" not in then.visible  # it hung on an answer that does not count
    assert then.context["cold_room"] is None


def test_a_comparison_with_nothing_does_not_hold() -> None:
    assert "late" not in now(area=None).pages
    assert "late" not in now(area="六十").pages
    assert "late" in now(area=200).pages


def test_required_may_depend_on_other_answers() -> None:
    cold = {"goods": ["cold"], "cold_room": True}
    assert "cold_room_area" in now(area=48, **cold).required
    assert "cold_room_area" not in now(area=20, **cold).required


def test_a_computed_field_follows_its_sources() -> None:
    cold = {"goods": ["cold"], "cold_room": True}
    assert now(cold_room_area=6.5, **cold).answers["rest"] == 41.5
    assert "rest" not in now(**cold).answers  # one source is missing
    assert now(cold_room_area=6, rest=1, **cold).answers["rest"] == 42  # what was sent for it is not believed


def test_a_condition_may_ask_for_today() -> None:
    content = {**SHOP, "pages": [{"key": "p", "title": "页", "fields": [
        {"key": "day", "label": "哪天", "type": "date"},
        {"key": "why", "label": "为什么这么晚", "type": "text", "visible": "d(day) > d(today)"},
    ]}]}  # fmt: skip
    form = build(content)
    asked = situation(form, {"day": "2026-12-01"}, evaluate=evaluate, today="2026-11-20").visible
    assert "why" in asked
    assert "why" not in situation(form, {"day": "2026-11-01"}, evaluate=evaluate, today="2026-11-20").visible


# --- for all forms ---------------------------------------------------------------------------------------------------


@st.composite
def chains(draw: st.DrawFn) -> tuple[Any, dict[str, Any]]:
    """A form of yes-or-no questions, each perhaps depending on an earlier one, and some answers."""
    size = draw(st.integers(1, 12))
    fields, data = [], {}
    for n in range(size):
        field = {"key": f"q{n}", "label": f"题{n}", "type": "bool"}
        if n and draw(st.booleans()):
            wanted = draw(st.sampled_from(["true", "false"]))
            field["visible"] = f"q{draw(st.integers(0, n - 1))} == {wanted}"
        if n and draw(st.booleans()):
            field["required"] = f"q{draw(st.integers(0, n - 1))} == true"
        fields.append(field)
        answer = draw(st.sampled_from([True, False, None, "missing"]))
        if answer != "missing":
            data[f"q{n}"] = answer
    return build({"key": "f", "name": "表", "pages": [{"key": "p", "title": "页", "fields": fields}]}), data


@given(chains())
def test_what_counts_is_what_is_asked(drawn: tuple[Any, dict[str, Any]]) -> None:
    form, data = drawn
    then = situation(form, data, evaluate=evaluate, today="2026-11-20")
    assert set(then.answers) <= then.visible
    assert then.required <= then.visible
    assert all(then.answers[key] == data[key] for key in then.answers)


@given(chains())
def test_deciding_again_on_what_counts_decides_the_same(drawn: tuple[Any, dict[str, Any]]) -> None:
    form, data = drawn
    first = situation(form, data, evaluate=evaluate, today="2026-11-20")
    again = situation(form, first.answers, evaluate=evaluate, today="2026-11-20")
    assert again.visible == first.visible
    assert again.answers == first.answers


@given(chains(), st.data())
def test_an_answer_changes_nothing_above_it(drawn: tuple[Any, dict[str, Any]], more: st.DataObject) -> None:
    form, data = drawn
    keys = list(form.fields)
    place = more.draw(st.integers(0, len(keys) - 1))
    changed = {**data, keys[place]: more.draw(st.booleans())}
    before = situation(form, data, evaluate=evaluate, today="2026-11-20").visible
    after = situation(form, changed, evaluate=evaluate, today="2026-11-20").visible
    above = set(keys[: place + 1])
    assert before & above == after & above
