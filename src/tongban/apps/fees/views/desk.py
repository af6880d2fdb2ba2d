"""The finance clerk's pages: charges, refunds, the comparison of each day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongban.apps.fees import providers, queries, rules, words
from tongban.apps.fees import service as fees
from tongban.apps.fees.errors import (
    NothingToSettle,
    ReasonNeeded,
    RefundNotOpen,
    RefundTooMuch,
    SamePerson,
    StatementMissing,
)
from tongban.apps.fees.models import Difference, Payment
from tongban.apps.fees.policies import APPROVE, HANDLE, require_desk, require_handling
from tongban.base import spreadsheets
from tongban.base.errors import NotFound, TongbanError
from tongban.base.text import LocalizedText as T
from tongban.base.time import now, today
from tongban.design.paging import page_number
from tongban.kernel.identity.service import official_only

__all__ = [
    "day_csv",
    "days",
    "desk_charge",
    "desk_list",
    "propose",
    "refund",
    "refunds",
    "settle",
    "show_day",
]

FILTER_WORDS = {"": T("全部", "All"), "trouble": T("要处理", "To be dealt with")}
Refusals = (ReasonNeeded, RefundNotOpen, RefundTooMuch, SamePerson)


@official_only
@require_safe
def desk_list(request: HttpRequest) -> HttpResponse:
    """List the charges of the county, newest first, with what waits on top."""
    actor = request.actor  # type: ignore[attr-defined]
    state = request.GET.get("state", "")
    state = state if state in queries.FILTERS else ""
    query = request.GET.get("q", "").strip()[:40]
    number = page_number(request.GET.get("page"))
    rows, more = queries.desk_list(actor, state=state, query=query, page=number, at=now())
    kept = {key: value for key, value in (("state", state), ("q", query)) if value}
    context = {
        "rows": rows,
        "trouble": queries.trouble(actor),
        "query": query,
        "state": state,
        "filters": [
            {
                "label": FILTER_WORDS.get(key) or words.CHARGES[key][0],
                "url": f"?{urlencode({**({'q': query} if query else {}), **({'state': key} if key else {})})}",
                "is_current": key == state,
            }
            for key in queries.FILTERS
        ],
        "next_url": f"?{urlencode({**kept, 'page': number + 1})}" if more else "",
        "prev_url": f"?{urlencode({**kept, 'page': number - 1})}" if number > 1 else "",
    }
    return render(request, "fees/desk.html", context)


@official_only
@require_safe
def desk_charge(request: HttpRequest, charge_id: UUID) -> HttpResponse:
    """Show one charge with everything that happened to it."""
    return _desk_charge(request, charge_id)


@official_only
@require_POST
def propose(request: HttpRequest, number: str) -> HttpResponse:
    """Propose to give back (a part of) a payment."""
    actor = request.actor  # type: ignore[attr-defined]
    require_handling(actor)
    found = Payment.objects.filter(number=number).first()
    if found is None:
        raise NotFound
    typed = {
        "amount": request.POST.get("amount", "").strip()[:20],
        "reason": request.POST.get("reason", "")[:400],
    }
    try:
        amount = rules.fen(typed["amount"] or "0")
    except ValueError:
        amount = 0
    try:
        fees.propose_refund(actor=actor, number=number, amount=amount, reason=typed["reason"], at=now())
    except Refusals as refusal:
        return _desk_charge(request, found.charge_id, refusal=refusal, typed={**typed, "number": number})
    return redirect("fees:desk-charge", found.charge_id)


@official_only
@require_safe
def refunds(request: HttpRequest) -> HttpResponse:
    """List the refunds that wait for somebody, then the last done."""
    return _refunds(request)


@official_only
@require_POST
def refund(request: HttpRequest, refund_id: UUID) -> HttpResponse:
    """Approve, reject, note as paid out by hand, or try again."""
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    way, remark = request.POST.get("way", ""), request.POST.get("remark", "")
    try:
        if way in ("approve", "reject"):
            fees.decide_refund(
                actor=actor, refund_id=refund_id, approve=way == "approve", remark=remark, at=at
            )
        elif way == "note":
            fees.note_paid_out(actor=actor, refund_id=refund_id, voucher=remark, at=at)
        elif way == "again":
            fees.try_again(actor=actor, refund_id=refund_id, at=at)
        else:
            raise NotFound
    except Refusals as refusal:
        return _refunds(request, refusal=refusal, at_refund=refund_id, remark=remark)
    return redirect("fees:refunds")


@official_only
@require_http_methods(["GET", "HEAD", "POST"])
def days(request: HttpRequest) -> HttpResponse:
    """List the compared days; compare one now."""
    actor = request.actor  # type: ignore[attr-defined]
    refusal: TongbanError | None = None
    if request.method == "POST":
        require_handling(actor)
        provider, day = request.POST.get("provider", ""), _day(request.POST.get("day", ""))
        try:
            fees.reconcile(actor=actor, provider_key=provider, day=day, at=now())
            return redirect("fees:day", provider, day)
        except StatementMissing as missing:
            refusal = missing
    context = {
        "days": queries.days(actor),
        "providers": [(each.key, each.label) for each in providers.asked()],
        "yesterday": today() - timedelta(days=1),
        "can_handle": HANDLE in actor.duties,
        "refusal": refusal,
    }
    return render(request, "fees/days.html", context, status=refusal.status if refusal else 200)


@official_only
@require_safe
def show_day(request: HttpRequest, provider: str, day: str) -> HttpResponse:
    """Show a compared day with its differences."""
    return _show_day(request, provider, _day(day))


@official_only
@require_safe
def day_csv(request: HttpRequest, provider: str, day: str) -> StreamingHttpResponse:
    """Export the differences of a day as a table that no spreadsheet program runs."""
    view = queries.day_of(request.actor, provider, _day(day))  # type: ignore[attr-defined]
    if view is None:
        raise NotFound
    rows = queries.day_table(view, get_language() or "zh")
    answer = StreamingHttpResponse(spreadsheets.write_csv(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="differences-{provider}-{view.it.day}.csv"'
    return answer


@official_only
@require_POST
def settle(request: HttpRequest, difference_id: int) -> HttpResponse:
    """Settle a difference with a reason."""
    actor = request.actor  # type: ignore[attr-defined]
    require_handling(actor)
    found = Difference.objects.select_related("reconciliation").filter(pk=difference_id).first()
    if found is None:
        raise NotFound
    day, reason = found.reconciliation, request.POST.get("reason", "")
    try:
        fees.settle_difference(actor=actor, difference_id=difference_id, reason=reason, at=now())
    except (ReasonNeeded, NothingToSettle) as refusal:
        return _show_day(request, day.provider, day.day, refusal=refusal, at_difference=difference_id)
    return redirect(f"{reverse('fees:day', args=[day.provider, day.day])}#d-{difference_id}")


def _desk_charge(
    request: HttpRequest, charge_id: UUID, *, refusal: Any = None, typed: dict[str, str] | None = None
) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    view = queries.desk_charge(actor, charge_id, at=now())
    context = {
        "view": view,
        "charge": view.it,
        "can_propose": HANDLE in actor.duties,
        "refusal": refusal,
        "typed": typed or {},
    }
    return render(request, "fees/desk_charge.html", context, status=refusal.status if refusal else 200)


def _refunds(
    request: HttpRequest, *, refusal: Any = None, at_refund: UUID | None = None, remark: str = ""
) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    rows = queries.refunds_waiting(actor)
    context = {
        "waiting": [row for row in rows if row["view"].it.state not in (rules.DONE, rules.REJECTED)],
        "over": [row for row in rows if row["view"].it.state in (rules.DONE, rules.REJECTED)],
        "can_approve": APPROVE in actor.duties,
        "refusal": refusal,
        "at_refund": at_refund,
        "remark": remark,
    }
    return render(request, "fees/refunds.html", context, status=refusal.status if refusal else 200)


def _show_day(
    request: HttpRequest, provider: str, day: date, *, refusal: Any = None, at_difference: int = 0
) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    require_desk(actor)
    view = queries.day_of(actor, provider, day)
    if view is None:
        raise NotFound
    context = {
        "view": view,
        "provider": provider,
        "can_handle": HANDLE in actor.duties,
        "refusal": refusal,
        "at_difference": at_difference,
    }
    return render(request, "fees/day.html", context, status=refusal.status if refusal else 200)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound from None
