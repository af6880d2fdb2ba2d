"""Giving money back: a clerk proposes, another person approves, the provider pays; or by itself, where nothing was owed."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tongban.apps.fees import rules
from tongban.apps.fees.errors import (
    PaymentNotFound,
    ProviderUnknown,
    ReasonNeeded,
    RefundNotFound,
    RefundNotOpen,
    RefundTooMuch,
    SamePerson,
)
from tongban.apps.fees.events import REFUNDED
from tongban.apps.fees.models import Charge, Payment, Refund
from tongban.apps.fees.operations.following import BY_ITSELF, locked_charge, tell
from tongban.apps.fees.policies import APPROVE, HANDLE
from tongban.apps.fees.providers import WINDOW, RefundOrder, RefundWord, find
from tongban.base import outbox, work
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.time import local_date
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = [
    "decide_refund",
    "give_back_by_itself",
    "note_paid_out",
    "propose_refund",
    "send_refund",
    "to_send",
    "try_again",
]

log = logging.getLogger(__name__)
MOST_TRIES = 8
LONGEST = 300
LEASE = timedelta(minutes=2)
"""For so long nobody else sends a refund that is being sent."""


@work.unit()
def propose_refund(*, actor: Actor, number: str, amount: int, reason: str, at: datetime) -> Refund:
    """Propose to give back (a part of) a payment. Raises PaymentNotFound, ReasonNeeded, RefundTooMuch."""
    identity.require_duty(actor, HANDLE)
    reason = reason.strip()
    if not reason or len(reason) > LONGEST:
        raise ReasonNeeded
    charge, payment = _locked_payment(number)
    left = rules.refundable(payment.received, _live(payment))
    if amount <= 0 or amount > left:
        raise RefundTooMuch(left=left)
    refund = Refund.objects.create(
        payment=payment,
        number=_number(at),
        amount=amount,
        cause="proposed",
        reason=reason,
        proposed_at=at,
        proposed_by=actor.person_id,
        proposed_name=actor.signs_as,
    )
    _record(actor, "fees.propose_refund", refund, charge, at=at)
    return refund


@work.unit()
def decide_refund(*, actor: Actor, refund_id: UUID, approve: bool, remark: str = "", at: datetime) -> Refund:
    """Take the second look: approve, and the money goes; or reject. Raises SamePerson for whoever proposed it."""
    identity.require_duty(actor, APPROVE)
    refund, charge, _ = _locked_refund(refund_id)
    if refund.state != rules.PROPOSED:
        raise RefundNotOpen(state=refund.state)
    if refund.proposed_by in actor.persons:
        raise SamePerson
    remark = remark.strip()[:LONGEST]
    if not approve and not remark:
        raise ReasonNeeded
    refund.state = rules.APPROVED if approve else rules.REJECTED
    refund.decided_at, refund.decided_name, refund.remark = at, actor.signs_as, remark
    refund.send_at = at if approve and refund.payment.provider != WINDOW else None
    refund.save(update_fields=["state", "decided_at", "decided_name", "remark", "send_at"])
    _record(actor, "fees.approve_refund" if approve else "fees.reject_refund", refund, charge, at=at)
    if refund.send_at is not None:
        work.defer("fees.send_refund", refund_id=str(refund.pk))
    return refund


@work.unit()
def note_paid_out(*, actor: Actor, refund_id: UUID, voucher: str, at: datetime) -> Refund:
    """Note that the window or the cashier paid an approved refund out by hand, under which voucher."""
    identity.require_duty(actor, HANDLE)
    refund, charge, case = _locked_refund(refund_id)
    by_hand = refund.payment.provider == WINDOW or refund.state == rules.GAVE_UP
    if refund.state not in (rules.APPROVED, rules.GAVE_UP) or not by_hand:
        raise RefundNotOpen(state=refund.state)
    voucher = voucher.strip()
    if not voucher or len(voucher) > 80:
        raise ReasonNeeded
    word = RefundWord("done", reference=voucher, done_on=local_date(at))
    _done(refund, charge, case, word, actor=actor, at=at)
    return refund


@work.unit()
def try_again(*, actor: Actor, refund_id: UUID, at: datetime) -> Refund:
    """Let the provider be asked again for a refund that it refused."""
    identity.require_duty(actor, HANDLE)
    refund, charge, _ = _locked_refund(refund_id)
    if refund.state != rules.GAVE_UP:
        raise RefundNotOpen(state=refund.state)
    refund.state, refund.tries, refund.send_at = rules.APPROVED, 0, at
    refund.save(update_fields=["state", "tries", "send_at"])
    _record(actor, "fees.retry_refund", refund, charge, at=at)
    work.defer("fees.send_refund", refund_id=str(refund.pk))
    return refund


def give_back_by_itself(payment: Payment, cause: str, *, case: Any, at: datetime) -> Refund | None:
    """Give back what is left of a payment for which nothing was owed; nobody needs to agree. Once a payment.

    The caller holds the locks of case and charge. What the window took waits for a person who pays it out.
    """
    left = rules.refundable(payment.received, _live(payment))
    if left <= 0 or Refund.objects.filter(payment=payment).exclude(cause="proposed").exists():
        return None
    on_line = payment.provider != WINDOW
    refund = Refund.objects.create(
        payment=payment,
        number=_number(at),
        amount=left,
        cause=cause,
        state=rules.APPROVED,
        proposed_at=at,
        decided_at=at,
        send_at=at if on_line else None,
    )
    charge = Charge.objects.get(pk=payment.charge_id)
    _record(BY_ITSELF, "fees.refund_due", refund, charge, at=at)
    tell(case, "fees.refund_due", at=at, amount=rules.yuan(left), fee=charge.name, charge=charge)
    if on_line:
        work.defer("fees.send_refund", refund_id=str(refund.pk))
    return refund


def to_send(*, at: datetime, limit: int = 200) -> list[UUID]:
    """Return the refunds that the provider is to be asked for now."""
    waiting = Refund.objects.filter(send_at__lte=at, state=rules.APPROVED)
    return list(waiting.order_by("send_at").values_list("pk", flat=True)[:limit])


def send_refund(*, refund_id: UUID, at: datetime) -> str:
    """Ask the provider to give money back and write down what it says; return the refund's state.

    Nothing is locked while the provider thinks. Asking twice gives back once: the number is the same.
    """
    lease = Refund.objects.filter(pk=refund_id, state=rules.APPROVED, send_at__lte=at)
    if not lease.update(send_at=at + LEASE):
        return Refund.objects.values_list("state", flat=True).get(pk=refund_id)
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    order = RefundOrder(refund.number, refund.payment.number, refund.payment.reference, refund.amount)
    try:
        word = find(refund.payment.provider).refund(order)
    except ProviderUnknown:
        word = RefundWord("refused", why="provider is not set up")
    except Exception as error:
        log.warning("refund %s: the provider did not answer: %s", refund.number, type(error).__name__)
        word = RefundWord("pending")
    with work.unit():
        refund, charge, case = _locked_refund(refund_id)
        if refund.state != rules.APPROVED:
            return refund.state
        refund.tries += 1
        if word.state == "done":
            _done(refund, charge, case, word, actor=BY_ITSELF, at=at)
            return refund.state
        if word.state == "refused" or refund.tries >= MOST_TRIES:
            refund.state, refund.send_at, refund.remark = (
                rules.GAVE_UP,
                None,
                (word.why or refund.remark)[:LONGEST],
            )
            _record(BY_ITSELF, "fees.refund_failed", refund, charge, at=at)
        else:
            refund.send_at = at + rules.next_wait(refund.tries)
        refund.save(update_fields=["state", "tries", "send_at", "remark"])
        return refund.state


def _done(refund: Refund, charge: Charge, case: Any, word: RefundWord, *, actor: Actor, at: datetime) -> None:
    refund.state, refund.send_at, refund.done_at = rules.DONE, None, at
    refund.reference, refund.done_on = word.reference[:80], word.done_on or local_date(at)
    refund.save(update_fields=["state", "send_at", "done_at", "reference", "done_on", "tries"])
    payment = refund.payment
    back = sum(payment.refunds.filter(state=rules.DONE).values_list("amount", flat=True))
    if charge.state == rules.PAID and charge.paid_by_id == payment.pk and back >= charge.amount:
        charge.state = rules.REFUNDED
        charge.save(update_fields=["state"])
    _record(actor, "fees.refund", refund, charge, at=at)
    outbox.announce(REFUNDED, charge.ref, at=at, case=str(charge.case_id), refund=refund.number)
    tell(case, "fees.refunded", at=at, amount=rules.yuan(refund.amount), fee=charge.name, charge=charge)


def _locked_payment(number: str) -> tuple[Charge, Payment]:
    owner = Payment.objects.filter(number=number).values_list("charge_id", flat=True).first()
    if owner is None:
        raise PaymentNotFound
    _, charge = locked_charge(owner)
    return charge, Payment.objects.select_for_update().get(number=number)


def _locked_refund(refund_id: UUID) -> tuple[Refund, Charge, Any]:
    owner = Refund.objects.filter(pk=refund_id).values_list("payment__charge_id", flat=True).first()
    if owner is None:
        raise RefundNotFound
    case, charge = locked_charge(owner)
    refund = Refund.objects.select_for_update(of=("self",)).select_related("payment").get(pk=refund_id)
    return refund, charge, case


def _live(payment: Payment) -> list[int]:
    return list(payment.refunds.exclude(state=rules.REJECTED).values_list("amount", flat=True))


def _number(at: datetime) -> str:
    return f"R{local_date(at):%Y%m%d}{secrets.token_hex(6).upper()}"


def _record(actor: Actor, verb: str, refund: Refund, charge: Charge, *, at: datetime) -> None:
    ledger.record(
        actor=actor,
        verb=verb,
        subject=charge.ref,
        case=str(Ref.to("case", charge.case_id)),
        payload={"reason": refund.reason, "remark": refund.remark},
        facts={"refund": refund.number, "amount": rules.yuan(refund.amount), "cause": refund.cause},
        standing={"amount": charge.amount, "state": charge.state},
        at=at,
    )
