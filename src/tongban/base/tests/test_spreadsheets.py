"""Tables from outside are read as text, whatever they are; tables that we give away stay text, wherever they are opened."""

from __future__ import annotations

import contextlib
import csv
import io
import zipfile
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.campaign import size
from tongban.base import spreadsheets
from tongban.base.errors import SpreadsheetRefused
from tongban.base.spreadsheets import harmless, read_rows, write_csv, write_xlsx


def cells(content: bytes) -> list[list[str]]:
    return [list(row.cells) for row in read_rows(content)]


def xlsx(*rows: Any, merge: str = "", change: Any = None) -> bytes:
    """Return a file as another program writes it."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    if merge:
        book.active.merge_cells(merge)
    if change:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# --- CSV ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_is_read_in_every_encoding_and_with_every_delimiter(encoding: str, delimiter: str) -> None:
    text = f"事项名称{delimiter}编码\r\n教师资格认定{delimiter}0001\r\n"
    assert cells(text.encode(encoding)) == [["事项名称", "编码"], ["教师资格认定", "0001"]]


def test_a_cell_of_several_lines_counts_its_rows_right() -> None:
    rows = list(read_rows(b'a,"x\ny"\nb,2\n'))
    assert [(row.number, list(row.cells)) for row in rows] == [(1, ["a", "x\ny"]), (3, ["b", "2"])]


@pytest.mark.parametrize("content", [b"\xff\xd8\xff\xe0 picture", b"a,\x00b", b"\x81\x20\xff\xff"])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(SpreadsheetRefused):
        cells(content)


def test_an_old_or_protected_workbook_is_refused_with_advice() -> None:
    with pytest.raises(SpreadsheetRefused, match="另存为"):
        cells(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


# --- XLSX --------------------------------------------------------------------------------------------------------


def test_every_type_of_cell_becomes_text() -> None:
    content = xlsx(["文字 ", 12, 12.5, 3.0, True, date(2026, 3, 5), datetime(2026, 3, 5, 9, 30), None, "末"])
    assert cells(content) == [
        ["文字", "12", "12.5", "3", "TRUE", "2026-03-05", "2026-03-05 09:30:00", "", "末"]
    ]  # fmt: skip


def test_merged_cells_all_have_the_value_of_the_first() -> None:
    content = xlsx(["广安区政务服务事项", None, None], ["部门", "名称", "编码"], merge="A1:C1")
    assert cells(content)[0] == ["广安区政务服务事项"] * 3

    content = xlsx(["区民政局", "a"], [None, "b"], [None, "c"], ["区司法局", "d"], merge="A1:A3")
    assert [row[0] for row in cells(content)] == ["区民政局", "区民政局", "区民政局", "区司法局"]


def test_a_code_that_became_a_number_is_doubtful() -> None:
    [row] = read_rows(xlsx([11511301008778183, "11511301008778183N"]))
    assert row.doubts == {0: "rounded"}


def test_a_formula_counts_by_its_result_and_is_doubtful_without_one() -> None:
    [row] = read_rows(xlsx(["=1+1", '=HYPERLINK("http://evil.example","x")', "'=1+1"]))
    assert row.doubts == {0: "formula", 1: "formula"}
    assert row.cells[:2] == ["", ""]

    content = xlsx([1])
    with_result = replace_in(content, "xl/worksheets/sheet1.xml", b"<v>1</v>", b"<f>SUM(1,1)</f><v>2</v>")
    assert cells(with_result) == [["2"]]


def replace_in(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """Return a package with something else in one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for info in source.infolist():
            part = source.read(info.filename)
            target.writestr(info.filename, part.replace(old, new) if info.filename == name else part)
    return out.getvalue()


def test_an_entity_reads_nothing_of_ours() -> None:
    hostile = replace_in(
        xlsx(["x"]), "xl/worksheets/sheet1.xml", b"<worksheet",
        b'<!DOCTYPE w [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet',
    )  # fmt: skip
    hostile = replace_in(hostile, "xl/worksheets/sheet1.xml", b"<v>0</v>", b"<v>&e;</v>")
    with contextlib.suppress(SpreadsheetRefused):
        assert "root:" not in str(cells(hostile))


def test_a_billion_laughs_are_refused() -> None:
    bomb = b"<!DOCTYPE w [<!ENTITY a '" + b"ha" * 5000 + b"'>"
    bomb += b"".join(b"<!ENTITY %c '%s'>" % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9)) + b"]>"
    hostile = replace_in(xlsx(["x"]), "xl/sharedStrings.xml", b"<sst", bomb + b"<sst")
    hostile = replace_in(hostile, "xl/sharedStrings.xml", b"<t>x</t>", b"<t>&j;</t>")
    with contextlib.suppress(SpreadsheetRefused):
        assert len(str(cells(hostile))) < 100_000


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MAX_UNPACKED", 100_000)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/worksheets/sheet1.xml", b"0" * 1_000_000)
    assert len(out.getvalue()) < 5_000
    with pytest.raises(SpreadsheetRefused):
        cells(out.getvalue())


@pytest.mark.parametrize("name", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_a_damaged_workbook_is_refused(name: str) -> None:
    content = xlsx(["x"])
    with pytest.raises(SpreadsheetRefused):
        cells(replace_in(content, name, b"<", b"<<"))
    with pytest.raises(SpreadsheetRefused):
        cells(content[: len(content) // 2])


def test_a_hidden_sheet_is_not_taken_for_the_first() -> None:
    def hide(book: Any) -> None:
        book.active.sheet_state = "hidden"
        book.create_sheet("second").append(["这一张"])

    assert cells(xlsx(["隐藏的"], change=hide)) == [["这一张"]]


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "MAX_ROWS", 2)
    with pytest.raises(SpreadsheetRefused):
        cells(b"a\nb\nc\n")


@pytest.mark.campaign
def test_many_rows_are_read_one_by_one() -> None:
    count = size(10_000, 100_000)
    content = write_xlsx([f"事项{n}", n, "区民政局", f"511A{n:012d}"] for n in range(count))
    assert sum(1 for row in read_rows(content) if row.cells[2] == "区民政局") == count


# --- what we give away -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ('=HYPERLINK("http://evil.example")', '\'=HYPERLINK("http://evil.example")'),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+86 138", "'+86 138"),
        ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
        ("\t=1", "'\t=1"),
        ("\x01=1", "'=1"),
        ("＝1+1", "'＝1+1"),
        ("-5", "-5"),
        ("+3.5", "+3.5"),
        ("12%", "12%"),
        ("澄溪县", "澄溪县"),
        (None, ""),
        (7, "7"),
    ],
)
def test_no_cell_becomes_a_formula(cell: Any, written: str) -> None:
    assert harmless(cell) == written


@given(st.lists(st.lists(st.text(max_size=20), min_size=1, max_size=4), max_size=4))
def test_what_was_written_never_begins_like_a_formula(rows: list[list[str]]) -> None:
    text = "".join(write_csv(rows))
    assert text.startswith(spreadsheets.BOM)
    for row in csv.reader(io.StringIO(text.removeprefix(spreadsheets.BOM), newline="")):
        for cell in row:
            assert not cell.startswith(("=", "@", "\t", "\r", "\n"))
            assert not cell.startswith(("+", "-")) or spreadsheets.NUMBER.fullmatch(cell)


def test_another_program_reads_our_workbook_as_text() -> None:
    content = write_xlsx([["=1+1", "00123", "a<b>&\"'"], ["澄溪县 ", 5, None]])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["=1+1", "00123", "a<b>&\"'"],
        ["澄溪县 ", "5", None],
    ]
    assert sheet["A1"].data_type == "s" or sheet["A1"].data_type == "inlineStr"
    assert cells(content) == [["=1+1", "00123", "a<b>&\"'"], ["澄溪县", "5", ""]]
