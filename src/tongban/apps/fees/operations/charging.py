"""Making a charge out of what was worked out, and the payment that the window takes. The process names these operations."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tongban.apps.fees import rules
from tongban.apps.fees.errors import AlreadyPaid, AmountInvalid, ChargeNotOpen, NotInChargeList
from tongban.apps.fees.events import PAID
from tongban.apps.fees.models import Charge, Payment
from tongban.apps.fees.operations.following import give_receipt
from tongban.apps.fees.operations.giving_back import give_back_by_itself
from tongban.apps.fees.providers import WINDOW
from tongban.base import exchange, outbox, work
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.kernel.calendars import service as calendars
from tongban.kernel.cases import service as cases
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = [
    "cancel",
    "charge_of",
    "listed",
    "make_charge",
    "mark_paid",
    "new_number",
    "settle_at_window",
    "standing",
]


@processes.operation("fees.charge", pure_db=True)
def make_charge(context: processes.OperationContext) -> dict[str, Any]:
    """Owe what the table of the item worked out (``services.charge`` left it with the case), if it is on the charge list.

    Where the process comes by again, what is owed or paid already stays; another amount takes its place, and what was paid on
    the old one is given back. Raises NotInChargeList, AmountInvalid.
    """
    case = cases.locked_case(context.owner)
    worked_out = case.facts.get("charge") or {}
    try:
        amount = rules.fen((worked_out.get("result") or {}).get("due") or 0)
    except ValueError:
        raise AmountInvalid from None
    known = charge_of(case)
    if known is not None and known.amount == amount:
        if known.state == rules.PAID:
            known.followed_at = None
            known.save(update_fields=["followed_at"])
            work.defer("fees.follow", charge_id=str(known.pk))
        return {"fee": {"charge": str(known.pk)}}
    if known is not None:
        _replace(known, case, actor=context.actor, at=context.at)
    if amount == 0:
        return {"fee": {"charge": ""}}
    line = listed(exchange.facts_of(Ref.to("case-item", case.pk)) or {})
    fee = line["fee"]
    limit = fee.get("within")
    charge = Charge.objects.create(
        case=case,
        unit_id=case.unit_id,
        code=str(line.get("code") or LocalizedText.of(line["name"]).zh)[:80],
        name=LocalizedText.of(line["name"]),
        amount=amount,
        basis=LocalizedText.of(fee["basis"]),
        because=LocalizedText.of(worked_out["because"]) if worked_out.get("because") else None,
        how=LocalizedText.of(fee["how"]) if fee.get("how") else None,
        lines=worked_out.get("lines") or [],
        due_on=local_date(calendars.add_limit(context.at, limit)) if limit else None,
        made_at=context.at,
    )
    case.facts = {**case.facts, "fee": str(charge.pk)}
    work.change(case, "facts")
    _record(context.actor, "fees.charge", charge, at=context.at, amount=rules.yuan(amount))
    return {"fee": {"charge": str(charge.pk)}}


def listed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the line of the item's published charge list (收费目录清单) by which is charged, with ``fee``, the whole of it.

    ``fee.item`` names it by its code; where the list has one line only, that. Raises NotInChargeList.
    """
    fee = content.get("fee") or {}
    lines = [dict(line) for line in fee.get("items") or () if line.get("name")]
    if fee.get("item"):
        lines = [line for line in lines if line.get("code") == fee["item"]]
    if not fee.get("charged") or not fee.get("basis") or len(lines) != 1:
        raise NotInChargeList
    return {**lines[0], "fee": fee}


@processes.operation("fees.settle", pure_db=True)
def settle_at_window(context: processes.OperationContext) -> None:
    """Write down what the window took when its clerk says that it is paid. What was paid on line is only passed by.

    Raises AlreadyPaid for a clerk who takes money for what was paid on line a moment ago.
    """
    case = cases.locked_case(context.owner)
    charge = charge_of(case)
    if charge is None:
        return  # of a case that came here before there were charges
    if charge.state == rules.PAID:
        if not context.actor.is_system and charge.followed_at is None:
            raise AlreadyPaid
        return
    if context.task is None or context.actor.is_system:
        raise ChargeNotOpen(state=charge.state)
    said = dict((context.vars.get("data") or {}).get(context.task.node) or {})
    day = said.get("paid_on")
    payment = Payment.objects.create(
        charge=charge,
        provider=WINDOW,
        number=new_number("W", context.at),
        amount=charge.amount,
        received=charge.amount,
        state=rules.SUCCEEDED,
        means=str(said.get("means") or "")[:12],
        fiscal_receipt=str(said.get("receipt_number") or "")[:60],
        started_at=context.at,
        started_by_id=context.actor.account_id,
        paid_on=date.fromisoformat(day) if isinstance(day, str) else day or local_date(context.at),
        ended_at=context.at,
    )
    mark_paid(charge, payment, actor=context.actor, at=context.at)
    charge.followed_at = context.at
    charge.save(update_fields=["followed_at"])
    give_receipt(case, charge, payment, at=context.at)


def mark_paid(charge: Charge, payment: Payment, *, actor: Actor, at: datetime) -> None:
    """Let a charge be paid by this payment. The caller holds the locks of case and charge."""
    charge.state, charge.paid_by, charge.paid_at = rules.PAID, payment, at
    charge.save(update_fields=["state", "paid_by", "paid_at"])
    _record(actor, "fees.pay", charge, at=at, amount=rules.yuan(payment.received), payment=payment.number)
    outbox.announce(PAID, charge.ref, at=at, case=str(charge.case_id))


def charge_of(case: Any) -> Charge | None:
    """Return the charge of a case that is owed or paid, locked. The caller holds the lock of the case."""
    live = Charge.objects.filter(case_id=case.pk, state__in=[rules.OPEN, rules.PAID])
    return live.select_for_update().order_by("-made_at").first()


def cancel(charge: Charge, because: str, *, actor: Actor, at: datetime) -> None:
    """Owe it no longer. The caller holds the locks of case and charge."""
    charge.state, charge.cancelled_at, charge.cancelled_because = rules.CANCELLED, at, because
    charge.save(update_fields=["state", "cancelled_at", "cancelled_because"])
    _record(actor, "fees.cancel", charge, at=at, because=because)


def new_number(kind: str, at: datetime) -> str:
    """Return a number that nobody can guess, which says its day: ``P20260601A1B2C3D4E5F6``."""
    return f"{kind}{local_date(at):%Y%m%d}{secrets.token_hex(6).upper()}"


def standing(charge: Charge) -> dict[str, Any]:
    """Say what the ledger compares the data with."""
    return {"amount": charge.amount, "state": charge.state}


def _replace(charge: Charge, case: Any, *, actor: Actor, at: datetime) -> None:
    """Another amount is due now: the old charge ends, what was paid on it is given back whole."""
    payment = charge.paid_by
    cancel(charge, "recalculated", actor=actor, at=at)
    if payment is not None:
        give_back_by_itself(payment, "recalculated", case=case, at=at)


def _record(actor: Actor, verb: str, charge: Charge, *, at: datetime, **facts: Any) -> None:
    ledger.record(
        actor=actor,
        verb=verb,
        subject=charge.ref,
        case=str(Ref.to("case", charge.case_id)),
        facts={"fee": charge.name.as_json(), **facts},
        standing=standing(charge),
        at=at,
    )
