"""The demo bank: a provider whose bank stands in the same installation, so that the whole way can be walked without a contract.

Everything goes the way it would with a real bank: an order is opened, the payer is sent to the bank's own pages, the bank signs
a notification, can be asked, gives money back and makes a statement of each day. It can also misbehave (``demo_bank``).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from tongban.apps.fees import rules
from tongban.apps.fees.errors import SignatureWrong
from tongban.apps.fees.models import BankOrder
from tongban.apps.fees.providers.protocol import Line, Order, RefundOrder, RefundWord, Signed, Started, Word
from tongban.base.text import LocalizedText as T
from tongban.base.time import local_date, now

__all__ = ["DemoBank", "signed_word"]

VALID_FOR = timedelta(hours=2)
AGE = timedelta(minutes=15)
"""An older notification is refused: a recorded one cannot be played again for ever. A late one is signed anew when sent."""


class DemoBank:
    """The demo provider."""

    key = "demo"
    label = T("演示银行", "Demo bank")
    is_demo = True

    def start(self, order: Order) -> Started:
        """Open an order in the bank's book."""
        found, _ = BankOrder.objects.get_or_create(
            number=order.number,
            defaults={
                "amount": order.amount,
                "subject": order.subject.zh[:120],
                "back": order.back,
                "reference": f"DB{secrets.token_hex(8).upper()}",
                "opened_at": now(),
            },
        )
        path = reverse("fees:bank", args=[found.number])
        return Started(
            address=path, qr=f"{settings.TONGBAN_PUBLIC_URL}{path}", expires_at=found.opened_at + VALID_FOR
        )

    def read(self, request: Signed, *, at: datetime) -> Word:
        """Check signature and age of a notification."""
        given = {key.lower(): value for key, value in request.headers.items()}
        stamp, signature = given.get("x-bank-time", ""), given.get("x-bank-signature", "")
        if not hmac.compare_digest(signature.encode(), _signature(stamp, request.body).encode()):
            raise SignatureWrong
        if abs(at - datetime.fromtimestamp(int(stamp), at.tzinfo)) > AGE:
            raise SignatureWrong
        said = json.loads(request.body)
        day = date.fromisoformat(said["paid_on"]) if said["paid_on"] else None
        return Word(**{**said, "paid_on": day})

    def answer(self) -> tuple[str, str]:
        """The bank wants to hear "success"."""
        return "success", "text/plain"

    def query(self, number: str) -> Word:
        """Look into the bank's book."""
        order = BankOrder.objects.filter(number=number).first()
        if order is None or (order.state == rules.PENDING and now() > order.opened_at + VALID_FOR):
            return Word(number=number, state=rules.CLOSED)
        return word_of(order)

    def refund(self, order: RefundOrder) -> RefundWord:
        """Give money back, once a number, and never more than was paid."""
        with transaction.atomic():
            row = BankOrder.objects.select_for_update().filter(number=order.payment).first()
            if row is None or row.state != rules.SUCCEEDED:
                return RefundWord("refused", why="no such payment")
            known = next((each for each in row.refunds if each["number"] == order.number), None)
            if known is None:
                if sum(each["amount"] for each in row.refunds) + order.amount > row.paid:
                    return RefundWord("refused", why="more than was paid")
                known = {
                    "number": order.number,
                    "amount": order.amount,
                    "on": local_date(now()).isoformat(),
                    "reference": f"DR{secrets.token_hex(8).upper()}",
                }
                row.refunds = [*row.refunds, known]
                row.save(update_fields=["refunds"])
        return RefundWord("done", reference=known["reference"], done_on=date.fromisoformat(known["on"]))

    def statement(self, day: date) -> list[Line]:
        """List what was paid and given back on a day."""
        paid = [
            Line("payment", order.number, order.paid)
            for order in BankOrder.objects.filter(state=rules.SUCCEEDED).order_by("number")
            if order.paid_at is not None and local_date(order.paid_at) == day
        ]
        back = [
            Line("refund", each["number"], each["amount"])
            for order in BankOrder.objects.exclude(refunds=[]).order_by("number")
            for each in order.refunds
            if each["on"] == day.isoformat()
        ]
        return [*paid, *back]


def word_of(order: BankOrder) -> Word:
    """Say how an order stands."""
    return Word(
        number=order.number,
        state=order.state,
        amount=order.paid,
        reference=order.reference if order.state == rules.SUCCEEDED else "",
        paid_on=local_date(order.paid_at) if order.paid_at else None,
        means="card" if order.state == rules.SUCCEEDED else "",
    )


def signed_word(word: Word, *, at: datetime) -> Signed:
    """Return a notification as the bank sends it."""
    said: dict[str, Any] = {
        name: getattr(word, name)
        for name in ("number", "state", "amount", "reference", "means", "fiscal_receipt")
    }
    said["paid_on"] = word.paid_on.isoformat() if word.paid_on else ""
    body, stamp = json.dumps(said).encode(), str(int(at.timestamp()))
    return Signed(body, {"X-Bank-Time": stamp, "X-Bank-Signature": _signature(stamp, body)})


def _signature(stamp: str, body: bytes) -> str:
    key = hmac.digest(settings.SECRET_KEY.encode(), b"fees.demo-bank", hashlib.sha256)
    return hmac.new(key, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
