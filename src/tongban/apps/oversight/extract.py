"""The public extract of a month: how many cards each unit got and what became of them. No case, no number, nobody's name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, Q

from tongban.apps.oversight.errors import ExtractNotFound
from tongban.apps.oversight.models import Card
from tongban.apps.oversight.rules import Bar, bars_of
from tongban.base.text import LocalizedText as T
from tongban.base.time import LOCAL, local_date
from tongban.kernel.identity import service as identity

__all__ = ["HEADER", "Extract", "ExtractRow", "cells_of", "extract_of", "json_of", "months"]

MONTHS = 12
WIDE, NARROW, NAMES = 620, 330, 200
"""How wide the chart is on a wide page and on a phone, and its column of names."""
COUNTS: Mapping[str, Q] = {
    "warnings": Q(level="warning"),
    "yellow": Q(level="yellow"),
    "red": Q(level="red"),
    "upheld": Q(state="upheld"),
    "withdrawn": Q(state="withdrawn"),
    "open": Q(state__in=["pleading", "deciding"]),
}
HEADER = (
    T("单位", "Unit"), T("预警", "Warnings"), T("黄牌", "Yellow cards"), T("红牌", "Red cards"), T("维持", "Upheld"),
    T("撤销", "Withdrawn"), T("没有裁定", "Not decided yet"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExtractRow:
    """What a unit got in the month, and how it stands now."""

    unit: T
    warnings: int
    yellow: int
    red: int
    upheld: int
    withdrawn: int
    open: int


@dataclass(frozen=True, slots=True)
class Extract:
    """A month over all units, with the moment of counting; ``total`` is the sum of the rows."""

    month: date
    rows: tuple[ExtractRow, ...]
    total: ExtractRow
    counted_at: datetime

    @property
    def cards(self) -> int:
        """Yellow and red cards of the month."""
        return self.total.yellow + self.total.red

    @property
    def wide(self) -> list[Bar]:
        """The bars of the chart on a wide page."""
        return self._bars(WIDE, NAMES)

    @property
    def narrow(self) -> list[Bar]:
        """The bars of the chart on a phone."""
        return self._bars(NARROW, 0)

    @property
    def wide_height(self) -> int:
        """How high the chart is on a wide page."""
        return self.wide[-1].y + 30 if self.cards else 0

    @property
    def narrow_height(self) -> int:
        """How high the chart is on a phone."""
        return self.narrow[-1].y + 30 if self.cards else 0

    def _bars(self, width: int, left: int) -> list[Bar]:
        return bars_of([(str(row.unit), row.red, row.yellow) for row in self.rows], width=width, left=left)


def months(at: datetime) -> list[date]:
    """Return the first days of the last twelve months that are over, the newest first."""
    first = local_date(at).replace(day=1)
    found = []
    for _ in range(MONTHS):
        first = (
            first.replace(year=first.year - 1, month=12)
            if first.month == 1
            else first.replace(month=first.month - 1)
        )
        found.append(first)
    return found


def extract_of(month: date, *, at: datetime) -> Extract:
    """Count the cards of a month that is over, by unit, those with most red and yellow cards first; one statement over that
    month's cards. Raises ExtractNotFound.
    """
    if month not in months(at):
        raise ExtractNotFound
    since, until = _midnight(month), _midnight(_next(month))
    counted = (
        Card.objects.filter(given_at__gte=since, given_at__lt=until)
        .order_by()
        .values("unit_id")
        .annotate(**{name: Count("pk", filter=each) for name, each in COUNTS.items()})
    )
    rows = [_row(each) for each in counted]
    rows.sort(key=lambda row: (-row.red, -row.yellow, -row.warnings, str(row.unit.zh)))
    total = ExtractRow(HEADER[0], *(sum(getattr(row, name) for row in rows) for name in COUNTS))
    return Extract(month, tuple(rows), total, at)


def cells_of(extract: Extract) -> Iterator[list[Any]]:
    """Yield the rows of the table that is downloaded, the heading first."""
    yield list(HEADER)
    for row in extract.rows:
        yield [row.unit, *(getattr(row, name) for name in COUNTS)]


def json_of(extract: Extract) -> dict[str, Any]:
    """Return the extract for programs."""
    return {
        "month": f"{extract.month:%Y-%m}",
        "counted_at": extract.counted_at.astimezone(LOCAL).isoformat(timespec="seconds"),
        "units": [
            {"unit": row.unit.as_json(), **{name: getattr(row, name) for name in COUNTS}}
            for row in extract.rows
        ],
    }


def _row(counted: Mapping[str, Any]) -> ExtractRow:
    unit = identity.get_unit(counted["unit_id"])
    return ExtractRow(unit.short_name or unit.name, *(counted[name] for name in COUNTS))


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, LOCAL)
