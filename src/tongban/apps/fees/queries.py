"""Reads of fees: what is owed, how it was paid, what waits for the finance clerk, what each day's comparison found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from tongban.apps.fees import rules, words
from tongban.apps.fees.errors import ChargeNotFound, PaymentNotFound
from tongban.apps.fees.models import Charge, Difference, Notice, Payment, Reconciliation, Refund
from tongban.apps.fees.policies import APPROVE, HANDLE, require_desk, require_party
from tongban.apps.fees.providers import first, label_of
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText as T
from tongban.base.time import local_date
from tongban.kernel.cases import service as cases

__all__ = [
    "FILTERS",
    "ChargeView",
    "DayView",
    "DifferenceView",
    "PaymentView",
    "RefundView",
    "Trouble",
    "case_panel",
    "charge_for",
    "charges_of",
    "day_of",
    "day_table",
    "days",
    "desk_charge",
    "desk_list",
    "party_links",
    "payment_for",
    "payment_of",
    "refunds_waiting",
    "summary_of",
    "trouble",
]

PAGE = 50
FILTERS = ("", "trouble", *rules.CHARGE_STATES)


@dataclass(frozen=True, slots=True)
class RefundView:
    """A refund as people read it."""

    it: Refund
    amount: str
    state: words.Word
    cause: T


@dataclass(frozen=True, slots=True)
class PaymentView:
    """An attempt to pay as people read it. ``left`` is what can still be given back, in fen."""

    it: Payment
    amount: str
    received: str
    provider: T
    means: T
    state: words.Word
    refunds: list[RefundView]
    notices: list[tuple[Notice, T, T]]
    left: int

    @property
    def left_yuan(self) -> str:
        """What can still be given back, for a form."""
        return rules.yuan(self.left).replace(",", "")

    @property
    def going_back(self) -> str:
        """What goes back to the payer or has gone back; nothing while a refund is only proposed, or was rejected."""
        decided = (rules.APPROVED, rules.DONE, rules.GAVE_UP)
        amount = sum(each.it.amount for each in self.refunds if each.it.state in decided)
        return rules.yuan(amount) if amount else ""


@dataclass(frozen=True, slots=True)
class ChargeView:
    """A charge as people read it."""

    it: Charge
    amount: str
    state: words.Word
    lines: list[tuple[T, T]]
    payments: list[PaymentView]
    can_pay: bool
    is_late: bool

    @property
    def refunds(self) -> list[RefundView]:
        """All refunds, of whichever payment."""
        return [refund for payment in self.payments for refund in payment.refunds]


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """A number on which the sides disagree."""

    it: Difference
    kind: T
    verdict: words.Word
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class DayView:
    """A reconciled day. ``open`` is the number of differences that nobody settled yet."""

    it: Reconciliation
    provider: T
    ours: str
    theirs: str
    differences: list[DifferenceView]
    count: int
    open: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """What waits for the finance clerk, in numbers."""

    to_approve: int
    failed: int
    by_hand: int
    mismatched: int
    unknown: int
    differences: int

    @property
    def is_any(self) -> bool:
        """True when anything waits."""
        return any(
            (self.to_approve, self.failed, self.by_hand, self.mismatched, self.unknown, self.differences)
        )


def charge_for(actor: Actor, charge_id: UUID, *, at: datetime) -> ChargeView:
    """Return a charge to a party of its case. Raises ChargeNotFound for everybody else."""
    charge = _charges().filter(pk=charge_id).first()
    if charge is None:
        raise ChargeNotFound
    require_party(actor, charge)
    return _view(charge, at=at)


def charges_of(actor: Actor, *, at: datetime) -> list[ChargeView]:
    """Return the charges in the actor's own cases, newest first; none to officials."""
    if actor.is_official:
        return []
    mine = [case.pk for case in cases.list_cases_of(actor) if case.facts.get("fee")]
    return [_view(charge, at=at) for charge in _charges().filter(case_id__in=mine).order_by("-made_at")]


def payment_for(actor: Actor, number: str) -> PaymentView:
    """Return a payment to a party of its case. Raises PaymentNotFound for everybody else."""
    found = Payment.objects.select_related("charge__case").filter(number=number).first()
    if found is None:
        raise PaymentNotFound
    try:
        require_party(actor, found.charge)
    except ChargeNotFound:
        raise PaymentNotFound from None
    return _payment(found)


def desk_charge(actor: Actor, charge_id: UUID, *, at: datetime) -> ChargeView:
    """Return a charge to the finance duties, with what providers told of it. Raises ChargeNotFound."""
    require_desk(actor)
    charge = _charges().prefetch_related("payments__notices").filter(pk=charge_id).first()
    if charge is None:
        raise ChargeNotFound
    return _view(charge, at=at)


def desk_list(
    actor: Actor, *, state: str, query: str, page: int, at: datetime
) -> tuple[list[ChargeView], bool]:
    """Return a page of charges, newest first, and whether there is another. ``query`` is a case or payment number."""
    require_desk(actor)
    found = _charges().order_by("-made_at", "pk")
    if state == "trouble":
        found = found.filter(
            Q(payments__state=rules.MISMATCH)
            | Q(payments__refunds__state__in=[rules.PROPOSED, rules.GAVE_UP])
            | Q(payments__refunds__state=rules.APPROVED, payments__refunds__send_at__isnull=True)
        ).distinct()
    elif state:
        found = found.filter(state=state)
    if query:
        words_ = query.strip().upper()[:40]
        found = found.filter(
            Q(case__number=words_)
            | Q(pk__in=Payment.objects.filter(Q(number=words_) | Q(reference=words_)).values("charge_id"))
        )
    rows = list(found[(page - 1) * PAGE : page * PAGE + 1])
    return [_view(charge, at=at) for charge in rows[:PAGE]], len(rows) > PAGE


def trouble(actor: Actor) -> Trouble:
    """Count what waits for the finance duties."""
    require_desk(actor)
    refunds = Refund.objects.aggregate(
        to_approve=Count("pk", filter=Q(state=rules.PROPOSED)),
        failed=Count("pk", filter=Q(state=rules.GAVE_UP)),
        by_hand=Count("pk", filter=Q(state=rules.APPROVED, send_at__isnull=True)),
    )
    return Trouble(
        **refunds,
        mismatched=Payment.objects.filter(state=rules.MISMATCH)
        .annotate(back=Sum("refunds__amount", filter=~Q(refunds__state=rules.REJECTED)))
        .filter(back__isnull=True)
        .count(),
        unknown=Notice.objects.filter(outcome=rules.UNKNOWN).count(),
        differences=Difference.objects.filter(settled_at__isnull=True).count(),
    )


def refunds_waiting(actor: Actor) -> list[dict[str, Any]]:
    """Return the refunds that somebody must do something about: approve, pay out by hand, try again; then the last done."""
    require_desk(actor)
    everything = Refund.objects.select_related("payment__charge__case")
    waiting = everything.filter(
        Q(state__in=[rules.PROPOSED, rules.GAVE_UP]) | Q(state=rules.APPROVED)
    ).order_by("proposed_at")[:200]
    over = everything.filter(state__in=[rules.DONE, rules.REJECTED]).order_by("-proposed_at")[:30]
    return [_refund_row(actor, refund) for refund in (*waiting, *over)]


def days(actor: Actor, *, limit: int = 60) -> list[DayView]:
    """Return the reconciled days, newest first, without their differences."""
    require_desk(actor)
    found = Reconciliation.objects.annotate(
        count=Count("differences"),
        waiting=Count("differences", filter=Q(differences__settled_at__isnull=True)),
    )
    return [
        DayView(
            it=each,
            provider=label_of(each.provider),
            ours=rules.yuan(each.ours),
            theirs=rules.yuan(each.theirs),
            differences=[],
            count=each.count,
            open=each.waiting,
        )
        for each in found.order_by("-day", "provider")[:limit]
    ]


def day_of(actor: Actor, provider: str, day: date) -> DayView | None:
    """Return a reconciled day with its differences; None for one that was not compared yet."""
    require_desk(actor)
    found = Reconciliation.objects.filter(provider=provider, day=day).first()
    if found is None:
        return None
    rows = list(found.differences.select_related("payment").order_by("settled_at", "kind", "number"))
    rows.sort(key=lambda row: row.settled_at is not None)
    return DayView(
        it=found,
        provider=label_of(provider),
        ours=rules.yuan(found.ours),
        theirs=rules.yuan(found.theirs),
        differences=[
            DifferenceView(
                it=row,
                kind=words.KINDS.get(row.kind, T(row.kind)),
                verdict=words.VERDICTS[row.verdict],
                ours="" if row.ours is None else rules.yuan(row.ours),
                theirs="" if row.theirs is None else rules.yuan(row.theirs),
            )
            for row in rows
        ],
        count=len(rows),
        open=sum(row.settled_at is None for row in rows),
    )


def summary_of(found: Reconciliation) -> dict[str, Any]:
    """Tell of a compared day in few words, for the command line and the log."""
    return {
        "provider": found.provider,
        "day": found.day.isoformat(),
        "matched": found.matched,
        "differences": found.differences.filter(settled_at__isnull=True).count(),
        "ours": rules.yuan(found.ours),
        "theirs": rules.yuan(found.theirs),
    }


def day_table(view: DayView, language: str) -> Iterator[list[str]]:
    """Yield the differences of a day as rows of a table, the head first."""
    head = T(
        "日期|渠道|种类|单号|差异|我方（元）|对方（元）|处理人|处理时间|理由",
        "Day|Provider|Kind|Number|Difference|Ours (yuan)|Theirs (yuan)|Settled by|Settled at|Reason",
    )
    yield head.in_language(language).split("|")
    for row in view.differences:
        yield [
            view.it.day.isoformat(),
            view.provider.in_language(language),
            row.kind.in_language(language),
            row.it.number,
            row.verdict[0].in_language(language),
            row.ours,
            row.theirs,
            row.it.settled_name,
            row.it.settled_at.isoformat() if row.it.settled_at else "",
            row.it.reason,
        ]


def party_links(case: Any, actor: Actor) -> list[tuple[T, str]]:
    """Offer a party to pay what is owed. Cases in which nothing was ever charged cost no query."""
    from django.urls import reverse

    pk = case.facts.get("fee")
    if not pk or case.closed_at is not None or actor.is_official:
        return []
    charge = Charge.objects.filter(pk=UUID(pk), state=rules.OPEN).only("pk").first()
    return [(T("去缴费", "Pay now"), reverse("fees:charge", args=[charge.pk]))] if charge else []


def case_panel(case: Any, actor: Actor, at: datetime) -> dict[str, Any] | None:
    """Show the officials of a case how its fee stands."""
    if not case.facts.get("fee"):
        return None
    found = _charges().filter(case_id=case.pk).order_by("-made_at")
    return {"charges": [_view(charge, at=at) for charge in found]}


def _charges() -> QuerySet[Charge]:
    return Charge.objects.select_related("case", "unit").prefetch_related("payments__refunds")


def _view(charge: Charge, *, at: datetime) -> ChargeView:
    payments = sorted(charge.payments.all(), key=lambda each: each.started_at, reverse=True)
    return ChargeView(
        it=charge,
        amount=rules.yuan(charge.amount),
        state=words.CHARGES[charge.state],
        lines=[(T.of(line["label"]), T.of(line["value"])) for line in charge.lines],
        payments=[_payment(each) for each in payments],
        can_pay=charge.state == rules.OPEN and charge.case.closed_at is None and first() is not None,
        is_late=charge.state == rules.OPEN and charge.due_on is not None and charge.due_on < local_date(at),
    )


def _payment(payment: Payment) -> PaymentView:
    refunds = sorted(payment.refunds.all(), key=lambda each: each.proposed_at)
    got = payment.state in (rules.SUCCEEDED, rules.MISMATCH)
    return PaymentView(
        it=payment,
        amount=rules.yuan(payment.amount),
        received=rules.yuan(payment.received),
        provider=label_of(payment.provider),
        means=words.MEANS.get(payment.means, T(payment.means)),
        state=words.PAYMENTS[payment.state],
        refunds=[_refund(each) for each in refunds],
        notices=_notices(payment),
        left=rules.refundable(payment.received, _alive(refunds)) if got else 0,
    )


def _alive(refunds: Iterable[Refund]) -> list[int]:
    return [refund.amount for refund in refunds if refund.state != rules.REJECTED]


def _notices(payment: Payment) -> list[tuple[Notice, T, T]]:
    """Return what was prefetched, nothing where nobody asked for it."""
    told = getattr(payment, "_prefetched_objects_cache", {}).get("notices")
    return [
        (each, words.SAID.get(each.said, T(each.said)), words.NOTICES[each.outcome]) for each in told or []
    ]


def _refund(refund: Refund) -> RefundView:
    return RefundView(
        refund, rules.yuan(refund.amount), words.REFUNDS[refund.state], words.CAUSES[refund.cause]
    )


def _refund_row(actor: Actor, refund: Refund) -> dict[str, Any]:
    by_hand = refund.state == rules.GAVE_UP or (refund.state == rules.APPROVED and refund.send_at is None)
    return {
        "view": _refund(refund),
        "charge": refund.payment.charge,
        "payment": refund.payment,
        "provider": label_of(refund.payment.provider),
        "can_decide": refund.state == rules.PROPOSED
        and APPROVE in actor.duties
        and refund.proposed_by not in actor.persons,
        "is_own": refund.state == rules.PROPOSED and refund.proposed_by in actor.persons,
        "can_note": by_hand and HANDLE in actor.duties,
        "can_retry": refund.state == rules.GAVE_UP and HANDLE in actor.duties,
    }


def payment_of(charge_id: str) -> dict[str, Any] | None:
    """Tell of the payment by which a charge was paid (``base.exchange``): number, amount in yuan, the unit that charges."""
    charge = Charge.objects.select_related("paid_by").filter(pk=UUID(charge_id)).first()
    if charge is None or charge.paid_by is None:
        return None
    return {
        "number": charge.paid_by.number,
        "amount": rules.yuan(charge.paid_by.received),
        "unit_id": charge.unit_id,
    }
