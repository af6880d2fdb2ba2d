"""Ways into the catalogue: lists by theme, life event, kind and department; limits before and after."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import translation

from tongban.apps.services.queries import browse
from tongban.base.spreadsheets import write_csv
from tongban.base.text import LocalizedText as T
from tongban.base.time import local_date, now
from tongban.design.alike import alike_for_strangers
from tongban.design.paging import page_number

__all__ = ["catalogue", "departments", "limits", "limits_file"]

COLUMNS = (
    T("事项名称", "Service"), T("事项编码", "Code"), T("实施主体", "Implementing body"), T("法定时限", "By law"),
    T("压缩前承诺", "Promised before"), T("现在承诺", "Promised now"), T("比法定压缩（%）", "Shorter than the law (%)"),
    T("从哪天起", "Since"),
)  # fmt: skip


def catalogue(request: HttpRequest) -> HttpResponse:
    """List the items that a theme, life event, kind, department or main item leaves, by main item."""
    wanted = browse.filter_of(request.GET)
    page, groups = browse.browse(wanted, number=page_number(request.GET.get("page")))
    context = {"wanted": wanted, "page": page, "groups": groups, "types": browse.types()}
    return render(request, "services/catalogue.html", context)


def departments(request: HttpRequest) -> HttpResponse:
    """List the departments that have items."""
    return render(request, "services/departments.html", {"units": browse.departments()})


@alike_for_strangers
def limits(request: HttpRequest) -> HttpResponse:
    """Compare statutory and promised limits, before and after."""
    wanted = browse.filter_of(request.GET)
    context = {
        "wanted": wanted,
        "page": browse.compare_limits(wanted, number=page_number(request.GET.get("page"))),
        "totals": browse.totals(),
        "query": request.GET.urlencode(),
    }
    return render(request, "services/limits.html", context)


def limits_file(request: HttpRequest) -> StreamingHttpResponse:
    """Give the comparison as CSV (UTF-8 with BOM, no cell a formula)."""
    wanted = browse.filter_of(request.GET)
    language = translation.get_language() or "zh-hans"

    def rows() -> Iterator[list[str]]:
        yield [str(column) for column in COLUMNS]
        for row in browse.every_comparison(wanted):
            cells = (row.item.name, row.item.code or row.item.local_code, row.item.unit.name, row.statutory, row.before,
                     row.promised, row.saved, row.since)  # fmt: skip
            yield ["" if cell is None else str(cell) for cell in cells]

    def spoken() -> Iterator[str]:
        with translation.override(language):
            yield from write_csv(rows())

    answer = StreamingHttpResponse(spoken(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="limits-{local_date(now()):%Y%m%d}.csv"'
    return answer
