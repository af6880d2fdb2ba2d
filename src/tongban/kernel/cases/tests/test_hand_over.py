"""Handing over what a person holds when they leave."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.county import County
from tongban.base.errors import Forbidden
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import ColleagueNotFound
from tongban.kernel.cases.models import Reading
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger.models import Act
from tongban.kernel.processes.errors import ReasonRequired
from tongban.kernel.processes.models import Task


def key(county: County, who: str) -> str:
    actor = county.actor(who)
    return f"{actor.post_id}:{actor.person_id}"


def fates(plan: cases.HandOver) -> dict[str, str]:
    return {piece.what.zh: piece.fate for piece in plan.pieces}


def hand_over(county: County, person: str, to: str, **more: Any) -> cases.HandOver:
    return cases.hand_over(
        **{
            "actor": county.actor("chief"),
            "person": key(county, person),
            "to": key(county, to),
            "reason": "调离",
            "at": county.now,
            **more,
        }
    )


def claim(county: County, who: str, case: Any, node: str) -> Any:
    task = county.task(case, node)
    cases.claim_task(actor=county.actor(who), task_id=task.id, at=county.now)
    return task


def test_claimed_steps_go_to_who_can_do_them(county: County) -> None:
    case = county.accept(county.submit())
    claim(county, "officer1", case, "document_review")
    county.inspect(case)
    assert fates(hand_over(county, "officer1", "officer2")) == {"材料审查": "successor"}
    assert county.task(case, "document_review").claimed_name == "罗建平"
    county.drain()
    assert fates(hand_over(county, "officer2", "window"))["材料审查"] == "pool"
    assert county.task(case, "document_review").claimed_by is None


def test_what_nobody_else_could_do_goes_along(county: County) -> None:
    case = county.submit()
    assert fates(hand_over(county, "window", "officer1")) == {"收件核对": "nobody"}
    assert county.task(case, "receive").claimed_by is None
    assert len(hand_over(county, "window", "officer1").without_anybody) == 1


def test_a_second_signature_is_not_handed_to_the_first(county: County) -> None:
    case = county.accept(county.submit())
    county.inspect(case)
    claim(county, "officer2", case, "inspect_sign")
    assert fates(hand_over(county, "officer2", "officer1"))["第二人签字"] == "pool"
    assert county.task(case, "inspect_sign").claimed_by is None


def test_readings_and_delegations_are_settled(county: County) -> None:
    case = county.submit()
    cases.circulate(
        actor=county.actor("window"),
        case_id=case.pk,
        to=[key(county, "officer1")],
        reason="请了解",
        at=county.now,
    )
    cases.delegate(
        actor=county.actor("officer1"), to=key(county, "officer2"), since=county.now,
        until=county.now + timedelta(days=3), reason="出差", at=county.now,
    )  # fmt: skip
    county.go_to(county.now + timedelta(minutes=1))
    plan = hand_over(county, "officer1", "officer2")
    assert {piece.kind: piece.fate for piece in plan.pieces} == {"reading": "successor", "delegation": "ends"}
    assert Reading.objects.get().person_id == county.actor("officer2").person_id
    assert identity.delegations_from(county.account("officer1").person_id, county.now) == []
    assert [row.number for row in cases.inbox(county.actor("officer2"), view="copied", at=county.now)] == [
        case.number
    ]


def test_the_preview_says_what_then_happens_and_changes_nothing(county: County) -> None:
    case = county.accept(county.submit())
    claim(county, "officer1", case, "document_review")
    before = (list(Task.objects.order_by("pk").values()), Act.objects.count())
    url = f"/desk/hand-over/?person={key(county, 'officer1')}&to={key(county, 'officer2')}"
    html = county.client("chief").get(url).content.decode()
    assert "会这样交接" in html and case.number in html and "交给接手的人" in html
    plan = cases.preview_hand_over(
        actor=county.actor("chief"), person=key(county, "officer1"), to=key(county, "officer2"), at=county.now
    )
    assert (list(Task.objects.order_by("pk").values()), Act.objects.count()) == before
    done = hand_over(county, "officer1", "officer2")
    assert set(done.pieces) == set(plan.pieces)
    assert Act.objects.filter(verb="cases.hand_over", reason="调离").count() == 1


def test_it_is_done_on_the_page(county: County) -> None:
    case = county.accept(county.submit())
    claim(county, "officer1", case, "document_review")
    client = county.client("chief")
    data = {"person": key(county, "officer1"), "to": key(county, "officer2"), "reason": ""}
    assert client.post("/desk/hand-over/", data).status_code == 422
    html = client.post("/desk/hand-over/", {**data, "reason": "调离"}).content.decode()
    assert "的工作已交给" in html
    assert county.task(case, "document_review").claimed_name == "罗建平"


def test_only_the_units_administrator_hands_over_its_people(county: County) -> None:
    case = county.accept(county.submit())
    claim(county, "officer1", case, "document_review")
    before = (list(Task.objects.order_by("pk").values()), Act.objects.count())
    for who in ("officer2", "mailbox", "sysadmin"):
        with pytest.raises(Forbidden):
            hand_over(county, "officer1", "officer2", actor=county.actor(who))
        assert county.client(who).get("/desk/hand-over/").status_code == 404
    with pytest.raises(Forbidden):
        hand_over(county, "bureau", "officer2")
    with pytest.raises(ColleagueNotFound):
        hand_over(county, "officer1", "officer1")
    with pytest.raises(ReasonRequired):
        hand_over(county, "officer1", "officer2", reason=" ")
    assert (list(Task.objects.order_by("pk").values()), Act.objects.count()) == before
