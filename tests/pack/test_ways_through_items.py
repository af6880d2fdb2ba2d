"""The items of the demo county, walked as applicants walk them: whatever is answered, every page that comes asks something, the
page and the API come to the same, and it can be handed in.

The forms are those of the pack; nothing is looked up in a database. Answers are drawn from the values that conditions compare
with and from one other; one that a check refuses is not given, as the page would not let it pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.campaign import size
from tests.support.county import PACK
from tongban.apps.services import service as services
from tongban.apps.services.rules.applications import requirements
from tongban.base.packs import Pack
from tongban.kernel.decisions import service as decisions
from tongban.kernel.forms import service as forms
from tongban.kernel.forms.checking import evaluate
from tongban.kernel.forms.rules.conditions import fails, names_in
from tongban.kernel.forms.rules.paths import _Examination

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
ITEMS = sorted(file.parent.name for file in PACK.glob("items/*/item.yaml"))
WRITTEN = {
    "citizen_id": ["532399198510271020", "532399199003072339"],
    "uscc": ["92532399MA10000099"],
    "mobile": ["13812345678"],
    "email": ["a@chengxi.example"],
    "address": ["澄溪县城关镇文昌路18号"],
}
WALKS = settings(max_examples=size(8, 400), suppress_health_check=list(HealthCheck))


@cache
def read(path: str) -> Any:
    return Pack(PACK).yaml(path)


@cache
def form_of(key: str) -> forms.Form:
    return forms.form_from(read(f"items/{key}/form.yaml"))


@cache
def tables_of(key: str) -> Mapping[str, Any]:
    files = sorted((PACK / "items" / key).glob("tables/*.yaml"))
    return {table["key"]: table for table in (read(str(file.relative_to(PACK))) for file in files)}


@cache
def samples_of(key: str) -> Mapping[str, list[Any]]:
    """Return the values worth trying for each field, in the shape in which they pass."""
    form = form_of(key)
    found = dict(_Examination(form, evaluate, "2026-03-02", {}, None).samples)
    for field in form.fields.values():
        if field.pattern:
            found[field.key] = [st.from_regex(field.pattern, fullmatch=True)]
        elif field.type in WRITTEN:
            found[field.key] = WRITTEN[field.type]
        elif field.min_length:
            found[field.key] = [text * field.min_length for text in found[field.key] if text]
        elif field.options and field.type == "enum":
            found[field.key] = [option.value for option in field.options]
    return found


def answer(form: forms.Form, field: forms.Field, data: Mapping[str, Any], draw: Any) -> Any:
    """Draw an answer that no check refuses, as far as its other answers are there; fail where there is none."""
    tried = [value for value in samples_of(form.key)[field.key] if value is not None]
    if isinstance(tried[0], st.SearchStrategy):
        return draw(tried[0])
    fitting = [value for value in tried if not refused(form, {**data, field.key: value})]
    assert fitting, f"{field.key}: nothing can be answered after {data}"
    return draw(st.sampled_from(fitting))


def refused(form: forms.Form, data: Mapping[str, Any]) -> bool:
    """Return whether a check fails of which every answer is there."""
    now = forms.situation_of(form, data, at=AT)
    return any(
        fails(check.that, now.context, evaluate)
        for key in now.visible
        for check in form.fields[key].checks
        if names_in(check.that) - {"today"} <= set(now.answers)
    )


def posted(form: forms.Form, page: str, data: Mapping[str, Any]) -> QueryDict:
    """Return what a browser sends for a page: texts."""
    sent = QueryDict(mutable=True)
    for field in form.page(page).fields:  # type: ignore[union-attr]
        value = data.get(field.key)
        if isinstance(value, list):
            sent.setlist(field.key, value)
        elif value is not None:
            sent[field.key] = str(value).lower() if isinstance(value, bool) else str(value)
    return sent


@pytest.mark.parametrize("key", ITEMS)
def test_no_rule_is_held_against_an_item_and_its_form(key: str) -> None:
    flaws = services.check_together(
        read(f"items/{key}/item.yaml"),
        form_of=lambda name: read(f"items/{key}/form.yaml") if name == form_of(key).key else None,
        table_of=tables_of(key).get,
        is_demo=True,
        at=AT,
    )
    assert [flaw for flaw in flaws if flaw.code != "limit-unverified"] == []


@pytest.mark.parametrize("key", ITEMS)
@WALKS
@given(drawn=st.data())
def test_every_way_asks_something_and_can_be_handed_in(key: str, drawn: st.DataObject) -> None:
    form, item = form_of(key), read(f"items/{key}/item.yaml")
    by_pages: dict[str, Any] = {}
    for page in form.pages:
        typed: dict[str, Any] = {}
        for field in page.fields:  # an answer may bring up the next question of its page
            now = forms.situation_of(form, {**by_pages, **typed}, at=AT)
            if (
                field.key in now.visible
                and field.is_asked
                and (field.key in now.required or drawn.draw(st.booleans()))
            ):
                typed[field.key] = answer(form, field, {**by_pages, **typed}, drawn.draw)
        by_pages |= forms.clean(form, page.key, posted(form, page.key, typed))
        now = forms.situation_of(form, by_pages, at=AT)
        if page.key in now.pages:
            asked = [field.key for field in page.fields if field.key in now.visible and field.is_asked]
            assert asked, f"{page.key} asks nothing after {by_pages}"
            assert forms.check(form, by_pages, page=page.key, at=AT) == []
    assert forms.check(form, by_pages, at=AT) == [], "page by page it was right, as a whole it is not"

    by_api = forms.clean_json(form, {k: v for k, v in by_pages.items() if v is not None})
    counts = forms.answers_of(form, by_pages, at=AT)
    assert forms.answers_of(form, by_api, at=AT) == counts
    assert forms.answers_of(form, counts, at=AT) == counts, "what was handed in counts as it was"
    assert asked_of(item, form, counts) == asked_of(item, form, by_pages) == asked_of(item, form, by_api)
    eligibility = item.get("eligibility")
    if eligibility:
        inputs = dict.fromkeys(form.fields) | counts | {"today": "2026-03-02"}
        trial = decisions.try_content(tables_of(key)[eligibility["table"]], inputs)
        assert trial.result.get("eligible") in (True, False)
        assert eligibility["field"] in forms.situation_of(form, counts, at=AT).visible, (
            "told where it can be read"
        )


def asked_of(item: Mapping[str, Any], form: forms.Form, data: Mapping[str, Any]) -> list[Any]:
    """Return the materials that are asked for, as every page and operation works it out."""
    context = forms.situation_of(form, data, at=AT).context
    return requirements(item["materials"], context, decisions.holds)


@pytest.mark.parametrize("key", ITEMS)
def test_there_is_somebody_whom_the_conditions_admit(key: str) -> None:
    """A walk that ends in a refusal is told so; there must be one that does not."""
    item = read(f"items/{key}/item.yaml")
    if not item.get("eligibility"):
        return
    examples = tables_of(key)[item["eligibility"]["table"]]["examples"]
    assert any(example["then"]["eligible"] for example in examples)


@pytest.mark.parametrize("key", ITEMS)
def test_a_situation_leads_to_an_item_that_there_is(key: str) -> None:
    for situation in read(f"items/{key}/item.yaml").get("situations", ()):
        assert situation.get("item", key) in ITEMS
