"""Decision tables: deciding with a trace, versions, refusals."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tongban.base.actor import Actor
from tongban.base.packs import Pack
from tongban.base.text import LocalizedText
from tongban.kernel.decisions import service as decisions
from tongban.kernel.decisions.errors import NoRuleApplies, TableInvalid, TableNotFound
from tongban.kernel.decisions.models import DecisionTable
from tongban.kernel.decisions.packs import load_tables

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
AT = datetime(2026, 3, 1, tzinfo=UTC)
CONTENT: dict[str, Any] = {
    "inputs": [{"key": "area", "label": {"zh": "面积", "en": "Area"}}, {"key": "kind"}],
    "outputs": [{"key": "item"}, {"key": "fee"}],
    "hit": "first",
    "rules": [
        {"when": {"kind": "'stall'"}, "then": {"item": "stall-card", "fee": 0}},
        {
            "when": {"area": "<= 50", "kind": "'restaurant'"},
            "then": {"item": "small", "fee": 0},
            "because": {"zh": "50 平方米以下登记", "en": "Up to 50 m² registration is enough"},
        },
        {"when": {"area": "> 50"}, "then": {"item": "licence", "fee": "= area * 2"}},
    ],
}


SOURCE = LocalizedText(zh="食品安全法第三十五条", en="Food Safety Law art. 35")


def put(
    content: dict[str, Any] = CONTENT,
    valid_from: date = date(2026, 1, 1),
    legal_source: LocalizedText = SOURCE,
) -> DecisionTable:
    return decisions.put_table(
        key="food",
        name=LocalizedText(zh="食品", en="Food"),
        content=content,
        legal_source=legal_source,
        valid_from=valid_from,
        actor=SYSTEM,
        at=AT,
    )


def test_the_first_rule_whose_tests_hold_decides_and_says_why() -> None:
    put()
    decision = decisions.decide("food", {"area": 48, "kind": "restaurant"}, on=date(2026, 3, 1))
    assert decision.result == {"item": "small", "fee": 0}
    assert decision.rule == 1
    assert decision.because.en == "Up to 50 m² registration is enough"
    assert [(row.index, row.matched) for row in decision.trace] == [(0, False), (1, True)]
    assert decision.trace[0].tests[0].value == "restaurant"


def test_an_output_may_be_worked_out() -> None:
    put()
    decision = decisions.decide("food", {"area": 60.5, "kind": "restaurant"}, on=date(2026, 3, 1))
    assert decision.result == {"item": "licence", "fee": 121}


def test_a_gap_in_the_table_is_named() -> None:
    put()
    with pytest.raises(NoRuleApplies):
        decisions.decide("food", {"kind": "restaurant"}, on=date(2026, 3, 1))


def test_the_version_valid_on_the_day_decides() -> None:
    put()
    changed = {
        **CONTENT,
        "rules": [{"when": {}, "then": {"item": "licence", "fee": 5}}],
    }
    second = put(changed, valid_from=date(2026, 7, 1))
    assert second.version == 2
    assert decisions.decide("food", {"area": 48}, on=date(2026, 7, 1)).version == 2
    before = decisions.decide("food", {"area": 48, "kind": "restaurant"}, on=date(2026, 6, 30))
    assert before.version == 1
    with pytest.raises(TableNotFound):
        decisions.decide("food", {}, on=date(2025, 12, 31))


def test_the_same_content_makes_no_new_version() -> None:
    assert put().pk == put().pk
    assert DecisionTable.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"inputs": []}, "inputs"),
        ({"hit": "collect"}, "hit"),
        ({"inputs": [{"key": "area"}, {"key": "area"}]}, "inputs"),
        ({"rules": [{"when": {"size": "> 1"}, "then": {"item": "a", "fee": 0}}]}, "rules[0].when.size"),
        ({"rules": [{"when": {"area": "> > 1"}, "then": {"item": "a", "fee": 0}}]}, "rules[0].when.area"),
        ({"rules": [{"when": {}, "then": {"item": "a"}}]}, "rules[0].then.fee"),
        ({"rules": [{"when": {}, "then": {"item": "a", "fee": "= area +"}}]}, "rules[0].then.fee"),
        ({"rules": [{"when": {}}]}, "rules[0]"),
    ],
)
def test_a_wrong_table_is_refused_with_the_place_and_nothing_is_stored(
    change: dict[str, Any], place: str
) -> None:
    with pytest.raises(TableInvalid) as refused:
        put({**CONTENT, **change})
    assert place in [error["field"] for error in refused.value.data["errors"]]
    assert not DecisionTable.objects.exists()


def test_a_pack_s_tables_are_loaded_once(tmp_path: Path) -> None:
    folder = tmp_path / "items" / "food" / "tables"
    folder.mkdir(parents=True)
    (folder / "food.yaml").write_text(
        """
key: food
name: {zh: 食品, en: Food}
legal_source: {zh: 食品安全法第三十五条}
valid_from: 2026-01-01
inputs: [{key: area}]
outputs: [{key: item}]
rules:
  - when: {area: "<= 50"}
    then: {item: small}
  - then: {item: licence}
""",
        encoding="utf-8",
    )
    (tmp_path / "pack.yaml").write_text("key: test\nname: {zh: 试}\n", encoding="utf-8")
    load_tables(Pack(tmp_path), actor=SYSTEM, at=AT)
    load_tables(Pack(tmp_path), actor=SYSTEM, at=AT)
    assert DecisionTable.objects.count() == 1
    assert decisions.decide("food", {"area": 80}, on=date(2026, 3, 1)).result == {"item": "licence"}
    ours = put({**CONTENT, "rules": [{"then": {"item": "ours", "fee": 0}}]})
    load_tables(Pack(tmp_path), actor=SYSTEM, at=AT)
    assert decisions.decide("food", {"area": 80}, on=date(2026, 3, 1)).version == ours.version


def test_a_corrected_legal_source_is_a_new_version() -> None:
    first = put()
    second = put(legal_source=LocalizedText("食品安全法第三十五条"))
    assert (first.version, second.version) == (1, 2)
    decided = decisions.decide("food", {"area": 60}, on=date(2026, 6, 30))
    assert (decided.version, decided.legal_source) == (2, second.legal_source)
