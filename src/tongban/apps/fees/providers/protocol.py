"""What a payment provider is told and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from tongban.base.text import LocalizedText

__all__ = ["Line", "Order", "PaymentProvider", "RefundOrder", "RefundWord", "Signed", "Started", "Word"]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be paid. ``number`` is ours and unique; ``subject`` names fee and case, never a person.

    ``back`` is the page of ours to which the payer returns, ``notify`` where the provider sends its notification.
    """

    number: str
    amount: int
    subject: LocalizedText
    back: str
    notify: str


@dataclass(frozen=True, slots=True)
class Started:
    """Where the payer goes: an address for the browser, words for a QR code (the address, when empty), until when."""

    address: str
    qr: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """What the provider says of one payment: ``state`` is "pending", "succeeded", "failed" or "closed".

    ``amount`` is what was really received, in fen; ``paid_on`` the provider's day, by which statements are made;
    ``fiscal_receipt`` the number of the fiscal e-receipt (财政电子票据) where the provider gives one.
    """

    number: str
    state: str
    amount: int = 0
    reference: str = ""
    paid_on: date | None = None
    means: str = ""
    fiscal_receipt: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """A request of the provider to us, untouched: the signature is over these very bytes."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """What is to be given back; asking twice under one number gives back once."""

    number: str
    payment: str
    reference: str
    amount: int


@dataclass(frozen=True, slots=True)
class RefundWord:
    """What became of a refund: ``state`` is "done", "pending" (ask again) or "refused" (``why``)."""

    state: str
    reference: str = ""
    done_on: date | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a statement: ``kind`` is "payment" or "refund", ``number`` the one we gave."""

    kind: str
    number: str
    amount: int


class PaymentProvider(Protocol):
    """A bank, a payment company or the province's collection platform (非税收入收缴平台).

    ``key`` is what payments keep for ever; ``is_demo`` True is refused outside of the demo.
    """

    key: str
    label: LocalizedText
    is_demo: bool

    def start(self, order: Order) -> Started:
        """Open a payment over there. Asked again under the same number, the answer is the same."""

    def read(self, request: Signed, *, at: datetime) -> Word:
        """Verify a notification and read it. Raises SignatureWrong for one that is not theirs, or too old."""

    def answer(self) -> tuple[str, str]:
        """Return what the provider wants to hear when its notification was taken: text and content type."""

    def query(self, number: str) -> Word:
        """Ask for one payment; one that they do not know is "closed"."""

    def refund(self, order: RefundOrder) -> RefundWord:
        """Give money back, or ask what became of an earlier request under the same number."""

    def statement(self, day: date) -> list[Line]:
        """Return every payment and refund of a day. Raises StatementMissing while there is none."""
