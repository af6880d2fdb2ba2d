"""The pages of oversight on the workbench."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_POST, require_safe

from tongban.apps.oversight import extract as public
from tongban.apps.oversight import queries, words
from tongban.apps.oversight.duties import INSPECT, SUPERVISE
from tongban.apps.oversight.errors import CardNotFound, ExtractNotFound
from tongban.apps.oversight.operations.evidence import put_evidence
from tongban.apps.oversight.operations.export import export_cards
from tongban.apps.oversight.operations.inspect import inspect_case
from tongban.base.errors import Conflict, Invalid, NotFound
from tongban.base.spreadsheets import write_csv
from tongban.base.text import LocalizedText as T
from tongban.base.time import LOCAL, now
from tongban.design.paging import page_number
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity

__all__ = [
    "add_evidence",
    "export",
    "extract_csv",
    "extract_json",
    "inspect",
    "open_card",
    "show_cards",
    "show_extract",
    "show_late",
    "show_rules",
]

ANY = ("", T("不限", "Any"))


@identity.official_only
@require_safe
def show_cards(request: HttpRequest) -> HttpResponse:
    """Show the cards of all units as filtered, the newest first."""
    identity.require_duty(request.actor, INSPECT, SUPERVISE)  # type: ignore[attr-defined]
    wanted = _filter(request)
    query = {name: value for name, value in request.GET.items() if name != "page"}
    context = {
        "page": queries.list_cards(wanted, page=page_number(request.GET.get("page"))),
        "levels": _links(request, "level", [ANY, *words.LEVELS.items()], wanted.level),
        "states": _links(request, "state", [ANY, *words.STATES.items()], wanted.state),
        "rules": [
            ("", str(T("全部规则", "All rules"))),
            *((rule.key, str(rule.name)) for rule in queries.list_rules()),
        ],
        "units": [("", str(T("全部单位", "All units"))), *identity.unit_choices()],
        "wanted": wanted,
        "typed": {
            name: request.GET.get(name, "") for name in ("level", "state", "rule", "unit", "since", "until")
        },
        "is_filtered": bool(query),
        "export_url": f"{reverse('oversight:export')}?{urlencode(query)}",
    }
    return render(request, "oversight/cards.html", context)


@identity.official_only
@require_POST
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Give the cards as filtered as CSV (UTF-8 with BOM); no cell becomes a formula."""
    at = now()
    rows = export_cards(actor=request.actor, wanted=_filter(request), at=at)  # type: ignore[attr-defined]
    language = translation.get_language() or "zh-hans"

    def spoken() -> Any:
        with translation.override(language):
            yield from write_csv(rows)

    answer = StreamingHttpResponse(spoken(), content_type="text/csv; charset=utf-8")
    stamp = at.astimezone(LOCAL).strftime("%Y%m%d-%H%M")
    answer["Content-Disposition"] = f'attachment; filename="cards-{stamp}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


@identity.official_only
@require_safe
def show_rules(request: HttpRequest) -> HttpResponse:
    """Show the rules in force with level and source."""
    identity.require_duty(request.actor, INSPECT, SUPERVISE)  # type: ignore[attr-defined]
    return render(request, "oversight/rules.html", {"rules": queries.list_rules()})


@identity.official_only
@require_safe
def show_late(request: HttpRequest) -> HttpResponse:
    """Show the cases of all units whose limit is over, and the inspector's way into one of them."""
    actor = request.actor  # type: ignore[attr-defined]
    identity.require_duty(actor, INSPECT)
    at = now()
    unit = _number(request.GET.get("unit"))
    context = {
        "page": cases.list_late(at=at, unit_id=unit, page=page_number(request.GET.get("page"))),
        "units": [("", str(T("全部单位", "All units"))), *identity.unit_choices()],
        "unit": str(unit or ""),
        "open": queries.inspections_of(actor, at=at),
    }
    return render(request, "oversight/late.html", context)


@identity.official_only
def inspect(request: HttpRequest) -> HttpResponse:
    """Ask why a case is to be read, write it down, then lead to the case."""
    actor = request.actor  # type: ignore[attr-defined]
    identity.require_duty(actor, INSPECT)
    typed = {name: (request.POST or request.GET).get(name, "").strip()[:300] for name in ("number", "reason")}
    errors: list[dict[str, Any]] = []
    status = 200
    if request.method == "POST":
        try:
            number = inspect_case(actor=actor, number=typed["number"], reason=typed["reason"], at=now())
        except Invalid as refusal:
            errors, status = refusal.data["errors"], 422
        except NotFound as refusal:
            errors, status = [{"field": "number", "message": refusal.title}], 404
        else:
            return redirect("cases:case", number=number)
    context = {
        "typed": typed,
        "errors": errors,
        "errors_by_field": {error["field"]: T.of(error["message"]) for error in errors},
    }
    return render(request, "oversight/inspect.html", context, status=status)


@identity.official_only
@require_safe
def open_card(request: HttpRequest, number: str) -> HttpResponse:
    """Lead who has part in a card to its case; show an inspector what it says, without the office's own work on it."""
    actor = request.actor  # type: ignore[attr-defined]
    case = queries.card_case(number)
    if cases.may_see_inside(actor, case):
        return redirect("cases:case", number=number)
    if INSPECT not in actor.duties:
        raise CardNotFound
    context = {"number": number, "panel": queries.panel_context(case, actor, now())}
    return render(request, "oversight/card.html", context)


@identity.official_only
@require_POST
def add_evidence(request: HttpRequest, number: str) -> HttpResponse:
    """Keep a file as evidence of the plea; what cannot be kept is said, nothing else changes."""
    actor = request.actor  # type: ignore[attr-defined]
    case = cases.get_case(actor, number)
    upload = request.FILES.get("evidence")
    refusal: Any = None
    if upload is None:
        refusal = Invalid(T("请先选一个文件", "Choose a file first"))
    else:
        try:
            put_evidence(actor=actor, case_id=case.pk, upload=upload, at=now())
        except (Conflict, Invalid) as caught:
            refusal = caught
    if refusal is None:
        return redirect(f"{reverse('cases:case', args=[number])}#p-oversight")
    context = {"number": number, "why": refusal.detail or refusal.title}
    return render(request, "oversight/evidence.html", context, status=getattr(refusal, "status", 422))


@require_safe
def show_extract(request: HttpRequest) -> HttpResponse:
    """Show what the public may know of the cards of a month: counts by unit. Without a month, of the last one."""
    at = now()
    known = public.months(at)
    month = _month(request.GET["month"]) if "month" in request.GET else known[0]
    context = {
        "extract": public.extract_of(month, at=at),
        "months": [{"key": f"{each:%Y-%m}", "is_current": each == month} for each in known],
        "month": f"{month:%Y-%m}",
        "header": public.HEADER,
        "rules": [rule for rule in queries.list_rules() if rule.is_active],
    }
    return render(request, "oversight/extract.html", context)


@require_safe
def extract_csv(request: HttpRequest, month: str) -> HttpResponse:
    """Give the extract of a month as a table."""
    extract = public.extract_of(_month(month), at=now())
    answer = HttpResponse(
        "".join(write_csv(public.cells_of(extract))), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="oversight-{extract.month:%Y-%m}.csv"'
    return answer


@require_safe
def extract_json(request: HttpRequest, month: str) -> JsonResponse:
    """Give the extract of a month for programs."""
    return JsonResponse(public.json_of(public.extract_of(_month(month), at=now())))


def _month(text: str) -> date:
    day = _day(f"{text}-01")
    if day is None:
        raise ExtractNotFound
    return day


def _filter(request: HttpRequest) -> queries.CardFilter:
    """Return the filter that an address names; what makes no sense is left out."""
    asked = request.GET
    return queries.CardFilter(
        level=asked.get("level", "") if asked.get("level", "") in words.LEVELS else "",
        state=asked.get("state", "") if asked.get("state", "") in words.STATES else "",
        rule=asked.get("rule", "")[:60],
        unit_id=_number(asked.get("unit")),
        since=_day(asked.get("since")),
        until=_day(asked.get("until")),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _links(request: HttpRequest, name: str, options: Any, current: str) -> list[dict[str, Any]]:
    """Return filter links: each keeps the other filters and begins at the first page."""
    kept = {key: value for key, value in request.GET.items() if key not in (name, "page")}
    return [
        {
            "label": label,
            "url": f"?{urlencode({**kept, **({name: key} if key else {})})}",
            "is_current": key == current,
        }
        for key, label in options
    ]
