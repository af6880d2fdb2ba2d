"""Giving money back by two people, and comparing each day with the bank."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.county import County
from tongban.apps.fees import service as fees
from tongban.apps.fees.errors import (
    ReasonNeeded,
    RefundNotOpen,
    RefundTooMuch,
    SamePerson,
    StatementMissing,
)
from tongban.apps.fees.models import BankOrder, Difference, Notice, Payment, Reconciliation, Refund
from tongban.apps.fees.providers.demo import DemoBank
from tongban.apps.fees.providers.protocol import RefundWord
from tongban.apps.fees.tests.conftest import Cashier
from tongban.base.errors import Forbidden
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages.models import Message

DAY = date(2026, 6, 1)


def propose(cashier: Cashier, payment: Payment, amount: int = 4000, who: str = "finance1") -> Refund:
    county = cashier.county
    return fees.propose_refund(
        actor=county.actor(who), number=payment.number, amount=amount, reason="提前 8 天清场", at=county.now
    )


def decide(cashier: Cashier, refund: Refund, who: str = "finance2", **more: Any) -> Refund:
    county = cashier.county
    more = {"approve": True, **more}
    return fees.decide_refund(actor=county.actor(who), refund_id=refund.pk, at=county.now, **more)


def test_one_proposes_another_approves_the_bank_pays_and_the_citizen_is_told(
    cashier: Cashier, county: County
) -> None:
    payment = cashier.pay()
    refund = propose(cashier, payment)
    county.drain()
    assert not BankOrder.objects.get().refunds, "nothing is given back before the second look"
    decide(cashier, refund)
    county.drain()
    refund.refresh_from_db()
    assert (refund.state, refund.done_on) == ("done", DAY)
    assert [each["amount"] for each in BankOrder.objects.get().refunds] == [4000]
    assert cashier.charge.state == "paid", "a part of it only"
    assert Message.objects.filter(template="fees.refunded").count() == 1
    acts = [act.verb for act in ledger.acts_of(case=str(cashier.case.ref))]
    assert [verb for verb in acts if "refund" in verb] == [
        "fees.propose_refund",
        "fees.approve_refund",
        "fees.refund",
    ]
    rest = propose(cashier, payment, 5000)
    decide(cashier, rest)
    county.drain()
    assert cashier.charge.state == "refunded"


def test_the_payer_is_told_of_money_back_once_another_has_approved(cashier: Cashier, county: County) -> None:
    payment, payer = cashier.pay(), county.client(cashier.payer)
    refund = propose(cashier, payment)
    assert "要退给您" not in payer.get(f"/fees/payments/{payment.number}/").content.decode()
    decide(cashier, refund)
    assert "40.00 元要退给您" in payer.get(f"/fees/payments/{payment.number}/").content.decode()


def test_nobody_approves_a_refund_of_his_own(cashier: Cashier) -> None:
    refund = propose(cashier, cashier.pay(), who="finance2")
    with pytest.raises(SamePerson):
        decide(cashier, refund, who="finance2")
    with pytest.raises(Forbidden):
        decide(cashier, refund, who="finance1")
    refund.refresh_from_db()
    assert refund.state == "proposed"


@pytest.mark.parametrize("amount", [0, -1, 9001])
def test_not_more_than_was_paid_and_not_nothing(cashier: Cashier, amount: int) -> None:
    payment = cashier.pay()
    with pytest.raises(RefundTooMuch):
        propose(cashier, payment, amount)
    propose(cashier, payment, 6000)
    with pytest.raises(RefundTooMuch):
        propose(cashier, payment, 3001)
    assert Refund.objects.count() == 1


def test_a_rejected_refund_gives_nothing_back_and_says_why(cashier: Cashier, county: County) -> None:
    refund = propose(cashier, cashier.pay())
    with pytest.raises(ReasonNeeded):
        decide(cashier, refund, approve=False)
    decide(cashier, refund, approve=False, remark="还占着")
    county.drain()
    assert not BankOrder.objects.get().refunds
    with pytest.raises(RefundNotOpen):
        decide(cashier, refund)


def test_a_bank_that_does_not_answer_is_asked_again_and_gives_back_once(
    cashier: Cashier, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    refund = propose(cashier, cashier.pay())
    decide(cashier, refund)
    give_back = DemoBank.refund

    def done_but_lost(bank: DemoBank, order: Any) -> RefundWord:
        give_back(bank, order)
        raise TimeoutError

    with monkeypatch.context() as broken:
        broken.setattr(DemoBank, "refund", done_but_lost)
        county.drain()
    refund.refresh_from_db()
    assert (refund.state, refund.tries) == ("approved", 1)
    county.go_to(county.now + timedelta(minutes=10))
    fees.send_refund(refund_id=refund.pk, at=county.now)
    refund.refresh_from_db()
    assert refund.state == "done"
    assert len(BankOrder.objects.get().refunds) == 1


def test_what_the_bank_refuses_waits_for_a_person(
    cashier: Cashier, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    refund = propose(cashier, cashier.pay())
    decide(cashier, refund)
    with monkeypatch.context() as broken:
        broken.setattr(DemoBank, "refund", lambda *_: RefundWord("refused", why="account closed"))
        county.drain()
    refund.refresh_from_db()
    assert (refund.state, refund.remark) == ("gave_up", "account closed")
    clerk = county.actor("finance1")
    fees.note_paid_out(actor=clerk, refund_id=refund.pk, voucher="现付 0012", at=county.now)
    refund.refresh_from_db()
    assert (refund.state, refund.reference) == ("done", "现付 0012")
    with pytest.raises(RefundNotOpen):
        fees.try_again(actor=clerk, refund_id=refund.pk, at=county.now)


def test_what_the_window_took_is_paid_out_by_hand(cashier: Cashier, county: County) -> None:
    step = next(step for step in cashier.walk.process["granted"] if step.get("step") == "collect")
    cashier.walk.do(step)
    refund = propose(cashier, Payment.objects.get(), 9000)
    decide(cashier, refund)
    county.drain()
    refund.refresh_from_db()
    assert refund.state == "approved"
    page = county.client("finance1").get("/desk/fees/refunds/").content.decode()
    assert "已经付出去了" in page
    answer = county.client("finance1").post(
        f"/desk/fees/refunds/{refund.pk}/", {"way": "note", "remark": "现付 0013"}
    )
    assert answer.status_code == 302
    assert cashier.charge.state == "refunded"


# --- each day -----------------------------------------------------------------------------------------------------


def compare(county: County, day: date = DAY) -> Reconciliation:
    return fees.reconcile(actor=county.actor("finance1"), provider_key="demo", day=day, at=county.now)


def test_a_day_on_which_all_agrees(cashier: Cashier, county: County) -> None:
    refund = propose(cashier, cashier.pay())
    decide(cashier, refund)
    county.drain()
    found = compare(county)
    assert (found.matched, found.ours, found.theirs) == (2, 5000, 5000)
    assert not Difference.objects.exists()
    assert "两边一致" in county.client("finance1").get("/desk/fees/days/").content.decode()


def test_what_the_statement_knows_and_we_do_not_is_asked_for_first(cashier: Cashier, county: County) -> None:
    payment = cashier.start()
    cashier.at_bank(payment, "silent")
    found = compare(county)
    assert (found.matched, found.differences.count()) == (1, 0)
    assert cashier.charge.state == "paid"
    assert not Notice.objects.exists()


def test_differences_of_every_kind_are_settled_by_a_person_with_a_reason(
    cashier: Cashier, county: County
) -> None:
    payment = cashier.pay()
    order = BankOrder.objects.get()
    stranger = {"amount": 100, "paid": 100, "subject": "=1+1", "back": "", "state": "succeeded"}
    BankOrder.objects.create(
        number="=HYPERLINK", reference="X", paid_at=county.now, opened_at=county.now, **stranger
    )
    order.paid = 8999
    order.save()
    found = compare(county)
    kinds = {each.number: (each.verdict, each.ours, each.theirs) for each in found.differences.all()}
    assert kinds == {payment.number: ("amount", 9000, 8999), "=HYPERLINK": ("theirs", None, 100)}
    one = found.differences.get(verdict="amount")
    clerk = county.client("finance1")
    refused = clerk.post(f"/desk/fees/differences/{one.pk}/", {"reason": " "})
    assert refused.status_code == 422
    assert Difference.objects.filter(settled_at__isnull=True).count() == 2
    assert clerk.post(f"/desk/fees/differences/{one.pk}/", {"reason": "=银行已冲正"}).status_code == 302
    table = b"".join(clerk.get(f"/desk/fees/days/demo/{DAY}/differences.csv").streaming_content).decode()
    assert "'=HYPERLINK" in table, "a spreadsheet program must not run it"
    assert "'=银行已冲正" in table
    again = compare(county)
    assert again.differences.get(verdict="amount").settled_name, "what was settled stays settled"
    order.paid = 8000
    order.save()
    assert compare(county).differences.get(verdict="amount").settled_at is None, "it differs in another way"
    order.paid = 9000
    order.save()
    BankOrder.objects.filter(number="=HYPERLINK").delete()
    found = compare(county)
    assert (found.matched, found.differences.count()) == (1, 0)


def test_a_day_that_only_we_know(cashier: Cashier, county: County) -> None:
    payment = cashier.pay()
    BankOrder.objects.all().delete()
    [one] = compare(county).differences.all()
    assert (one.verdict, one.number, one.payment) == ("ours", payment.number, payment)


def test_without_a_statement_nothing_is_written(
    cashier: Cashier, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object) -> Any:
        raise ConnectionError

    monkeypatch.setattr(DemoBank, "statement", none)
    with pytest.raises(StatementMissing):
        compare(county)
    answer = county.client("finance1").post("/desk/fees/days/", {"provider": "demo", "day": str(DAY)})
    assert answer.status_code == 409
    assert not Reconciliation.objects.exists()


def test_only_the_finance_duties_see_the_books(cashier: Cashier, county: County) -> None:
    cashier.pay()
    for who, status in (("finance1", 200), ("finance2", 200), ("window", 404), ("cgj.window", 404)):
        for path in ("", "refunds/", "days/", f"charges/{cashier.charge.pk}/"):
            assert county.client(who).get(f"/desk/fees/{path}").status_code == status, (who, path)
    with pytest.raises(Forbidden):
        fees.reconcile(actor=county.actor("window"), provider_key="demo", day=DAY, at=county.now)
