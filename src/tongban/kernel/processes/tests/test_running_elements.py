"""Repeated activities, sub-processes and decisions in the database: tasks, variables, due times, what is cancelled."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tongban.base.text import LocalizedText
from tongban.kernel.calendars.models import Clock
from tongban.kernel.decisions.service import put_table
from tongban.kernel.identity.service import holder_id
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.errors import MoveRefused, OutcomeNotAllowed, SameOfficer, TaskNotYours
from tongban.kernel.processes.models import Instance, Job, Task, Timer
from tongban.kernel.processes.tests.drawn import (
    boundary,
    chain,
    each,
    end,
    flow,
    outcome,
    process,
    rule,
    service,
    start,
    sub,
    user,
    xor,
)
from tongban.kernel.processes.tests.world import AT, SYSTEM, Notes, World, publish
from tongban.kernel.processes.tests.world import start as start_instance

LATER = AT + timedelta(hours=2)


def experts(world: World) -> list[int]:
    return [holder_id("post", actor.post_id) for actor in (world.clerk, world.other_clerk, world.chief)]


def asking(complete: str = "", *, one_by_one: bool = False, more: str = "") -> bytes:
    return process(
        start(),
        user("ask", "agree", "object", holder="var:expert", _limit="2wd",
             repeat=each("experts", "expert", complete, "agree" if complete else "", one_by_one)),
        xor("met", default="no"),
        user("decide", _separate_from="ask"),
        end("refused"),
        end(),
        chain("start", "ask", "met"),
        flow("met", "decide", "ask.met"),
        flow("met", "refused", key="no"),
        flow("decide", "end"),
        more,
    )  # fmt: skip


def complete(actor: Any, task: Any, how: str = "agree", **data: Any) -> processes.Advance:
    return processes.complete_task(actor=actor, task_id=task.id, outcome=how, data=data, at=LATER)


def instance() -> Instance:
    return Instance.objects.get()


def by_holder(advance: processes.Advance) -> dict[int, Any]:
    return {task.holder_id: task for task in advance.opened}


def test_each_element_is_a_task_of_its_own_holder(world: World) -> None:
    publish(asking())
    advance = start_instance(world, experts=experts(world))
    assert list(by_holder(advance)) == experts(world)
    with pytest.raises(TaskNotYours):
        complete(world.clerk, advance.opened[1])
    assert all(task.due_at and task.clock_id for task in advance.opened)


def test_the_result_and_what_was_filled_in_stand_in_the_variables(world: World) -> None:
    publish(asking("ratio:1/2"))
    tasks = start_instance(world, experts=experts(world)).opened
    complete(world.other_clerk, tasks[1], "object", why="too small")
    assert "ask" not in instance().vars
    complete(world.chief, tasks[2], "agree", why="fine")
    advance = complete(world.clerk, tasks[0], "agree", why="all right")
    assert [task.node for task in advance.opened] == ["decide"]
    values = instance().vars
    assert values["ask"] == {"done": 3, "counted": 2, "of": 3, "met": True}
    assert values["data"]["ask"] == [{"why": "all right"}, {"why": "too small"}, {"why": "fine"}]
    actors = (world.clerk, world.other_clerk, world.chief)
    assert values["by"]["ask"] == [str(actor.person_id) for actor in actors]
    assert instance().elements == {}


def test_who_did_an_element_may_not_do_the_step_that_must_be_another_officers(world: World) -> None:
    publish(asking())
    tasks = start_instance(world, experts=experts(world)[1:2]).opened
    decide = complete(world.other_clerk, tasks[0]).opened[0]
    with pytest.raises(SameOfficer):
        complete(world.other_clerk, decide, "done")
    assert complete(world.clerk, decide, "done").ended


def test_when_it_is_decided_the_other_tasks_are_cancelled_with_their_clocks(world: World) -> None:
    publish(asking("any"))
    tasks = start_instance(world, experts=experts(world)).opened
    advance = complete(world.chief, tasks[2])
    assert {task.id for task in advance.cancelled} == {tasks[0].id, tasks[1].id}
    assert [task.node for task in advance.opened] == ["decide"]
    assert instance().vars["data"]["ask"] == [None, None, {}]
    assert not Clock.objects.filter(pk__in=[t.clock_id for t in tasks], stopped_at=None).exists()


def test_a_ratio_that_cannot_be_reached_any_more_ends_it(world: World) -> None:
    publish(asking("ratio:2/3"))
    tasks = start_instance(world, experts=experts(world)).opened
    complete(world.clerk, tasks[0], "object")
    advance = complete(world.other_clerk, tasks[1], "object")
    assert advance.ended
    assert [task.id for task in advance.cancelled] == [tasks[2].id]
    assert instance().vars["ask"] == {"done": 2, "counted": 0, "of": 3, "met": False}


def test_one_by_one_the_next_is_asked_when_one_is_done(world: World) -> None:
    publish(asking(one_by_one=True))
    advance = start_instance(world, experts=experts(world))
    for actor, holder in zip((world.clerk, world.other_clerk, world.chief), experts(world), strict=True):
        assert list(by_holder(advance)) == [holder]
        advance = complete(actor, advance.opened[0])
    assert [task.node for task in advance.opened] == ["decide"]


def test_an_empty_list_is_passed_at_once(world: World) -> None:
    publish(asking())
    advance = start_instance(world, experts=[])
    assert [task.node for task in advance.opened] == ["decide"]
    assert instance().vars["ask"] == {"done": 0, "counted": 0, "of": 0, "met": True}


@pytest.mark.parametrize("value", [None, 3, {"a": 1}, "abc", list(range(201))])
def test_what_is_no_list_is_an_incident_and_can_be_put_right(value: object, world: World) -> None:
    publish(asking())
    assert len(start_instance(world, experts=value).incidents) == 1
    instance_id = instance().pk
    processes.set_vars(instance_id=instance_id, values={"experts": experts(world)}, at=LATER)
    advance = processes.retry_job(
        actor=world.admin, job_id=Job.objects.get().pk, reason="put right", at=LATER
    )
    assert advance is not None
    assert len(advance.opened) == 3


def test_terminating_takes_every_element(world: World) -> None:
    publish(asking())
    start_instance(world, experts=experts(world))
    advance = processes.terminate(instance_id=instance().pk, actor=world.admin, reason="stopped", at=LATER)
    assert len(advance.cancelled) == 3
    assert not Task.objects.filter(state=Task.OPEN).exists()
    assert instance().elements == {}


def test_a_timer_of_a_repeated_task_takes_every_element(world: World) -> None:
    publish(asking(more=boundary("late", "ask", "1wd") + flow("late", "end")))
    start_instance(world, experts=experts(world))
    assert Timer.objects.count() == 1
    assert processes.fire_due_timers(at=AT + timedelta(days=3)) == 1
    assert instance().status == Instance.ENDED
    assert instance().vars["ask"] == "timer"
    assert set(Task.objects.values_list("state", flat=True)) == {Task.CANCELLED}


def test_an_element_can_be_taken_back_even_the_last(world: World) -> None:
    publish(asking())
    tasks = start_instance(world, experts=experts(world)[:2]).opened
    complete(world.clerk, tasks[0], "object")
    advance = processes.withdraw(actor=world.clerk, task_id=tasks[0].id, reason="a slip", at=LATER)
    again = complete(world.clerk, advance.opened[0], "agree")
    assert not again.opened
    complete(world.other_clerk, tasks[1], "agree")
    assert instance().vars["ask"] == {"done": 2, "counted": 2, "of": 2, "met": True}
    advance = processes.withdraw(actor=world.other_clerk, task_id=tasks[1].id, reason="a slip", at=LATER)
    assert "ask" not in instance().vars
    complete(world.other_clerk, advance.opened[0], "object")
    assert instance().vars["ask"] == {"done": 2, "counted": 2, "of": 2, "met": True}


VISITS = process(
    start(),
    sub(
        "visit",
        each("shops", "shop", "all", "fine"),
        start("in"),
        user("look", "good", outcome("bad", when="shop.area > 10"), holder="var:shop.officer"),
        xor("which", default="well"),
        service("note"),
        end("fine"),
        end("faulty"),
        chain("in", "look", "which"),
        flow("which", "note", "look == 'bad' and shop.area > 10"),
        flow("which", "fine", key="well"),
        flow("note", "faulty"),
        name="visit",
    ),
    boundary("warn", "visit", "1wd", cancelActivity="false"),
    boundary("late", "visit", "5wd"),
    user("told"),
    user("after"),
    end(),
    end("end2"),
    chain("start", "visit", "after", "end"),
    chain("warn", "told", "end2"),
    chain("late", "after"),
)


def visiting(world: World) -> tuple[Any, ...]:
    publish(VISITS)
    first, second, _ = experts(world)
    shops = [{"officer": first, "area": 5}, {"officer": second, "area": 50}]
    return start_instance(world, shops=shops).opened


def test_what_is_written_inside_an_element_is_its_own(world: World, notes: Notes) -> None:
    small, large = visiting(world)
    assert [o.allowed for o in processes.get_task(small.id).outcomes] == [True, False]
    assert [o.allowed for o in processes.get_task(large.id).outcomes] == [True, True]
    with pytest.raises(OutcomeNotAllowed):
        complete(world.clerk, small, "bad")
    assert not complete(world.other_clerk, large, "bad", dirt="much").opened
    context = notes.contexts[-1]
    assert (context.node, context.vars["look"], context.vars["shop"]["area"]) == ("note", "bad", 50)
    assert "look" not in instance().vars
    advance = complete(world.clerk, small, "good")
    assert [task.node for task in advance.opened] == ["after"]
    values = instance().vars
    assert values["visit"] == {"done": 2, "counted": 1, "of": 2, "met": False}
    assert [own["look"] for own in values["data"]["visit"]] == ["good", "bad"]
    assert values["data"]["visit"][1]["data"]["look"] == {"dirt": "much"}
    assert values["data"]["visit"][1]["noted_note"] == "yes"
    assert "look" not in values


def test_a_timer_that_does_not_interrupt_fires_once_and_leaves_the_rest(world: World) -> None:
    tasks = visiting(world)
    assert Timer.objects.count() == 2
    assert processes.fire_due_timers(at=AT + timedelta(days=2)) == 1
    assert processes.fire_due_timers(at=AT + timedelta(days=2)) == 0
    assert set(Task.objects.filter(state=Task.OPEN).values_list("node", flat=True)) == {"look", "told"}
    assert "visit" not in instance().vars
    complete(world.clerk, tasks[0], "good")
    advance = complete(world.other_clerk, tasks[1], "good")
    assert [task.node for task in advance.opened] == ["after"]
    assert Timer.objects.get(node="late").state == Timer.CANCELLED


def test_a_timer_that_interrupts_takes_everything_inside(world: World) -> None:
    visiting(world)
    assert processes.fire_due_timers(at=AT + timedelta(days=9)) == 2
    assert set(Task.objects.filter(state=Task.OPEN).values_list("node", flat=True)) == {"after", "told"}
    assert instance().vars["visit"] == "timer"
    assert instance().elements == {}


def test_a_subprocess_waits_for_its_last_token(world: World) -> None:
    publish(
        process(
            start(),
            sub(
                "s",
                start("in"),
                user("a"),
                user("b"),
                end("out"),
                chain("in", "a", "b", "out"),
                _state="inside",
            ),
            boundary("late", "s", "5wd"),
            user("after"),
            end(),
            chain("start", "s", "after", "end"),
            chain("late", "after"),
        )
    )
    advance = start_instance(world)
    assert [(each.node, each.state) for each in advance.entered] == [("s", "inside")]
    for node in ("b", "after"):
        advance = complete(world.clerk, advance.opened[0], "done")
        assert [task.node for task in advance.opened] == [node]
    assert Timer.objects.get().state == Timer.CANCELLED
    assert instance().vars["a"] == "done"


FEE = process(
    start(),
    rule("fee", "fee-table", "fee"),
    xor("x", default="x_free"),
    user("pay"),
    user("free"),
    end(),
    chain("start", "fee", "x"),
    flow("x", "pay", "fee.amount > 0"),
    flow("x", "free"),
    chain("pay", "end"),
    chain("free", "end"),
)


def test_a_rule_asks_the_decision_table(world: World) -> None:
    put_table(
        key="fee-table",
        name=LocalizedText("收费"),
        content={
            "inputs": [{"key": "area"}],
            "outputs": [{"key": "amount"}],
            "rules": [
                {"when": {"area": "<= 50"}, "then": {"amount": 0}},
                {"when": {}, "then": {"amount": "= area * 2"}},
            ],
        },
        legal_source=LocalizedText("《收费办法》第二条"),
        valid_from=date(2026, 1, 1),
        actor=SYSTEM,
        at=AT,
    )
    publish(FEE)
    assert [task.node for task in start_instance(world, area=40).opened] == ["free"]
    advance = start_instance(world, area=60)
    assert [task.node for task in advance.opened] == ["pay"]
    assert Instance.objects.get(pk=advance.instance_id).vars["fee"] == {"amount": 120}


def test_a_table_that_is_not_there_is_an_incident(world: World) -> None:
    publish(FEE)
    advance = start_instance(world, area=60)
    assert (len(advance.incidents), advance.opened) == (1, ())


def test_inside_an_element_a_move_knows_who_did_its_other_step_and_the_unit_that_it_belongs_to(
    world: World,
) -> None:
    publish(
        process(
            start(),
            sub(
                "visit",
                each("shops", "shop"),
                start("in"),
                user("look", holder="duty:services.window@shop.unit"),
                user("sign", holder="duty:services.window@shop.unit", _separate_from="look"),
                end("fine"),
                chain("in", "look", "sign", "fine"),
                name="visit",
            ),
            end(),
            chain("start", "visit", "end"),
        )
    )
    look = start_instance(world, shops=[{"unit": world.unit}]).opened[0]
    sign = complete(world.clerk, look, "done").opened[0]
    assert processes.needed_duty(sign.id) == ("services.window", world.unit)
    assert processes.has_done_the_other(sign, world.clerk.person_id)
    situation = processes.situation_of(instance(), processes.tasks_of(sign.instance_id))
    why = situation.may_transfer(world.clerk, sign)
    assert why is not None and why.key == "same-officer"
    with pytest.raises(MoveRefused) as refused:
        processes.transfer(
            actor=world.other_clerk,
            task_id=sign.id,
            holder_id=sign.holder_id,
            person_id=world.clerk.person_id,
            person_name="王敏",
            reason="请签",
            at=LATER,
        )
    assert refused.value.data["why"] == "same-officer"
