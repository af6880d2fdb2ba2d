"""What a machine can say against an item and its form together."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tongban.apps.services import service as services
from tongban.apps.services.rules.quality import BLOCKING

ITEM_FOLDER = Path(__file__).resolve().parents[5] / "packs/chengxi/items/resident-insurance"
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def read(name: str) -> Any:
    return yaml.safe_load((ITEM_FOLDER / name).read_text("utf-8"))


ITEM, FORM = read("item.yaml"), read("form.yaml")
TABLES = {each["key"]: each for each in (read("tables/eligibility.yaml"), read("tables/contribution.yaml"))}


def flaws_of(item: Any = ITEM, form: Any = FORM, tables: Any = TABLES) -> list[services.Flaw]:
    return services.check_together(item, form_of=lambda key: form, table_of=tables.get, is_demo=True, at=AT)


def changed(content: Any, path: str, value: Any) -> Any:
    """Return a content with one place changed; a list at its end gets one entry more with ``+``."""
    content = copy.deepcopy(content)
    *way, last = path.split(".")
    place = content
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if last == "+":
        place.append(value)
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return content


def test_a_sound_item_and_its_form_have_no_fault() -> None:
    assert flaws_of() == []


@pytest.mark.parametrize(
    ("path", "value", "code", "where"),
    [
        ("materials.3.when", "school == true", "condition-unknown-field", "materials.3.when"),
        (
            "materials.3.when",
            "category == 'student' and category == 'newborn'",
            "condition-never-holds",
            "materials.3.when",
        ),
        ("materials.3.when", "category == 'pupil'", "condition-never-holds", "materials.3.when"),
        ("materials.3.when", "category ==", "condition-unreadable", "materials.3.when"),
        ("materials.3.when", ["category"], "condition-unreadable", "materials.3.when"),
        ("situations.0.field", "who", "field-unknown", "situations.0.field"),
        ("situations.0.answers", [], "situation-asks-nothing", "situations.0"),
        ("situations.0.question", {"zh": ""}, "situation-asks-nothing", "situations.0"),
        ("situations.0.item", "resident-insurance", "situation-leads-nowhere", "situations.0.item"),
        ("eligibility.field", "nobody", "field-unknown", "eligibility.field"),
        ("eligibility.table", "no-such", "table-unknown", "eligibility.table"),
        ("calculation.table", "no-such", "table-unknown", "calculation.table"),
        ("publicity", {"fields": ["category", "nobody"]}, "field-unknown", "publicity.fields"),
    ],
)
def test_what_an_item_says_of_its_form_is_held_against_the_form(
    path: str, value: Any, code: str, where: str
) -> None:
    found = {(flaw.code, flaw.path) for flaw in flaws_of(changed(ITEM, path, value)) if flaw.is_error}
    assert (code, where) in found
    assert code in BLOCKING or code.startswith("situation-")


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (
            "pages.2.fields.0.options",
            [{"value": "ordinary", "label": {"zh": "普通居民"}}],
            "condition-never-holds",
        ),
        ("pages.1.visible", "phone == ''", "page-never-shown"),
        ("pages.1.fields.1.visible", "insured == 'self' and insured == 'family'", "question-never-asked"),
        (
            "pages.2.fields.1.checks",
            [{"that": "elsewhere == null", "say": {"zh": "不行"}}],
            "question-unanswerable",
        ),
    ],
)
def test_what_its_form_lets_happen_is_held_against_an_item(path: str, value: Any, code: str) -> None:
    found = [flaw for flaw in flaws_of(form=changed(FORM, path, value)) if flaw.is_error]
    assert code in {flaw.code for flaw in found}
    assert {flaw.code for flaw in found} <= BLOCKING
    for flaw in found:
        assert flaw.message.zh and flaw.message.en
        assert flaw.path == "form" or flaw.path.startswith("materials."), "the item has no other place for it"


def test_a_table_that_looks_at_what_nobody_asks_is_found() -> None:
    wider = copy.deepcopy(TABLES)
    wider["resident-insurance-eligibility"]["inputs"].append({"key": "income"})
    assert [(flaw.code, flaw.path) for flaw in flaws_of(tables=wider)] == [
        ("table-reads-unasked", "eligibility.table")
    ]


def test_a_table_that_rules_everybody_out_lets_nothing_be_handed_in() -> None:
    hard = copy.deepcopy(TABLES)
    hard["resident-insurance-eligibility"]["rules"] = [{"when": {}, "then": {"eligible": False}}]
    hard["resident-insurance-eligibility"]["rules"][0]["when"] = {"elsewhere": "true, false"}
    assert "nothing-can-be-handed-in" in {flaw.code for flaw in flaws_of(tables=hard)}


def test_an_item_whose_form_nobody_published_is_told_so() -> None:
    found = services.check_together(ITEM, form_of=lambda key: None, table_of=TABLES.get, is_demo=True, at=AT)
    assert [(flaw.code, flaw.path, flaw.is_error) for flaw in found] == [("form-unknown", "form", True)]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["key", "when", "field", "fields", "table", "found", "item"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
NAMED = ("materials", "situations", "eligibility", "calculation", "publicity", "form")


@given(st.dictionaries(st.sampled_from(NAMED), anything, max_size=6))
def test_no_content_however_wrong_breaks_the_check(broken: dict[str, Any]) -> None:
    for flaw in flaws_of({**ITEM, **broken}):
        assert flaw.message.zh and flaw.message.en
