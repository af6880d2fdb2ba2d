"""What was paid goes up as table 14: once, by whom it was taken, valid by the standard."""

from __future__ import annotations

from typing import Any

import pytest

from tongban.apps.docking.standard import tables, violations
from tongban.apps.docking.tests.test_mapping import one
from tongban.apps.fees.tests.conftest import Cashier


@pytest.fixture
def w(wire: Any) -> Any:
    """The destination: it is there before the case is."""
    return wire()


@pytest.fixture
def cashier(county: Any, w: Any) -> Cashier:
    """A case that waits for its fee."""
    return Cashier(county)


def test_a_fee_paid_on_line_is_told_once(cashier: Cashier, w: Any) -> None:
    payment = cashier.pay()
    told = one(w, "payment")
    assert (told["case_number"], told["order"]) == (cashier.case.number, payment.number)
    assert (told["officer"], told["payer"]) == ("系统自动", cashier.case.applicant_name)
    assert float(told["amount"]) * 100 == payment.received and told["paid_at"] and told["unit"]
    assert violations(tables()["payment"], told) == []


def test_a_fee_taken_at_the_window_names_its_clerk(cashier: Cashier, county: Any, w: Any) -> None:
    step = next(step for step in cashier.walk.process["granted"] if step.get("step") == "collect")
    cashier.walk.do(step)
    told = one(w, "payment")
    assert told["order"].startswith("W")
    assert told["officer"] not in ("", "系统自动", "当事人")
    assert violations(tables()["payment"], told) == []
