"""Periods, shares and what is too small to be published."""

from __future__ import annotations

import doctest
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tongban.apps.figures import charts, names, rules


def test_the_examples_hold() -> None:
    for module in (charts, names, rules):
        assert doctest.testmod(module).failed == 0


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)))
def test_a_running_period_is_compared_with_one_not_longer_right_before_it(today: date) -> None:
    for period in rules.periods(today):
        since, until = period.former
        assert since < until <= period.since < period.until <= today + timedelta(days=1)
        if period.key != "last-month":
            assert until - since <= period.until - period.since


def test_a_chosen_period_is_compared_with_the_days_before() -> None:
    period = rules.period_of("", date(2026, 6, 1), date(2026, 6, 10), today=date(2026, 6, 20))
    assert (period.since, period.until, period.former) == (
        date(2026, 6, 1), date(2026, 6, 11), (date(2026, 5, 22), date(2026, 6, 1)),
    )  # fmt: skip
    assert rules.period_of("", date(2026, 6, 2), date(2026, 6, 1), today=date(2026, 6, 20)).key == "month"


@given(st.lists(st.integers(0, 60), max_size=12))
def test_no_small_number_is_shown_nor_can_one_be_worked_out(numbers: list[int]) -> None:
    gone = rules.hidden([{"n": n} for n in numbers], ["n"])
    hidden = [n for n, names in zip(numbers, gone, strict=True) if names]
    assert all(n in hidden for n in numbers if 0 < n < rules.SMALL)
    if len(hidden) == 1:  # alone only where nothing else could be hidden with it
        assert not [n for n in numbers if n >= rules.SMALL]


def test_only_what_is_whole_is_called_a_hundred() -> None:
    assert rules.share(99_999, 100_000) == 99.9 and rules.share(5, 5) == 100.0 and rules.share(0, 0) is None
