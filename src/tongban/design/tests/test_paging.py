"""Pages without counts."""

from __future__ import annotations

from tongban.design.paging import page_number, paginate


def test_one_row_more_says_that_there_is_a_next_page() -> None:
    page = paginate(list(range(21)), number=1, size=20)
    assert list(page) == list(range(20))
    assert page.has_next
    assert not page.has_previous


def test_the_last_page_has_no_next() -> None:
    page = paginate(list(range(21)), number=2, size=20)
    assert list(page) == [20]
    assert not page.has_next
    assert page.has_previous


def test_a_page_beyond_the_end_is_empty() -> None:
    assert list(paginate([1], number=9, size=20)) == []


def test_only_a_positive_number_chooses_a_page() -> None:
    assert page_number("3") == 3
    assert [page_number(text) for text in (None, "", "0", "-1", "x", "９", "9" * 9)] == [1] * 7
