"""The lists of the workbench."""

from __future__ import annotations

import csv
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from tongban.base.text import LocalizedText as T
from tongban.base.time import local_date, now
from tongban.design.paging import page_number
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import CaseNotFound
from tongban.kernel.cases.service import official_only

__all__ = ["export_list", "find_case", "show_list"]

TITLES = {
    "todo": T("待办", "To do"),
    "doing": T("在办", "In progress"),
    "done": T("已办", "Done"),
    "copied": T("抄送我的", "Copied to me"),
}
CLOCKS = (
    ("", T("不限", "Any")),
    ("overdue", T("红牌，已超期", "Red card, overdue")),
    ("soon", T("黄牌，快到期", "Yellow card, due soon")),
    ("paused", T("暂停计时", "Paused")),
)
EMPTY = {
    "todo": T("没有要办的了。新来的会自动出现在这里。", "Nothing to do. New work appears here by itself."),
    "doing": T("您经手的事都办结了。", "Everything that passed through your hands has ended."),
    "done": T("您还没有办过。", "You have not done anything yet."),
    "copied": T("没有抄送给您的。", "Nothing was copied to you."),
}
EXPORT_PAGES = 50
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@official_only
def show_list(request: HttpRequest, view: str) -> HttpResponse:
    """Show one of the lists with its filters."""
    if view not in cases.VIEWS:
        raise CaseNotFound
    chosen = _filters(request)
    page = cases.inbox(
        request.actor,  # type: ignore[attr-defined]
        view=view,
        page=page_number(request.GET.get("page")),
        at=now(),
        **chosen,
    )
    context = {
        "view": view,
        "title": TITLES[view],
        "page": page,
        "empty": EMPTY[view],
        "filtered": any(chosen[name] for name in ("kind", "clock", "query")),
        "query": chosen["query"],
        "kinds": _links(request, "kind", [("", T("全部", "All")), *((k.key, k.label) for k in cases.kinds)]),
        "clocks": _links(request, "clock", CLOCKS),
        "sorts": _links(
            request, "sort", [("due", T("按到期", "By due date")), ("new", T("按新到", "Newest first"))]
        ),
        "list_url": request.path,
        "export_url": f"{reverse('desk:export', args=[view])}?{request.GET.urlencode()}",
    }
    return render(request, "desk/list.html", context)


@official_only
def find_case(request: HttpRequest) -> HttpResponse:
    """The search box at the top: a full number opens the case, anything else searches what I may see."""
    query = request.GET.get("q", "").strip()[:60]
    if query:
        try:
            case = cases.get_case(request.actor, query.upper())  # type: ignore[attr-defined]
        except CaseNotFound:
            pass
        else:
            return redirect("cases:case", number=case.number)
    at = now()
    pages = [
        (TITLES[view], cases.inbox(request.actor, view=view, query=query, at=at))  # type: ignore[attr-defined]
        for view in ("todo", "doing", "done")
    ]
    rows = {row.number: row for _, page in pages for row in page}
    return render(request, "desk/search.html", {"query": query, "rows": list(rows.values()) if query else []})


@official_only
def export_list(request: HttpRequest, view: str) -> HttpResponse:
    """Give the list as filtered as CSV (UTF-8 with BOM, so that spreadsheets read it); formulas are neutralised."""
    if view not in cases.VIEWS:
        raise CaseNotFound
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{view}-{local_date(now()):%Y%m%d}.csv"'
    response.write("\ufeff")
    out = csv.writer(response)
    header = [
        T("编号", "Number"), T("名称", "Title"), T("类别", "Kind"), T("步骤", "Step"), T("状态", "State"), T("最晚", "Due"),
    ]  # fmt: skip
    out.writerow([str(cell) for cell in header])
    for number in range(1, EXPORT_PAGES + 1):
        page = cases.inbox(request.actor, view=view, page=number, at=now(), **_filters(request))  # type: ignore[attr-defined]
        for row in page:
            due = row.clock.due_on.isoformat() if row.clock and row.clock.due_on else ""
            cells = [row.number, row.title, row.kind_label, row.step, row.state_label, due]
            out.writerow([_harmless(str(cell)) for cell in cells])
        if not page.has_next:
            break
    return response


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet would run as a formula becomes text."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _filters(request: HttpRequest) -> dict[str, str]:
    sort = request.GET.get("sort", "due")
    return {
        "kind": request.GET.get("kind", "") if request.GET.get("kind", "") in cases.kinds else "",
        "clock": request.GET.get("clock", "") if request.GET.get("clock") in dict(CLOCKS) else "",
        "query": request.GET.get("q", "").strip()[:60],
        "sort": sort if sort in ("due", "new") else "due",
    }


def _links(request: HttpRequest, name: str, options: Any) -> list[dict[str, Any]]:
    """Return filter links: each keeps the other filters and starts at the first page."""
    kept = {k: v for k, v in request.GET.items() if k not in (name, "page")}
    default = options[0][0]
    current = request.GET.get(name, default)
    return [
        {
            "label": label,
            "url": f"?{urlencode({**kept, **({name: key} if key else {})})}",
            "is_current": key == current,
        }
        for key, label in options
    ]
