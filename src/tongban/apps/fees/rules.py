"""What money does, decided without a database: fen and yuan, what a provider's word means, what may be given back, how two
lists of a day differ.

All amounts are whole fen. Yuan exist only where a person reads or a decision table speaks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation

__all__ = [
    "ALIKE",
    "CHARGE_STATES",
    "DIFFERENCES",
    "NOTICES",
    "PAYMENT_STATES",
    "PROVIDER_STATES",
    "REFUND_STATES",
    "Entry",
    "Pair",
    "compare",
    "effect_on_charge",
    "fen",
    "next_wait",
    "reading",
    "refundable",
    "yuan",
]

OPEN, PAID, REFUNDED, CANCELLED = "open", "paid", "refunded", "cancelled"
CHARGE_STATES = (OPEN, PAID, REFUNDED, CANCELLED)

STARTED, SUCCEEDED, FAILED, CLOSED, MISMATCH = "started", "succeeded", "failed", "closed", "mismatch"
PAYMENT_STATES = (STARTED, SUCCEEDED, FAILED, CLOSED, MISMATCH)
"""``mismatch``: money arrived, but not the amount that was asked for; a person settles it."""

PENDING = "pending"
PROVIDER_STATES = (PENDING, SUCCEEDED, FAILED, CLOSED)
"""What a provider can say of a payment."""

PROPOSED, APPROVED, REJECTED, DONE, GAVE_UP = "proposed", "approved", "rejected", "done", "gave_up"
REFUND_STATES = (PROPOSED, APPROVED, REJECTED, DONE, GAVE_UP)

APPLIED, REPEATED, WRONG_AMOUNT, UNKNOWN, NOTHING = (
    "applied",
    "repeated",
    "wrong_amount",
    "unknown",
    "nothing",
)
NOTICES = (APPLIED, REPEATED, WRONG_AMOUNT, UNKNOWN, NOTHING)
"""What became of a provider's word."""

ALIKE, ONLY_OURS, ONLY_THEIRS, AMOUNT = "alike", "ours", "theirs", "amount"
DIFFERENCES = (ONLY_OURS, ONLY_THEIRS, AMOUNT)

WAITS = tuple(timedelta(minutes=n) for n in (1, 2, 5, 10, 30, 60))
"""How long to wait before a provider is asked again; the last one for ever after."""


def fen(amount: int | float | str | Decimal) -> int:
    """Return an amount of yuan as whole fen. Raises ValueError for what is no amount, negative, or finer than a fen.

    A float is read as it is written (``12.35``), not as the binary number behind it.
    """
    try:
        cents = Decimal(str(amount)) * 100
    except InvalidOperation:
        raise ValueError(f"{amount!r} is no amount") from None
    if not cents.is_finite() or cents != cents.to_integral_value() or cents < 0:
        raise ValueError(f"{amount!r} is no amount in whole fen")
    return int(cents)


def yuan(amount: int) -> str:
    """Return fen as people read them: ``9000`` is "90.00"."""
    sign = "-" if amount < 0 else ""
    whole, rest = divmod(abs(amount), 100)
    return f"{sign}{whole:,}.{rest:02d}"


def reading(state: str, asked: int, said: str, received: int) -> str:
    """Say what a provider's word ``said`` about a payment means, one of NOTICES.

    Success is final and beats everything that was said before it, because money moved: a refusal or closing that arrives late
    or out of order changes nothing any more. A success after a refusal counts.
    """
    if said == PENDING:
        return NOTHING
    if state in (SUCCEEDED, MISMATCH):
        return REPEATED
    if said == SUCCEEDED:
        return APPLIED if received == asked else WRONG_AMOUNT
    return APPLIED if state == STARTED else REPEATED


def effect_on_charge(charge: str, *, case_ended: bool) -> str:
    """Say what a successful payment does: "pay" the charge, or "refund" because nothing is owed (any more)."""
    return "pay" if charge == OPEN and not case_ended else "refund"


def refundable(received: int, given_back: Iterable[int]) -> int:
    """Return how much of a payment can still be given back; ``given_back`` are all refunds but the rejected ones."""
    return received - sum(given_back)


def next_wait(times_asked: int) -> timedelta:
    """Return how long to wait before asking again."""
    return WAITS[min(times_asked, len(WAITS) - 1)]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a day: a payment or a refund under its number."""

    kind: str
    number: str
    amount: int


@dataclass(frozen=True, slots=True)
class Pair:
    """One number with what each side says; ``verdict`` is ALIKE or one of DIFFERENCES."""

    kind: str
    number: str
    ours: int | None
    theirs: int | None

    @property
    def verdict(self) -> str:
        """Say how the two sides agree."""
        if self.theirs is None:
            return ONLY_OURS
        if self.ours is None:
            return ONLY_THEIRS
        return ALIKE if self.ours == self.theirs else AMOUNT


def compare(ours: Iterable[Entry], theirs: Iterable[Entry]) -> list[Pair]:
    """Return every number of both lists once, in order. What one side names twice counts with its sum: money is not lost."""

    def summed(entries: Iterable[Entry]) -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        for each in entries:
            key = (each.kind, each.number)
            found[key] = found.get(key, 0) + each.amount
        return found

    mine, other = summed(ours), summed(theirs)
    return [Pair(*key, mine.get(key), other.get(key)) for key in sorted(mine.keys() | other.keys())]
