"""What a list looks like to a spreadsheet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.apps.desk.views import FORMULA, _harmless


@pytest.mark.parametrize("start", FORMULA)
def test_nothing_that_a_citizen_wrote_is_run_as_a_formula(start: str) -> None:
    assert _harmless(f'{start}HYPERLINK("http://x")') == f'\'{start}HYPERLINK("http://x")'


@given(st.text())
def test_every_cell_is_text_and_an_ordinary_one_stays_as_it_is(cell: str) -> None:
    assert not _harmless(cell).startswith(FORMULA)
    assert _harmless(cell) in (cell, f"'{cell}")
    assert cell.startswith(FORMULA) or _harmless(cell) == cell
