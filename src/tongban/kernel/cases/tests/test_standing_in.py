"""Standing in for a colleague: their work on my list, in their post, in both names, for the period only."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.county import County, on
from tongban.base.errors import Forbidden
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import CaseNotFound
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.errors import DelegationPeriodWrong
from tongban.kernel.ledger.models import Act
from tongban.kernel.processes.models import Task


def stand_in(county: County, who: str, for_whom: str, days: int = 7) -> None:
    other = county.actor(who)
    cases.delegate(
        actor=county.actor(for_whom),
        to=f"{other.post_id}:{other.person_id}",
        since=county.now,
        until=county.now + timedelta(days=days),
        reason="出差",
        at=county.now,
    )


def test_the_work_of_a_colleague_stands_on_the_delegates_list_in_the_period_only(county: County) -> None:
    case = county.submit()
    assert cases.inbox(county.actor("chief"), at=county.now).items == []
    stand_in(county, "chief", "window")
    [row] = cases.inbox(county.actor("chief"), at=county.now).items
    assert row.number == case.number
    county.go_to("2026-06-08", 11)
    assert cases.inbox(county.actor("chief"), at=county.now).items == []
    with pytest.raises(CaseNotFound):
        cases.get_case(county.actor("chief"), case.number)


def test_an_act_says_on_whose_behalf_it_was_done(county: County) -> None:
    case = county.submit()
    stand_in(county, "chief", "window")
    window = county.actor("window")
    checked = ["competence", "applicant", "complete", "form"]
    county.do("chief", case, "receive", "accept", {"checked": checked})
    name = f"{county.actor('chief').name}（代{window.name}）"
    act = Act.objects.get(verb="cases.complete_task", case=str(case.ref))
    assert (act.actor_name, act.post_id, act.person_id) == (
        name,
        window.post_id,
        county.actor("chief").person_id,
    )
    task = Task.objects.get(node="receive", instance=county.again(case).instance_id)
    assert (task.completed_name, task.behalf_of) == (name, window.person_id)
    assert name in county.client("officer1").get(f"/desk/cases/{case.number}/").content.decode()


def test_the_own_post_goes_before_a_delegated_one(county: County) -> None:
    """Both officers may review; who stands in for the other reviews as himself what both could do."""
    case = county.accept(county.submit())
    stand_in(county, "officer2", "officer1")
    data = {"complete": True, "consistent": True, "layout_ok": True, "advice": "meets"}
    county.do("officer2", case, "document_review", "submit", data)
    assert Task.objects.get(node="document_review", instance=case.instance_id).behalf_of is None


def test_a_delegation_ends_at_once_when_it_is_ended(county: County) -> None:
    county.submit()
    stand_in(county, "chief", "window")
    [given] = identity.delegations_from(county.actor("window").person_id, county.now)
    with pytest.raises(Forbidden):
        identity.end_delegation(actor=county.actor("officer1"), delegation_id=given.id, at=county.now)
    county.go_to(county.now + timedelta(minutes=1))
    assert county.client("chief").post(f"/desk/delegations/{given.id}/end/").status_code == 302
    assert cases.inbox(county.actor("chief"), at=county.now).items == []


def test_a_delegate_does_not_delegate_on(county: County) -> None:
    stand_in(county, "chief", "window")
    window = county.actor("window").post_id
    other = county.actor("officer2")
    actor = county.actor("chief", post_id=window)
    assert actor.behalf_of == county.actor("window").person_id
    with pytest.raises(Forbidden):
        cases.delegate(
            actor=actor, to=f"{other.post_id}:{other.person_id}", since=county.now,
            until=county.now + timedelta(days=1), reason="x", at=county.now,
        )  # fmt: skip


def test_the_page_takes_whole_days_and_refuses_the_past(county: County) -> None:
    client, other = county.client("window"), county.actor("chief")
    data = {
        "to": f"{other.post_id}:{other.person_id}",
        "reason": "出差",
        "since": "2026-06-01",
        "until": "2026-06-03",
    }
    answer = client.post("/desk/delegations/", {**data, "until": "2026-05-30"})
    assert answer.status_code == 422 and "委托的结束时间" in answer.content.decode()
    assert client.post("/desk/delegations/", {**data, "until": ""}).status_code == 422
    assert client.post("/desk/delegations/", data).status_code == 302
    [given] = identity.delegations_from(county.actor("window").person_id, county.now)
    assert (given.since, given.until) == (county.now, on("2026-06-04", 0))
    with pytest.raises(DelegationPeriodWrong):
        stand_in(county, "chief", "window", days=-1)
