"""The fees part of the API, for programs of those who pay, and the door at which providers knock."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status

from tongban.apps.fees import service as fees
from tongban.apps.fees.errors import SignatureWrong
from tongban.base.time import now
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.api import Bearer, Text

__all__ = ["router"]

router = Router(tags=["fees"])


class PaymentOut(Schema):
    """An attempt to pay. ``amount`` in fen; ``address`` is where the payer goes while ``state`` is "started"."""

    number: str
    provider: str
    state: str
    amount: int
    received: int
    address: str
    qr: str
    expires_at: datetime | None
    paid_on: date | None
    refunded: int


class ChargeOut(Schema):
    """What is owed, in fen."""

    id: UUID
    case: str
    name: Text
    amount: int
    basis: Text
    state: str
    due_on: date | None
    made_at: datetime
    receipt: UUID | None
    payments: list[PaymentOut]


@router.get("/fees/charges", response=list[ChargeOut], auth=Bearer(), summary="My charges")
def list_charges(request: HttpRequest) -> list[dict[str, Any]]:
    """Return what is owed and was paid in the caller's own cases, newest first."""
    return [_charge(view) for view in fees.charges_of(request.actor, at=now())]  # type: ignore[attr-defined]


@router.post(
    "/fees/charges/{charge_id}/payments", response={201: PaymentOut}, auth=Bearer(), summary="Pay on line"
)
def start_payment(request: HttpRequest, charge_id: UUID) -> Status:
    """Open a payment; one that is still open is returned again. The answer says where to go."""
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    payment = fees.start_payment(actor=actor, charge_id=charge_id, at=at)
    return Status(201, _payment(fees.payment_for(actor, payment.number)))


@router.get("/fees/payments/{number}", response=PaymentOut, auth=Bearer(), summary="How a payment stands")
def get_payment(request: HttpRequest, number: str) -> dict[str, Any]:
    """Return a payment of the caller's own."""
    return _payment(fees.payment_for(request.actor, number))  # type: ignore[attr-defined]


@router.post("/fees/notifications/{provider}", auth=None, summary="For payment providers: what became of it")
def take_notification(request: HttpRequest, provider: str) -> HttpResponse:
    """Take a provider's signed notification. The answer is the provider's own word for "taken", given after the commit.

    Who sends wrong signatures is slowed down; what is signed right is always taken, however often.
    """
    signed = fees.Signed(request.body, dict(request.headers))
    try:
        words, kind = fees.take_notification(provider_key=provider, request=signed, at=now())
    except SignatureWrong:
        identity.throttle(f"notification:{provider}", request=request)
        raise
    return HttpResponse(words, content_type=kind)


def _charge(view: Any) -> dict[str, Any]:
    charge = view.it
    return {
        "id": charge.pk,
        "case": charge.case.number,
        "name": charge.name.as_json(),
        "amount": charge.amount,
        "basis": charge.basis.as_json(),
        "state": charge.state,
        "due_on": charge.due_on,
        "made_at": charge.made_at,
        "receipt": charge.receipt,
        "payments": [_payment(each) for each in view.payments],
    }


def _payment(view: Any) -> dict[str, Any]:
    payment = view.it
    return {
        "number": payment.number,
        "provider": payment.provider,
        "state": payment.state,
        "amount": payment.amount,
        "received": payment.received,
        "address": payment.address,
        "qr": payment.qr,
        "expires_at": payment.expires_at,
        "paid_on": payment.paid_on,
        "refunded": sum(each.it.amount for each in view.refunds if each.it.state == "done"),
    }
