"""Paying on line: opening a payment, and taking what the provider says of it, told or asked."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from tongban.apps.fees import rules
from tongban.apps.fees.errors import (
    ChargeNotFound,
    ChargeNotOpen,
    PaymentNotFound,
    ProviderUnavailable,
    ProviderUnknown,
    SignatureWrong,
)
from tongban.apps.fees.models import Charge, Notice, Payment
from tongban.apps.fees.operations.charging import cancel, mark_paid, new_number
from tongban.apps.fees.operations.following import BY_ITSELF, locked_charge
from tongban.apps.fees.operations.giving_back import give_back_by_itself
from tongban.apps.fees.policies import require_party
from tongban.apps.fees.providers import Order, PaymentProvider, Signed, Word, find, first
from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.kernel.ledger import service as ledger

__all__ = [
    "ask",
    "cancel_of_ended_cases",
    "notify_address",
    "start_payment",
    "take_notification",
    "take_word",
    "to_ask",
]

log = logging.getLogger(__name__)
ASK_FOR = timedelta(days=7)
"""After so long a payment that the provider still calls pending is closed here. Should it succeed even then, it still counts."""


def start_payment(*, actor: Actor, charge_id: UUID, at: datetime) -> Payment:
    """Open a payment with the first provider that is set up; one that is still open is returned again.

    Three steps: the attempt is written down, the provider is asked (nothing is locked), its address is written down.
    Raises ChargeNotFound, ChargeNotOpen, ProviderUnknown, ProviderUnavailable.
    """
    provider = first()
    if provider is None:
        raise ProviderUnknown
    with work.unit():
        payment, case_number = _attempt(actor, charge_id, provider, at)
    if payment.address or payment.qr:
        return payment
    subject = LocalizedText(zh="{name} {case}", en="{name} {case}")
    order = Order(
        number=payment.number,
        amount=payment.amount,
        subject=subject.format(name=payment.charge.name, case=case_number),
        back=f"{settings.TONGBAN_PUBLIC_URL}{reverse('fees:payment', args=[payment.number])}",
        notify=notify_address(provider),
    )
    try:
        started = provider.start(order)
    except Exception as error:
        log.warning("payment %s: the provider did not answer: %s", payment.number, type(error).__name__)
        raise ProviderUnavailable from error  # what they may have opened is asked for by the job
    payment.address, payment.qr = started.address, started.qr or started.address
    payment.expires_at = started.expires_at
    payment.save(update_fields=["address", "qr", "expires_at"])
    return payment


def notify_address(provider: PaymentProvider) -> str:
    """Return where a provider sends its notifications."""
    return f"{settings.TONGBAN_PUBLIC_URL}{reverse('api:take_notification', args=[provider.key])}"


def _attempt(actor: Actor, charge_id: UUID, provider: PaymentProvider, at: datetime) -> tuple[Payment, str]:
    try:
        case, charge = locked_charge(charge_id)
    except Charge.DoesNotExist:
        raise ChargeNotFound from None
    require_party(actor, charge)
    if charge.state != rules.OPEN or case.closed_at is not None:
        raise ChargeNotOpen(state=charge.state)
    going_on = charge.payments.filter(provider=provider.key, state=rules.STARTED, expires_at__gt=at).first()
    if going_on is not None:
        return going_on, case.number
    payment = Payment.objects.create(
        charge=charge,
        provider=provider.key,
        number=new_number("P", at),
        amount=charge.amount,
        started_at=at,
        started_by_id=actor.account_id,
        ask_at=at + rules.next_wait(0),
    )
    ledger.record(
        actor=actor,
        verb="fees.start_payment",
        subject=payment.ref,
        case=str(case.ref),
        facts={"payment": payment.number, "amount": rules.yuan(payment.amount)},
        at=at,
    )
    return payment, case.number


def take_notification(*, provider_key: str, request: Signed, at: datetime) -> tuple[str, str]:
    """Take a provider's notification and return what it wants to hear. Raises ProviderUnknown, SignatureWrong.

    What is signed is always taken: twice, late, out of order, of an unknown number. It answers "taken" only after the commit.
    """
    provider = find(provider_key)
    try:
        word = provider.read(request, at=at)
    except SignatureWrong:
        raise
    except Exception as error:
        log.warning("a notification of %s cannot be read: %s", provider_key, type(error).__name__)
        raise SignatureWrong from error
    take_word(provider_key=provider_key, word=word, is_told=True, at=at)
    return provider.answer()


@work.unit()
def take_word(*, provider_key: str, word: Word, is_told: bool, at: datetime) -> str:
    """Write down what a provider says of a payment and draw the consequences; return what became of it (``rules.NOTICES``)."""
    found = (
        Payment.objects.filter(number=word.number, provider=provider_key).values("pk", "charge_id").first()
    )
    if found is None:
        _note(provider_key, word, None, rules.UNKNOWN, is_told=is_told, at=at)
        return rules.UNKNOWN
    case, charge = locked_charge(found["charge_id"])
    payment = Payment.objects.select_for_update().get(pk=found["pk"])
    outcome = rules.reading(payment.state, payment.amount, word.state, word.amount)
    _note(provider_key, word, payment, outcome, is_told=is_told, at=at)
    if outcome not in (rules.APPLIED, rules.WRONG_AMOUNT):
        return outcome
    payment.state = rules.MISMATCH if outcome == rules.WRONG_AMOUNT else word.state
    payment.ended_at, payment.ask_at = at, None
    if word.state == rules.SUCCEEDED:
        payment.received, payment.reference = word.amount, word.reference[:80]
        payment.paid_on = word.paid_on or local_date(at)
        payment.means, payment.fiscal_receipt = word.means[:12], word.fiscal_receipt[:60]
    payment.save()
    ledger.record(
        actor=BY_ITSELF,
        verb=f"fees.payment_{payment.state}",
        subject=payment.ref,
        case=str(case.ref),
        facts={"payment": payment.number, "amount": rules.yuan(payment.received or payment.amount)},
        standing={"state": payment.state, "received": payment.received},
        at=at,
    )
    if payment.state == rules.SUCCEEDED:
        _money_came(case, charge, payment, at=at)
    return outcome


def _money_came(case: object, charge: Charge, payment: Payment, *, at: datetime) -> None:
    ended = getattr(case, "closed_at", None) is not None
    if rules.effect_on_charge(charge.state, case_ended=ended) == "pay":
        mark_paid(charge, payment, actor=BY_ITSELF, at=at)
        work.defer("fees.follow", charge_id=str(charge.pk))
        return
    if charge.state == rules.OPEN:
        cancel(charge, "case_ended", actor=BY_ITSELF, at=at)
    cause = "cancelled" if charge.state == rules.CANCELLED else "double"
    give_back_by_itself(payment, cause, case=case, at=at)


def to_ask(*, at: datetime, limit: int = 200) -> list[UUID]:
    """Return the payments of which nothing was heard and whose provider is to be asked now."""
    waiting = Payment.objects.filter(ask_at__lte=at)
    return list(waiting.order_by("ask_at").values_list("pk", flat=True)[:limit])


def ask(*, payment_id: UUID, at: datetime, answer: Callable[[str], Word] | None = None) -> str:
    """Ask the provider how a payment stands and take its word. Without one, ask again later and later.

    Raises PaymentNotFound. ``answer`` stands in for the provider where it was asked already.
    """
    payment = Payment.objects.filter(pk=payment_id).first()
    if payment is None:
        raise PaymentNotFound
    try:
        word = (answer or find(payment.provider).query)(payment.number)
    except Exception as error:
        log.warning("payment %s: the provider did not answer: %s", payment.number, type(error).__name__)
        word = Word(number=payment.number, state=rules.PENDING)
    outcome = take_word(provider_key=payment.provider, word=word, is_told=False, at=at)
    if outcome == rules.NOTHING:
        is_over = at - payment.started_at > ASK_FOR
        waiting = Payment.objects.filter(pk=payment.pk, state=rules.STARTED)
        if is_over:
            closed = Word(number=payment.number, state=rules.CLOSED)
            return take_word(provider_key=payment.provider, word=closed, is_told=False, at=at)
        waiting.update(ask_at=at + rules.next_wait(payment.asked), asked=payment.asked + 1)
    return outcome


def cancel_of_ended_cases(*, at: datetime) -> int:
    """Owe nothing any more in cases that ended unpaid; return how many those were."""
    ended = Charge.objects.filter(state=rules.OPEN, case__closed_at__isnull=False)
    found = list(ended.values_list("pk", flat=True)[:200])
    for pk in found:
        with work.unit():
            _, charge = locked_charge(pk)
            if charge.state == rules.OPEN:
                cancel(charge, "case_ended", actor=BY_ITSELF, at=at)
    return len(found)


def _note(
    provider: str, word: Word, payment: Payment | None, outcome: str, *, is_told: bool, at: datetime
) -> None:
    """Keep a notification; what was asked for stands in the payment itself."""
    if is_told:
        Notice.objects.create(
            provider=provider,
            number=word.number[:64],
            payment=payment,
            at=at,
            said=word.state[:10],
            amount=word.amount,
            outcome=outcome,
        )
