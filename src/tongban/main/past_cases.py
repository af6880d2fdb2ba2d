"""Cases of an earlier system from a table (CSV or XLSX): each row whole or not at all, the same table again without doubling.

What may be brought is for the door of services to say; here cells become its words, and what is refused is given back as a
table with the reasons, to be corrected and sent again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tongban.apps.services import service as services
from tongban.base.actor import Actor
from tongban.base.errors import TongbanError
from tongban.base.spreadsheets import Row, read_rows
from tongban.base.text import LocalizedText as T
from tongban.base.time import LOCAL
from tongban.kernel.cases import service as cases
from tongban.main.organisation import told

__all__ = ["ANSWER", "COLUMNS", "EXAMPLE", "Outcome", "Report", "bring", "rejected"]

COLUMNS: dict[str, tuple[tuple[str, ...], T]] = {
    "number": (
        ("原编号", "办件编号"),
        T("原系统的办件编号，不能重复", "its number in the old system, unique there"),
    ),
    "item": (
        ("事项", "事项编码"),
        T("事项的键、业务办理项编码或本地编码", "key, handling code or local code of the item"),
    ),
    "name": (("申请人", "申请人名称"), T("姓名或单位名称", "name of the person or the entity")),
    "id": (
        ("证件号", "申请人证件号", "身份证号", "统一社会信用代码"),
        T("身份证号或统一社会信用代码", "ID number or unified social credit code"),
    ),
    "agent": (("经办人",), T("单位申请时的经办人", "who acted for an entity")),
    "agent_id": (("经办人身份证号",), T("经办人的身份证号", "the ID number of that person")),
    "unit": (
        ("单位", "办理单位", "单位代码"),
        T("办理单位的代码，不写就是事项的单位", "code of the unit in charge; empty: the item's"),
    ),
    "submitted": (("提交时间", "申请时间", "收件时间"), T("提交", "when it was submitted")),
    "accepted": (("受理时间",), T("受理", "when it was accepted")),
    "decided": (("决定时间",), T("准予或者不予的决定", "when it was granted or refused")),
    "closed": (
        ("办结时间", "送达时间"),
        T("办结、送达；不写就是决定时间", "when it was closed; empty: when it was decided"),
    ),
    "result": (
        ("结果", "办理结果"),
        T(
            "准予、不予、不予受理、撤回；在办的不写",
            "granted, refused, not_accepted, withdrawn; empty when open",
        ),
    ),
    "step": (
        ("在办步骤", "步骤"),
        T(
            "在办的写流程里步骤的编号，并行的用分号隔开",
            "open ones: ids of the open steps, divided by semicolons",
        ),
    ),
    "since": (
        ("到这一步的时间",),
        T("到这一步的时间，这一步的时限从这里起算", "since when; the limit of the step counts from there"),
    ),
    "files": (
        ("材料文件", "文件"),
        T("材料键=文件名，用分号隔开", "material=file name, divided by semicolons"),
    ),
}
"""The columns by their names in code: what an office may call them instead, and what they hold."""
ANSWER = "answer."
NEEDED = ("number", "item", "name", "id", "submitted")
EXAMPLE: tuple[Mapping[str, str], ...] = (
    {
        "number": "2024-SP-000117",
        "item": "food-licence",
        "name": "澄溪县城关镇李记米线店",
        "id": "92532399MA10000099",
        "submitted": "2024-03-04 09:12",
        "accepted": "2024-03-05",
        "decided": "2024-03-15",
        "closed": "2024-03-18",
        "result": "准予",
    },
    {
        "number": "2026-SP-000942",
        "item": "food-licence",
        "name": "澄溪县城关镇李记米线店",
        "id": "92532399MA10000099",
        "submitted": "2026-05-25",
        "accepted": "2026-05-27",
        "step": "document_review;inspect",
        "since": "2026-05-27",
    },
)
"""One closed and one open case, of the demo county."""
RESULTS = {
    "准予": "granted",
    "准予许可": "granted",
    "不予": "refused",
    "不准予": "refused",
    "不予许可": "refused",
    "不予受理": "not_accepted",
    "撤回": "withdrawn",
    "申请人撤回": "withdrawn",
}
DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(.*)|(\d{4})(\d\d)(\d\d)()")
HOUR = re.compile(r"[T\s]*(\d{1,2})[:：](\d{2})(?:[:：](\d{2})(?:\.\d+)?)?")
LONGEST = 2_000
"""Characters of a cell that is no answer."""
DOUBTS = {
    "formula": T("公式没有算出结果", "a formula without its result"),
    "error": T("表格里是错误值", "an error of the spreadsheet"),
    "rounded": T(
        "数字太长，末几位已经丢了，请把这一列设成文本",
        "a number too long, its last digits are lost: make the column text",
    ),
}
MOST_FILES = 50


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row: its number here ("" when it was refused or only looked at), or why not."""

    line: int
    number: str = ""
    reason: T | None = None


@dataclass(slots=True)
class Report:
    """What was done, or in a preview what would be. ``refused`` are the cells of rows as they came, beside their reasons."""

    heads: list[str] = field(default_factory=list)
    closed: int = 0
    open: int = 0
    known: int = 0
    """Rows that had come before."""
    outcomes: list[Outcome] = field(default_factory=list)
    refused: list[tuple[Row, T]] = field(default_factory=list)


class _Wrong(Exception):
    def __init__(self, zh: str, en: str) -> None:
        self.text = T(zh, en)


def bring(
    *,
    content: bytes,
    source: str,
    actor: Actor,
    at: datetime,
    files: Path | None = None,
    preview: bool = False,
    tell: Callable[[int], object] = lambda done: None,
) -> Report:
    """Bring the cases of a table; each row is a transaction of its own. A preview judges every row and writes nothing.

    Raises SpreadsheetRefused for a file that is no table.
    """
    report = Report()
    seen: dict[str, int] = {}
    for line, (row, cells) in enumerate(_rows(content, report), 1):
        try:
            reader = _Reader(row, cells, report.heads, files)
            number = reader.text("number")
            if number in seen:
                raise _Wrong(
                    f"和第 {seen[number]} 行的原编号一样", f"the same old number as in row {seen[number]}"
                )
            seen[number] = row.number
            if (known := cases.find_brought(source, number)) is not None:
                report.known += 1
                report.outcomes.append(Outcome(row.number, known))
                continue
            past = reader.application(source)
            if preview:
                services.check_application(row=past, at=at)
                report.outcomes.append(Outcome(row.number))
            else:
                case = services.bring_application(actor=actor, row=past, at=at)
                report.outcomes.append(Outcome(row.number, case.number))
            report.closed += bool(past.result)
            report.open += not past.result
        except _Wrong as wrong:
            _refuse(report, row, wrong.text)
        except TongbanError as refusal:
            _refuse(report, row, refusal.detail if isinstance(refusal.detail, T) else told(refusal))
        tell(line)
    return report


def rejected(report: Report) -> Iterator[list[str]]:
    """Yield the refused rows as a table: as they came, then line and reasons; sent again these columns are passed over."""
    yield [*report.heads, "line", "reason_zh", "reason_en"]
    for row, reason in report.refused:
        cells = [*row.cells, *[""] * len(report.heads)][: len(report.heads)]
        yield [*cells, str(row.number), reason.zh, reason.en]


def _refuse(report: Report, row: Row, reason: T) -> None:
    report.refused.append((row, reason))
    report.outcomes.append(Outcome(row.number, reason=reason))


def _rows(content: bytes, report: Report) -> Iterator[tuple[Row, dict[str, int]]]:
    """Yield the rows below the header with the places of the columns."""
    known = {each: name for name, (others, _) in COLUMNS.items() for each in (name, *others)}
    places: dict[str, int] | None = None
    for row in read_rows(content):
        if row.is_blank:
            continue
        if places is None:
            report.heads = list(row.cells)
            places = {}
            for place, cell in enumerate(row.cells):
                name = known.get(cell.lower(), cell if cell.startswith(ANSWER) else "")
                if name:
                    places.setdefault(name, place)
            if lacking := [name for name in NEEDED if name not in places]:
                said = T(f"表头里没有 {'、'.join(lacking)}", f"the header has no {', '.join(lacking)}")
                _refuse(report, row, said)
                return
            continue
        yield row, places


class _Reader:
    """One row in the words of the door."""

    def __init__(self, row: Row, places: Mapping[str, int], heads: Sequence[str], files: Path | None) -> None:
        self.row = row
        self.places = places
        self.files = files
        for place, doubt in row.doubts.items():
            if place in places.values():
                raise _Wrong(f"{heads[place]}：{DOUBTS[doubt].zh}", f"{heads[place]}: {DOUBTS[doubt].en}")

    def cell(self, name: str) -> str:
        place = self.places.get(name)
        return self.row.cells[place] if place is not None and place < len(self.row.cells) else ""

    def text(self, name: str) -> str:
        text = self.cell(name)
        if len(text) > LONGEST:
            raise _Wrong(f"{name} 太长", f"{name} is too long")
        if not text and name in NEEDED:
            raise _Wrong(f"没有填 {name}", f"{name} is empty")
        return text

    def application(self, source: str) -> services.PastApplication:
        """Return the row as an application."""
        submitted = self.moment("submitted", None)
        if submitted is None:
            raise _Wrong("没有填 submitted", "submitted is empty")
        accepted = self.moment("accepted", submitted)
        decided = self.moment("decided", accepted or submitted)
        result = self.text("result")
        result = RESULTS.get(result, result)
        closed = self.moment("closed", decided or accepted or submitted)
        return services.PastApplication(
            source=source,
            number=self.text("number"),
            item=self.text("item"),
            name=self.text("name"),
            key=self.text("id").upper(),
            agent=self.text("agent"),
            agent_key=self.text("agent_id").upper(),
            unit=self.text("unit"),
            submitted_at=submitted,
            accepted_at=accepted,
            decided_at=decided,
            closed_at=closed or decided,
            result=result,
            steps=tuple(_parts(self.text("step"))),
            since=self.moment("since", accepted or submitted),
            answers={
                name.removeprefix(ANSWER): self.cell(name) for name in self.places if name.startswith(ANSWER)
            },
            uploads=tuple(self.uploads()),
        )

    def moment(self, name: str, after: datetime | None) -> datetime | None:
        """Read a day with or without an hour; a day alone is not before what came earlier on the same day."""
        text = self.text(name)
        if not text:
            return None
        found = DAY.fullmatch(text)
        try:
            if found is None:
                raise ValueError
            year, month, day, rest = found.groups()[:4] if found[1] else found.groups()[4:]
            clock = HOUR.fullmatch(rest.strip()) if rest.strip() else None
            if rest.strip() and clock is None:
                raise ValueError
            hours, minutes, seconds = (int(part or 0) for part in clock.groups()) if clock else (0, 0, 0)
            hour = time(hours, minutes, seconds)
            moment = datetime.combine(datetime(int(year), int(month), int(day)), hour, LOCAL)
        except ValueError:
            raise _Wrong(f"{name} 不是日期：{text[:40]}", f"{name} is no date: {text[:40]}") from None
        if clock is None and after is not None and moment < after and moment.date() == after.date():
            return after
        return moment

    def uploads(self) -> Iterator[tuple[str, Any]]:
        """Yield the files that the row names, from their directory and from nowhere else."""
        parts = _parts(self.text("files"))
        if parts and self.files is None:
            raise _Wrong("表里有文件，没有说文件在哪个目录", "files are named, but no directory was given")
        if len(parts) > MOST_FILES:
            raise _Wrong(f"一件最多 {MOST_FILES} 个文件", f"more than {MOST_FILES} files")
        for part in parts:
            material, mark, name = (piece.strip() for piece in part.partition("="))
            if not mark or not material or not name:
                raise _Wrong(f"文件要写成 材料键=文件名：{part[:60]}", f"write MATERIAL=FILE: {part[:60]}")
            file = (self.files or Path()) / name
            if "/" in name or "\\" in name or name.startswith(".") or file.is_symlink() or not file.is_file():
                raise _Wrong(f"没有这个文件：{name[:60]}", f"there is no file {name[:60]}")
            yield material, SimpleUploadedFile(name, file.read_bytes())


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.replace("；", ";").split(";") if part.strip()]
