"""The rules of money, by tables and properties."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.apps.fees import rules

FEN = st.integers(min_value=0, max_value=10**12)


@given(FEN)
def test_yuan_and_fen_lose_nothing(amount: int) -> None:
    assert rules.fen(rules.yuan(amount).replace(",", "")) == amount


@pytest.mark.parametrize(
    ("written", "amount"), [(90, 9000), (12.35, 1235), ("0.1", 10), (0.3, 30), (4.35, 435), ("1e2", 10000)]
)
def test_yuan_are_read_as_they_are_written(written: float | str, amount: int) -> None:
    assert rules.fen(written) == amount


@pytest.mark.parametrize("written", ["0.001", "-1", "", "nan", "inf", "一元", 0.125])
def test_what_is_no_amount_in_whole_fen_is_refused(written: float | str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        rules.fen(written)


@given(
    st.lists(
        st.tuples(st.sampled_from(rules.PROVIDER_STATES), st.sampled_from([9000, 9000, 8999])), max_size=8
    )
)
def test_in_whatever_order_words_come_money_that_came_is_known_and_stays_so(
    words: list[tuple[str, int]],
) -> None:
    state, came = rules.STARTED, False
    for said, received in words:
        outcome = rules.reading(state, 9000, said, received)
        if outcome == rules.APPLIED:
            state = said
        elif outcome == rules.WRONG_AMOUNT:
            state = rules.MISMATCH
        came = came or said == rules.SUCCEEDED
        assert (state in (rules.SUCCEEDED, rules.MISMATCH)) == came


@given(st.lists(st.tuples(st.sampled_from(["payment", "refund"]), st.sampled_from("abc"), FEN), max_size=8))
def test_a_list_agrees_with_itself_in_any_order(rows: list[tuple[str, str, int]]) -> None:
    entries = [rules.Entry(*row) for row in rows]
    assert {pair.verdict for pair in rules.compare(entries, reversed(entries))} <= {rules.ALIKE}
    assert {pair.verdict for pair in rules.compare(entries, [])} <= {rules.ONLY_OURS}
    assert {pair.verdict for pair in rules.compare([], entries)} <= {rules.ONLY_THEIRS}
