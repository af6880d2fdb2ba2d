"""Tables that people send and take away: CSV and XLSX, from offices that use every spreadsheet program there is.

A file that somebody sends may be hostile (a bomb of a few kilobytes that unpacks to gigabytes, an XML entity that reads our disk,
a formula) or merely old (GBK, a title across merged cells, numbers where codes should stand). ``read_rows`` gives plain text, row
by row, within limits, and says of which cells it is not sure. What we give away is opened in the same programs: ``csv_line``
and ``write_xlsx`` never let a cell become a formula there.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import IO, Any
from xml.sax.saxutils import escape

from lxml import etree

from tongban.base.errors import SpreadsheetRefused
from tongban.base.text import LocalizedText

__all__ = [
    "BOM",
    "MAX_BYTES",
    "MAX_COLUMNS",
    "MAX_ROWS",
    "Row",
    "csv_line",
    "harmless",
    "read_rows",
    "write_csv",
    "write_xlsx",
]

MAX_BYTES = 50 * 1024 * 1024
MAX_UNPACKED = 1024 * 1024 * 1024
MAX_ROWS = 200_000
MAX_COLUMNS = 300
MAX_CELL = 32_767
MAX_MERGED = 200_000
MAX_STRINGS = 64 * 1024 * 1024
"""Characters of all shared strings of a workbook together."""

BOM = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?%?")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the file (from 1), its cells as text without outer spaces, and what is doubtful about a cell.

    ``doubts`` names by column (from 0): "formula" (a formula whose result is not in the file), "error" (#REF! and its like),
    "rounded" (a number too long for a number: the last digits of a code are lost).
    """

    number: int
    cells: Sequence[str]
    doubts: Mapping[int, str] = field(default_factory=dict)

    @property
    def is_blank(self) -> bool:
        """Return whether nothing stands in it."""
        return not any(self.cells)


def read_rows(content: bytes) -> Iterator[Row]:
    """Yield the rows of a CSV file, or of the first visible sheet of an XLSX file: told apart by their bytes, not by name.

    Merged cells all have the value of their first one. Raises SpreadsheetRefused, which may come after some rows.
    """
    if len(content) > MAX_BYTES:
        raise _refused("文件超过 50 MB", "The file is larger than 50 MB")
    if content.startswith(ZIP):
        rows = _xlsx_rows(content)
    elif content.startswith(OLE):
        raise _refused(
            "这是旧格式（xls）或者加了密码的文件，请另存为 xlsx 或 csv",
            "This is an old (xls) or protected file: please save it as xlsx or csv",
        )
    else:
        rows = _csv_rows(content)
    for count, row in enumerate(rows, 1):
        if count > MAX_ROWS:
            raise _refused(f"超过 {MAX_ROWS} 行", f"There are more than {MAX_ROWS} rows")
        yield row


def harmless(cell: Any) -> str:
    """Return a cell as text that no spreadsheet program runs as a formula when it opens a CSV file."""
    text = CONTROL.sub("", "" if cell is None else str(cell))
    return f"'{text}" if text.startswith(FORMULA) and not NUMBER.fullmatch(text) else text


def csv_line(cells: Iterable[Any]) -> str:
    """Return one harmless line of CSV."""
    out = io.StringIO()
    csv.writer(out).writerow([harmless(cell) for cell in cells])
    return out.getvalue()


def write_csv(rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """Yield the text of a CSV file, line by line; with the mark by which spreadsheet programs know UTF-8."""
    yield BOM
    for row in rows:
        yield csv_line(row)


def _refused(zh: str, en: str) -> SpreadsheetRefused:
    return SpreadsheetRefused(LocalizedText(zh=zh, en=en))


def _clean(text: str) -> str:
    return CONTROL.sub("", text[:MAX_CELL]).strip(" \t\r\n\u3000\xa0\ufeff")


# --- CSV ---------------------------------------------------------------------------------------------------------


def _csv_rows(content: bytes) -> Iterator[Row]:
    text = _decoded(content)
    csv.field_size_limit(MAX_CELL * 4)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    number = 1
    try:
        for cells in reader:
            yield Row(number, [_clean(cell) for cell in cells[:MAX_COLUMNS]])
            number = reader.line_num + 1
    except csv.Error as error:
        raise _refused(f"第 {number} 行读不出来：{error}", f"Row {number} cannot be read: {error}") from error


def _decoded(content: bytes) -> str:
    """Chinese offices send UTF-8 with and without its mark, GBK from older programs, UTF-16 from 'Unicode text'."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ["utf-16"]
    else:
        candidates = ["utf-8-sig", "gb18030"]
    for encoding in candidates:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise _refused(
        "看不懂这个文件：它既不是 xlsx，也不是 UTF-8 或 GBK 的 csv",
        "This file cannot be read: it is neither xlsx nor csv in UTF-8 or GBK",
    )


def _delimiter(text: str) -> str:
    """The one that divides the first lines most, outside of quotation marks."""
    head = re.sub(r'"[^"]*"', "", "\n".join(text[:20_000].splitlines()[:10]))
    return max((",", "\t", ";"), key=head.count)


# --- XLSX --------------------------------------------------------------------------------------------------------

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]{0,200}?ref\s*=\s*"([A-Z]{1,3}\d{1,7}):([A-Z]{1,3}\d{1,7})"')
PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Numbers of built-in formats that show a date or a time, with those of Chinese Excel."""
EPOCH = datetime(1899, 12, 30)
EPOCH_1904 = datetime(1904, 1, 1)


def _xlsx_rows(content: bytes) -> Iterator[Row]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            if sum(info.file_size for info in package.infolist()) > MAX_UNPACKED:
                raise _refused("文件解开以后太大", "The file is too large once unpacked")
            yield from _Workbook(package).rows()
    except (
        zipfile.BadZipFile,
        etree.XMLSyntaxError,
        KeyError,
        ValueError,
        EOFError,
        NotImplementedError,
    ) as error:
        raise _refused(
            "这个 xlsx 文件坏了，或者不是表格", "This xlsx file is damaged, or no table"
        ) from error


class _Workbook:
    """The parts of an open workbook that its first visible sheet needs."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self.package = package
        self.epoch = EPOCH
        self.sheet = self._first_sheet()
        self.strings = self._shared_strings()
        self.dates = self._date_styles()

    def rows(self) -> Iterator[Row]:
        merges = self._merges()
        waiting = 0
        held: dict[
            int, tuple[int, str, str]
        ] = {}  # column -> last row, value, doubt of the merged cell that covers it
        expected = 1
        for _, element in self._elements(self.sheet, "row"):
            number = int(element.get("r") or expected)
            expected = number + 1
            cells, doubts = self._cells(element)
            while waiting < len(merges) and merges[waiting][0] <= number:
                first, last, left, right = merges[waiting]
                waiting += 1
                if first == number:
                    value = cells[left] if left < len(cells) else ""
                    for column in range(left, min(right, MAX_COLUMNS - 1) + 1):
                        held[column] = (last, value, doubts.get(left, ""))
            for column in [column for column, (last, _, _) in held.items() if last < number]:
                del held[column]
            for column, (_, value, doubt) in held.items():
                cells.extend([""] * (column + 1 - len(cells)))
                cells[column] = value
                if doubt:
                    doubts[column] = doubt
            yield Row(number, cells, doubts)

    def _cells(self, element: Any) -> tuple[list[str], dict[int, str]]:
        cells: list[str] = []
        doubts: dict[int, str] = {}
        for cell in element.iterchildren(f"{MAIN}c", f"{STRICT}c"):
            found = PLACE.fullmatch(cell.get("r") or "")
            column = _column(found[1]) if found else len(cells)
            if column >= MAX_COLUMNS:
                continue
            cells.extend([""] * (column + 1 - len(cells)))
            cells[column], doubt = self._value(cell)
            if doubt:
                doubts[column] = doubt
        return cells, doubts

    def _value(self, cell: Any) -> tuple[str, str]:
        kind = cell.get("t", "n")
        parts = {part.tag.rpartition("}")[2]: part for part in cell if isinstance(part.tag, str)}
        text = (parts["v"].text or "") if "v" in parts else ""
        if kind == "inlineStr":
            return _clean(_words(parts["is"])) if "is" in parts else "", ""
        if not text:
            return "", "formula" if "f" in parts else ""
        if kind == "s":
            return _clean(self.strings[int(text)]), ""
        if kind == "e":
            return _clean(text), "error"
        if kind == "b":
            return ("TRUE" if text == "1" else "FALSE"), ""
        if kind in ("str", "d"):
            return _clean(text), ""
        return self._number(text, int(cell.get("s") or 0))

    def _number(self, text: str, style: int) -> tuple[str, str]:
        value = float(text)
        if style in self.dates and 0 <= value < 2_958_466:
            moment = self.epoch + timedelta(days=value)
            moment = (moment + timedelta(milliseconds=500)).replace(microsecond=0)
            return (moment.date().isoformat() if value == int(value) else moment.isoformat(" ")), ""
        if value == int(value) and abs(value) < 1e300:
            return str(int(value)), "rounded" if abs(value) >= 1e15 else ""
        return repr(value), ""

    def _first_sheet(self) -> str:
        targets = {one.get("Id"): one.get("Target", "") for one in self._tree("xl/_rels/workbook.xml.rels")}
        book = self._tree("xl/workbook.xml")
        for one in book.iter(f"{MAIN}workbookPr", f"{STRICT}workbookPr"):
            if one.get("date1904") in ("1", "true"):
                self.epoch = EPOCH_1904
        for one in book.iter(f"{MAIN}sheet", f"{STRICT}sheet"):
            target = targets.get(one.get(RELATION) or one.get(STRICT_RELATION), "")
            if one.get("state", "visible") == "visible" and "worksheets/" in target:
                return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
        raise KeyError("no visible sheet")

    def _shared_strings(self) -> list[str]:
        if "xl/sharedStrings.xml" not in self.package.namelist():
            return []
        found, size = [], 0
        for _, element in self._elements("xl/sharedStrings.xml", "si"):
            found.append(_words(element)[:MAX_CELL])
            size += len(found[-1])
            if size > MAX_STRINGS:
                raise _refused("文件里的文字太多", "There is too much text in the file")
        return found

    def _date_styles(self) -> frozenset[int]:
        """Return the numbers of the cell styles that show a date."""
        if "xl/styles.xml" not in self.package.namelist():
            return frozenset()
        styles = self._tree("xl/styles.xml")
        own = {
            int(one.get("numFmtId", "0"))
            for one in styles.iter(f"{MAIN}numFmt", f"{STRICT}numFmt")
            if re.search(
                r"[ymdhs年月日]", re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", one.get("formatCode", "")).lower()
            )
        }
        cells = next(styles.iter(f"{MAIN}cellXfs", f"{STRICT}cellXfs"), ())
        return frozenset(
            index for index, one in enumerate(cells) if int(one.get("numFmtId", "0")) in DATES | own
        )

    def _merges(self) -> list[tuple[int, int, int, int]]:
        """Return first row, last row, left, right of the merged cells. They stand behind the rows, so they are read first."""
        found: list[tuple[int, int, int, int]] = []
        with self.package.open(self.sheet) as part:
            tail = b""
            while chunk := part.read(1 << 20):
                text = tail + chunk
                end = 0
                for match in MERGED.finditer(text):
                    (left, top), (right, bottom) = (
                        PLACE.fullmatch(place.decode()).groups()  # type: ignore[union-attr]
                        for place in match.groups()
                    )
                    found.append((int(top), int(bottom), _column(left), _column(right)))
                    end = match.end()
                if len(found) > MAX_MERGED:
                    raise _refused("合并的单元格太多", "There are too many merged cells")
                tail = text[max(end, len(text) - 200) :]
        return sorted(found)

    def _tree(self, name: str) -> Any:
        with self.package.open(name) as part:
            return etree.parse(part, _parser()).getroot()

    def _elements(self, name: str, tag: str) -> Iterator[tuple[str, Any]]:
        """Yield the elements of a name one by one, forgetting each when the next is asked for."""
        with self.package.open(name) as part:
            for event, element in _iterparse(part, tag):
                yield event, element
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _iterparse(part: IO[bytes], tag: str) -> Iterator[tuple[str, Any]]:
    wanted = (f"{MAIN}{tag}", f"{STRICT}{tag}")
    return iter(
        etree.iterparse(
            part, tag=wanted, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
    )


def _is(element: Any, tag: str) -> bool:
    return element.tag in (f"{MAIN}{tag}", f"{STRICT}{tag}")


def _words(element: Any) -> str:
    """Return the text of a string with its differently formatted runs, without the reading aids (phonetic runs)."""
    return "".join(
        part.text or "" for part in element.iter(f"{MAIN}t", f"{STRICT}t") if not _is(part.getparent(), "rPh")
    )


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


# --- writing -----------------------------------------------------------------------------------------------------

PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship '
    'Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
}
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
SHEET = XML + '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def write_xlsx(rows: Iterable[Iterable[Any]]) -> bytes:
    """Return an XLSX file of one sheet. Every cell is text, so none is ever a formula and no code loses its last digits."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in PARTS.items():
            package.writestr(name, XML + text)
        with package.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(SHEET.encode())
            for number, row in enumerate(rows, 1):
                cells = "".join(
                    f'<c t="inlineStr"><is><t xml:space="preserve">{escape(CONTROL.sub("", str(cell))[:MAX_CELL])}</t></is></c>'
                    if cell not in (None, "")
                    else "<c/>"
                    for cell in row
                )
                sheet.write(f'<row r="{number}">{cells}</row>'.encode())
            sheet.write(b"</sheetData></worksheet>")
    return out.getvalue()
