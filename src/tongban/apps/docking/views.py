"""The pages of docking, for who runs the machines."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongban.apps.docking import html_forms, queries, rules, words
from tongban.apps.docking.errors import (
    DestinationInvalid,
    ItemsUnreadable,
    NothingToDo,
    ReasonMissing,
    StatementUnavailable,
)
from tongban.apps.docking.models import Destination
from tongban.apps.docking.operations import destinations, reconcile, take_items
from tongban.apps.docking.operations import repair as repairing
from tongban.apps.docking.standard import tables
from tongban.base.errors import TongbanError
from tongban.base.text import LocalizedText as T
from tongban.base.time import now, today
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.service import official_only

__all__ = [
    "edit",
    "home",
    "items",
    "new",
    "repair",
    "resend_state",
    "show_day",
    "show_days",
    "show_destination",
    "show_record",
    "switch_destination",
]

FILTERS = ("", "trouble", rules.WAITING, rules.SENT, rules.ACCEPTED, rules.SKIPPED)
FILTER_WORDS = {"": T("全部", "All"), "trouble": T("要处理", "To be dealt with")}


@official_only
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show all destinations with how they stand."""
    return render(request, "docking/home.html", {"views": queries.destinations(request.actor)})  # type: ignore[attr-defined]


@official_only
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Set up a destination."""
    identity.require_duty(request.actor, destinations.DUTY)  # type: ignore[attr-defined]
    return _form(request, None)


@official_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Change a destination."""
    identity.require_duty(request.actor, destinations.DUTY)  # type: ignore[attr-defined]
    return _form(request, destinations.find_destination(key))


@official_only
@require_safe
def show_destination(request: HttpRequest, key: str) -> HttpResponse:
    """Show how a destination stands, and its records."""
    return _destination(request, key)


@official_only
@require_POST
def switch_destination(request: HttpRequest, key: str) -> HttpResponse:
    """Switch a destination on or off."""
    on = request.POST.get("on") == "1"
    destinations.switch(actor=request.actor, key=key, on=on, at=now())  # type: ignore[attr-defined]
    return redirect("docking:destination", key)


@official_only
@require_POST
def resend_state(request: HttpRequest, key: str) -> HttpResponse:
    """Let all records in one state of trouble be sent again."""
    state, reason = request.POST.get("state", ""), request.POST.get("reason", "")
    try:
        repairing.resend_all(actor=request.actor, key=key, state=state, reason=reason, at=now())  # type: ignore[attr-defined]
    except (ReasonMissing, NothingToDo) as refusal:
        return _destination(request, key, refusal=refusal, reason=reason)
    return redirect("docking:destination", key)


@official_only
@require_safe
def show_record(request: HttpRequest, record_id: int) -> HttpResponse:
    """Show one record: its fields, its form, what happened to it."""
    return _record(request, record_id)


@official_only
@require_POST
def repair(request: HttpRequest, record_id: int) -> HttpResponse:
    """Send a record again, or leave it out, with a reason."""
    way = repairing.skip if request.POST.get("way") == "skip" else repairing.resend
    reason = request.POST.get("reason", "")
    try:
        way(actor=request.actor, record_id=record_id, reason=reason, at=now())  # type: ignore[attr-defined]
    except (ReasonMissing, NothingToDo) as refusal:
        return _record(request, record_id, refusal=refusal, reason=reason)
    return redirect("docking:record", record_id)


@official_only
@require_safe
def show_days(request: HttpRequest, key: str) -> HttpResponse:
    """Show the last days: what we sent, what they say they have."""
    view = queries.destination_of(request.actor, key)  # type: ignore[attr-defined]
    return render(
        request, "docking/days.html", {"view": view, "days": queries.days_of(view.it, today=today())}
    )


@official_only
@require_http_methods(["GET", "HEAD", "POST"])
def show_day(request: HttpRequest, key: str, day: str) -> HttpResponse:
    """Compare one day; fetch their list; send again what they do not have."""
    view = queries.destination_of(request.actor, key)  # type: ignore[attr-defined]
    wanted = _day(day)
    refusal: TongbanError | None = None
    reason = request.POST.get("reason", "")
    if request.method == "POST":
        try:
            if request.POST.get("way") == "fetch":
                reconcile.fetch_statement(destination=view.it, day=wanted, at=now())
            else:
                ids = [int(value) for value in request.POST.getlist("record") if value.isdecimal()]
                repairing.resend_missing(
                    actor=request.actor,  # type: ignore[attr-defined]
                    key=key,
                    day=wanted,
                    ids=ids,
                    reason=reason,
                    at=now(),
                )
            return redirect("docking:day", key, day)
        except (StatementUnavailable, ReasonMissing, NothingToDo) as failure:
            refusal = failure
    context = {
        "view": view,
        "day": queries.day_of(view.it, wanted),
        "iso": day,
        "refusal": refusal,
        "why": words.label_of_trouble(str(refusal.detail)) if refusal and refusal.detail else "",
        "reason": reason,
    }
    return render(request, "docking/day.html", context, status=refusal.status if refusal else 200)


@official_only
@require_http_methods(["GET", "HEAD", "POST"])
def items(request: HttpRequest, key: str) -> HttpResponse:
    """Show the files of items that wait, look into one, take one in."""
    view = queries.destination_of(request.actor, key)  # type: ignore[attr-defined]
    if not take_items.can_take(view.it):
        raise Http404
    name = (request.POST if request.method == "POST" else request.GET).get("file", "")
    work = take_items.take if request.method == "POST" else take_items.look
    outcome, refusal = None, None
    if name:
        try:
            outcome = work(actor=request.actor, destination=view.it, name=name, at=now())  # type: ignore[attr-defined]
        except ItemsUnreadable as failure:
            refusal = failure
    context = {
        "view": view,
        "files": take_items.files_of(view.it),
        "name": name,
        "outcome": outcome,
        "is_done": request.method == "POST",
        "refusal": refusal,
    }
    return render(request, "docking/items.html", context, status=refusal.status if refusal else 200)


def _destination(
    request: HttpRequest, key: str, *, refusal: TongbanError | None = None, reason: str = ""
) -> HttpResponse:
    view = queries.destination_of(request.actor, key)  # type: ignore[attr-defined]
    query = request.GET
    state = query.get("state", "") if query.get("state") in {*words.STATES, "trouble"} else ""
    table = query.get("table", "") if query.get("table") in tables() else ""
    case = query.get("case", "").strip()[:40]
    before = query.get("before", "")
    rows, following = queries.records_of(
        view.it,
        state=state,
        table=table,
        case=case,
        before=int(before) if before.isdecimal() and len(before) < 19 else None,
    )
    kept = {name: value for name, value in (("state", state), ("table", table), ("case", case)) if value}
    context = {
        "view": view,
        "rows": rows,
        "filters": _filters(kept, state),
        "tables": [("", T("全部表", "All tables")), *((key, one.name) for key, one in tables().items())],
        "table": table,
        "case": case,
        "state": state,
        "next_url": f"?{urlencode({**kept, 'before': following})}" if following else "",
        "first_url": f"?{urlencode(kept)}" if before else "",
        "settings": html_forms.described(view.it),
        "can_take": take_items.can_take(view.it),
        "repairable": [
            (state, words.STATES[state][0], view.counts[state])
            for state in (rules.DEAD, rules.REFUSED, rules.INVALID)
            if view.counts.get(state)
        ],
        "refusal": refusal,
        "reason": reason,
    }
    return render(request, "docking/destination.html", context, status=refusal.status if refusal else 200)


def _filters(kept: dict[str, str], current: str) -> list[dict[str, Any]]:
    rest = {name: value for name, value in kept.items() if name != "state"}
    return [
        {
            "label": FILTER_WORDS.get(state) or words.STATES[state][0],
            "url": f"?{urlencode({**rest, **({'state': state} if state else {})})}",
            "is_current": state == current,
        }
        for state in FILTERS
    ]


def _record(
    request: HttpRequest, record_id: int, *, refusal: TongbanError | None = None, reason: str = ""
) -> HttpResponse:
    view = queries.record_of(request.actor, record_id, request.GET.get("form", ""))  # type: ignore[attr-defined]
    context = {"view": view, "record": view.row.it, "refusal": refusal, "reason": reason}
    answer = render(request, "docking/record.html", context, status=refusal.status if refusal else 200)
    answer["Cache-Control"] = "no-store"
    return answer


def _form(request: HttpRequest, found: Destination | None) -> HttpResponse:
    typed = html_forms.typed(request.POST, found) if request.method == "POST" else html_forms.values_of(found)
    refusal: DestinationInvalid | None = None
    if request.method == "POST":
        try:
            made = destinations.put_destination(
                actor=request.actor,  # type: ignore[attr-defined]
                content=html_forms.content(typed),
                secret=request.POST.get("secret", "").strip()[:500],
                from_start=request.POST.get("from_start") == "true",
                at=now(),
            )
            return redirect("docking:destination", made.key)
        except DestinationInvalid as failure:
            refusal = failure
    context = {
        "found": found,
        "typed": typed,
        "errors": refusal.data["errors"] if refusal else [],
        "errors_by_field": {e["field"]: T.of(e["message"]) for e in refusal.data["errors"]}
        if refusal
        else {},
        "options": html_forms.options(),
        "has_secret": found is not None and queries.has_secret(found.key),
    }
    return render(request, "docking/form.html", context, status=422 if refusal else 200)


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise Http404 from None
