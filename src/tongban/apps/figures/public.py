"""The figures that everybody may see: one page, each table also as CSV, JSON and XLSX."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tongban.apps.figures.charts import Chart, Series
from tongban.apps.figures.errors import FigureNotFound
from tongban.apps.figures.publication import Publication, Table, as_cells, as_json, publish, spans
from tongban.base import figures
from tongban.base.spreadsheets import write_csv, write_xlsx
from tongban.base.text import LocalizedText as T
from tongban.base.time import local_date, now
from tongban.design.alike import alike_for_strangers

__all__ = ["download", "show"]

MOST_BARS = 10
FORMS = ("csv", "json", "xlsx")
DEFINED = ("received", "accepted", "decided", "closed", "late")
SAID = {
    "months": T("收到的和办结的，不受上面选的时间影响", "Received and closed, whatever the period above"),
    "units": T("按收到的办件和来信", "By applications and letters received"),
    "items": T("按收到的申请", "By applications received"),
    "time": T("工作日；没有暂停过计时的", "Working days; of cases whose clock never stood still"),
    "townships": T("按申请人登记的住址", "By the registered address of the applicant"),
    "ratings": T("只算主动评价；没评的不算好评", "Only ratings given; silence is no praise"),
    "letters": T("按收信的时间和最近一次答复的时间", "By the moments of writing and of the latest answer"),
}
"""The tables in the order of the page, each with what it says in a sentence."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@alike_for_strangers
def show(request: HttpRequest) -> HttpResponse:
    """Show how the offices work: what came, what was done, in time or not, how long it took, how people rated it."""
    at = now()
    published = publish(request.GET.get("period", "year"), at=at)
    context = {
        "published": published,
        "spans": [
            {"key": span.key, "label": span.label, "is_current": span.key == published.span.key}
            for span in spans(local_date(at))
        ],
        "parts": [
            {"table": table, "chart": chart, "chart_id": f"c-{table.key}", "says": says, "forms": FORMS}
            for table, chart, says in _parts(published)
            if table.lines
        ],
        "defined": [figures.measures.get(key) for key in DEFINED],
    }
    return render(request, "figures/public.html", context)


@require_safe
def download(request: HttpRequest, period: str, table: str, form: str) -> HttpResponse:
    """Give one table of a period. Raises FigureNotFound."""
    if form not in FORMS:
        raise FigureNotFound
    published = publish(period, at=now())
    wanted = published.tables.get(table)
    if wanted is None:
        raise FigureNotFound
    if form == "json":
        return JsonResponse(as_json(published, wanted), json_dumps_params={"ensure_ascii": False})
    if form == "csv":
        answer = HttpResponse("".join(write_csv(as_cells(wanted))), content_type="text/csv; charset=utf-8")
    else:
        answer = HttpResponse(write_xlsx(as_cells(wanted)), content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{table}-{period}.{form}"'
    return answer


def _parts(published: Publication) -> list[tuple[Table, Chart | None, T]]:
    """Return the tables in the order of the page, each with its chart and with what it says in a sentence."""
    tables = published.tables
    charts = {
        "months": _over_months,
        "units": _bars,
        "items": _bars,
        "time": _against_limits,
        "townships": _bars,
        "ratings": _shares,
    }
    return [
        (tables[key], charts[key](tables[key]) if key in charts else None, says) for key, says in SAID.items()
    ]


def _numbers(table: Table, column: int) -> list[float | None]:
    return [value if isinstance(value := line.values[column], int | float) else None for line in table.lines]


def _over_months(table: Table) -> Chart:
    return Chart(
        "line",
        [str(line.label) for line in table.lines],
        [
            Series(str(table.columns[0].label), _numbers(table, 0), 2),
            Series(str(table.columns[1].label), _numbers(table, 1), 1),
        ],
    )


def _bars(table: Table) -> Chart | None:
    """Return the longest bars; hidden numbers have none."""
    shown = [line for line in table.lines if isinstance(line.values[0], int) and line.values[0]][:MOST_BARS]
    if not shown:
        return None
    keys = [column.key for column in table.columns]
    notes: list[str] = []
    if "late" in keys:
        late = [line.values[keys.index("late")] for line in shown]
        notes = [str(T(f"超期 {n}", f"{n} late")) if isinstance(n, int) and n else "" for n in late]
    values = [value if isinstance(value := line.values[0], int) else None for line in shown]
    series = [Series(str(table.columns[0].label), values)]
    return Chart("bars", [str(line.label) for line in shown], series, notes=notes)


def _against_limits(table: Table) -> Chart | None:
    lines = table.lines[:8]
    if not lines:
        return None

    def series(column: int, tone: int) -> Series:
        return Series(str(table.columns[column].label), _numbers(table, column)[:8], tone)

    return Chart("limits", [str(line.label) for line in lines], [series(3, 1), series(2, 2), series(1, 3)])


def _shares(table: Table) -> Chart | None:
    if not table.lines:
        return None
    parts = [
        Series(str(line.label), [value if isinstance(value := line.values[0], int) else 0], tone)
        for tone, line in enumerate(table.lines, 1)
    ]
    return Chart("shares", [str(T("全部评价", "All ratings"))], parts)
