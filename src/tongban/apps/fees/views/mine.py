"""The payer's pages: what is owed, paying, how it went."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tongban.apps.fees import rules
from tongban.apps.fees import service as fees
from tongban.apps.fees.errors import ChargeNotFound, ProviderUnavailable
from tongban.apps.fees.models import Charge, Payment
from tongban.base.actor import Actor
from tongban.base.time import now
from tongban.design.navigation import address
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import CaseNotFound
from tongban.kernel.files import service as files

__all__ = ["check_payment", "list_mine", "pay", "show_charge", "show_payment"]


@require_safe
def list_mine(request: HttpRequest) -> HttpResponse:
    """Show what I owe and what I paid."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if actor.account_id is None:
        return _to_sign_in(request)
    if actor.is_official:
        return redirect(address("desk:inbox") or "/")
    return render(request, "fees/mine.html", {"charges": fees.charges_of(actor, at=now())})


@require_safe
def show_charge(request: HttpRequest, charge_id: UUID) -> HttpResponse:
    """Show a charge to whoever may pay it."""
    actor = _payer(request, Charge.objects.select_related("case").filter(pk=charge_id).first())
    if actor is None:
        return _to_sign_in(request)
    return _charge(request, actor, charge_id)


@require_POST
def pay(request: HttpRequest, charge_id: UUID) -> HttpResponse:
    """Open a payment and show where to go."""
    actor = _payer(request, Charge.objects.select_related("case").filter(pk=charge_id).first())
    if actor is None:
        return _to_sign_in(request)
    try:
        payment = fees.start_payment(actor=actor, charge_id=charge_id, at=now())
    except ProviderUnavailable as refusal:
        return _charge(request, actor, charge_id, refusal=refusal)
    return redirect("fees:payment", payment.number)


@require_safe
def show_payment(request: HttpRequest, number: str) -> HttpResponse:
    """Show a payment: where to pay, or how it went."""
    found = Payment.objects.select_related("charge__case").filter(number=number).first()
    actor = _payer(request, found.charge if found else None)
    if actor is None or found is None:
        return _to_sign_in(request)
    view = fees.payment_for(actor, number)
    charge = fees.charge_for(actor, found.charge_id, at=now())
    is_open = found.state == rules.STARTED and charge.it.state == rules.OPEN
    context = {
        "payment": view,
        "charge": charge,
        "is_open": is_open,
        "qr": _qr(found.qr) if is_open and found.qr else "",
        "asked": request.GET.get("asked") == "1",
    }
    return render(request, "fees/payment.html", context)


@require_POST
def check_payment(request: HttpRequest, number: str) -> HttpResponse:
    """Ask the provider now whether the money came."""
    found = Payment.objects.select_related("charge__case").filter(number=number).first()
    actor = _payer(request, found.charge if found else None)
    if actor is None or found is None:
        return _to_sign_in(request)
    fees.payment_for(actor, number)
    if found.state == rules.STARTED:
        fees.ask(payment_id=found.pk, at=now())
    return redirect(f"{reverse('fees:payment', args=[number])}?asked=1")


def _charge(request: HttpRequest, actor: Actor, charge_id: UUID, *, refusal: Any = None) -> HttpResponse:
    view = fees.charge_for(actor, charge_id, at=now())
    context = {"view": view, "charge": view.it, "refusal": refusal}
    return render(request, "fees/charge.html", context, status=refusal.status if refusal else 200)


def _payer(request: HttpRequest, charge: Charge | None) -> Actor | None:
    """Return in which capacity the visitor may pay: signed in, or by the query code; None for one who must sign in first.

    Raises ChargeNotFound, the same for what is not there and for what is another's.
    """
    if charge is not None:
        try:
            return cases.party_actor(request, charge.case)
        except CaseNotFound:
            pass
    if request.actor.account_id is None:  # type: ignore[attr-defined]
        return None
    raise ChargeNotFound


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('identity:sign-in')}?next={request.path}")


def _qr(words: str) -> str:
    """Return a QR code as an image that stands in the page itself."""
    from base64 import b64encode

    return f"data:image/png;base64,{b64encode(files.qr_png(words)).decode()}"
