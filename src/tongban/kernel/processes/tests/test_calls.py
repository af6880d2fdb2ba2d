"""Call activities: bound when the caller is published, put in its place, refused when they could not end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tongban.base.packs import Pack
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.bpmn import parse
from tongban.kernel.processes.calls import MAX_DEPTH, called_keys, inline
from tongban.kernel.processes.errors import DefinitionRefused
from tongban.kernel.processes.models import Definition, Task
from tongban.kernel.processes.packs import load_processes
from tongban.kernel.processes.tests.drawn import (
    boundary,
    call,
    chain,
    end,
    flow,
    process,
    start,
    user,
    xor,
)
from tongban.kernel.processes.tests.world import AT, SYSTEM, World, publish
from tongban.kernel.processes.tests.world import start as start_instance

CHECK = process(start(), user("look", "good", "bad"), end(), chain("start", "look", "end"), key="check")
STRICT = process(
    start(),
    user("look", "good", "bad"),
    user("again"),
    end(),
    chain("start", "look", "again", "end"),
    key="check",
)


def calling(*keys: str, key: str = "p") -> bytes:
    names = [f"c{n}" for n in range(len(keys))]
    parts = [call(name, called) for name, called in zip(names, keys, strict=True)]
    return process(start(), *parts, end(), chain("start", *names, "end"), key=key)


CALLER = process(
    start(),
    call("c", "check"),
    boundary("late", "c"),
    xor("x", default="x_end"),
    user("fix", _separate_from="fix2"),
    user("fix2"),
    end(),
    chain("start", "c", "x"),
    flow("x", "fix", "look == 'bad'"),
    flow("x", "end"),
    flow("late", "end"),
    chain("fix", "fix2", "end"),
)


def problems_of(xml: bytes, key: str = "p") -> list[str]:
    with pytest.raises(DefinitionRefused) as refused:
        publish(xml, key)
    return [problem.id for problem in refused.value.problems]


def complete(world: World, task: processes.TaskView, how: str = "done") -> processes.Advance:
    return processes.complete_task(actor=world.clerk, task_id=task.id, outcome=how, at=AT)


def test_what_is_called_stands_in_the_place_of_the_call() -> None:
    graph = parse(CALLER)
    whole = inline(graph, {"check": parse(CHECK)})
    assert called_keys(graph) == called_keys(whole) == ["check"]
    keys = list(whole.nodes)
    assert keys[: keys.index("late")] == ["start", "c", "c/start", "c/look", "c/end"]
    look = whole.nodes["c/look"]
    assert (look.scope, look.name, look.outgoing[0].id) == ("c", "look", "c/look_end")
    assert whole.flows["c/look_end"].target == "c/end"
    twice = inline(parse(calling("p")), {"p": whole})
    assert (twice.nodes["c0/c/look"].scope, twice.nodes["c0/late"].attached_to) == ("c0/c", "c0/c")


def test_caller_and_called_share_the_variables(world: World) -> None:
    publish(CHECK, "check")
    publish(CALLER)
    advance = start_instance(world)
    assert [task.node for task in advance.opened] == ["c/look"]
    advance = complete(world, advance.opened[0], "bad")
    assert [task.node for task in advance.opened] == ["fix"]


def test_the_version_is_bound_when_the_caller_is_published(world: World) -> None:
    publish(CHECK, "check")
    publish(CALLER)
    publish(STRICT, "check")
    assert Definition.objects.get(key="p").calls == {"check": 1}
    task = start_instance(world).opened[0]
    assert complete(world, task, "good").ended
    publish(CALLER)
    assert Definition.objects.get(key="p", is_current=True).calls == {"check": 2}
    task = start_instance(world).opened[0]
    assert not complete(world, task, "good").ended
    publish(CALLER)
    assert Definition.objects.filter(key="p").count() == 2


def test_what_is_not_published_cannot_be_called(world: World) -> None:
    assert problems_of(calling("nothing")) == ["c0"]


def test_a_process_that_comes_back_to_itself_is_refused(world: World) -> None:
    assert problems_of(calling("p")) == ["c0"]
    publish(CHECK, "a")
    publish(calling("a", key="b"), "b")
    publish(calling("b", key="c"), "c")
    assert problems_of(calling("c", key="a"), "a") == ["c0"]
    assert Definition.objects.filter(key="a").count() == 1


def test_calls_lie_only_so_deep(world: World) -> None:
    publish(CHECK, "d0")
    for depth in range(1, MAX_DEPTH + 1):
        publish(calling(f"d{depth - 1}", key=f"d{depth}"), f"d{depth}")
    assert problems_of(calling(f"d{MAX_DEPTH}")) == ["c0"]
    task = start_instance(world, f"d{MAX_DEPTH}").opened[0]
    assert task.node == "c0/" * MAX_DEPTH + "look"
    assert complete(world, task, "good").ended


def test_all_of_it_together_may_be_too_large(world: World) -> None:
    many = [user(f"t{n}") for n in range(400)]
    keys = [f"t{n}" for n in range(400)]
    publish(process(start(), *many, end(), chain("start", *keys, "end"), key="many"), "many")
    assert problems_of(calling("many", "many", "many", "many", "many")) == ["p"]


def test_an_id_must_fit_with_those_of_the_calls_around_it(world: World) -> None:
    key = "k" * 79
    publish(process(start(), user(key), end(), chain("start", key, "end"), key="long"), "long")
    assert problems_of(calling("long")) == [f"c0/{key}"]


def test_a_timer_on_a_call_takes_what_was_called(world: World) -> None:
    publish(CHECK, "check")
    publish(CALLER)
    start_instance(world)
    assert processes.fire_due_timers(at=AT + timedelta(days=30)) == 1
    assert Task.objects.get().state == Task.CANCELLED


def test_a_pack_publishes_what_is_called_before_its_caller(world: World, tmp_path) -> None:
    (tmp_path / "a.bpmn").write_bytes(calling("check", key="a"))
    (tmp_path / "z.bpmn").write_bytes(CHECK)
    (tmp_path / "pack.yaml").write_text("key: test\n")
    assert load_processes(Pack(tmp_path), actor=SYSTEM, at=AT) == 2
    assert Definition.objects.get(key="a").calls == {"check": 1}


def test_the_drawing_shows_what_happens_inside_a_call_in_words(world: World) -> None:
    publish(CHECK, "check")
    publish(CALLER)
    advance = start_instance(world)
    steps = {step.label.zh: step.state for step in processes.drawing(advance.instance_id).steps}
    assert steps["look"] == "current"
    complete(world, advance.opened[0], "bad")
    steps = {step.label.zh: step.state for step in processes.drawing(advance.instance_id).steps}
    assert (steps["look"], steps["fix"]) == ("done", "current")
