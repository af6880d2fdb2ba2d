"""The office moves on stored instances: what is kept, who is asked, what is refused. Where tokens lie: test_moves_table.py."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tongban.base.ref import Ref
from tongban.kernel.calendars.models import Clock
from tongban.kernel.identity import service as identity
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.errors import (
    MoveRefused,
    ReasonRequired,
    SameOfficer,
    SignersOpen,
    TaskNotYours,
    TaskTaken,
)
from tongban.kernel.processes.models import Instance, Task, Timer
from tongban.kernel.processes.tests import world as worlds
from tongban.kernel.processes.tests.drawn import (
    boundary,
    chain,
    each,
    end,
    par,
    process,
    service,
    start,
    user,
)
from tongban.kernel.processes.tests.world import AT, publish
from tongban.kernel.processes.tests.world import start as begin

LATER = AT + timedelta(hours=3)


def post_of(actor: Any) -> dict[str, Any]:
    holder = identity.holder_id("post", actor.post_id)
    return {"holder_id": holder, "person_id": actor.person_id, "person_name": actor.name}


def opened(instance: Any) -> dict[str, Any]:
    return {t.node: t for t in processes.tasks_of(instance) if t.state == "open" and not t.is_signer}


def do(actor: Any, task: Any, outcome: str = "done", **more: Any) -> processes.Advance:
    return processes.complete_task(actor=actor, task_id=task.id, outcome=outcome, at=AT, **more)


def refused(why: str, move: Any, **arguments: Any) -> None:
    """The move is refused for that reason and nothing has changed."""
    before = list(Task.objects.order_by("pk").values()), list(Instance.objects.values())
    with pytest.raises(MoveRefused) as error:
        move(**arguments)
    assert error.value.data["why"] == why
    assert (list(Task.objects.order_by("pk").values()), list(Instance.objects.values())) == before


THREE = process(
    start(), user("a", _limit="2d"), user("b"), user("c"), end(),
    chain("start", "a", "b", "c", "end"),
)  # fmt: skip


@pytest.fixture
def three(world: worlds.World) -> Any:
    """A process of three steps, the first one done by the clerk."""
    publish(THREE)
    [task] = begin(world).opened
    do(world.clerk, task, data={"note": "看过"}, opinion="可以")
    return task.instance_id


# back to an earlier step


def test_a_step_is_sent_back_to_who_did_it_with_what_was_written(world: worlds.World, three: Any) -> None:
    b = opened(three)["b"]
    advance = processes.return_to(
        actor=world.other_clerk, task_id=b.id, to_node="a", reason="少一页", at=LATER
    )
    [a] = advance.opened
    assert (a.node, a.claimed_name, a.note, a.asked_name) == ("a", "王敏", "少一页", "赵强")
    assert a.data == {"note": "看过"}
    row = Task.objects.get(pk=b.id)
    assert (row.state, row.ended_as, row.opinion, row.completed_name) == (
        "cancelled",
        "return",
        "少一页",
        "赵强",
    )
    instance = Instance.objects.get()
    assert "a" not in instance.vars and instance.vars["by"] == {} and instance.vars["data"] == {}
    assert a.due_at == a.opened_at + timedelta(days=2) or a.clock_id is not None


def test_sent_back_and_done_again_the_process_goes_on(world: worlds.World, three: Any) -> None:
    processes.return_to(
        actor=world.other_clerk, task_id=opened(three)["b"].id, to_node="a", reason="少一页", at=LATER
    )
    do(world.clerk, opened(three)["a"])
    do(world.clerk, opened(three)["b"])
    do(world.clerk, opened(three)["c"])
    assert Instance.objects.get().status == "ended"


def test_clocks_of_what_was_cancelled_say_nothing(world: worlds.World) -> None:
    """Neither met nor missed: the sibling's. That of the step that sends back ends as usual, the target begins anew."""
    publish(
        process(
            start(), user("t", _limit="2d"), par("split"), user("a", _limit="2d"), user("b", _limit="2d"), par("join"),
            end(), chain("start", "t", "split", "a", "join", "end"), chain("split", "b", "join"),
        )
    )  # fmt: skip
    [t] = begin(world).opened
    do(world.clerk, t)
    now = opened(t.instance_id)
    later = AT + timedelta(days=1)
    processes.return_to(actor=world.clerk, task_id=now["a"].id, to_node="t", reason="重来", at=later)
    met = {node: Clock.objects.get(pk=task.clock_id).met for node, task in now.items()}
    assert met == {"a": True, "b": None}
    fresh = Clock.objects.get(pk=opened(t.instance_id)["t"].clock_id)
    assert (fresh.state, fresh.started_at) == ("running", later)


def test_an_element_taken_back_has_its_own_variables_again(world: worlds.World) -> None:
    """The decisive answer of three is taken back: the others are asked again, what it wrote is gone."""
    publish(
        process(
            start(), user("a"), user("ask", "yes", "no", repeat=each("units", "unit", "any", "yes")), user("c"), end(),
            chain("start", "a", "ask", "c", "end"),
        )
    )  # fmt: skip
    [a] = begin(world, units=[world.unit] * 3).opened
    do(world.clerk, a)
    before = Instance.objects.get()
    asked = [t for t in processes.tasks_of(a.instance_id) if t.state == "open"]
    do(world.clerk, asked[0], "yes", data={"x": 1})
    assert list(opened(a.instance_id)) == ["c"]
    processes.withdraw(actor=world.clerk, task_id=asked[0].id, reason="写错了", at=AT)
    after = Instance.objects.get()
    assert after.vars == before.vars
    assert list(after.elements.values()) == list(before.elements.values())
    again = [t for t in processes.tasks_of(a.instance_id) if t.state == "open"]
    assert len(again) == 3
    do(world.clerk, next(t for t in again if t.claimed_by), "yes")
    assert list(opened(a.instance_id)) == ["c"]


def test_nothing_is_sent_back_without_a_reason(world: worlds.World, three: Any) -> None:
    with pytest.raises(ReasonRequired):
        processes.return_to(actor=world.clerk, task_id=opened(three)["b"].id, to_node="a", reason=" ", at=AT)


def test_only_whose_turn_it_is_sends_back(world: worlds.World, three: Any) -> None:
    b = opened(three)["b"]
    call = {"move": processes.return_to, "task_id": b.id, "to_node": "a", "reason": "少一页", "at": LATER}
    refused("not-yours", actor=world.chief, **call)
    refused("not-yours", actor=world.stranger, **call)
    processes.claim_task(actor=world.clerk, task_id=b.id, at=AT)
    refused("taken", actor=world.other_clerk, **call)


def test_what_has_effect_outside_stays_done(world: worlds.World) -> None:
    publish(
        process(
            start(), user("a"), service("notice"), user("b"), end(), chain("start", "a", "notice", "b", "end")
        )
    )
    [a] = begin(world).opened
    do(world.clerk, a)
    b = opened(a.instance_id)["b"]
    refused(
        "legal-act", processes.return_to, actor=world.clerk, task_id=b.id, to_node="a", reason="x", at=LATER
    )
    refused("legal-act", processes.withdraw, actor=world.clerk, task_id=a.id, reason="x", at=LATER)


# taken back


def test_a_step_taken_back_is_as_before(world: worlds.World) -> None:
    publish(THREE)
    [a] = begin(world).opened
    before = Instance.objects.get()
    do(world.clerk, a, data={"note": "看过"})
    b = opened(a.instance_id)["b"]
    [again] = processes.withdraw(actor=world.clerk, task_id=a.id, reason="写错了", at=LATER).opened
    after = Instance.objects.get()
    assert after.vars == before.vars
    assert list(after.state["tokens"].values()) == list(before.state["tokens"].values())
    assert after.state["taken"] == before.state["taken"]
    assert (again.node, again.claimed_by, again.data) == ("a", world.clerk.person_id, {"note": "看过"})
    assert again.due_at == a.due_at
    rows = {t.id: (t.state, t.ended_as, t.is_void) for t in Task.objects.all()}
    assert rows[a.id] == ("cancelled", "withdraw", True)
    assert rows[b.id] == ("cancelled", "withdraw", False)
    assert Clock.objects.get(pk=a.clock_id).met is None


def test_what_somebody_began_is_not_taken_back(world: worlds.World, three: Any) -> None:
    a = Task.objects.get(node="a")
    processes.claim_task(actor=world.other_clerk, task_id=opened(three)["b"].id, at=AT)
    call = {"actor": world.clerk, "task_id": a.pk, "reason": "写错了", "at": LATER}
    refused("next-began", processes.withdraw, **call)
    do(world.other_clerk, opened(three)["b"])
    refused("moved-on", processes.withdraw, **call)


def test_only_who_did_it_takes_it_back(world: worlds.World, three: Any) -> None:
    a = Task.objects.get(node="a")
    refused(
        "not-done-by-you", processes.withdraw, actor=world.other_clerk, task_id=a.pk, reason="x", at=LATER
    )


def test_a_step_taken_back_keeps_its_due_time(world: worlds.World) -> None:
    publish(
        process(
            start(), user("a"), boundary("late", "a", "1d"), user("b"), user("c"), end(),
            chain("start", "a", "b", "end"), chain("late", "c", "end"),
        )
    )  # fmt: skip
    [a] = begin(world).opened
    due = Timer.objects.get().due_at
    do(world.clerk, a)
    processes.withdraw(actor=world.clerk, task_id=a.id, reason="写错了", at=AT + timedelta(hours=20))
    assert [t.due_at for t in Timer.objects.filter(state="waiting")] == [due]
    processes.fire_due_timers(at=due + timedelta(seconds=1))
    assert list(opened(a.instance_id)) == ["c"]


def test_two_officers_stay_two_after_taking_back(world: worlds.World) -> None:
    publish(
        process(
            start(), user("a"), user("b", _separate_from="a"), end(), chain("start", "a", "b", "end"),
        )
    )  # fmt: skip
    [a] = begin(world).opened
    do(world.clerk, a)
    processes.withdraw(actor=world.clerk, task_id=a.id, reason="让同事办", at=AT)
    again = opened(a.instance_id)["a"]
    processes.release_task(actor=world.clerk, task_id=again.id, at=AT)
    do(world.other_clerk, again)
    with pytest.raises(SameOfficer):
        do(world.other_clerk, opened(a.instance_id)["b"])
    do(world.clerk, opened(a.instance_id)["b"])


# signers


def ask(world: worlds.World, task: Any, place: str, who: Any, actor: Any = None) -> processes.TaskView:
    return processes.add_signer(
        actor=actor or world.clerk, task_id=task.id, place=place, reason="请把关", at=AT, **post_of(who)
    )


def test_before_the_step_rests_until_the_signer_has_answered(world: worlds.World, three: Any) -> None:
    b = opened(three)["b"]
    signer = ask(world, b, "before", world.chief)
    assert (signer.name.zh, signer.note, signer.state) == ("b（加签）", "请把关", "open")
    for act in (processes.claim_task, processes.release_task):
        with pytest.raises(SignersOpen):
            act(actor=world.clerk, task_id=b.id, at=AT)
    with pytest.raises(SignersOpen):
        do(world.clerk, b)
    do(world.chief, signer, "disagree", opinion="不行")
    do(world.clerk, b)
    assert list(opened(three)) == ["c"]


def test_beside_the_step_is_worked_on_and_done_after_the_answer(world: worlds.World, three: Any) -> None:
    b = opened(three)["b"]
    signer = ask(world, b, "beside", world.chief)
    processes.claim_task(actor=world.clerk, task_id=b.id, at=AT)
    with pytest.raises(SignersOpen):
        do(world.clerk, b)
    do(world.chief, signer, "agree")
    do(world.clerk, b)
    assert list(opened(three)) == ["c"]


def test_after_the_step_the_signer_lets_it_go_on(world: worlds.World, three: Any) -> None:
    b = opened(three)["b"]
    signer = ask(world, b, "after", world.chief)
    assert signer.state == "planned"
    do(world.clerk, b)
    assert opened(three) == {} and "b" not in Instance.objects.get().vars
    do(world.chief, signer, "agree")
    assert list(opened(three)) == ["c"]
    assert Instance.objects.get().vars["by"]["b"] == str(world.clerk.person_id)


def test_a_signer_after_who_disagrees_sends_it_back_to_the_step(world: worlds.World, three: Any) -> None:
    b = opened(three)["b"]
    signer = ask(world, b, "after", world.chief)
    do(world.clerk, b, data={"x": 1})
    do(world.chief, signer, "disagree", opinion="再看看")
    again = opened(three)["b"]
    assert (again.note, again.claimed_by, again.data) == ("再看看", world.clerk.person_id, {"x": 1})
    do(world.clerk, again)
    assert list(opened(three)) == ["c"]


def test_a_step_that_waits_for_signers_after_it_is_taken_back(world: worlds.World, three: Any) -> None:
    b = opened(three)["b"]
    signer = ask(world, b, "after", world.chief)
    do(world.clerk, b)
    processes.withdraw(actor=world.clerk, task_id=b.id, reason="还要改", at=AT)
    assert opened(three)["b"].id != b.id
    assert processes.get_task(signer.id).state == "cancelled"


def test_who_is_asked_is_asked_once_and_is_another(world: worlds.World, three: Any) -> None:
    b = opened(three)["b"]
    ask(world, b, "beside", world.chief)
    call = {"task_id": b.id, "place": "beside", "reason": "请把关", "at": AT}
    refused("asked-already", processes.add_signer, actor=world.clerk, **call, **post_of(world.chief))
    refused("yourself", processes.add_signer, actor=world.clerk, **call, **post_of(world.clerk))


def test_a_signer_has_an_opinion_and_nothing_more(world: worlds.World, three: Any) -> None:
    signer = ask(world, opened(three)["b"], "beside", world.chief)
    call = {"actor": world.chief, "task_id": signer.id, "reason": "x", "at": AT}
    refused("signer", processes.return_to, to_node="a", **call)
    refused("signer", processes.transfer, **call, **post_of(world.clerk))
    refused("signer", processes.add_signer, place="before", **call, **post_of(world.other_clerk))


def test_signers_go_with_a_step_that_is_sent_back(world: worlds.World, three: Any) -> None:
    b = opened(three)["b"]
    signers = [ask(world, b, "beside", world.chief), ask(world, b, "after", world.other_clerk)]
    processes.return_to(actor=world.clerk, task_id=b.id, to_node="a", reason="少一页", at=LATER)
    assert {processes.get_task(s.id).state for s in signers} == {"cancelled"}


# other hands


def test_a_step_is_given_to_a_colleague_alone(world: worlds.World, three: Any) -> None:
    b = opened(three)["b"]
    processes.transfer(actor=world.clerk, task_id=b.id, reason="出差", at=LATER, **post_of(world.other_clerk))
    with pytest.raises(TaskNotYours):
        do(world.clerk, b)
    do(world.other_clerk, b)
    assert list(opened(three)) == ["c"]


def test_a_second_signature_is_not_given_to_the_first(world: worlds.World) -> None:
    publish(
        process(start(), user("a"), user("b", _separate_from="a"), end(), chain("start", "a", "b", "end"))
    )
    [a] = begin(world).opened
    do(world.clerk, a)
    call = {"task_id": opened(a.instance_id)["b"].id, "reason": "出差", "at": AT}
    refused("same-officer", processes.transfer, actor=world.other_clerk, **call, **post_of(world.clerk))


def test_a_step_is_urged_once_a_day_by_others(world: worlds.World, three: Any) -> None:
    b = opened(three)["b"]
    refused("own-step", processes.urge, actor=world.clerk, task_id=b.id, at=AT)
    assert processes.urge(actor=world.chief, task_id=b.id, at=AT).urged == 1
    refused("too-soon", processes.urge, actor=world.chief, task_id=b.id, at=AT + timedelta(hours=23))
    assert processes.urge(actor=world.chief, task_id=b.id, at=AT + timedelta(hours=24)).urged == 2


@pytest.mark.parametrize(
    ("move", "more"),
    [
        ("return_to", {"to_node": "a"}),
        ("transfer", {"to": "other_clerk"}),
        ("add_signer", {"to": "chief", "place": "before"}),
    ],
)
def test_a_process_may_forbid_a_move(world: worlds.World, move: str, more: dict[str, Any]) -> None:
    xml = process(start(), user("a"), user("b"), end(), chain("start", "a", "b", "end"))
    publish(xml.replace(b'<process id="p"', b'<process id="p" tongban:moves="urge"'))
    [a] = begin(world).opened
    do(world.clerk, a)
    if "to" in more:
        more = {**more, **post_of(getattr(world, more["to"]))}
        del more["to"]
    b = opened(a.instance_id)["b"]
    refused("forbidden", getattr(processes, move), actor=world.clerk, task_id=b.id, reason="x", at=AT, **more)
    refused("forbidden", processes.withdraw, actor=world.clerk, task_id=a.id, reason="x", at=AT)


# standing in


def test_a_delegate_does_the_work_in_the_name_of_both(world: worlds.World, three: Any) -> None:
    b = opened(three)["b"]
    processes.claim_task(actor=world.clerk, task_id=b.id, at=AT)
    with pytest.raises(TaskTaken):
        do(world.other_clerk, b)
    other = delegate(world.clerk, world.other_clerk)
    do(other, b)
    row = Task.objects.get(pk=b.id)
    assert (row.completed_by, row.behalf_of) == (other.person_id, world.clerk.person_id)
    assert row.completed_name == "赵强（代王敏）"


def test_neither_of_two_who_share_an_authority_gives_the_second_signature(world: worlds.World) -> None:
    publish(
        process(start(), user("a"), user("b", _separate_from="a"), end(), chain("start", "a", "b", "end"))
    )
    [a] = begin(world).opened
    processes.claim_task(actor=world.clerk, task_id=a.id, at=AT)
    other = delegate(world.clerk, world.other_clerk)
    do(other, a)
    for actor in (other, world.clerk):
        with pytest.raises(SameOfficer):
            do(actor, opened(a.instance_id)["b"])


def delegate(from_: Any, to: Any) -> Any:
    """Let one stand in for another from now on; return the delegate's Actor."""
    from tongban.kernel.identity.models import Account, Holding

    identity.delegate(
        actor=from_,
        holding_id=Holding.objects.get(person_id=from_.person_id).pk,
        to_person_id=to.person_id,
        since=AT,
        until=AT + timedelta(days=7),
        at=AT,
    )
    return identity.actor_for(Account.objects.get(person_id=to.person_id), at=AT, channel="desk")


def test_the_owner_hears_which_move_it_was(world: worlds.World, three: Any, notes: worlds.Notes) -> None:
    processes.return_to(
        actor=world.clerk, task_id=opened(three)["b"].id, to_node="a", reason="少一页", at=LATER
    )
    assert notes.advances[-1].move == "return"
    assert [task.node for task in notes.advances[-1].cancelled] == ["b"]
    assert notes.advances[-1].opened[0].owner == Ref("test", "1")


def test_a_withdrawal_brings_the_owners_state_back(world: worlds.World, notes: worlds.Notes) -> None:
    publish(
        process(
            start(), user("a", _state="first"), user("b", _state="second"), end(), chain("start", "a", "b", "end"),
        )
    )  # fmt: skip
    [a] = begin(world).opened
    do(world.clerk, a)
    assert [e.state for e in notes.advances[-1].entered] == ["second"]
    processes.withdraw(actor=world.clerk, task_id=a.id, reason="写错了", at=AT)
    assert [e.state for e in notes.advances[-1].entered] == ["first"]
