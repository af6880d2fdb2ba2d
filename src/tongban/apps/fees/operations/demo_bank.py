"""What a visitor of the demo bank lets it do: pay, refuse, cancel, and every way in which banks misbehave."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app

from tongban.apps.fees import rules
from tongban.apps.fees.errors import PaymentNotFound
from tongban.apps.fees.models import BankOrder
from tongban.apps.fees.operations.paying import take_notification
from tongban.apps.fees.providers.demo import DemoBank, signed_word, word_of

__all__ = ["ACTS", "LATE_MINUTES", "act_at_bank", "notify", "order_of"]

ACTS = ("pay", "refuse", "cancel", "late", "twice", "silent", "wrong")
LATE_MINUTES = 3


def order_of(number: str) -> BankOrder:
    """Return an order of the demo bank. Raises PaymentNotFound; outside of the demo there is no demo bank."""
    order = BankOrder.objects.filter(number=number).first()
    if order is None or settings.TONGBAN_ENV != "demo":
        raise PaymentNotFound
    return order


@transaction.atomic
def act_at_bank(*, number: str, act: str, at: datetime) -> BankOrder:
    """Do it; an order that is over stays as it is. The notification leaves by a job, as if over a network."""
    order_of(number)
    order = BankOrder.objects.select_for_update().get(number=number)
    if order.state != rules.PENDING or act not in ACTS:
        return order
    if act in ("refuse", "cancel"):
        order.state = rules.FAILED if act == "refuse" else rules.CLOSED
    else:
        order.state, order.paid_at = rules.SUCCEEDED, at
        order.paid = order.amount if act != "wrong" else order.amount + 1
    order.save(update_fields=["state", "paid_at", "paid"])
    for _ in range({"silent": 0, "twice": 2}.get(act, 1)):
        wait = {"minutes": LATE_MINUTES} if act == "late" else None
        app.configure_task("fees.bank_notifies", schedule_in=wait).defer(number=number)
    return order


def notify(*, number: str, at: datetime) -> None:
    """Send the notification of an order: the same signed bytes that a bank would post to our address."""
    order = order_of(number)
    request = signed_word(word_of(order), at=at)
    take_notification(provider_key=DemoBank.key, request=request, at=at)
