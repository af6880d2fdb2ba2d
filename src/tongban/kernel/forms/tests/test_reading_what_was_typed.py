"""Typing is messy; what can be understood is put in order, what cannot stays as it is."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from tongban.base.text import LocalizedText
from tongban.kernel.forms.rules.structure import TYPES, Field
from tongban.kernel.forms.rules.values import is_empty, parse_date, read_posted, read_value, same


def a(kind: str) -> Field:
    return Field(key="x", label=LocalizedText("题"), type=kind)


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        ("text", "  李记\r\n", "李记"),
        ("text", "a\x00b\ud800", "ab"),
        ("citizen_id", "53239919900620451ｘ", "53239919900620451X"),
        ("citizen_id", "532399 19900620 451x", "53239919900620451X"),
        ("uscc", "92532399ma00010188", "92532399MA00010188"),
        ("mobile", "+86 138-8765-4471", "13887654471"),
        ("mobile", "１３８８７６５４４７１", "13887654471"),
        ("decimal", "48.50", 48.5),
        ("decimal", "４８", 48),
        ("decimal", "1,200", 1200),
        ("decimal", "六十", "六十"),
        ("decimal", "1e9", "1e9"),
        ("decimal", 62.5, 62.5),
        ("integer", "3", 3),
        ("integer", "3.0", 3),
        ("integer", "3.5", 3.5),
        ("date", "2026-3-5", "2026-03-05"),
        ("date", "2026/3/5", "2026-03-05"),
        ("date", "2026-13-45", "2026-13-45"),
        ("date", "明天", "明天"),
        ("bool", "true", True),
        ("bool", "no", False),
        ("bool", False, False),
        ("bool", "也许", "也许"),
        ("multi", ["a", "", "a", "b"], ["a", "b"]),
        ("multi", [""], None),
        ("multi", "a", ["a"]),
        ("email", " name＠example.cn ", "name@example.cn"),
        ("textarea", "第一行\r\n第二行", "第一行\n第二行"),
        ("text", "", None),
        ("text", None, None),
    ],
)
def test_a_value_is_stored_as_it_is_meant(kind: str, typed: object, stored: object) -> None:
    assert read_value(a(kind), typed) == stored


def test_a_date_may_come_in_three_parts() -> None:
    posted = QueryDict("x.year=2026&x.month=3&x.day=5")
    assert read_posted(a("date"), posted) == (True, "2026-03-05")


def test_half_a_date_is_kept_as_typed() -> None:
    assert read_posted(a("date"), QueryDict("x.year=2026&x.month=&x.day=5")) == (True, "2026--5")
    assert read_posted(a("date"), QueryDict("x.year=&x.month=&x.day=")) == (True, None)


def test_a_field_that_was_not_on_the_page_is_told_from_an_empty_one() -> None:
    assert read_posted(a("text"), QueryDict("y=1")) == (False, None)
    assert read_posted(a("text"), QueryDict("x=")) == (True, None)


def test_the_choice_made_wins_over_the_hidden_empty_one() -> None:
    assert read_posted(a("enum"), QueryDict("x=&x=small")) == (True, "small")
    assert read_posted(a("multi"), QueryDict("x=&x=noodles&x=cold")) == (True, ["noodles", "cold"])
    assert read_posted(a("multi"), QueryDict("x=")) == (True, None)


def test_a_date_that_does_not_exist_is_none() -> None:
    assert parse_date("2026-02-29") is None
    assert parse_date("2024-02-29") is not None
    assert parse_date(20240229) is None


def test_no_and_zero_are_answers() -> None:
    assert not is_empty(False)
    assert not is_empty(0)
    assert is_empty([])


def test_answers_that_mean_the_same_are_the_same() -> None:
    assert same(48, 48.0)
    assert same(None, "")
    assert same(["a", "b"], ["b", "a"])
    assert not same("李秀英", "李秀")
    assert not same(None, False)


@given(st.sampled_from(TYPES), st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.none(),
                                         st.lists(st.text(), max_size=4)))  # fmt: skip
def test_reading_never_fails_and_reading_again_changes_nothing(kind: str, typed: object) -> None:
    once = read_value(a(kind), typed)
    assert read_value(a(kind), once) == once
