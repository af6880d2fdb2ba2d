"""The bench: what is typed, which cells held, when which version decides; and the pages on which officials try it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.county import County
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.base.time import now
from tongban.kernel.decisions import service as decisions
from tongban.kernel.decisions.bench import columns_of, grid, periods, read_inputs
from tongban.kernel.decisions.errors import TableInvalid
from tongban.kernel.decisions.models import DecisionTable
from tongban.kernel.ledger.models import Act

CONTENT: dict[str, Any] = {
    "inputs": [
        {"key": "area", "label": {"zh": "面积", "en": "Area"}, "type": "number"},
        {"key": "kind", "options": [{"value": "stall", "label": {"zh": "摊位", "en": "Stall"}}]},
    ],
    "outputs": [{"key": "fee", "label": {"zh": "费用", "en": "Fee"}}],
    "rules": [
        {
            "when": {"kind": "'stall'", "area": "> 50"},
            "then": {"fee": 10},
            "because": {"zh": "大摊位", "en": "Large"},
        },
        {"when": {"area": "<= 50"}, "then": {"fee": "= area * 2"}},
        {"when": {"area": "> 90"}, "then": {"fee": 300}},
    ],
    "examples": [{"given": {"area": 10, "kind": "shop"}, "then": {"fee": 20}}],
}
SOURCE = LocalizedText(zh="收费办法第三条", en="Charges Regulation art. 3")


def put(content: dict[str, Any] | None = None, **changes: Any) -> DecisionTable:
    words: dict[str, Any] = {
        "key": "fee",
        "name": LocalizedText(zh="摊位费", en="Stall fee"),
        "content": content or CONTENT,
        "legal_source": SOURCE,
        "valid_from": date(2026, 1, 1),
        "actor": Actor.system("test"),
        "at": now(),
    }
    return decisions.put_table(**words | changes)


def test_inputs_are_read_by_their_type_and_what_cannot_be_read_is_named() -> None:
    columns = columns_of(
        {
            "inputs": [
                {"key": "n", "type": "number"},
                {"key": "b", "type": "bool"},
                {"key": "d", "type": "date"},
                "x",
            ]
        },
        "inputs",
    )
    values, faults = read_inputs(columns, {"n": "48", "b": "true", "d": "2026-03-05", "x": "1.5"})
    assert (values, faults) == ({"n": 48, "b": True, "d": "2026-03-05", "x": 1.5}, {})
    values, faults = read_inputs(columns, {"n": "nan", "b": "perhaps", "d": "5 March", "x": ""})
    assert (values, set(faults)) == ({"x": None}, {"n", "b", "d"})


def test_the_grid_says_of_every_cell_whether_it_held() -> None:
    trial = decisions.try_content(CONTENT, {"area": 48, "kind": "stall"})
    assert (trial.result, trial.rule) == ({"fee": 96}, 1)
    rows = grid(CONTENT, trial.trace, trial.rule)
    assert [row.state for row in rows] == ["missed", "fired", "after"]
    assert [[cell.state for cell in row.cells] for row in rows] == [
        ["fails", "holds"],
        ["holds", "any"],
        ["untried", "any"],
    ]
    assert [row.state for row in grid(CONTENT)] == ["", "", ""]


DAYS = st.dates(date(2026, 1, 1), date(2026, 2, 10))


@given(st.lists(st.tuples(DAYS, st.none() | st.integers(0, 20)), min_size=1, max_size=6))
def test_the_periods_agree_with_asking_day_by_day(drawn: list[tuple[date, int | None]]) -> None:
    versions = [
        (number, since, None if length is None else since + timedelta(days=length))
        for number, (since, length) in enumerate(drawn, 1)
    ]
    found = periods(versions)
    for offset in range(90):
        day = date(2025, 12, 25) + timedelta(days=offset)
        valid = [
            (since, number) for number, since, to in versions if since <= day and (to is None or day <= to)
        ]
        expected = [max(valid)[1]] if valid else []
        assert [period.version for period in found if period.holds_on(day)] == expected


@pytest.mark.django_db
def test_nothing_is_published_without_its_legal_source_nor_against_its_own_examples() -> None:
    wrong = {**CONTENT, "examples": [{"given": {"area": 10}, "then": {"fee": 21}}]}
    for change in (
        {"legal_source": LocalizedText("")},
        {"content": wrong},
        {"valid_to": date(2025, 1, 1)},
    ):
        with pytest.raises(TableInvalid):
            put(**change)
    assert not DecisionTable.objects.exists()
    assert not Act.objects.filter(verb="decisions.put_table").exists()


@pytest.mark.django_db
def test_a_new_version_takes_over_on_its_day() -> None:
    put()
    put({**CONTENT, "examples": []}, valid_from=date(2026, 6, 1))
    may, june = (
        decisions.table_view("fee", on=date(2026, 5, 31)),
        decisions.table_view("fee", on=date(2026, 6, 1)),
    )
    assert (may.version, may.deciding, june.version) == (1, 1, 2)
    assert [(p.version, p.since, p.to) for p in may.periods] == [
        (1, date(2026, 1, 1), date(2026, 5, 31)),
        (2, date(2026, 6, 1), None),
    ]


def test_an_official_tries_a_table_and_sees_which_rule_fired(county: County) -> None:
    put()
    client = county.client("window")
    page = client.get("/desk/rules/fee/").content.decode()
    assert "收费办法第三条" in page and "发布时核对过的算例" in page
    answer = client.post("/desk/rules/fee/", {"area": "48", "kind": "stall"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<b>96</b>" in text and "按第 2 条" in text and 'class="is-fired"' in text
    wrong = client.post("/desk/rules/fee/", {"area": "forty", "kind": ""})
    assert wrong.status_code == 422 and "请填数字" in wrong.content.decode()
    assert client.get("/desk/rules/fee/?version=7").status_code == 404


def test_a_table_without_a_rule_for_it_says_that_it_has_a_gap(county: County) -> None:
    put()
    text = county.client("window").post("/desk/rules/fee/", {"area": "60", "kind": ""}).content.decode()
    assert "没有一条规则适用" in text


def test_an_expression_is_worked_out_or_refused_with_a_reason(county: County) -> None:
    client = county.client("window")
    post = {"expression": "area > 50 ? 'large' : 'small'", "data": '{"area": 48}'}
    assert "small" in client.post("/desk/rules/expression/", post).content.decode()
    for bad in (
        {"expression": "area >", "data": "{}"},
        {"expression": "1", "data": "[1]"},
        {"expression": "1", "data": "["},
    ):
        assert client.post("/desk/rules/expression/", bad).status_code == 422


@pytest.mark.parametrize("url", ["/desk/rules/", "/desk/rules/expression/", "/desk/rules/open-snack-bar/"])
def test_only_officials_come_to_the_bench(county: County, url: str) -> None:
    assert county.client("").get(url).headers["Location"].startswith("/sign-in/")
    assert county.client("citizen").get(url).status_code == 404
    assert county.client("window").get(url).status_code == 200
