"""A definition that is not sound is refused, and every problem names its place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.kernel.forms.definitions import validate
from tongban.kernel.forms.tests.shop import SHOP, shop

TEXT = {"zh": "题", "en": "Question"}


def test_a_sound_definition_has_no_problems() -> None:
    assert validate(SHOP) == []


@pytest.mark.parametrize(
    ("field", "change", "place", "message"),
    [
        ("sign", {"type": "colour"}, "pages[1] (shop).fields[0] (sign).type", "unknown type 'colour'"),
        ("sign", {"label": None}, "fields[0] (sign).label", "is missing"),
        ("sign", {"label": {"en": "Sign"}}, "fields[0] (sign).label", "text with zh"),
        ("sign", {"lenght": 4}, "fields[0] (sign)", "unknown word 'lenght'"),
        ("sign", {"visible": "area >"}, "fields[0] (sign).visible", "does not compile"),
        ("sign", {"visible": "area > 5"}, "fields[0] (sign).visible", "speaks of 'area'"),
        ("sign", {"required": "perhaps"}, "fields[0] (sign).required", "speaks of 'perhaps'"),
        ("sign", {"min": 3}, "fields[0] (sign).min", "perhaps min_length is meant"),
        ("sign", {"max_length": -1}, "fields[0] (sign).max_length", "whole number"),
        ("sign", {"pattern": "("}, "fields[0] (sign).pattern", "no regular expression"),
        ("sign", {"pattern": "a"}, "fields[0] (sign).pattern_hint", "is needed"),
        ("sign", {"mask": "half"}, "fields[0] (sign).mask", "unknown mask"),
        ("sign", {"options": ["a"]}, "fields[0] (sign).options", "has no options"),
        ("sign", {"key": "today"}, "fields[0] (today).key", "reserved"),
        ("sign", {"key": "Sign"}, "fields[0] (Sign).key", "lower-case"),
        ("sign", {"key": "area"}, "pages", "the field key 'area' is used 2 times"),
        ("area", {"min": "one"}, "fields[1] (area).min", "must be a number"),
        ("area", {"checks": [{"say": TEXT}]}, "fields[1] (area).checks[0]", "'that' is missing"),
        ("area", {"checks": [{"that": "area > 1"}]}, "fields[1] (area).checks[0].say", "is missing"),
        ("opens_on", {"min": "tomorrow"}, "fields[6] (opens_on).min", "must be a date"),
        ("kind", {"options": None}, "fields[2] (kind).options", "needs options or a source"),
        ("kind", {"options": []}, "fields[2] (kind).options", "at least one option"),
        ("kind", {"options": [{"value": True, "label": TEXT}]}, "options[0]", "quotation marks"),
        ("kind", {"options": ["a", "a"]}, "fields[2] (kind).options", "only once"),
        ("kind", {"options": ["a"], "source": "x"}, "fields[2] (kind).options", "not both"),
        ("mobile", {"bind": {"register": "population"}}, "fields[2] (mobile).bind", "needs register"),
        (
            "mobile",
            {"bind": {"register": "p", "field": "f", "subject": "dog"}},
            "bind.subject",
            "person or entity",
        ),
        ("rest", {"bind": {"register": "p", "field": "f", "subject": "person"}}, "(rest).bind", "computed"),
        ("mobile", {"beside": "sign"}, "(mobile).beside", "asked before"),
    ],
)
def test_a_problem_names_its_place(field: str, change: dict[str, Any], place: str, message: str) -> None:
    found = validate(shop(field=field, **change))
    assert any(place in p.place and message in p.message for p in found), list(map(str, found))


@pytest.mark.parametrize("content", [None, [], "form", {}, {"key": "a", "name": "表", "pages": "x"}])
def test_what_is_no_form_at_all_is_refused(content: object) -> None:
    assert validate(content)


def test_two_pages_of_one_key_are_refused() -> None:
    content = shop()
    content["pages"][1]["key"] = "owner"
    assert any("page key 'owner'" in p.message for p in validate(content))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.sampled_from(
        ["key", "label", "type", "options", "required", "visible", "checks", "min", "bind", "pattern"]
    ),
    JSON,
)
def test_whatever_stands_in_a_definition_validation_answers(word: str, value: Any) -> None:
    for problem in validate(shop(field="area", **{word: value})):
        assert problem.place
        assert problem.message
