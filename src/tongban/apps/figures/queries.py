"""Reading what was counted: days that are kept, and days that are not from the cases themselves; the list behind a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet, Value

from tongban.apps.figures import rules
from tongban.apps.figures.models import Counted, MonthCount, StaleDay
from tongban.apps.figures.operations.count import ONE_DAY, begin_of, cells, counted_keys, grouped
from tongban.base import figures
from tongban.base.time import local_date
from tongban.design.paging import Page, paginate
from tongban.kernel.cases import service as cases

__all__ = ["Book", "ListRow", "Tables", "list_rows", "now_tables", "rows_behind"]

PAGE_SIZE = 30
MOST_STALE = 40
"""Of how many days that changed each is read by itself; with more, all from the first of them on."""
Units = frozenset[int] | None


@dataclass(slots=True)
class Tables:
    """Numbers of a period by measure: in all, and by unit, item and township."""

    total: Counter[str] = field(default_factory=Counter)
    by_unit: dict[Any, Counter[str]] = field(default_factory=dict)
    by_item: dict[Any, Counter[str]] = field(default_factory=dict)
    by_place: dict[Any, Counter[str]] = field(default_factory=dict)

    def add(self, key: str, unit: int, item: str, place: str, n: int) -> None:
        """Add a cell."""
        self.total[key] += n
        self.by_unit.setdefault(unit, Counter())[key] += n
        self.by_item.setdefault(item, Counter())[key] += n
        self.by_place.setdefault(place, Counter())[key] += n


ALL = """(SELECT day, '' AS kind, measure, unit_id, item, place, n FROM figures_daycount WHERE {days}
UNION ALL SELECT month, kind, measure, unit_id, item, place, n FROM figures_monthcount WHERE {months}) counted"""
SETS = """SELECT measure, kind, unit_id, item, place, GROUPING(unit_id), GROUPING(item), GROUPING(place), sum(n) FROM {counted}
GROUP BY GROUPING SETS ((measure, kind), (measure, kind, unit_id), (measure, kind, item), (measure, kind, place))"""
TREND = "SELECT date_trunc(%s, day)::date, measure, sum(n) FROM {counted} WHERE kind <> 'place' GROUP BY 1, 2"
SUMS = "SELECT item, measure, sum(n) FROM {counted} WHERE kind <> 'place' GROUP BY 1, 2"


class Book:
    """The numbers of some units (None: of all) from a first day on, as they are at a moment.

    Three statements however long the time is; then one for each table and one for each trend.
    """

    def __init__(self, *, units: Units, since: date, at: datetime) -> None:
        self.units, self.since, self.at = units, since, at
        self.until = local_date(at) + ONE_DAY
        self.keys = [measure.key for measure in figures.measures if not measure.is_now]
        state = Counted.objects.first()
        is_kept = state is not None and state.until is not None and state.keys == counted_keys()
        self.kept_until: date = state.until if is_kept else since  # type: ignore[union-attr,assignment]
        days = StaleDay.objects.filter(day__gte=since, day__lt=self.kept_until)
        self.stale = sorted(set(days.values_list("day", flat=True)))
        if len(self.stale) > MOST_STALE:
            self.kept_until, self.stale = self.stale[0], []
        self.live = self._read_live()

    def tables(self, since: date, until: date) -> Tables:
        """Return the numbers of the days in [since, until)."""
        found = Tables()
        counted, values = self._counted(since, until, "measure = ANY(%s)")
        rows = _rows(SETS.format(counted=counted), values)
        for key, kind, unit, item, place, no_unit, no_item, no_place, n in rows:
            number = int(n)
            if not no_place:  # a sum by item knows no place, and one by place no item
                if kind != MonthCount.ITEM:
                    found.by_place.setdefault(place, Counter())[key] += number
            elif kind == MonthCount.PLACE:
                continue
            elif not no_unit:
                found.by_unit.setdefault(unit, Counter())[key] += number
            elif not no_item:
                found.by_item.setdefault(item, Counter())[key] += number
            else:
                found.total[key] += number
        for day, key, unit, item, place, n in self.live:
            if since <= day < until:
                found.add(key, unit, item, place, n)
        return found

    def trend(self, firsts: Sequence[date], grain: str) -> list[Counter[str]]:
        """Return the numbers of each bucket (weeks or months that begin on these days), the last one until today."""
        found: dict[date, Counter[str]] = {first: Counter() for first in firsts}
        counted, values = self._counted(firsts[0], self.until, "measure = ANY(%s)", by_month=grain == "month")
        for first, key, n in _rows(TREND.format(counted=counted), [grain, *values]):
            if first in found:
                found[first][key] += int(n)
        for day, key, _unit, _item, _place, n in self.live:
            of = [first for first in firsts if first <= day]
            if of:
                found[of[-1]][key] += n
        return [found[first] for first in firsts]

    def sums(self, since: date, until: date) -> dict[str, Counter[str]]:
        """Return totals that are no numbers of rows (days used), by item."""
        found: dict[str, Counter[str]] = {}
        counted, values = self._counted(since, until, "NOT measure = ANY(%s)", is_of_rows=False)
        for item, key, n in _rows(SUMS.format(counted=counted), values):
            found.setdefault(item, Counter())[key] += int(n)
        first = max(since, self.kept_until)
        for entry in figures.sums if first < until else ():
            for row in entry.work_out(begin_of(first), begin_of(until)):
                found.setdefault(row.item, Counter())[row.key] += row.value
        return found

    def _counted(
        self, since: date, until: date, measures: str, *, by_month: bool = True, is_of_rows: bool = True
    ) -> tuple[str, list[Any]]:
        """Return what was counted of the days in [since, until), as a table: whole months by their sums, the rest by days.

        Days that changed afterwards are left out of what counts rows (they are read from the cases); totals of a day
        (``is_of_rows`` false) are of all units, and as they were counted.
        """
        stale = self.stale if is_of_rows else []
        until = min(until, self.kept_until)
        months = rules.whole_months(since, until) if by_month else []
        months = [month for month in months if not any(rules.month_of(day) == month for day in stale)]
        spans = rules.without(since, until, months)
        days, of_days = " OR ".join(["day >= %s AND day < %s"] * len(spans)) or "false", [*chain(*spans)]
        rest = f" AND {measures}"
        of_rest: list[Any] = [self.keys]
        if is_of_rows and self.units is not None:
            rest, of_rest = f"{rest} AND unit_id = ANY(%s)", [*of_rest, list(self.units)]
        changed = " AND NOT day = ANY(%s)" if stale else ""
        table = ALL.format(days=f"({days}){changed}{rest}", months=f"month = ANY(%s){rest}")
        return table, [*of_days, *([stale] if stale else []), *of_rest, months, *of_rest]

    def _read_live(self) -> list[tuple[date, str, int, str, str, int]]:
        """Count the days that are not kept, all measures in one statement."""
        spans = [(self.kept_until, self.until), *((day, day + ONE_DAY) for day in self.stale)]
        within = Q()
        for first, last in spans:
            within |= Q(of_at__gte=begin_of(first), of_at__lt=begin_of(last))

        def counted(measure: figures.Measure) -> QuerySet[Any, Any]:
            return grouped(_of_units(cells(measure, at=self.at).filter(within), self.units), measure)

        return _together([counted(measure) for measure in figures.measures if not measure.is_now])


def now_tables(*, units: Units, at: datetime) -> Tables:
    """Return what is so at this moment: in work, overdue, due soon, cards that wait. One statement."""

    def counted(measure: figures.Measure) -> QuerySet[Any, Any]:
        rows = _of_units(measure.rows(at), units).order_by().annotate(key=Value(measure.key))
        groups = rows.values("key", "of_unit", "of_item", "of_place").annotate(n=Count("pk"))
        return groups.values_list("key", "of_unit", "of_item", "of_place", "n")

    found = Tables()
    for cell in _together([counted(measure) for measure in figures.measures if measure.is_now]):
        found.add(*cell)
    return found


@dataclass(frozen=True, slots=True)
class ListRow:
    """A line of the list behind a number: when it counted, and the case."""

    at: datetime | None
    case: Any


def rows_behind(
    measure: figures.Measure,
    *,
    units: Units,
    since: date | None = None,
    until: date | None = None,
    unit_id: int | None = None,
    item: str = "",
    place: str | None = None,
    at: datetime,
) -> QuerySet[Any, Any]:
    """Return the very rows that a number counts."""
    rows = _of_units(measure.rows(at), units)
    if not measure.is_now and since is not None and until is not None:
        rows = rows.filter(of_at__gte=begin_of(since), of_at__lt=begin_of(until))
    if unit_id is not None:
        rows = rows.filter(of_unit=unit_id)
    if item:
        rows = rows.filter(of_item=item)
    if place is not None:
        rows = rows.filter(of_place=place)
    return rows


def list_rows(rows: QuerySet[Any, Any], *, is_now: bool, page: int = 1) -> Page[ListRow]:
    """Return a page of the list behind a number, the newest first. Three statements."""
    columns = ["of_case"] if is_now else ["of_case", "of_at"]
    order = ["of_case"] if is_now else ["-of_at", "of_case"]
    found = paginate(rows.order_by(*order).values_list(*columns), number=page, size=PAGE_SIZE)
    lines = cases.case_lines([row[0] for row in found])
    items = [ListRow(None if is_now else row[1], lines[row[0]]) for row in found if row[0] in lines]
    return Page(items, found.number, found.has_next)


def _of_units(rows: QuerySet[Any, Any], units: Units) -> QuerySet[Any, Any]:
    return rows if units is None else rows.filter(of_unit__in=units)


def _together(parts: Iterable[QuerySet[Any, Any]]) -> list[Any]:
    """Return the rows of several queries by one statement."""
    first, *others = parts
    return list(first.union(*others, all=True)) if others else list(first)


def _rows(statement: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()
