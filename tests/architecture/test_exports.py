"""No table that leaves the program holds a formula: all of them are written by one module, and that one writes none."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook

from tests.architecture.house import SOURCE
from tongban.base import spreadsheets

CELLS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "＝1+1", "=cmd|' /C calc'!A0")
READ_BY_US = {"tongban/apps/services/intake.py"}
"""Tables that never leave: written only to be read by our own import."""


def modules() -> Iterator[tuple[str, str]]:
    """Yield every module of the program with its text."""
    for file in sorted(SOURCE.rglob("*.py")):
        name = file.relative_to(SOURCE.parent).as_posix()
        if "/tests/" not in name and "/migrations/" not in name:
            yield name, file.read_text(encoding="utf-8")


def test_only_one_module_writes_tables() -> None:
    writers = {
        name
        for name, text in modules()
        if any(word in text for word in ("csv.writer", "csv.DictWriter", "openpyxl"))
    }
    assert writers - READ_BY_US == {"tongban/base/spreadsheets.py"}


def test_whoever_answers_a_table_has_it_from_there() -> None:
    for name, text in modules():
        if "Response" in text and ('"text/csv' in text or "spreadsheetml" in text):
            through = "spreadsheets" in text or "read_file" in text or "operations.search" in text
            assert through, f"{name} answers a table that base.spreadsheets did not write"


@pytest.mark.parametrize("cell", CELLS)
def test_no_cell_of_a_table_is_run(cell: str) -> None:
    [row] = [line for line in spreadsheets.write_csv([[cell, "after"]]) if "after" in line]
    assert row.lstrip('"').startswith("'")
    book = load_workbook(io.BytesIO(spreadsheets.write_xlsx([[cell]])))
    assert book.active is not None
    assert book.active["A1"].data_type != "f"
