"""The cashier of the demo bank. It is another house: nothing here asks who somebody is, the number of the order opens it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tongban.apps.fees import rules
from tongban.apps.fees import service as fees
from tongban.base.time import now

__all__ = ["bank"]


@require_http_methods(["GET", "HEAD", "POST"])
def bank(request: HttpRequest, number: str) -> HttpResponse:
    """Show the cashier; let the visitor pay, refuse, cancel, or let the bank misbehave."""
    if request.method == "POST":
        fees.act_at_bank(number=number, act=request.POST.get("act", ""), at=now())
        return redirect("fees:bank", number)
    order = fees.order_of(number)
    return render(
        request,
        "fees/bank.html",
        {"order": order, "amount": rules.yuan(order.amount), "is_open": order.state == rules.PENDING},
    )
