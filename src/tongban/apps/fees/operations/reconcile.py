"""Reconciliation (对账): the provider's statement of a day against our books, and the differences that people settle."""

from __future__ import annotations

import logging
from datetime import date, datetime
from typing import Any

from tongban.apps.fees import rules
from tongban.apps.fees.errors import NothingToSettle, ReasonNeeded, StatementMissing
from tongban.apps.fees.models import Difference, Payment, Reconciliation, Refund
from tongban.apps.fees.operations.paying import ask
from tongban.apps.fees.policies import HANDLE
from tongban.apps.fees.providers import Line, asked, find
from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = ["reconcile", "reconcile_all", "settle_difference"]

log = logging.getLogger(__name__)
LONGEST = 300


def reconcile_all(*, actor: Actor, day: date, at: datetime) -> tuple[list[Reconciliation], list[str]]:
    """Reconcile a day with every provider that is set up; return what was found, and the keys of those without a statement."""
    done, missing = [], []
    for provider in asked():
        try:
            done.append(reconcile(actor=actor, provider_key=provider.key, day=day, at=at))
        except StatementMissing:
            log.warning("reconciliation of %s: no statement of %s", day, provider.key)
            missing.append(provider.key)
    return done, missing


def reconcile(*, actor: Actor, provider_key: str, day: date, at: datetime) -> Reconciliation:
    """Compare a day; again brings it up to date and keeps what was settled. Raises ProviderUnknown, StatementMissing.

    Payments of ours that the statement names but that we do not know to be paid are asked for first: their notification was lost.
    """
    identity.require_duty(actor, HANDLE)
    try:
        theirs = find(provider_key).statement(day)
    except StatementMissing:
        raise
    except OSError as error:
        raise StatementMissing from error
    _hear_of_the_lost(provider_key, theirs, at=at)
    with work.unit():
        return _compare(actor, provider_key, day, theirs, at)


@work.unit()
def settle_difference(*, actor: Actor, difference_id: int, reason: str, at: datetime) -> Difference:
    """Say why a difference is all right now, and what was done about it. Raises NothingToSettle, ReasonNeeded."""
    identity.require_duty(actor, HANDLE)
    found = Difference.objects.select_for_update().filter(pk=difference_id, settled_at__isnull=True).first()
    if found is None:
        raise NothingToSettle
    reason = reason.strip()
    if not reason or len(reason) > LONGEST:
        raise ReasonNeeded
    found.settled_at, found.settled_name, found.reason = at, actor.signs_as, reason
    found.save(update_fields=["settled_at", "settled_name", "reason"])
    ledger.record(
        actor=actor,
        verb="fees.settle_difference",
        subject=Ref.to("reconciliation", found.reconciliation_id),
        payload={"reason": reason},
        facts={"number": found.number, "verdict": found.verdict},
        at=at,
    )
    return found


def _hear_of_the_lost(provider_key: str, theirs: list[Line], *, at: datetime) -> None:
    named = [line.number for line in theirs if line.kind == "payment"]
    lost = Payment.objects.filter(provider=provider_key, number__in=named).exclude(
        state__in=[rules.SUCCEEDED, rules.MISMATCH]
    )
    for payment in lost:
        ask(payment_id=payment.pk, at=at)


def _ours(provider_key: str, day: date) -> list[rules.Entry]:
    payments = Payment.objects.filter(
        provider=provider_key, paid_on=day, state__in=[rules.SUCCEEDED, rules.MISMATCH]
    )
    refunds = Refund.objects.filter(payment__provider=provider_key, done_on=day, state=rules.DONE)
    return [
        *(rules.Entry("payment", *row) for row in payments.values_list("number", "received")),
        *(rules.Entry("refund", *row) for row in refunds.values_list("number", "amount")),
    ]


def _compare(actor: Actor, provider_key: str, day: date, lines: list[Line], at: datetime) -> Reconciliation:
    known, _ = Reconciliation.objects.get_or_create(provider=provider_key, day=day, defaults={"at": at})
    known = Reconciliation.objects.select_for_update().get(pk=known.pk)
    ours = _ours(provider_key, day)
    theirs = [rules.Entry(line.kind, line.number, line.amount) for line in lines]
    pairs = rules.compare(ours, theirs)
    differing = [pair for pair in pairs if pair.verdict != rules.ALIKE]
    known.at = at
    known.matched = len(pairs) - len(differing)
    known.ours, known.theirs = _sum(ours), _sum(theirs)
    known.save()
    _write(known, differing)
    ledger.record(
        actor=actor,
        verb="fees.reconcile",
        subject=Ref.to("reconciliation", known.pk),
        facts={
            "provider": provider_key,
            "day": day.isoformat(),
            "matched": known.matched,
            "differences": len(differing),
        },
        at=at,
    )
    return known


def _write(known: Reconciliation, pairs: list[rules.Pair]) -> None:
    """Keep what still differs; what was settled stays settled as long as it differs in the same way."""
    before = {(each.kind, each.number): each for each in known.differences.all()}
    payments = dict(
        Payment.objects.filter(number__in=[pair.number for pair in pairs]).values_list("number", "pk")
    )
    for pair in pairs:
        now_: dict[str, Any] = {"verdict": pair.verdict, "ours": pair.ours, "theirs": pair.theirs}
        old = before.pop((pair.kind, pair.number), None)
        if old is None:
            Difference.objects.create(
                reconciliation=known,
                kind=pair.kind,
                number=pair.number[:64],
                payment_id=payments.get(pair.number),
                **now_,
            )
        elif (old.verdict, old.ours, old.theirs) != (pair.verdict, pair.ours, pair.theirs):
            Difference.objects.filter(pk=old.pk).update(
                **now_, settled_at=None, settled_name="", reason="", payment_id=payments.get(pair.number)
            )
    gone = [each.pk for each in before.values() if each.settled_at is None]
    Difference.objects.filter(pk__in=gone).delete()


def _sum(entries: list[rules.Entry]) -> int:
    return sum(each.amount if each.kind == "payment" else -each.amount for each in entries)
