"""The overview on the workbench, and the list behind each of its numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from tongban.apps.figures import queries, rules
from tongban.apps.figures.charts import Chart, Series
from tongban.apps.figures.errors import FigureNotFound
from tongban.apps.figures.names import Names, day_label, month_label
from tongban.apps.figures.policies import units_of
from tongban.base import figures
from tongban.base.text import LocalizedText as T
from tongban.base.time import local_date, now
from tongban.design.paging import page_number
from tongban.kernel.identity import service as identity

__all__ = ["show_list", "show_overview"]

FLOW = ("received", "accepted", "decided", "closed")
NOW = ("open", "overdue", "soon", "cards-open")
RATED = tuple(f"rated-{level}" for level in range(1, 6))
COLUMNS = ("received", "closed", "late", "overdue", "soon")
MOST_ROWS = 12
FEW = 20
TREND = {"month": T("近 12 个月", "12 months"), "week": T("近 12 周", "12 weeks")}


@dataclass(frozen=True, slots=True)
class Cell:
    """A number that leads to its list; a zero leads nowhere."""

    n: int
    url: str
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A number at a glance, with what it was before."""

    label: T
    n: int
    url: str
    former: int | None = None
    change: float | None = None
    tone: str = ""
    says: T = T("")

    @property
    def less(self) -> float:
        """By how many percent it fell."""
        return -(self.change or 0)

    @property
    def was_few(self) -> bool:
        """Whether a percentage of what it was would sound like more than it is."""
        return (self.former or 0) < FEW

    @property
    def difference(self) -> int:
        """By how many it rose or fell."""
        return abs(self.n - (self.former or 0))


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: what it is about, how long its bar is, its numbers."""

    label: T
    width: float
    cells: Sequence[Cell]


@identity.official_only
@require_safe
def show_overview(request: HttpRequest) -> HttpResponse:
    """Show what came, what was done and what is late in the units that the visitor leads."""
    units = units_of(request.actor)  # type: ignore[attr-defined]
    at = now()
    today = local_date(at)
    asked = request.GET
    period = rules.period_of(
        asked.get("period", ""), _day(asked.get("since")), _day(asked.get("until")), today=today
    )
    grain = asked.get("trend", "") if asked.get("trend", "") in TREND else "month"
    firsts = rules.buckets(today, grain)
    book = queries.Book(units=units, since=min(firsts[0], period.since, period.former[0]), at=at)
    found, former = book.tables(period.since, period.until), book.tables(*period.former)
    present = queries.now_tables(units=units, at=at)
    names = Names([*found.by_item, *present.by_item])

    def url(measure: str, **dimension: Any) -> str:
        return list_url(measure, period, **dimension)

    context = {
        "period": period,
        "periods": [
            {"label": each.label, "url": f"?{urlencode({'period': each.key, 'trend': grain})}",
             "is_current": each.key == period.key}
            for each in rules.periods(today)
        ],
        "typed": {"since": period.since.isoformat(), "until": period.last.isoformat()},
        "today": today,
        "grain": grain,
        "grains": [
            {"label": label, "url": f"?{urlencode({**_kept(asked), 'trend': key})}#trend", "is_current": key == grain}
            for key, label in TREND.items()
        ],
        "scope": _scope(request.actor, units),  # type: ignore[attr-defined]
        "flow": [
            Fact(figures.measures.get(key).label, found.total[key], url(key), former.total[key],
                 rules.change(found.total[key], former.total[key]), says=figures.measures.get(key).says)
            for key in FLOW
        ],
        "now": [
            Fact(measure.label, present.total[key], url(key), says=measure.says,
                 tone={"overdue": "red", "soon": "yellow"}.get(key, ""))
            for key in NOW if (measure := figures.measures.find(key)) is not None
        ],
        "on_time": rules.share(found.total["closed"] - found.total["late"], found.total["closed"]),
        "late": Cell(found.total["late"], url("late"), is_bad=True),
        "rating": _rating(found.total, url),
        "trend": _trend(book.trend(firsts, grain), firsts, grain),
        "columns": [figures.measures.get(key).label for key in COLUMNS],
        "units": _rows(found.by_unit, present.by_unit, names.unit, lambda key, of: url(key, unit=of)),
        "items": _rows(found.by_item, present.by_item, names.item, lambda key, of: url(key, item=of)),
        "places": _rows(found.by_place, present.by_place, names.place, lambda key, of: url(key, place=of or "-")),
        "has_places": any(found.by_place) or any(present.by_place),
        "at": at,
    }  # fmt: skip
    return render(request, "figures/overview.html", context)


@identity.official_only
@require_safe
def show_list(request: HttpRequest, measure: str) -> HttpResponse:
    """Show the cases that a number of the overview counts: exactly those, without people."""
    actor = request.actor  # type: ignore[attr-defined]
    units = units_of(actor)
    counted = figures.measures.find(measure)
    if counted is None:
        raise FigureNotFound
    at = now()
    asked = request.GET
    since, until = _day(asked.get("since")), _day(asked.get("until"))
    if not counted.is_now and (since is None or until is None):
        raise FigureNotFound
    unit, item, place = asked.get("unit", ""), asked.get("item", "")[:160], asked.get("place", "")[:9]
    unit_id = int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 10 else None
    if unit_id is not None and units is not None and unit_id not in units:
        raise FigureNotFound
    rows = queries.rows_behind(
        counted,
        units=units,
        since=since,
        until=until + queries.ONE_DAY if until is not None else None,
        unit_id=unit_id,
        item=item,
        place=None if not place else place.strip("-"),
        at=at,
    )
    names = Names([item] if item else [])
    narrowed = [
        *([names.unit(unit_id)] if unit_id is not None else []),
        *([names.item(item)] if item else []),
        *([names.place(place.strip("-"))] if place else []),
    ]
    context = {
        "measure": counted,
        "count": rows.count(),
        "since": since if not counted.is_now else None,
        "until": until,
        "narrowed": narrowed,
        "page": queries.list_rows(rows, is_now=counted.is_now, page=page_number(asked.get("page"))),
        "may_inspect": not actor.duties.isdisjoint(figures.seeing_all()),
        "back": _back(since, until, counted.is_now),
    }
    return render(request, "figures/list.html", context)


def list_url(measure: str, period: rules.Period, **dimension: Any) -> str:
    """Return the address of the list behind a number."""
    query: dict[str, Any] = {} if figures.measures.get(measure).is_now else {
        "since": period.since.isoformat(), "until": period.last.isoformat()
    }  # fmt: skip
    query |= dimension
    address = reverse("figures:list", args=[measure])
    return f"{address}?{urlencode(query)}" if query else address


def _back(since: date | None, until: date | None, is_now: bool) -> str:
    overview = reverse("figures:overview")
    if is_now or since is None or until is None:
        return overview
    return f"{overview}?{urlencode({'since': since.isoformat(), 'until': until.isoformat()})}"


def _kept(asked: Mapping[str, str]) -> dict[str, str]:
    return {name: asked[name] for name in ("period", "since", "until") if asked.get(name)}


def _scope(actor: Any, units: frozenset[int] | None) -> T:
    if units is None:
        return T("全县各单位", "All units of the county")
    unit = identity.get_unit(actor.unit_id)
    name = unit.short_name or unit.name
    if len(units) == 1:
        return name
    return T(
        f"{name.zh}和下级 {len(units) - 1} 个单位",
        f"{name.en or name.zh} and the {len(units) - 1} units below it",
    )


def _rating(total: Counter[str], url: Any) -> dict[str, Any] | None:
    """Return the ratings of the period: the share that is satisfied (levels 1 to 3), and each level with its list."""
    known = [figures.measures.find(key) for key in RATED]
    counts = [total[key] for key in RATED]
    number = sum(counts)
    if not number or None in known:
        return None
    labels = [measure.label for measure in known if measure is not None]
    return {
        "percent": rules.share(sum(counts[:3]), number),
        "count": number,
        "rows": [
            (label, Cell(n, url(key)), rules.share(n, number))
            for label, n, key in zip(labels, counts, RATED, strict=True)
        ],
        "chart": Chart(
            "shares",
            [str(T("全部评价", "All ratings"))],
            [
                Series(str(label), [n], tone)
                for tone, (label, n) in enumerate(zip(labels, counts, strict=True), 1)
            ],
        ),
    }


def _trend(counted: Sequence[Counter[str]], firsts: Sequence[date], grain: str) -> dict[str, Any]:
    """Return received and closed over time: the chart, and its table of which every number leads to its list."""
    label = month_label if grain == "month" else day_label
    ends = [*firsts[1:], None]
    keys = ("received", "closed", "late")

    def cell(key: str, n: int, first: date, end: date | None) -> Cell:
        last = (end - queries.ONE_DAY) if end else local_date(now())
        query = urlencode({"since": first.isoformat(), "until": last.isoformat()})
        return Cell(n, f"{reverse('figures:list', args=[key])}?{query}", is_bad=key == "late")

    return {
        "chart": Chart(
            "line",
            [str(label(first)) for first in firsts],
            [
                Series(str(figures.measures.get("received").label), [c["received"] for c in counted], 2),
                Series(str(figures.measures.get("closed").label), [c["closed"] for c in counted], 1),
            ],
        ),
        "header": [figures.measures.get(key).label for key in keys],
        "rows": [
            (label(first), [cell(key, c[key], first, end) for key in keys])
            for first, end, c in zip(firsts, ends, counted, strict=True)
        ][::-1],
    }


def _rows(
    found: Mapping[Any, Counter[str]], present: Mapping[Any, Counter[str]], name: Any, url: Any
) -> dict[str, Any]:
    """Return a table by one dimension, those with most to tell first; the rest behind a fold."""
    keys: Iterable[Any] = {*found, *present}
    counted = [
        (of, Counter({**found.get(of, {}), **present.get(of, {})}))
        for of in keys
    ]  # fmt: skip
    counted.sort(key=lambda row: (-row[1]["received"], -row[1]["closed"], -row[1]["open"], str(name(row[0]))))
    shown = [(of, n) for of, n in counted if any(n[key] for key in COLUMNS)]
    most = max((n["received"] for _, n in shown), default=0) or 1
    rows = [
        Row(
            name(of),
            round(100 * n["received"] / most, 1),
            [Cell(n[key], url(key, of), is_bad=key in ("late", "overdue")) for key in COLUMNS],
        )
        for of, n in shown
    ]
    return {"rows": rows[:MOST_ROWS], "rest": rows[MOST_ROWS:]}


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
