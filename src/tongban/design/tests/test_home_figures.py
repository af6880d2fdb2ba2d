"""What the home page counts is counted anew while that is quick, and kept for a while where it is not."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from tongban.design import home


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Count up; on a clock that passes a second at each look."""
    clock = iter(range(10_000))
    monkeypatch.setattr(home, "time", SimpleNamespace(monotonic=lambda: float(next(clock))))
    monkeypatch.setattr(home, "_kept", {})
    counted = iter(range(100))
    return lambda: next(counted)


def test_what_takes_long_to_count_is_counted_once_in_a_while(
    count: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [home.kept("a", count) for _ in range(50)] == [0] * 50
    assert home.kept("b", count) == 1
    monkeypatch.setattr(home, "WORTH", 1)
    home._kept.clear()
    assert [home.kept("a", count) for _ in range(3)] == [2, 3, 4]


def test_what_is_quick_is_counted_anew(count: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home, "QUICK", 10)
    assert [home.kept("a", count) for _ in range(3)] == [0, 1, 2]


@pytest.mark.django_db
def test_nothing_is_kept_of_what_a_transaction_sees(count: Callable[[], int]) -> None:
    assert [home.kept("a", count) for _ in range(3)] == [0, 1, 2]


def test_who_comes_while_it_is_counted_sees_the_last_figures(count: Callable[[], int]) -> None:
    home._kept["a"] = (-1.0, 7)
    with home._counting:
        assert home.kept("a", count) == 7
    assert home.kept("a", count) == 0
