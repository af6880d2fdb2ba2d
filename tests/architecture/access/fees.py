"""Access: who owes, the finance bureau, and the bank."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.architecture.walk.probe import GO, OWNER, Probe, World, operation
from tests.support.county import County

PUBLIC = {
    "fees:bank": "/demo-bank/{payment}/",
}
OWN = {
    "fees:mine": "/my/fees/",
    "GET /api/v1/fees/charges": "/api/v1/fees/charges",
}
MACHINES = {
    "POST /api/v1/fees/notifications/{provider}",
}


def owe_a_fee(county: County, case: Any) -> dict[str, Any]:
    """Let the firm owe a fee with a payment at the bank, another paid one with a refund, and a day that does not agree."""
    from tongban.apps.fees import service as fees
    from tongban.apps.fees.models import BankOrder, Charge, Difference

    common: dict[str, Any] = {"case": case, "unit_id": case.unit_id, "basis": "", "made_at": county.now}
    owed = Charge.objects.create(**common, code="a", name="占用费", amount=9000)
    paid = Charge.objects.create(**common, code="b", name="工本费", amount=500)
    payer = county.actor(OWNER)
    payment, other = (
        fees.start_payment(actor=payer, charge_id=each.pk, at=county.now) for each in (owed, paid)
    )
    fees.act_at_bank(number=other.number, act="pay", at=county.now)
    county.drain()
    refund = fees.propose_refund(
        actor=county.actor("finance1"), number=other.number, amount=100, reason="多收", at=county.now
    )
    today = county.now.date()
    BankOrder.objects.filter(number=other.number).update(paid=501)
    fees.reconcile(actor=county.actor("finance1"), provider_key="demo", day=today, at=county.now)
    return {
        "charge": owed.pk,
        "payment": payment.number,
        "paid_payment": other.number,
        "refund": refund.pk,
        "day": today.isoformat(),
        "difference": Difference.objects.get().pk,
    }


def probes(w: World) -> Iterator[Probe]:
    owed, paying = f"/fees/{w.facts['charge']}/", f"/fees/payments/{w.facts['payment']}/"
    yield Probe("fees:charge", owed)
    yield Probe("fees:pay", f"{owed}pay/", method="POST", answers=GO)
    yield Probe("fees:payment", paying)
    yield Probe("fees:check", f"{paying}check/", method="POST", answers=GO)
    money: dict[str, Any] = {"owner": "finance1", "method": "POST"}
    day = f"/desk/fees/days/demo/{w.facts['day']}/"
    yield Probe("fees:desk", "/desk/fees/", owner="finance1")
    yield Probe("fees:desk-charge", f"/desk/fees/charges/{w.facts['charge']}/", owner="finance1")
    yield Probe(
        "fees:propose",
        f"/desk/fees/payments/{w.facts['paid_payment']}/refund/",
        body={"amount": "1", "reason": "多收"},
        answers=GO,
        **money,
    )
    yield Probe("fees:refunds", "/desk/fees/refunds/", owner="finance1")
    yield Probe(
        "fees:refund",
        f"/desk/fees/refunds/{w.facts['refund']}/",
        owner="finance2",
        method="POST",
        body={"way": "approve"},
        answers=GO,
    )
    yield Probe("fees:days", "/desk/fees/days/", owner="finance1")
    yield Probe(
        "fees:days",
        "/desk/fees/days/",
        body={"provider": "demo", "day": w.facts["day"]},
        answers=GO,
        **money,
    )
    yield Probe("fees:day", day, owner="finance1")
    yield Probe("fees:day-csv", f"{day}differences.csv", owner="finance1")
    yield Probe(
        "fees:settle",
        f"/desk/fees/differences/{w.facts['difference']}/",
        body={"reason": "银行已冲正"},
        answers=GO,
        **money,
    )
    yield operation(
        "POST /api/v1/fees/charges/{charge_id}/payments",
        path={"charge_id": w.facts["charge"]},
        answers=frozenset({201}),
    )
    yield operation("GET /api/v1/fees/payments/{number}", path={"number": w.facts["payment"]})
