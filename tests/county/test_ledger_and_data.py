"""``tongban ledger verify --data``: what somebody changes in the data behind the ledger's back is found and named."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from tests.support.county import County
from tests.support.database import as_owner
from tongban.kernel.ledger import service as ledger


def as_superuser(statement: str, *parameters: Any) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def findings() -> list[tuple[str, str]]:
    report = ledger.verify(data=True)
    return [
        (fault.kind, fault.subject) for fault in report.faults if fault.kind in {"data", "unrecorded", "gone"}
    ]


@pytest.fixture
def delivered(county: County) -> Any:
    """A licence that went the whole way; so far everything agrees."""
    case = county.submit()
    county.accept(case)
    county.review(case)
    county.grant(case)
    county.drain(papers=True)
    case = county.again(case)
    assert case.state == "delivered"
    assert findings() == []
    return case


def test_a_case_agrees_with_the_ledger_at_every_step_of_every_way(county: County) -> None:
    case = county.submit()
    assert findings() == []
    county.ask_for_correction(case)
    assert findings() == []
    other = county.submit()
    county.accept(other)
    assert findings() == []
    county.review(other)
    assert findings() == []
    county.refuse(other)
    assert findings() == []


@pytest.mark.parametrize("change", ["state = 'granted'", "result = 'refused'", "number = 'CX-1-1-1'"])
def test_a_case_changed_in_the_database_is_found_and_named(delivered: Any, change: str) -> None:
    as_superuser(f"UPDATE cases_case SET {change} WHERE id = %s", delivered.pk)

    assert findings() == [("data", str(delivered.ref))]


@pytest.mark.parametrize("change", ["status = 'revoked'", "number = '1'", "valid_to = '2099-01-01'"])
def test_a_certificate_changed_in_the_database_is_found_and_named(delivered: Any, change: str) -> None:
    as_superuser(f"UPDATE certificates_certificate SET {change} WHERE case_id = %s", delivered.pk)

    ((kind, subject),) = findings()
    assert (kind, subject.split(":")[0]) == ("data", "certificate")


def test_a_paper_renumbered_in_the_database_is_found_and_named(delivered: Any) -> None:
    one = "SELECT min(id::text)::uuid FROM instruments_paper WHERE subject_id = %s"
    as_superuser(f"UPDATE instruments_paper SET number = 'x' WHERE id = ({one})", str(delivered.pk))

    ((kind, subject),) = findings()
    assert (kind, subject.split(":")[0]) == ("data", "paper")


def test_a_certificate_slipped_in_or_taken_away_is_found(delivered: Any) -> None:
    as_superuser(
        "UPDATE certificates_certificate SET id = gen_random_uuid() WHERE case_id = %s", delivered.pk
    )

    assert sorted(kind for kind, _ in findings()) == ["gone", "unrecorded"]


def test_what_the_ledger_never_heard_of_can_be_taken_into_it_once(delivered: Any) -> None:
    as_superuser("UPDATE ledger_act SET standing = NULL WHERE subject_kind = 'paper'")
    missing = findings()
    assert {kind for kind, _ in missing} == {"unrecorded"}

    assert ledger.take_stock(at=delivered.closed_at) == len(missing)

    assert findings() == []
    assert ledger.take_stock(at=delivered.closed_at) == 0


def test_the_timeline_does_not_repeat_every_change_of_state(delivered: Any) -> None:
    assert "cases.change_state" not in {act.verb for act in ledger.acts_of(case=delivered.ref)}
