"""Going on in the middle with what was begun in another system: only where the process can come to its end from."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tongban.base.ref import Ref
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.errors import DefinitionNotFound, EntryRefused
from tongban.kernel.processes.models import Instance, Job, Task, Timer
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
from tongban.kernel.processes.tests.world import AT, World, build, notes, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build()


def enter(world: World, *steps: str) -> processes.Advance:
    return processes.enter_instance(
        definition_key="p",
        owner=Ref("test", "1"),
        steps=steps,
        vars={"unit": world.unit, "received_at": (AT - timedelta(days=9)).isoformat()},
        since=AT - timedelta(days=2),
        actor=world.clerk,
        at=AT,
    )


LINE = process(
    start(),
    user("check"),
    service("note"),
    user("inspect", _limit="5wd", holder="duty:services.inspect@unit"),
    boundary("late", "inspect", "5wd", since="received_at"),
    user("sign", _separate_from="inspect"),
    end(),
    chain("start", "check", "note", "inspect", "sign", "end"),
    chain("late", "end"),
)
SIDE_BY_SIDE = process(
    start(),
    par("fork"),
    user("left"),
    user("right"),
    par("join"),
    user("both", repeat=each("list")),
    end(),
    chain("start", "fork", "left", "join", "both", "end"),
    chain("fork", "right", "join"),
)


def test_it_goes_on_at_the_named_step_and_claims_nothing_of_the_way_there(world: World) -> None:
    publish(LINE)
    advance = enter(world, "inspect")
    assert [task.node for task in advance.opened] == ["inspect"]
    assert (notes.ran, Job.objects.count()) == ([], 0)
    task, timer = Task.objects.get(), Timer.objects.get()
    assert task.clock is not None
    assert task.clock.started_at == AT - timedelta(days=2)
    assert timer.since_at == AT - timedelta(days=9)
    instance = Instance.objects.get()
    assert (instance.state["taken"], instance.vars["by"]) == ({}, {})
    processes.complete_task(actor=world.clerk, task_id=task.pk, outcome="done", at=AT)
    assert [task.node for task in processes.tasks_of(instance.pk) if task.state == "open"] == ["sign"]


def test_branches_that_must_meet_are_all_named(world: World) -> None:
    publish(SIDE_BY_SIDE)
    assert len(enter(world, "left", "right").opened) == 2
    with pytest.raises(EntryRefused):
        enter(world, "left")
    assert Instance.objects.count() == 1


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (("nowhere",), "no such step"),
        (("note",), "no step that a person does"),
        (("sign",), "begin at 'inspect'"),
        (("check", "check"), "named twice"),
        ((), "no open step"),
    ],
)
def test_a_step_at_which_nothing_can_begin_is_refused(
    world: World, steps: tuple[str, ...], said: str
) -> None:
    publish(LINE)
    with pytest.raises(EntryRefused) as refusal:
        enter(world, *steps)
    assert said in str(refusal.value.detail.en)
    assert not Instance.objects.exists()


def test_a_repeated_step_and_an_unknown_process_are_refused(world: World) -> None:
    with pytest.raises(DefinitionNotFound):
        processes.check_entry("p", ["check"])
    publish(SIDE_BY_SIDE)
    with pytest.raises(EntryRefused) as refusal:
        processes.check_entry("p", ["both"])
    assert "repeated" in str(refusal.value.detail.en)
