"""Paths, lists and differences: whatever the content is, nothing is lost and every difference is told."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from tongban.apps.studio import rules, schema
from tongban.apps.studio.rules import at_path, differences, set_path
from tongban.apps.studio.schema import Column, Part, read_parts, shown_value, typed_value
from tongban.base.text import LocalizedText as T

LEAF = st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=6)
NAME = st.sampled_from(["key", "name", "label", "rows", "zh", "en", "a", "b"])
CONTENT = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAME, inner, max_size=4), max_leaves=14
)
PATH = st.lists(NAME | st.integers(0, 3).map(str), min_size=1, max_size=4).map(".".join)


def _without_empty(value: Any) -> Any:
    """An empty word and a word that is not there say the same."""
    if isinstance(value, dict):
        plain = {k: _without_empty(v) for k, v in value.items()}
        return {k: v for k, v in plain.items() if v is not None} or None
    if isinstance(value, list):
        return [_without_empty(each) for each in value] or None
    return None if value == "" else value


@given(CONTENT, CONTENT)
def test_no_difference_means_the_same_content(before: Any, after: Any) -> None:
    before, after = {"a": before}, {"a": after}
    found = differences(before, after)
    if not found:
        assert _without_empty(before) == _without_empty(after)
    if before == after:
        assert found == []


@given(CONTENT, CONTENT)
def test_comparing_changes_neither(before: Any, after: Any) -> None:
    kept = copy.deepcopy((before, after))
    differences(before, after)
    assert (before, after) == kept


@given(CONTENT, PATH, st.text(min_size=1, max_size=5))
def test_what_is_set_stands_there_and_the_old_content_stays(content: Any, path: str, value: str) -> None:
    kept = copy.deepcopy(content)
    made = set_path(content, path, value)
    assert content == kept
    assert at_path(made, path) == value or made == content or isinstance(at_path(content, path), type(None))


@given(st.lists(st.integers(), min_size=1, max_size=6), st.data())
def test_moving_a_row_loses_none(rows: list[int], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(rows) - 1))
    by = data.draw(st.sampled_from([-1, 1]))
    moved = rules.move_row({"rows": rows}, f"rows.{index}", by)["rows"]
    assert sorted(moved) == sorted(rows)
    back = rules.move_row({"rows": moved}, f"rows.{min(max(index + by, 0), len(rows) - 1)}", -by)["rows"]
    assert back == rows or index + by in (-1, len(rows))


@given(CONTENT, st.sampled_from(["rows.9", "rows.x", "", "a.b.0", "rows"]))
def test_a_row_that_is_not_there_is_neither_moved_nor_removed(content: Any, path: str) -> None:
    assert rules.remove_row({"a": content}, path) == {"a": content}
    assert rules.move_row({"a": content}, path, 1) == {"a": content}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"name": {"zh": "甲", "en": ""}}, {"name": {"zh": "乙", "en": ""}}, [("name", "changed")]),
        ({"rows": [{"key": "a"}]}, {"rows": [{"key": "b"}, {"key": "a"}]}, [("rows.0", "added")]),
        ({"rows": [{"key": "a"}, {"key": "b"}]}, {"rows": [{"key": "b"}]}, [("rows.0", "removed")]),
        ({"rows": [{"key": "a"}, {"key": "b"}]}, {"rows": [{"key": "b"}, {"key": "a"}]}, [("rows", "moved")]),
        ({"rows": [{"key": "a", "n": 1}]}, {"rows": [{"key": "a", "n": 2}]}, [("rows.0.n", "changed")]),
        ({"list": ["x", "y"]}, {"list": ["x", "z"]}, [("list.1", "changed")]),
        ({}, {"note": ""}, []),
        ({"on": False}, {"on": True}, [("on", "changed")]),
    ],
)
def test_differences_are_told_row_by_row(before: Any, after: Any, told: list[tuple[str, str]]) -> None:
    assert [(each.path, each.what) for each in differences(before, after)] == told


def test_the_place_of_a_fault_is_the_place_in_the_editor() -> None:
    assert rules.normal_path("pages[1].fields[3] (area).checks[0].that") == "pages.1.fields.3.checks.0.that"


@pytest.mark.parametrize("key", ["a", "1a", "A-b", "a_b", "", "a" * 61, "a b", "甲"])
def test_what_is_no_key(key: str) -> None:
    assert not rules.is_key(key)


# --- reading ------------------------------------------------------------------------------------------------------

WORDS = (
    Part("name", T("名称"), "local"),
    Part("yes", T("是"), "bool", keep_empty=True),
    Part("must", T("必填"), "bool_expr"),
    Part("many", T("多选"), "several"),
    Part("lines", T("词"), "words"),
    Part("count", T("次数"), "integer"),
    Part("", T("绑定"), "pair", names=("register", "field")),
    Part("rows", T("行"), "rows", parts=(Part("say", T("话"), "local"), Part("value", T("值"), "value"))),
    Part(
        "rules",
        T("规则"),
        "grid",
        columns=lambda content: [Column("when", "a", T("甲"), "test"), Column("then", "b", T("乙"))],
    ),
)


def _read(content: Any, text: str) -> Any:
    return read_parts(WORDS, content, QueryDict(text))


def test_what_was_not_on_the_page_stays() -> None:
    content = {
        "name": {"zh": "甲", "en": "A"},
        "yes": True,
        "must": "x > 1",
        "unknown": [1],
        "rows": [{"value": 3}],
    }
    assert _read(content, "") == content


def test_each_word_is_read_as_what_it_is() -> None:
    content = {
        "rows": [{"value": 3, "kept": 1}],
        "rules": [{"when": {"a": "> 1"}, "then": {"b": "x"}}],
        "other": 7,
    }
    made = _read(
        content,
        "name.zh=甲&name.en=&yes:here=1&yes=1&must:how=when&must=x > 1&many:here=1&many=p&many=q&lines=a%0D%0Ab"
        "&count=3&register=population/name&rows:here=1&rows.0.value=48&rules:here=1&rules.0.when.a=&rules.0.then.b=true",
    )
    assert made == {
        "name": {"zh": "甲", "en": ""},
        "yes": True,
        "must": "x > 1",
        "many": ["p", "q"],
        "lines": ["a", "b"],
        "count": 3,
        "register": "population",
        "field": "name",
        "rows": [{"value": 48, "kept": 1}],
        "rules": [{"when": {}, "then": {"b": True}}],
        "other": 7,
    }


@pytest.mark.parametrize(("how", "value"), [("never", None), ("always", True), ("when", "x > 1")])
def test_a_question_is_asked_never_always_or_when(how: str, value: Any) -> None:
    assert _read({"must": False}, f"must:how={how}&must=x > 1").get("must") == (
        False if value is None else value
    )


VALUE = (
    st.integers(-999, 999) | st.booleans() | st.text(max_size=8) | st.lists(st.text(max_size=4), max_size=3)
)


@given(VALUE)
def test_a_value_that_is_typed_as_it_is_shown_comes_back(value: Any) -> None:
    typed = typed_value(shown_value(value))
    assert typed == value or isinstance(value, str)


def test_a_text_that_looks_like_a_number_stays_a_text_while_nobody_touches_it() -> None:
    content = {"rows": [{"value": "48"}]}
    assert _read(content, "rows:here=1&rows.0.value=48") == content


def test_the_row_that_a_path_names() -> None:
    inner = Part("fields", T("问题"), "list", parts=(Part("options", T("选项"), "rows", parts=()),))
    outer = Part("pages", T("页"), "list", parts=(inner,))
    described = schema.Schema((schema.Section("all", T("全部"), (outer,)),))
    assert schema.part_at(described, "pages.0") is outer
    assert schema.part_at(described, "pages.0.fields.7") is inner
    assert schema.part_at(described, "pages.0.fields") is None
    assert schema.part_at(described, "nothing.0") is None
