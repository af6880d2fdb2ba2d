"""Trying a decision table out: what is typed becomes inputs, what is tried becomes a grid. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tongban.base.text import LocalizedText
from tongban.kernel.decisions.rules import Row

__all__ = ["Cell", "Column", "GridRow", "Period", "columns_of", "grid", "periods", "read_inputs"]

HOLDS, FAILS, UNTRIED, ANY = "holds", "fails", "untried", "any"
FIRED, MISSED, AFTER = "fired", "missed", "after"


@dataclass(frozen=True, slots=True)
class Column:
    """One input or output of a table."""

    key: str
    label: LocalizedText
    type: str = ""
    unit: LocalizedText = LocalizedText("")
    options: tuple[tuple[str, LocalizedText], ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One test of one rule. ``state`` is holds, fails, untried (a cell before it failed already) or any (no test)."""

    column: Column
    test: str
    state: str


@dataclass(frozen=True, slots=True)
class GridRow:
    """One rule as it stands in the table. ``state`` is fired, missed, after (not reached) or "" when nothing was tried."""

    number: int
    cells: tuple[Cell, ...]
    outputs: tuple[Any, ...]
    because: LocalizedText
    state: str


@dataclass(frozen=True, slots=True)
class Period:
    """From when to when (None: without an end) a version is the one that decides."""

    version: int
    since: date
    to: date | None

    def holds_on(self, day: date) -> bool:
        """True when the day lies in the period."""
        return self.since <= day and (self.to is None or day <= self.to)


def columns_of(content: Mapping[str, Any], name: str) -> tuple[Column, ...]:
    """Return the inputs or outputs of a table's content."""
    columns: list[Mapping[str, Any]] = [
        c if isinstance(c, Mapping) else {"key": str(c)} for c in content[name]
    ]
    return tuple(
        Column(
            key=column["key"],
            label=LocalizedText.of(column.get("label")) or LocalizedText(column["key"]),
            type=column.get("type", ""),
            unit=LocalizedText.of(column.get("unit")),
            options=tuple((str(o["value"]), LocalizedText.of(o["label"])) for o in column.get("options", ())),
        )
        for column in columns
    )


def read_inputs(
    columns: Sequence[Column], typed: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, LocalizedText]]:
    """Turn what was typed into inputs; return them and, by key, what cannot be read. What is left empty is null."""
    values: dict[str, Any] = {}
    faults: dict[str, LocalizedText] = {}
    for column in columns:
        text = typed.get(column.key, "").strip()
        try:
            values[column.key] = _READERS.get(column.type, _as_it_looks)(text) if text else None
        except ValueError:
            faults[column.key] = _FAULTS[column.type]
    return values, faults


def _number(text: str) -> int | float:
    value = float(text)
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError("not a finite number")
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _bool(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("neither true nor false")
    return text == "true"


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat()


def _list(text: str) -> list[str]:
    return [part.strip() for part in re.split("[,，、]", text) if part.strip()]


def _as_it_looks(text: str) -> Any:
    for reader in (_number, _bool):
        try:
            return reader(text)
        except ValueError:
            continue
    return text


_READERS: Mapping[str, Callable[[str], Any]] = {
    "text": str,
    "number": _number,
    "bool": _bool,
    "date": _day,
    "list": _list,
}
_FAULTS = {
    "number": LocalizedText(zh="请填数字", en="Enter a number"),
    "bool": LocalizedText(zh="请选是或者否", en="Choose yes or no"),
    "date": LocalizedText(zh="请填日期，如 2026-03-05", en="Enter a date such as 2026-03-05"),
}


def grid(
    content: Mapping[str, Any], trace: Sequence[Row] = (), fired: int | None = None
) -> tuple[GridRow, ...]:
    """Return every rule of a table; with a trace, which cells held and which rule fired."""
    inputs, outputs = columns_of(content, "inputs"), columns_of(content, "outputs")
    tried = {row.index: row for row in trace}
    return tuple(
        GridRow(
            number=index + 1,
            cells=tuple(_cell(column, rule.get("when") or {}, tried.get(index)) for column in inputs),
            outputs=tuple(rule["then"].get(column.key, "") for column in outputs),
            because=LocalizedText.of(rule.get("because")),
            state=_row_state(index, tried, fired) if trace else "",
        )
        for index, rule in enumerate(content["rules"])
    )


def _row_state(index: int, tried: Mapping[int, Row], fired: int | None) -> str:
    if index == fired:
        return FIRED
    return MISSED if index in tried else AFTER


def _cell(column: Column, when: Mapping[str, Any], row: Row | None) -> Cell:
    test = str(when.get(column.key, "")).strip()
    if test in ("", "-"):
        return Cell(column, "", ANY)
    found = next((tested for tested in row.tests if tested.input == column.key), None) if row else None
    return Cell(column, test, UNTRIED if found is None else HOLDS if found.holds else FAILS)


def periods(versions: Sequence[tuple[int, date, date | None]]) -> tuple[Period, ...]:
    """Return in the order of time which version (number, valid_from, valid_to) decides when.

    Of those valid on a day the latest ``valid_from`` wins, then the higher number, so a version that ends may hand back
    to an earlier one. A day on which none is valid lies in no period.
    """
    turns = sorted({since for _, since, _ in versions} | {_after(to) for _, _, to in versions if to})
    found: list[Period] = []
    for turn, upcoming in zip(turns, [*turns[1:], None], strict=True):
        valid = [
            (since, number) for number, since, to in versions if since <= turn and (to is None or turn <= to)
        ]
        if not valid:
            continue
        number, end = max(valid)[1], _before(upcoming) if upcoming else None
        if found and found[-1].version == number and found[-1].to == _before(turn):
            found[-1] = Period(number, found[-1].since, end)
        else:
            found.append(Period(number, turn, end))
    return tuple(found)


def _after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


def _before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)
