"""A file becomes a version; a file that cannot be run is refused with every reason."""

from dataclasses import replace
from pathlib import Path

import pytest

from tongban.base.actor import Actor
from tongban.base.errors import Forbidden
from tongban.base.packs import Pack
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.errors import DefinitionNotFound, DefinitionRefused
from tongban.kernel.processes.models import Definition
from tongban.kernel.processes.packs import load_processes
from tongban.kernel.processes.tests.drawn import (
    boundary,
    chain,
    end,
    flow,
    node,
    outcome,
    process,
    service,
    start,
    user,
    xor,
)
from tongban.kernel.processes.tests.world import AT, SYSTEM, World
from tongban.kernel.processes.tests.world import start as start_instance

LINE = process(start(), user("a"), end(), chain("start", "a", "end"))
LONGER = process(start(), user("a"), user("b"), end(), chain("start", "a", "b", "end"))


def publish(xml: bytes, actor: Actor = SYSTEM) -> Definition:
    return processes.publish(actor=actor, key="p", xml=xml, at=AT)


def test_versions_count_up_and_the_same_file_makes_none(world: World) -> None:
    first, again, second = publish(LINE), publish(LINE), publish(LONGER)
    assert (first.version, again.pk, second.version) == (1, first.pk, 2)
    assert [d.is_current for d in Definition.objects.filter(key="p").order_by("version")] == [False, True]
    assert processes.get_definition("p").version == 2
    assert processes.get_definition("p", 1).xml == LINE.decode()
    assert str(first.name) == "测试"


def test_a_running_instance_keeps_its_version(world: World) -> None:
    publish(LINE)
    task = start_instance(world).opened[0]
    publish(LONGER)
    assert processes.complete_task(actor=world.clerk, task_id=task.id, outcome="done", at=AT).ended
    task = start_instance(world).opened[0]
    assert not processes.complete_task(actor=world.clerk, task_id=task.id, outcome="done", at=AT).ended


@pytest.mark.parametrize(
    "what, xml, places",
    [
        ("an unsupported element", process(start(), node("scriptTask", "odd"), end()), {"odd"}),
        (
            "a fault of structure",
            process(start(), user("a"), end(), chain("start", "a")),
            {"start", "a", "end"},
        ),
        (
            "an unknown operation",
            process(start(), service("s", "no.such"), end(), chain("start", "s", "end")),
            {"s"},
        ),
        (
            "an unreadable condition",
            process(
                start(),
                xor("x", default="d"),
                end(),
                end("e"),
                chain("start", "x"),
                flow("x", "end", "a ==="),
                flow("x", "e", key="d"),
            ),
            {"x_end"},
        ),
        (
            "an unreadable outcome",
            process(start(), user("a", "n", outcome("y", when="(")), end(), chain("start", "a", "end")),
            {"a"},
        ),
        (
            "an unreadable limit",
            process(start(), user("a", _limit="soon"), end(), chain("start", "a", "end")),
            {"a"},
        ),
        (
            "an unreadable timer",
            process(
                start(),
                user("a"),
                boundary("t", "a", "5 weeks"),
                end(),
                chain("start", "a", "end"),
                chain("t", "end"),
            ),
            {"t"},
        ),
        ("another encoding", '<?xml version="1.0" encoding="gbk"?><a>中</a>'.encode("gbk"), {""}),
    ],
)
def test_what_cannot_be_run_is_refused_with_its_place(
    what: str, xml: bytes, places: set[str], world: World
) -> None:
    with pytest.raises(DefinitionRefused) as refused:
        publish(xml)
    assert {problem["id"] for problem in refused.value.data["problems"]} == places
    assert refused.value.status == 422
    assert not Definition.objects.filter(key="p").exists()


def test_only_an_administrator_or_a_pack_publishes(world: World) -> None:
    for actor in (world.clerk, world.citizen, world.stranger):
        with pytest.raises(Forbidden):
            publish(LINE, actor)
    assert not Definition.objects.filter(key="p").exists()
    publish(LINE, world.admin)


def test_an_unknown_process_cannot_be_started(world: World) -> None:
    with pytest.raises(DefinitionNotFound):
        start_instance(world, key="nothing")
    with pytest.raises(DefinitionNotFound):
        processes.get_definition("nothing")


def test_a_system_actor_with_any_name_may_publish(world: World) -> None:
    publish(LINE, replace(SYSTEM, name="pack chengxi"))


def test_what_the_office_published_since_stays_when_its_pack_is_installed_again(
    world: World, tmp_path: Path
) -> None:
    (tmp_path / "pack.yaml").write_text("key: test\nname: {zh: 试}\n", encoding="utf-8")
    (tmp_path / "p.bpmn").write_bytes(LINE)
    load_processes(Pack(tmp_path), actor=SYSTEM, at=AT)
    processes.publish(actor=SYSTEM, key="p", xml=LONGER, at=AT)
    load_processes(Pack(tmp_path), actor=SYSTEM, at=AT)
    assert processes.get_definition("p").version == 2
    (tmp_path / "p.bpmn").write_bytes(LONGER.replace(b'name="b"', b'name="c"'))  # the pack has something new
    pack = Pack(tmp_path)
    load_processes(pack, actor=SYSTEM, at=AT)
    assert (processes.get_definition("p").version, pack.left) == (2, {"process": ["p"]})
