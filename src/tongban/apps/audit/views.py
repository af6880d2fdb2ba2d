"""The audit administrator's pages."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_POST, require_safe

from tongban.apps.audit.operations.search import DUTY, announce_search_about, export_acts, search
from tongban.base.errors import Invalid, TongbanError
from tongban.base.text import LocalizedText as T
from tongban.base.time import LOCAL, now
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import CaseNotFound
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.service import official_only
from tongban.kernel.ledger import service as ledger

__all__ = ["export", "filter_of", "find", "show_acts"]

ON_PAGE = 50
CHANNELS = {
    "web": T("网上", "Web"),
    "desk": T("窗口和工作台", "Workbench"),
    "api": T("接口", "API"),
    "command": T("命令行", "Command line"),
    "system": T("系统自动", "By itself"),
}
ASKED = "audit.about"
"""Under this key the session remembers whom one asked for: an address carries only a random word."""


@official_only
@require_safe
def show_acts(request: HttpRequest) -> HttpResponse:
    """Show acts as filtered, the newest first."""
    return _page(request, request.GET)


@official_only
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Take the search form; lead to an address that holds numbers of accounts, units and cases, and nothing of a person."""
    actor = request.actor  # type: ignore[attr-defined]
    identity.require_duty(actor, DUTY)
    form = request.POST
    query = {
        name: form.get(name, "").strip()[:80]
        for name in ("unit", "verb", "case", "since", "until", "channel")
    }
    query["reads"] = "1" if form.get("reads") else ""
    number, who = form.get("number", "").strip()[:30], form.get("who", "").strip()[:60]
    accounts = identity.find_officials(who) if who else []
    if who and not accounts:
        message = {"zh": "没有叫这个名字的工作人员", "en": "No official has this name"}
        return _page(
            request, QueryDict(), typed=form, refusal=Invalid(errors=[{"field": "who", "message": message}])
        )
    if number:
        try:
            announce_search_about(actor=actor, number=number, reason=form.get("reason", ""), at=now())
        except Invalid as refusal:
            return _page(request, QueryDict(), typed=form, refusal=refusal)
        query["about"] = _remember(request, number)
    if len(accounts) == 1:
        query["account"] = str(accounts[0].account_id)
    kept = urlencode({name: value for name, value in query.items() if value})
    if len(accounts) > 1:
        return render(request, "audit/which.html", {"accounts": accounts, "kept": kept})
    return redirect(f"{reverse('audit:search')}?{kept}" if kept else reverse("audit:search"))


@official_only
@require_POST
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Give the acts as filtered as CSV (UTF-8 with BOM)."""
    at = now()
    wanted = filter_of(request.GET, _about(request))
    language = translation.get_language() or "zh-hans"
    lines = export_acts(actor=request.actor, wanted=wanted, at=at)  # type: ignore[attr-defined]

    def spoken() -> Any:
        with translation.override(language):
            yield from lines

    answer = StreamingHttpResponse(spoken(), content_type="text/csv; charset=utf-8")
    stamp = at.astimezone(LOCAL).strftime("%Y%m%d-%H%M")
    answer["Content-Disposition"] = f'attachment; filename="acts-{stamp}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def filter_of(query: Any, about: str = "") -> ledger.ActFilter:
    """Return the filter that an address names; what makes no sense is left out."""
    return ledger.ActFilter(
        account_id=_number(query.get("account")),
        about=about,
        unit_id=_number(query.get("unit")),
        verb=query.get("verb", "") if query.get("verb", "") in ledger.verbs() else "",
        case=_case(query.get("case", "").strip().upper()),
        since=_midnight(query.get("since")),
        until=_midnight(query.get("until"), days=1),
        channel=query.get("channel", "") if query.get("channel", "") in CHANNELS else "",
        reads_only=query.get("reads") == "1",
    )


def _page(
    request: HttpRequest, query: Any, *, typed: Any = None, refusal: Invalid | None = None
) -> HttpResponse:
    wanted = filter_of(query, _about(request))
    at = now()
    actor = request.actor  # type: ignore[attr-defined]
    rows: list[ledger.ActRow] = []
    failure: TongbanError | None = None
    try:
        before = _number(query.get("before"))
        rows = search(actor=actor, wanted=wanted, before=before, limit=ON_PAGE + 1, at=at)
    except TongbanError as error:
        if error.status in (401, 403):
            raise
        failure = error
    shown = rows[:ON_PAGE]
    labels = ledger.label_fields(name for row in shown for name in row.fields if row.verb == ledger.READ)
    kept = {name: value for name, value in query.items() if name != "before" and value}
    context = {
        "rows": [
            (row, number, _words(row, labels))
            for row, number in zip(shown, _case_numbers(shown), strict=True)
        ],
        "next_url": f"?{urlencode({**kept, 'before': shown[-1].id})}" if len(rows) > ON_PAGE else "",
        "first_url": f"?{urlencode(kept)}" if query.get("before") else "",
        "export_url": f"{reverse('audit:export')}?{urlencode(kept)}",
        "chosen": _chosen(kept, wanted),
        "typed": typed if typed is not None else query,
        "errors": refusal.data["errors"] if refusal else [],
        "errors_by_field": {e["field"]: e["message"] for e in refusal.data["errors"]} if refusal else {},
        "failure": failure,
        "is_filtered": bool(kept),
        "units": [
            ("", T("不限", "Any")),
            *((str(unit.pk), unit.name) for unit in identity.list_units(with_closed=True)),
        ],
        "verbs": [("", T("不限", "Any")), *sorted(ledger.verbs().items())],
        "channels": [("", T("不限", "Any")), *CHANNELS.items()],
        "scope": [("1", T("只看查阅个人信息", "Reads of personal data only"))],
        "quick": _quick(request, kept),
    }
    answer = render(request, "audit/acts.html", context, status=422 if refusal or failure else 200)
    answer["Cache-Control"] = "no-store"
    return answer


def _words(row: ledger.ActRow, labels: dict[str, T]) -> dict[str, Any]:
    """Return channel, reason and fields of an act as people say them; ``keys`` are what has no words of its own."""
    is_read = row.verb == ledger.READ
    return {
        "channel": CHANNELS.get(row.channel, T(row.channel)),
        "reason": ledger.label_of_purpose(row.reason) if row.reason else "",
        "fields": [labels.get(name, T(name)) for name in row.fields] if is_read else [],
        "keys": [] if is_read else row.fields,
    }


def _quick(request: HttpRequest, kept: dict[str, str]) -> list[dict[str, Any]]:
    """Return filters as links: all, reads only, by channel."""
    rest = {name: value for name, value in kept.items() if name not in ("reads", "channel")}
    options = [({}, T("全部", "All")), ({"reads": "1"}, T("只看查阅个人信息", "Reads of personal data"))]
    options += [({"channel": key}, label) for key, label in CHANNELS.items()]
    current = {name: kept[name] for name in ("reads", "channel") if name in kept}
    return [
        {"label": label, "url": f"?{urlencode({**rest, **added})}", "is_current": added == current}
        for added, label in options
    ]


def _chosen(kept: dict[str, str], wanted: ledger.ActFilter) -> list[dict[str, Any]]:
    """Return what the list is narrowed to, each with the address without it."""
    words: dict[str, Any] = {}
    if wanted.account_id is not None:
        words["account"] = identity.official_name(wanted.account_id)
    if wanted.about:
        words["about"] = T("某个人的信息", "About one person")
    if wanted.unit_id is not None:
        words["unit"] = dict(identity.unit_names([wanted.unit_id])).get(
            wanted.unit_id, T(str(wanted.unit_id))
        )
    if wanted.verb:
        words["verb"] = ledger.label_of(wanted.verb)
    if wanted.case:
        words["case"] = T(kept["case"])
    for name, label in (("since", T("从 {}", "from {}")), ("until", T("到 {}", "to {}"))):
        if getattr(wanted, name) is not None:
            words[name] = T(label.zh.format(kept[name]), label.en.format(kept[name]))
    return [
        {"label": label, "url": f"?{urlencode({k: v for k, v in kept.items() if k != name})}"}
        for name, label in words.items()
    ]


def _case(number: str) -> str:
    """Return the reference of a case by its number; of one that is not there, a reference that no act has."""
    if not number:
        return ""
    try:
        return str(cases.find_by_number(number).ref)
    except CaseNotFound:
        return "none:"


def _case_numbers(rows: list[ledger.ActRow]) -> list[str]:
    """Return the number of the case in which, or on which, each act was done."""
    refs = [row.case or str(row.subject) for row in rows]
    ids = {UUID(ref.partition(":")[2]) for ref in refs if ref.startswith("case:")}
    numbers = {str(case.ref): case.number or "" for case in cases.find_cases(ids)} if ids else {}
    return [numbers.get(ref, "") for ref in refs]


def _remember(request: HttpRequest, number: str) -> str:
    token = secrets.token_urlsafe(6)
    request.session[ASKED] = {token: ledger.blind(number).hex()}
    return token


def _about(request: HttpRequest) -> str:
    """Return the blind key that the address stands for; of a link from an old session, one that finds nothing."""
    token = request.GET.get("about", "")
    return str(request.session.get(ASKED, {}).get(token, "00")) if token else ""


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None


def _midnight(text: str | None, *, days: int = 0) -> datetime | None:
    try:
        day = date.fromisoformat(text or "") + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL)
