"""What follows from being paid: the receipt, the message, the next step of the process.

The money is written down first and alone; this comes after it, in a job that may be repeated, so that no trouble with a paper or
a process can lose a payment.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from tongban.apps.fees import rules
from tongban.apps.fees.models import Charge, Payment
from tongban.apps.fees.providers import label_of
from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages
from tongban.kernel.processes import service as processes

__all__ = ["PAID_OUTCOME", "follow", "give_receipt", "locked_charge", "tell", "to_follow"]

PAID_OUTCOME = "paid"
"""A process waits for a payment at a person's step with an outcome of this name."""
BY_ITSELF = Actor.system("fees")


def to_follow(*, before: datetime, limit: int = 200) -> list[UUID]:
    """Return the charges that were paid before a moment and whose consequences were not all drawn yet."""
    waiting = Charge.objects.filter(state=rules.PAID, followed_at__isnull=True, paid_at__lt=before)
    return list(waiting.order_by("paid_at").values_list("pk", flat=True)[:limit])


def follow(*, charge_id: UUID, at: datetime) -> None:
    """Give the receipt, then let the process go on. Repeating it changes nothing."""
    with work.unit():
        case, charge = locked_charge(charge_id)
        if charge.state == rules.PAID and charge.receipt is None and charge.paid_by is not None:
            give_receipt(case, charge, charge.paid_by, at=at)
    with work.unit():
        case, charge = locked_charge(charge_id)
        if charge.state == rules.PAID and charge.followed_at is None and charge.paid_by is not None:
            charge.followed_at = at
            charge.save(update_fields=["followed_at"])
            _move_on(case, charge.paid_by, at=at)


def locked_charge(charge_id: UUID) -> tuple[Any, Charge]:
    """Return a charge and its case, both locked, the case first."""
    owner = Charge.objects.values_list("case_id", flat=True).get(pk=charge_id)
    case = cases.locked_case(Ref.to("case", owner))
    charge = Charge.objects.select_for_update(of=("self",)).select_related("paid_by").get(pk=charge_id)
    return case, charge


def give_receipt(case: Any, charge: Charge, payment: Payment, *, at: datetime) -> None:
    """Tell the applicant and serve the receipt. Takes a number: nothing that locks may follow."""
    tell(case, "fees.paid", at=at, amount=rules.yuan(payment.received), fee=charge.name, charge=charge)
    applicants = [party for party in case.parties.all() if party.role == "applicant"]
    paper = instruments.issue_paper(
        actor=BY_ITSELF,
        template="fee-receipt",
        subject=case.ref,
        unit_id=charge.unit_id,
        data={
            "case_number": case.number,
            "applicant": case.applicant_name,
            "item": case.title.as_json(),
            "fee": charge.name.as_json(),
            "amount": rules.yuan(payment.received),
            "basis": charge.basis.as_json(),
            "paid_on": payment.paid_on.isoformat() if payment.paid_on else "",
            "by": label_of(payment.provider).as_json(),
            "payment": payment.number,
            "reference": payment.reference,
            "fiscal_receipt": payment.fiscal_receipt,
        },
        recipients=[
            instruments.Recipient.entity(party.entity_id, case.applicant_name)
            if party.entity_id is not None
            else instruments.Recipient(kind="person", id=str(party.person_id), name=case.applicant_name)
            for party in applicants
        ],
        at=at,
    )
    charge.receipt = paper.pk
    charge.save(update_fields=["receipt"])


def tell(case: Any, template: str, *, at: datetime, charge: Charge, **words: Any) -> None:
    """Send a message to everybody who may act for the applicant now."""
    applicants: Iterable[Any] = [party for party in case.parties.all() if party.role == "applicant"]
    contacts = identity.contacts_of(
        people=[party.person_id for party in applicants if party.entity_id is None and party.person_id],
        entities=[party.entity_id for party in applicants if party.entity_id is not None],
        at=at,
    )
    for each in contacts:
        messages.send(
            to_person=each.person_id,
            to_email=each.email,
            template=template,
            context={"number": case.number, "item": case.title, **words},
            occasion=case.ref,
            link=reverse("fees:charge", args=[charge.pk]),
            at=at,
        )


def _move_on(case: Any, payment: Payment, *, at: datetime) -> None:
    """Complete the step at which the process waits for the payment, in the name of the product: nobody did it by hand."""
    if case.instance_id is None:
        return
    for task in processes.tasks_of(case.instance_id):
        if task.state != "open" or PAID_OUTCOME not in {each.key for each in task.outcomes}:
            continue
        processes.complete_task(
            actor=replace(BY_ITSELF, holders=frozenset({task.holder_id})),
            task_id=task.id,
            outcome=PAID_OUTCOME,
            data={
                **({"receipt_number": payment.fiscal_receipt} if payment.fiscal_receipt else {}),
                **({"means": payment.means} if payment.means else {}),
                "paid_on": payment.paid_on.isoformat() if payment.paid_on else None,
                "amount_right": True,
            },
            at=at,
        )
        cases.keep_turn(case)
        ledger.record(
            actor=BY_ITSELF,
            verb="fees.go_on",
            subject=Ref.to("task", task.id),
            case=str(case.ref),
            facts={"task": task.id, "name": task.name.as_json(), "payment": payment.number},
            at=at,
        )
