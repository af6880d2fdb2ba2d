"""The lists of the workbench."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from tongban.apps.desk.landing import handles_cases, landing_of
from tongban.base.actor import Actor
from tongban.base.spreadsheets import BOM, csv_line
from tongban.base.text import LocalizedText as T
from tongban.base.time import local_date, now
from tongban.design.navigation import counts_of
from tongban.design.paging import page_number
from tongban.kernel.calendars import service as calendars
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import CaseNotFound
from tongban.kernel.identity.service import official_only

__all__ = ["export_list", "find_case", "show_list"]

TITLES = {
    "todo": T("待办", "To do"),
    "doing": T("在办", "In progress"),
    "done": T("已办", "Done"),
    "copied": T("抄送我的", "Copied to me"),
}
ANY = ("", T("不限", "Any"))
OVERDUE = ("overdue", T("红牌，已超期", "Red card, overdue"))
SOON = ("soon", T("黄牌，快到期", "Yellow card, due soon"))
PAUSED = ("paused", T("暂停计时", "Clock paused"))
RETURNED = ("returned", T("补正、退回后再来", "Corrected or returned"))
UNREAD = ("unread", T("还没看的", "Not read"))
TODAY = ("today", T("今天办的", "Done today"))
MARKS = {
    "todo": (ANY, OVERDUE, SOON, PAUSED, RETURNED),
    "doing": (ANY, OVERDUE, SOON, PAUSED, RETURNED),
    "done": (ANY, TODAY, RETURNED),
    "copied": (ANY, UNREAD, OVERDUE, SOON, PAUSED),
}
NEW = ("new", T("新来的在前", "Newest first"))
SORTS = {
    "todo": (("due", T("按到期先后", "By due date")), NEW),
    "doing": (("due", T("按到期先后", "By due date")), NEW),
    "done": (("last", T("最近办的在前", "Last done first")), NEW),
    "copied": (("due", T("按到期先后", "By due date")), NEW),
}
EMPTY = {
    "todo": T("没有要办的了。新来的会出现在这里。", "Nothing to do. New work appears here."),
    "doing": T("您经手的事都办结了。", "Everything that passed through your hands has ended."),
    "done": T("您还没有办过。", "You have not done anything yet."),
    "copied": T("没有抄送给您的。", "Nothing was copied to you."),
}
CAME_BACK = {"corrected": T("补正后", "Corrected"), "returned": T("退回后", "Returned")}
EXPORT_PAGES = 50


@official_only
def show_list(request: HttpRequest, view: str) -> HttpResponse:
    """Show one of the lists with its filters. A post that handles no cases is led to its own work instead."""
    if view not in cases.VIEWS:
        raise CaseNotFound
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if view == "todo" and not handles_cases(actor):
        url = landing_of(request)
        return redirect(url) if url else render(request, "desk/landing.html")
    at = now()
    chosen = _filters(request, view)
    calendar = calendars.current_calendar()
    counts = _counts(request, at) if view == "todo" else {}
    overview = cases.overview(actor, view=view, at=at, calendar=calendar)
    number = page_number(request.GET.get("page"))
    context = {
        "view": view,
        "title": TITLES[view],
        "page": cases.inbox(
            actor, view=view, page=number, at=at, calendar=calendar, first=overview.first, **chosen
        ),
        "alerts": _alerts(overview, chosen["mark"], counts["done_today"]) if view == "todo" else [],
        "empty": EMPTY[view],
        "filtered": any(chosen[name] for name in ("group", "mark", "query")),
        "query": chosen["query"],
        "kept": {name: value for name, value in request.GET.items() if name in ("group", "mark", "sort")},
        "groups": _groups(request, overview, chosen["group"]),
        "marks": _links(request, "mark", MARKS[view], chosen["mark"]),
        "sorts": _links(request, "sort", SORTS[view], chosen["sort"]),
        "came_back": CAME_BACK,
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
    rows: dict[str, Any] = {}
    if query:
        for view in ("todo", "doing", "done", cases.BROUGHT):
            page = cases.inbox(request.actor, view=view, query=query, at=at)  # type: ignore[attr-defined]
            rows |= {row.number: row for row in page if row.number not in rows}
    context = {"query": query, "rows": list(rows.values()), "came_back": CAME_BACK}
    return render(request, "desk/search.html", context)


@official_only
def export_list(request: HttpRequest, view: str) -> HttpResponse:
    """Give the list as filtered as CSV (UTF-8 with BOM, so that spreadsheets read it); formulas are neutralised."""
    if view not in cases.VIEWS:
        raise CaseNotFound
    at = now()
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{view}-{local_date(at):%Y%m%d}.csv"'
    response.write(BOM)
    header = [
        T("编号", "Number"), T("名称", "Title"), T("事项", "Item"), T("步骤", "Step"), T("状态", "State"),
        T("渠道", "Channel"), T("最晚", "Due"),
    ]  # fmt: skip
    response.write(csv_line(header))
    actor: Actor = request.actor  # type: ignore[attr-defined]
    calendar, chosen = calendars.current_calendar(), _filters(request, view)
    for number in range(1, EXPORT_PAGES + 1):
        page = cases.inbox(actor, view=view, page=number, at=at, calendar=calendar, first=(), **chosen)
        for row in page:
            due = row.clock.due_on.isoformat() if row.clock and row.clock.due_on else ""
            cells = [row.number, row.name, row.item, row.step, row.state_label, row.channel_label, due]
            response.write(csv_line(cells))
        if not page.has_next:
            break
    return response


def _filters(request: HttpRequest, view: str) -> dict[str, str]:
    mark, sort = request.GET.get("mark", ""), request.GET.get("sort", "")
    return {
        "group": request.GET.get("group", "")[:120],
        "mark": mark if mark in dict(MARKS[view]) else "",
        "query": request.GET.get("q", "").strip()[:60],
        "sort": sort if sort in dict(SORTS[view]) else SORTS[view][0][0],
    }


def _counts(request: HttpRequest, at: datetime) -> dict[str, int]:
    """Return what the frame counts, and what was done today, by one statement for the request."""
    return counts_of(request, done_today=cases.done_today(request.actor, at=at))  # type: ignore[attr-defined]


def _alerts(overview: cases.Overview, current: str, done_today: int) -> list[dict[str, Any]]:
    """Return the cards over the list: what is urgent first, each a figure that opens the cases it counted."""
    today = T(f"{overview.due_today} 件今天到期", f"{overview.due_today} due today")
    cards = (
        (OVERDUE, overview.overdue, "red", T("先办这些", "These first")),
        (SOON, overview.soon, "yellow", today if overview.due_today else T("一个工作日内", "Within a working day")),
        (PAUSED, overview.paused, "pause", T("不算时间", "Time does not count")),
        (RETURNED, overview.returned, "", T("已经看过一次", "Seen once before")),
    )  # fmt: skip
    url = reverse("desk:inbox")
    found = [
        {"label": label, "count": count, "clock": clock, "icon": "undo", "note": note, "is_current": key == current,
         "url": url if key == current else f"{url}?mark={key}"}
        for (key, label), count, clock, note in cards
    ]  # fmt: skip
    done = {"label": T("今天已办", "Done today"), "count": done_today, "clock": "", "icon": "check-c",
            "note": T("离开了您的桌面", "Off your desk"), "url": f"{reverse('desk:list', args=['done'])}?mark=today"}  # fmt: skip
    return [*found, done]


def _groups(request: HttpRequest, overview: cases.Overview, current: str) -> list[dict[str, Any]]:
    """Return the filter by what it is about, with counts; none when there is nothing to choose between."""
    if len(overview.groups) < 2 and not current:
        return []
    options = [("", T("全部", "All")), *((group.key, group.label) for group in overview.groups)]
    counts = {"": overview.total, **{group.key: group.count for group in overview.groups}}
    more = "+" if overview.is_bounded else ""
    return [
        {**link, "count": f"{counts[key]}{more}"}
        for (key, _), link in zip(options, _links(request, "group", options, current), strict=True)
    ]


def _links(request: HttpRequest, name: str, options: Any, current: str) -> list[dict[str, Any]]:
    """Return filter links: each keeps the other filters and starts at the first page. The first option is the default."""
    kept = {k: v for k, v in request.GET.items() if k not in (name, "page")}
    default = options[0][0]
    links = []
    for key, label in options:
        query = urlencode({**kept, **({name: key} if key != default else {})})
        links.append({"label": label, "url": f"?{query}", "is_current": key == current})
    return links
