"""What everybody may know: the tables of a period, as the page shows them and as they are taken away. No case, nobody's name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tongban.apps.figures import rules
from tongban.apps.figures.errors import FigureNotFound
from tongban.apps.figures.names import Names, month_label
from tongban.apps.figures.queries import Book
from tongban.base import figures
from tongban.base.text import LocalizedText as T
from tongban.base.time import LOCAL, local_date

__all__ = ["HIDDEN", "Column", "Line", "Publication", "Table", "as_cells", "as_json", "publish", "spans"]

HIDDEN = "<5"
"""What stands in the place of a number that is too small to be published."""
YEAR = timedelta(days=365)
LEVELS = tuple(f"rated-{level}" for level in range(1, 6))
Value = int | float | str | None


@dataclass(frozen=True, slots=True)
class Span:
    """A period of publication: the last 365 days, or a month of the last twelve."""

    key: str
    label: T
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key in files for programs, its heading, the unit of its numbers."""

    key: str
    label: T
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: the key and the name of what it is about, its numbers (None: nothing to tell)."""

    key: str
    label: T
    values: Sequence[Value]

    @property
    def shown(self) -> list[str]:
        """The numbers as a page shows them."""
        return [
            "—" if value is None else value if isinstance(value, str) else f"{value:,}"
            for value in self.values
        ]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is published; ``of`` heads the first column."""

    key: str
    title: T
    of: T
    columns: Sequence[Column]
    lines: Sequence[Line]

    @property
    def has_hidden(self) -> bool:
        """Whether a number was too small to be shown."""
        return any(HIDDEN in line.values for line in self.lines)


@dataclass(frozen=True, slots=True)
class Publication:
    """All tables of a period, with the numbers that stand above them."""

    span: Span
    at: datetime
    total: Counter[str]
    on_time: float | None
    rated: int
    satisfied: float | None
    tables: Mapping[str, Table]


def spans(today: date) -> list[Span]:
    """Return the periods that are published, the longest first."""
    after = today + timedelta(days=1)
    months = rules.months_before(today, 12)
    return [
        Span("year", T("近一年", "The last year"), after - YEAR, after),
        *(
            Span(f"{month:%Y-%m}", month_label(month), month, min(rules.next_month(month), after))
            for month in months
        ),
    ]


RECEIVED = Column("received", T("收到", "Received"))
CLOSED = Column("closed", T("办结", "Closed"))
LATE = Column("late", T("超期", "Late"))
ON_TIME = Column("on_time", T("按时办结率", "Done on time"), "%")


def publish(key: str, *, at: datetime) -> Publication:
    """Return what is published for a period. Raises FigureNotFound."""
    today = local_date(at)
    span = next((each for each in spans(today) if each.key == key), None)
    if span is None:
        raise FigureNotFound
    firsts = rules.buckets(today, "month")
    book = Book(units=None, since=min(firsts[0], span.since), at=at)
    found = book.tables(span.since, span.until)
    names = Names(list(found.by_item))
    items = {item: n for item, n in found.by_item.items() if not item.startswith("mailbox:")}
    letters = {item: n for item, n in found.by_item.items() if item.startswith("mailbox:")}
    rated = sum(found.total[level] for level in LEVELS)
    tables = [
        _months(firsts, book.trend(firsts, "month")),
        _counts("units", T("按单位", "By unit"), T("单位", "Unit"), found.by_unit, names.unit),
        _counts("items", T("按事项", "By service"), T("事项", "Service"), items, names.item),
        _counts("townships", T("按乡镇", "By township"), T("申请人所在乡镇", "Township of the applicant"), found.by_place,
                names.place, keys=("received", "closed")),
        _time(book.sums(span.since, span.until), names.item),
        _ratings(found.total),
        _letters(letters, names.item),
    ]  # fmt: skip
    return Publication(
        span=span,
        at=at,
        total=found.total,
        on_time=rules.share(found.total["closed"] - found.total["late"], found.total["closed"]),
        rated=rated,
        satisfied=rules.share(sum(found.total[level] for level in LEVELS[:3]), rated),
        tables={table.key: table for table in tables},
    )


def _months(firsts: Sequence[date], counted: Sequence[Counter[str]]) -> Table:
    lines = [
        Line(f"{first:%Y-%m}", month_label(first),
             [n["received"], n["closed"], n["late"], rules.share(n["closed"] - n["late"], n["closed"])])
        for first, n in zip(firsts, counted, strict=True)
    ]  # fmt: skip
    title = T("近 12 个月", "Twelve months")
    return Table("months", title, T("月份", "Month"), [RECEIVED, CLOSED, LATE, ON_TIME], lines)


def _counts(
    key: str,
    title: T,
    of: T,
    counted: Mapping[Any, Counter[str]],
    name: Callable[[Any], T],
    *,
    keys: Sequence[str] = ("received", "closed", "late"),
) -> Table:
    """Return counts by one thing, most first. Small ones are hidden; how late an office was is told wherever its cases are."""
    rows = [(of_what, n) for of_what, n in counted.items() if any(n[each] for each in keys)]
    rows.sort(key=lambda row: (-row[1]["received"], -row[1]["closed"], str(row[0])))
    gone = rules.hidden([n for _, n in rows], [each for each in keys if each != "late"])
    lines = []
    for (of_what, n), hide in zip(rows, gone, strict=True):
        values: list[Value] = [HIDDEN if each in hide else n[each] for each in keys]
        if "late" in keys:
            values[keys.index("late")] = HIDDEN if "closed" in hide and n["late"] else n["late"]
            whole = None if "closed" in hide else rules.share(n["closed"] - n["late"], n["closed"])
            values.append(whole)
        lines.append(Line(str(of_what) or "-", name(of_what), values))
    columns = [{"received": RECEIVED, "closed": CLOSED, "late": LATE}[each] for each in keys]
    return Table(key, title, of, [*columns, ON_TIME] if "late" in keys else columns, lines)


def _time(sums: Mapping[str, Counter[str]], name: Callable[[Any], T]) -> Table:
    """Return the limits of items beside the days that were used; of an item with few cases nothing is told."""
    columns = [
        Column("decided", T("决定", "Decided")),
        Column("statutory", T("法定", "By law"), "wd"),
        Column("promised", T("承诺", "Promised"), "wd"),
        Column("used", T("实际平均", "Used, on average"), "wd"),
    ]
    rows = sorted(
        ((item, n) for item, n in sums.items() if n["used-n"] >= rules.SMALL),
        key=lambda row: -row[1]["used-n"],
    )
    lines = [
        Line(item, name(item),
             [n["used-n"], _mean(n["law-limit"], n["law-n"]), _mean(n["used-limit"], n["used-n"]), _mean(n["used"], n["used-n"])])
        for item, n in rows
    ]  # fmt: skip
    return Table(
        "time", T("答应几天，实际几天", "Days promised, days used"), T("事项", "Service"), columns, lines
    )


def _ratings(total: Counter[str]) -> Table:
    known = [measure for key in LEVELS if (measure := figures.measures.find(key)) is not None]
    number = sum(total[measure.key] for measure in known)
    lines = [
        Line(measure.key, measure.label, [total[measure.key], rules.share(total[measure.key], number)])
        for measure in known
    ]
    columns = [Column("ratings", T("评价", "Ratings")), Column("share", T("占比", "Share"), "%")]
    return Table(
        "ratings", T("大家怎么评", "How people rated"), T("评价", "Rating"), columns, lines if number else []
    )


def _letters(counted: Mapping[str, Counter[str]], name: Callable[[Any], T]) -> Table:
    columns = [RECEIVED, Column("answered", T("答复", "Answered")), LATE]
    lines = [
        Line(of, name(of), [n["received"], n["decided"], n["late"]]) for of, n in sorted(counted.items())
    ]
    return Table("letters", T("来信和答复", "Letters and answers"), T("信箱", "Mailbox"), columns, lines)


def _mean(total: int, number: int) -> float | None:
    return round(total / number, 1) if number else None


def as_cells(table: Table) -> Iterator[list[Any]]:
    """Yield the rows of a table as it is taken away, the heading first."""
    unit = {"%": T("（%）", " (%)"), "wd": T("（工作日）", " (working days)"), "": T("")}
    heads = [T(c.label.zh + unit[c.unit].zh, c.label.en + unit[c.unit].en) for c in table.columns]
    yield [table.of, *heads]
    for line in table.lines:
        yield [line.label, *("" if value is None else value for value in line.values)]


def as_json(published: Publication, table: Table) -> dict[str, Any]:
    """Return a table for programs."""
    span = published.span
    return {
        "table": table.key,
        "title": table.title.as_json(),
        "since": span.since.isoformat(),
        "until": (span.until - timedelta(days=1)).isoformat(),
        "as_of": published.at.astimezone(LOCAL).isoformat(timespec="seconds"),
        "licence": "CC-BY-4.0",
        "suppressed": f"{HIDDEN}: from 1 to {rules.SMALL - 1}, or hidden so that such a number cannot be worked out",
        "columns": [{"key": c.key, "label": c.label.as_json(), "unit": c.unit} for c in table.columns],
        "rows": [
            {"key": line.key, "label": line.label.as_json(),
             **{c.key: value for c, value in zip(table.columns, line.values, strict=True)}}
            for line in table.lines
        ],
    }  # fmt: skip
