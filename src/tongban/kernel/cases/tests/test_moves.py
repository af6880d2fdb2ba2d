"""The office moves on a licence: policy, access, ledger, messages. Where tokens lie: test_moves_table of processes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.county import County
from tongban.base.models import Event
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import CaseNotFound, ColleagueNotFound
from tongban.kernel.cases.models import Access
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger.models import Act
from tongban.kernel.messages.models import Message
from tongban.kernel.processes.errors import MoveRefused, ReasonRequired
from tongban.kernel.processes.models import Task


def key(county: County, who: str) -> str:
    actor = county.actor(who)
    return f"{actor.post_id}:{actor.person_id}"


def refused(
    county: County, why: str, move: Any, error: type[Exception] = MoveRefused, **arguments: Any
) -> None:
    """Refused for that reason; no task, no act and no event is there that was not before."""
    before = (list(Task.objects.order_by("pk").values()), Act.objects.count(), Event.objects.count())
    with pytest.raises(error) as caught:
        move(at=county.now, **arguments)
    if why:
        assert caught.value.data["why"] == why  # type: ignore[attr-defined]
    assert (list(Task.objects.order_by("pk").values()), Act.objects.count(), Event.objects.count()) == before


def subjects(county: County, who: str) -> list[str]:
    person = county.account(who).person_id
    return [str(m.subject) for m in Message.objects.filter(person_id=person).order_by("created_at", "pk")]


def test_the_chief_sends_an_application_back_to_the_inspection(county: County) -> None:
    case = county.review(county.accept(county.submit()))
    decide = county.task(case, "decide")
    cases.return_to(
        actor=county.actor("chief"), task_id=decide.id, to_node="inspect", reason="面积对不上", at=county.now
    )
    county.drain()
    case = county.again(case)
    assert (case.state, case.facts["returns"]) == ("inspection", 1)
    inspect = county.task(case, "inspect")
    assert (inspect.claimed_name, inspect.note) == ("周敏", "面积对不上")
    assert inspect.data["measured_area"] == 79.5
    assert any("退回给您" in subject for subject in subjects(county, "officer1"))
    [row] = cases.inbox(county.actor("officer1"), at=county.now).items
    assert row.came_back == "returned"
    county.inspect(case)
    case = county.do("officer2", case, "inspect_sign", "sign", {"agrees": True})
    assert [task.node for task in county.open_steps(case)] == ["decide"]


def test_nothing_is_sent_back_over_the_acceptance(county: County) -> None:
    case = county.review(county.accept(county.submit()))
    task = county.task(case, "decide").id
    call = {"actor": county.actor("chief"), "task_id": task, "reason": "重新收件"}
    refused(county, "legal-act", cases.return_to, to_node="receive", **call)


def test_the_window_cannot_take_an_acceptance_back(county: County) -> None:
    case = county.submit()
    receive = county.task(case, "receive").id
    county.accept(case)
    call = {"actor": county.actor("window"), "task_id": receive, "reason": "点错了"}
    refused(county, "legal-act", cases.withdraw, **call)


def test_who_saw_a_case_only_through_a_step_taken_back_sees_it_no_longer(county: County) -> None:
    """Of the second signature's holder and of the signer who was asked before, only what the step had brought goes."""
    case = county.accept(county.submit())
    inspect = county.task(case, "inspect").id
    county.go_to("2026-06-02")
    county.inspect(case)
    signing = county.task(case, "inspect_sign")
    stranger = identity.holder_id("post", county.actor("bureau").post_id)
    Task.objects.filter(pk=signing.id).update(holder=stranger)
    Access.objects.create(case=case, holder_id=stranger, right="handle", since=signing.opened_at)
    cases.withdraw(actor=county.actor("officer1"), task_id=inspect, reason="少填了", at=county.now)
    with pytest.raises(CaseNotFound):
        cases.get_case(county.actor("bureau"), case.number)
    assert cases.get_case(county.actor("officer2"), case.number).pk == case.pk


def test_a_step_is_not_taken_back_after_a_paper_went_out(county: County) -> None:
    case = county.accept(county.submit())
    inspect = county.task(case, "inspect").id
    county.inspect(case)
    county.go_to("2026-06-02")
    county.act("chief", case, "extend", {"reason": "需要再次核实场所情况"})
    call = {"actor": county.actor("officer1"), "task_id": inspect, "reason": "少填了"}
    refused(county, "sent-out", cases.withdraw, **call)


def test_a_step_goes_only_to_a_post_with_the_duty_for_it(county: County) -> None:
    case = county.accept(county.submit())
    task = county.task(case, "document_review").id
    call = {"actor": county.actor("officer1"), "task_id": task, "reason": "出差"}
    refused(county, "not-qualified", cases.transfer, to=key(county, "window"), **call)
    refused(county, "not-qualified", cases.transfer, to=key(county, "bureau"), **call)
    refused(county, "", cases.transfer, ColleagueNotFound, to="1:2", **call)
    cases.transfer(to=key(county, "officer2"), at=county.now, **call)
    assert county.task(case, "document_review").claimed_name == "罗建平"
    county.drain()
    assert any("转给您办" in subject for subject in subjects(county, "officer2"))


def test_a_signer_of_another_unit_sees_the_case_and_answers(county: County) -> None:
    case = county.accept(county.submit())
    task = county.task(case, "document_review").id
    with pytest.raises(CaseNotFound):
        cases.get_case(county.actor("bureau"), case.number)
    cases.add_signer(
        actor=county.actor("officer1"),
        task_id=task,
        place="beside",
        to=key(county, "bureau"),
        reason="房屋性质？",
        at=county.now,
    )
    county.drain()
    assert any("请您加签" in subject for subject in subjects(county, "bureau"))
    assert len(cases.inbox(county.actor("bureau"), at=county.now).items) == 1
    [asked] = [t for t in county.open_steps(case) if t.is_signer]
    cases.complete_task(
        actor=county.actor("bureau"), task_id=asked.id, outcome="agree", opinion="是商业用房", at=county.now
    )
    page = cases.case_page(county.actor("officer1"), case.number, at=county.now)
    assert "是商业用房" in {act.opinion for act in page.acts}


def test_who_waits_for_a_signer_before_does_not_find_the_step_to_do(county: County) -> None:
    case = county.review(county.accept(county.submit()))
    task = county.task(case, "decide").id
    assert len(cases.inbox(county.actor("chief"), at=county.now).items) == 1
    cases.add_signer(
        actor=county.actor("chief"),
        task_id=task,
        place="before",
        to=key(county, "officer1"),
        reason="再核对",
        at=county.now,
    )
    assert cases.inbox(county.actor("chief"), at=county.now).items == []


def test_the_holder_of_a_step_is_urged_by_who_handles_the_case(county: County) -> None:
    case = county.accept(county.submit())
    task = county.task(case, "document_review").id
    cases.urge(actor=county.actor("window"), task_id=task, reason="今天到期", at=county.now)
    county.drain()
    for officer in ("officer1", "officer2"):
        assert any("催办" in subject for subject in subjects(county, officer))
    refused(county, "too-soon", cases.urge, actor=county.actor("chief"), task_id=task, reason="")


MOVES = {
    "return_to": ("cases.return_task", {"to_node": "inspect"}),
    "transfer": ("cases.transfer_task", {"to": "officer1"}),
    "add_signer": ("cases.add_signer", {"to": "officer2", "place": "beside"}),
}


@pytest.mark.parametrize("move", MOVES)
def test_every_move_is_an_act_with_its_reason(county: County, move: str) -> None:
    verb, more = MOVES[move]
    case = county.accept(county.submit())
    county.inspect(case)
    arguments = {**more, **({"to": key(county, more["to"])} if "to" in more else {})}
    who, node = (
        ("officer2", "inspect_sign")
        if move == "return_to"
        else ("officer2" if move == "transfer" else "officer1", "document_review")
    )
    call = {"actor": county.actor(who), "task_id": county.task(case, node).id, **arguments}
    refused(county, "", getattr(cases, move), ReasonRequired, reason="  ", **call)
    getattr(cases, move)(reason="理由在这里", at=county.now, **call)
    act = Act.objects.get(verb=verb)
    assert (act.case, act.reason, act.actor_name) == (str(case.ref), "理由在这里", county.actor(who).name)
    county.drain()


@pytest.mark.parametrize("who", ["", "citizen", "rep", "bureau", "sysadmin"])
@pytest.mark.parametrize("move", [*MOVES, "withdraw", "urge"])
def test_a_stranger_learns_nothing_of_a_case_by_a_move(county: County, move: str, who: str) -> None:
    case = county.accept(county.submit())
    task = county.task(case, "document_review").id
    more = MOVES[move][1] if move in MOVES else {}
    arguments = {**more, **({"to": key(county, more["to"])} if "to" in more else {})}
    actor = county.actor(who) if who else county.stranger
    refused(
        county, "", getattr(cases, move), CaseNotFound, actor=actor, task_id=task, reason="x", **arguments
    )


def test_a_task_that_does_not_exist_is_answered_like_a_strangers(county: County) -> None:
    for move in (cases.withdraw, cases.urge):
        refused(county, "", move, CaseNotFound, actor=county.actor("chief"), task_id=999999, reason="x")


def test_colleagues_are_found_in_their_unit_and_by_their_name(county: County) -> None:
    chief = county.actor("chief")
    own = identity.colleagues(at=county.now, unit_id=chief.unit_id, besides=chief.persons)
    assert {c.name for c in own} >= {"杨雪梅", "周敏", "罗建平"} and chief.name not in {c.name for c in own}
    assert [c.name for c in identity.colleagues(at=county.now, query="罗建平")] == ["罗建平"]
    duties = [c.duties for c in identity.colleagues(at=county.now, limit=500)]
    assert not any(identity.ADMIN_DUTIES & each for each in duties)
