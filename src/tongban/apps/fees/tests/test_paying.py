"""Paying on line: the whole way, and everything that a bank can do wrong on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.county import County
from tongban.apps.fees import rules
from tongban.apps.fees import service as fees
from tongban.apps.fees.errors import AlreadyPaid, ChargeNotFound, ChargeNotOpen, ProviderUnavailable
from tongban.apps.fees.models import Charge, Notice, Payment, Refund
from tongban.apps.fees.operations.paying import to_ask
from tongban.apps.fees.providers.demo import DemoBank
from tongban.apps.fees.providers.protocol import Signed
from tongban.apps.fees.tests.conftest import Cashier
from tongban.kernel.cases import service as cases
from tongban.kernel.instruments.models import Paper
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages.models import Message
from tongban.kernel.processes import service as processes


def states(cashier: Cashier, payment: Payment) -> tuple[str, str]:
    return cashier.again(payment).state, cashier.charge.state


def receipts(cashier: Cashier) -> list[Paper]:
    return list(Paper.objects.filter(template__key="fee-receipt", subject_id=str(cashier.walk.case_id)))


def test_paid_on_line_the_process_goes_on_by_itself_to_the_permit(cashier: Cashier, county: County) -> None:
    charge = cashier.charge
    assert (charge.amount, charge.state, cashier.case.state) == (9000, "open", "paying")
    assert charge.name.zh == "城市道路占用费"
    payment = cashier.pay()
    assert states(cashier, payment) == ("succeeded", "paid")
    assert cashier.case.state == "delivered"
    [receipt] = receipts(cashier)
    assert cashier.charge.receipt == receipt.pk
    assert receipt.data["amount"] == "90.00"
    assert receipt.data["payment"] == payment.number
    acts = [act.verb for act in ledger.acts_of(case=str(cashier.case.ref))]
    for verb in ("fees.charge", "fees.start_payment", "fees.payment_succeeded", "fees.pay", "fees.go_on"):
        assert acts.count(verb) == 1, verb
    told = Message.objects.filter(template="fees.paid", person_id=county.account(cashier.payer).person_id)
    assert told.count() == 1


def test_a_notification_that_comes_twice_is_taken_once(cashier: Cashier, county: County) -> None:
    payment = cashier.start()
    cashier.at_bank(payment, "twice")
    county.drain()
    assert states(cashier, payment) == ("succeeded", "paid")
    assert [notice.outcome for notice in Notice.objects.order_by("pk")] == ["applied", "repeated"]
    assert len(receipts(cashier)) == 1
    assert not Refund.objects.exists()
    again = cashier.post(cashier.word(payment))
    assert (again.status_code, again.content) == (200, b"success"), "what was taken is taken"


def test_a_late_refusal_changes_nothing_and_a_late_success_counts(cashier: Cashier, county: County) -> None:
    payment = cashier.start()
    cashier.at_bank(payment, "silent")
    paid = cashier.word(payment)
    failed = cashier.word(payment, state="failed", amount=0, paid_on=None)
    assert cashier.post(failed).status_code == 200
    assert states(cashier, payment) == ("failed", "open")
    assert cashier.post(paid).status_code == 200, "out of order: money moved, so it counts"
    assert states(cashier, payment) == ("succeeded", "paid")
    assert cashier.post(failed).status_code == 200
    assert states(cashier, payment) == ("succeeded", "paid")


def test_a_wrong_amount_pays_nothing_and_waits_for_a_person(cashier: Cashier, county: County) -> None:
    payment = cashier.start()
    cashier.at_bank(payment, "wrong")
    county.drain()
    found = cashier.again(payment)
    assert (found.state, found.received, cashier.charge.state) == ("mismatch", 9001, "open")
    assert cashier.case.state == "paying"
    assert receipts(cashier) == []


def test_a_forged_signature_changes_nothing_and_guessing_is_slowed_down(
    cashier: Cashier, county: County
) -> None:
    payment = cashier.start()
    cashier.at_bank(payment, "silent")
    right = cashier.word(payment)
    forged = replace(right, headers={**right.headers, "X-Bank-Signature": "0" * 64})
    assert cashier.post(forged).status_code == 403
    assert cashier.post(replace(right, body=right.body.replace(b"9000", b"9001"))).status_code == 403
    assert cashier.post(Signed(right.body, {})).status_code == 403
    assert states(cashier, payment) == ("started", "open")
    assert not Notice.objects.exists()
    answers = [cashier.post(forged).status_code for _ in range(12)]
    assert answers[-1] == 429
    assert cashier.post(right).status_code == 200, "the bank itself is never kept out"
    assert states(cashier, payment) == ("succeeded", "paid")


def test_an_old_notification_cannot_be_played_again(cashier: Cashier, county: County) -> None:
    payment = cashier.start()
    cashier.at_bank(payment, "silent")
    recorded = cashier.word(payment)
    county.go_to(county.now + timedelta(hours=1))
    assert cashier.post(recorded).status_code == 403
    assert states(cashier, payment) == ("started", "open")


def test_an_unknown_number_is_kept_for_the_reconciliation(cashier: Cashier) -> None:
    payment = cashier.start()
    answer = cashier.post(cashier.word(payment, number="P20260601000000000000", state="succeeded", amount=5))
    assert answer.status_code == 200
    [notice] = Notice.objects.all()
    assert (notice.outcome, notice.payment, notice.amount) == ("unknown", None, 5)
    assert cashier.post_to("nobody", cashier.word(payment)).status_code == 404


def test_what_is_paid_after_the_case_ended_goes_back(cashier: Cashier, county: County) -> None:
    payment = cashier.start()
    case = cashier.case
    processes.terminate(
        instance_id=case.instance_id, actor=county.actor(cashier.payer), reason="withdrawn", at=county.now
    )
    case = cases.locked_case(case.ref)
    cases.set_state(case=case, state="withdrawn", result="withdrawn", at=county.now)
    assert cashier.case.closed_at is not None
    cashier.at_bank(payment)
    county.drain()
    assert states(cashier, payment) == ("succeeded", "cancelled")
    [refund] = Refund.objects.all()
    assert (refund.cause, refund.amount, refund.state) == ("cancelled", 9000, "done")
    assert receipts(cashier) == []
    with pytest.raises(ChargeNotOpen):
        cashier.start()


def test_what_is_paid_twice_goes_back_once(cashier: Cashier, county: County) -> None:
    first, second = cashier.start(), cashier.another()
    assert first.number != second.number
    cashier.at_bank(second)
    cashier.at_bank(first, "twice")
    county.drain()
    assert states(cashier, first)[1] == "paid"
    assert cashier.charge.paid_by == cashier.again(second)
    [refund] = Refund.objects.all()
    assert (refund.payment, refund.cause, refund.state) == (first, "double", "done")
    assert Message.objects.filter(template="fees.refunded").exists()


def test_without_a_notification_the_bank_is_asked(cashier: Cashier, county: County) -> None:
    payment = cashier.start()
    cashier.at_bank(payment, "silent")
    county.drain()
    assert states(cashier, payment) == ("started", "open")
    assert to_ask(at=county.now) == []
    county.go_to(county.now + timedelta(minutes=2))
    assert to_ask(at=county.now) == [payment.pk]
    run_the_minute()
    county.drain()
    assert states(cashier, payment) == ("succeeded", "paid")
    assert cashier.case.state == "delivered"


def run_the_minute() -> None:
    from tongban.apps.fees.tasks import ask_providers

    ask_providers(0)


def test_it_is_asked_later_and_later_and_closed_after_a_week(cashier: Cashier, county: County) -> None:
    payment = cashier.start()
    waits = []
    for _ in range(7):
        county.go_to(cashier.again(payment).ask_at or county.now)
        fees.ask(payment_id=payment.pk, at=county.now, answer=still_pending)
        found = cashier.again(payment)
        waits.append((found.ask_at - county.now).total_seconds() / 60 if found.ask_at else None)
    assert waits == [1, 2, 5, 10, 30, 60, 60]
    county.go_to(county.now + timedelta(days=8))
    fees.ask(payment_id=payment.pk, at=county.now, answer=still_pending)
    assert (cashier.again(payment).state, cashier.again(payment).ask_at) == ("closed", None)
    cashier.at_bank(payment, "pay")
    county.drain()
    assert states(cashier, payment) == ("succeeded", "paid"), "should it succeed even then, it counts"


def still_pending(number: str) -> Any:
    from tongban.apps.fees.providers.protocol import Word

    return Word(number=number, state="pending")


def test_a_provider_that_is_away_loses_nothing(
    cashier: Cashier, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> Any:
        raise TimeoutError

    with monkeypatch.context() as broken:
        broken.setattr(DemoBank, "start", away)
        with pytest.raises(ProviderUnavailable):
            cashier.start()
        broken.setattr(DemoBank, "query", away)
        [payment] = Payment.objects.all()
        assert fees.ask(payment_id=payment.pk, at=county.now) == rules.NOTHING
    assert states(cashier, payment) == ("started", "open")
    county.go_to(county.now + timedelta(hours=1))
    fees.ask(payment_id=payment.pk, at=county.now)
    assert states(cashier, payment) == ("closed", "open"), "the bank never heard of it"
    assert cashier.pay().state == "succeeded"


def test_an_open_payment_is_taken_up_again_and_not_opened_twice(cashier: Cashier) -> None:
    assert cashier.start().number == cashier.start().number
    assert Payment.objects.count() == 1


def test_nobody_else_pays_or_sees_it(cashier: Cashier, county: County) -> None:
    payment = cashier.start()
    for other in ("villager", "rep", "cgj.window", "finance1"):
        if other == cashier.payer:
            continue
        with pytest.raises(ChargeNotFound):
            fees.start_payment(actor=county.actor(other), charge_id=cashier.charge.pk, at=county.now)
        answer = county.client(other).get(f"/fees/payments/{payment.number}/")
        assert answer.status_code in (302, 404)
    assert county.client().get(f"/fees/{cashier.charge.pk}/").status_code == 302
    assert Payment.objects.count() == 1


def test_the_window_takes_it_and_it_is_a_payment_too(cashier: Cashier, county: County) -> None:
    step = next(step for step in cashier.walk.process["granted"] if step.get("step") == "collect")
    cashier.walk.do(step)
    county.drain()
    [payment] = Payment.objects.all()
    assert (payment.provider, payment.means, payment.fiscal_receipt) == ("window", "cash", "5323990012345")
    assert states(cashier, payment) == ("succeeded", "paid")
    assert len(receipts(cashier)) == 1
    assert cashier.case.state == "delivered"


def test_a_clerk_does_not_take_what_was_paid_on_line(cashier: Cashier, county: County) -> None:
    payment = cashier.start()
    cashier.at_bank(payment, "silent")
    cashier.post(cashier.word(payment))
    task = county.task(cashier.case, "collect")
    data = {
        "means": "cash", "receipt_number": "5323990012345", "paid_on": "2026-06-01", "amount_right": True
    }  # fmt: skip
    with pytest.raises(AlreadyPaid):
        cases.complete_task(
            actor=county.actor("cgj.window"), task_id=task.id, outcome="paid", data=data, at=county.now
        )
    assert Payment.objects.count() == 1
    county.drain()
    assert cashier.case.state == "delivered"


def test_it_goes_on_although_a_clerk_has_the_step_in_hand(cashier: Cashier, county: County) -> None:
    task = county.task(cashier.case, "collect")
    cases.claim_task(actor=county.actor("cgj.window"), task_id=task.id, at=county.now)
    cashier.pay()
    assert cashier.case.state == "delivered"


def test_what_a_lost_job_left_is_done_by_the_next(cashier: Cashier, county: County) -> None:
    payment = cashier.start()
    cashier.at_bank(payment, "silent")
    cashier.post(cashier.word(payment))
    charge = cashier.charge
    assert (charge.state, charge.followed_at) == ("paid", None)
    fees.follow(charge_id=charge.pk, at=county.now)
    fees.follow(charge_id=charge.pk, at=county.now)
    assert len(receipts(cashier)) == 1
    county.drain()
    assert cashier.case.state == "delivered"


def test_a_charge_is_made_of_the_published_list_only(cashier: Cashier) -> None:
    from tongban.apps.fees.errors import NotInChargeList
    from tongban.apps.fees.operations.charging import listed

    line = {"name": {"zh": "占用费"}, "standard": {"zh": "0.3 元"}}
    fee = {"charged": True, "basis": {"zh": "条例"}, "items": [line]}
    assert listed({"fee": fee})["name"] == line["name"]
    two = [{**line, "code": "a"}, {**line, "code": "b"}]
    assert listed({"fee": {**fee, "items": two, "item": "b"}})["code"] == "b"
    for wrong in (
        {},
        {"fee": {**fee, "charged": False}},
        {"fee": {**fee, "items": []}},
        {"fee": {**fee, "items": two}},
        {"fee": {**fee, "items": two, "item": "c"}},
        {"fee": {**fee, "basis": None}},
    ):
        with pytest.raises(NotInChargeList):
            listed(wrong)
    assert Charge.objects.count() == 1
