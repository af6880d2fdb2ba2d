"""What the public sees of a month: numbers by unit, nothing of a case or a person."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from tongban.apps.oversight import extract, rules
from tongban.apps.oversight.errors import ExtractNotFound
from tongban.base.time import LOCAL


def test_a_month_that_is_over_is_counted_by_unit(watch: Any, late: Any) -> None:
    county = watch.county
    cards = watch.look()
    with pytest.raises(ExtractNotFound):
        extract.extract_of(date(2026, 9, 1), at=county.now)
    county.go_to("2026-10-09")
    counted = extract.extract_of(date(2026, 9, 1), at=county.now)
    assert [str(row.unit.zh) for row in counted.rows] == ["县市场监管局"]
    assert counted.total.red == sum(card.level == "red" for card in cards) > 0
    assert counted.total.open == counted.cards
    assert extract.extract_of(date(2026, 8, 1), at=county.now).rows == ()

    page = county.client().get("/oversight/").content.decode()
    table = county.client().get("/oversight/2026-09.csv").content.decode()
    facts = county.client().get("/oversight/2026-09.json").json()
    assert "县市场监管局" in page and "县市场监管局" in table
    assert facts["units"][0]["red"] == counted.total.red
    for text in (page, table, str(facts)):
        assert late.number not in text and late.applicant_name not in text
    for address in ("2026-10.csv", "2020-01.json", "x.csv", "?month=nonsense"):
        assert county.client().get(f"/oversight/{address}").status_code == 404


def test_twelve_months_are_public_and_none_before_it_ends() -> None:
    found = extract.months(datetime(2026, 1, 1, 10, tzinfo=LOCAL))
    assert (found[0], found[-1], len(found)) == (date(2025, 12, 1), date(2025, 1, 1), 12)


def test_the_longest_bar_fills_the_room_and_the_others_are_in_proportion() -> None:
    bars = rules.bars_of([("甲", 3, 1), ("乙", 0, 2), ("丙", 0, 0)], width=600, left=150)
    assert [bar.label for bar in bars] == ["甲", "乙"]
    assert bars[0].red_width + bars[0].yellow_width == 400
    assert bars[1].yellow_width == 200
