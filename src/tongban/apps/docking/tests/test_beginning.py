"""What is told of a case begins with its application: nothing of older ones, nothing of made-up ones."""

from __future__ import annotations

from typing import Any

from tongban.apps.docking import service as docking
from tongban.apps.docking.models import Destination
from tongban.kernel.ledger import service as ledger


def tables(wire: Any) -> list[str]:
    return [one.table for one in wire.records()]


def test_of_a_case_from_before_the_destination_nothing_is_told(county: Any, wire: Any) -> None:
    before = county.submit()
    w = wire()
    county.accept(before)
    w.follow()
    assert w.records() == []
    after = county.submit()
    county.accept(after)
    w.follow()
    assert {one.case_number for one in w.records()} == {after.number}
    assert {"application", "acceptance"} <= set(tables(w))


def test_who_wants_no_applications_is_told_of_every_case(county: Any, wire: Any) -> None:
    before = county.submit()
    w = wire(tables=["acceptance"])
    county.accept(before)
    w.follow()
    assert tables(w) == ["acceptance"]


def test_the_acts_of_a_transaction_that_made_cases_up_are_passed_by(county: Any, wire: Any) -> None:
    w = wire()
    made_up = county.submit()
    place = ledger.own_place()
    assert place is not None
    docking.pass_by(xid=place[0], last_act=place[1], at=county.now)
    w.follow()
    it = Destination.objects.get(pk=w.it.pk)
    assert (it.at_xid, it.at_act) == place
    county.accept(made_up)
    real = county.submit()
    w.follow()
    assert [(one.table, one.case_number) for one in w.records()] == [("application", real.number)]


def test_many_acts_cost_as_many_statements_to_look_at_as_few(
    county: Any, wire: Any, django_assert_max_num_queries: Any
) -> None:
    """Of an act that becomes no record nothing is read; cases, answers and acts of providing are read and written together."""
    w = wire()
    for _ in range(4):
        county.submit()
    w.follow()
    assert len(w.records()) == 4
    with django_assert_max_num_queries(24):
        w.send()
    w.answer(*[{"key": one.idempotency, "state": "accepted"} for one in w.records()])
    with django_assert_max_num_queries(9):
        w.receive()
    assert w.states() == ["accepted"] * 4
