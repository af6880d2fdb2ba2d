"""Moving running instances to a corrected version: looked at, done, refused."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from tongban.base.errors import Forbidden, Invalid
from tongban.base.text import LocalizedText
from tongban.kernel.calendars.models import Clock
from tongban.kernel.calendars.service import SpecialDay, import_year
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger.models import Act
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.errors import (
    DefinitionNotFound,
    InstanceEnded,
    MigrationRefused,
    MoveRefused,
    ReasonRequired,
)
from tongban.kernel.processes.models import Instance, Task, Timer
from tongban.kernel.processes.tests.drawn import (
    boundary,
    chain,
    each,
    end,
    flow,
    outcome,
    process,
    service,
    start,
    user,
    xor,
)
from tongban.kernel.processes.tests.world import AT, World, build, notes, publish
from tongban.kernel.processes.tests.world import start as begin

pytestmark = pytest.mark.django_db

OLD = process(
    start(),
    user("check"),
    user("inspect", limit="", holder="duty:services.inspect@unit"),
    boundary("late", "inspect", "5wd"),
    end(),
    chain("start", "check", "inspect", "end"),
    chain("late", "end"),
)
NEW = process(
    start(),
    user("check"),
    user("visit", outcome("good"), outcome("bad"), holder="duty:services.decide@unit", _form="visit-record"),
    boundary("late", "visit", "10wd"),
    boundary("remind", "visit", "2wd", cancelActivity="false"),
    service("note"),
    xor("fine"),
    end(),
    chain("start", "check", "visit", "fine"),
    flow("fine", "end", "visit == 'good' and check == 'done'"),
    flow("fine", "note", key="rest"),
    chain("note", "end"),
    chain("late", "end"),
    chain("remind", "end"),
).replace(b'id="fine"', b'id="fine" default="rest"')
MAPPING = {"inspect": "visit"}


@pytest.fixture
def world() -> World:
    return build()


@pytest.fixture
def instance(world: World) -> UUID:
    """An instance of the old version that waits at the inspection, claimed by the clerk."""
    publish(OLD)
    advance = begin(world)
    advance = processes.complete_task(actor=world.clerk, task_id=advance.opened[0].id, outcome="done", at=AT)
    processes.claim_task(actor=world.clerk, task_id=advance.opened[0].id, at=AT)
    publish(NEW)
    return advance.instance_id


def test_the_preview_says_where_each_token_goes_and_what_will_be_different(
    world: World, instance: UUID
) -> None:
    lacking = processes.preview_migration(actor=world.admin, instance_id=instance, version=2)
    assert [node for node, _ in lacking.problems] == ["inspect"]
    view = processes.preview_migration(actor=world.admin, instance_id=instance, version=2, mapping=MAPPING)
    assert view.problems == () and (view.from_version, view.to_version) == (1, 2)
    (stands,) = view.stands
    assert (stands.node, stands.to_node) == ("inspect", "visit")
    assert {str(change) for change in stands.changes} >= {
        "经办人不同",
        "表单不同",
        "办理结果不同",
        "定时器不同",
    }
    assert Instance.objects.get(pk=instance).definition.version == 1


def test_a_migrated_instance_goes_on_in_the_new_version(world: World, instance: UUID) -> None:
    due_before = Timer.objects.get(node="late").due_at
    advance = processes.migrate_instance(
        actor=world.admin, instance_id=instance, version=2, mapping=MAPPING, reason="经办人画错了", at=AT
    )
    task = Task.objects.get(instance=instance, state="open")
    assert (task.node, task.form, [o["key"] for o in task.outcomes]) == (
        "visit",
        "visit-record",
        ["good", "bad"],
    )
    assert (
        task.holder_id == identity.holder_id("duty", f"{world.unit}:services.decide")
        and task.claimed_by is None
    )
    assert [opened.id for opened in advance.opened] == [task.pk] and notes.advances[-1].move == "migrate"
    timers = {timer.node: timer for timer in Timer.objects.filter(instance=instance, state="waiting")}
    assert set(timers) == {"late", "remind"}
    assert timers["late"].limit == "10wd" and timers["late"].due_at > due_before
    ended = processes.complete_task(actor=world.chief, task_id=task.pk, outcome="good", at=AT)
    assert ended.ended and notes.ran == []  # the condition found what was decided before under its old name
    act = Act.objects.get(verb="processes.migrate")
    assert (
        act.reason == "经办人画错了"
        and act.facts["mapping"] == MAPPING
        and (act.facts["from"], act.facts["to"]) == (1, 2)
    )


def test_what_was_done_before_cannot_be_taken_back_afterwards(world: World) -> None:
    publish(OLD)
    advance = begin(world)
    first = advance.opened[0].id
    advance = processes.complete_task(actor=world.clerk, task_id=first, outcome="done", at=AT)
    publish(NEW)
    processes.migrate_instance(
        actor=world.admin, instance_id=advance.instance_id, version=2, mapping=MAPPING, reason="更正", at=AT
    )
    with pytest.raises(MoveRefused):
        processes.withdraw(actor=world.clerk, task_id=first, reason="看错了", at=AT)


def test_a_migration_that_leaves_a_token_without_a_place_is_refused_and_changes_nothing(
    world: World, instance: UUID
) -> None:
    before = Instance.objects.values().get(pk=instance)
    acts = Act.objects.count()
    with pytest.raises(MigrationRefused) as refused:
        processes.migrate_instance(actor=world.admin, instance_id=instance, version=2, reason="更正", at=AT)
    assert refused.value.data["problems"][0]["node"] == "inspect"
    assert Instance.objects.values().get(pk=instance) == before and Act.objects.count() == acts


def test_only_the_system_administrator_migrates_with_a_reason_and_to_a_version_that_is_there(
    world: World, instance: UUID
) -> None:
    wanted = {"instance_id": instance, "version": 2, "mapping": MAPPING, "reason": "更正", "at": AT}
    with pytest.raises(Forbidden):
        processes.migrate_instance(**{**wanted, "actor": world.clerk})
    with pytest.raises(ReasonRequired):
        processes.migrate_instance(**{**wanted, "actor": world.admin, "reason": " "})
    for version in (1, 3):
        with pytest.raises(DefinitionNotFound):
            processes.migrate_instance(**{**wanted, "actor": world.admin, "version": version})
    processes.terminate(instance_id=instance, actor=world.admin, reason="撤", at=AT)
    with pytest.raises(InstanceEnded):
        processes.migrate_instance(**{**wanted, "actor": world.admin})


def test_of_several_those_that_cannot_go_over_are_named_and_the_others_go(world: World) -> None:
    publish(OLD)
    waiting = []
    for _ in range(2):
        advance = begin(world)
        processes.complete_task(actor=world.clerk, task_id=advance.opened[0].id, outcome="done", at=AT)
        waiting.append(advance.instance_id)
    publish(NEW)
    with pytest.raises(Invalid):
        processes.migrate_instances(actor=world.admin, instance_ids=[], version=2, reason="更正", at=AT)
    processes.terminate(instance_id=waiting[1], actor=world.admin, reason="撤", at=AT)
    done = processes.migrate_instances(
        actor=world.admin, instance_ids=waiting, version=2, mapping=MAPPING, reason="更正", at=AT
    )
    assert (done.moved, list(done.refused)) == (1, [waiting[1]])
    assert isinstance(done.refused[waiting[1]], InstanceEnded)
    row = processes.get_process("p")
    assert [(v.version, v.running) for v in row.versions] == [(2, 1), (1, 0)] and row.running_elsewhere == 0


def test_a_holder_that_cannot_be_worked_out_shows_in_the_preview_and_names_its_step(world: World) -> None:
    publish(process(start(), user("check"), end(), chain("start", "check", "end")))
    lost = process(start(), user("check", holder="var:nobody"), end(), chain("start", "check", "end"))
    waiting = begin(world).instance_id
    publish(lost)
    view = processes.preview_migration(actor=world.admin, instance_id=waiting, version=2)
    assert [node for node, _ in view.problems] == ["check"]
    assert view.from_version == 1
    before = Instance.objects.values().get(pk=waiting)
    done = processes.migrate_instances(
        actor=world.admin, instance_ids=[waiting], version=2, reason="更正", at=AT
    )
    assert (done.moved, done.refused[waiting].data["problems"][0]["node"]) == (0, "check")
    assert Instance.objects.values().get(pk=waiting) == before


HURRIED, PATIENT = (
    process(
        start(),
        user("check", _limit=limit),
        boundary("late", "check", limit),
        end(),
        chain("start", "check", "end"),
        chain("late", "end"),
    )
    for limit in ("5wd", "10wd")
)


def test_an_open_step_gets_the_clock_of_its_new_limit_from_when_it_was_opened(world: World) -> None:
    publish(HURRIED)
    opened = begin(world).opened[0]
    publish(PATIENT)
    advance = processes.migrate_instance(
        actor=world.admin, instance_id=opened.instance_id, version=2, reason="更正", at=AT + timedelta(days=2)
    )
    task = Task.objects.get(pk=opened.id)
    before, now = Clock.objects.get(pk=opened.clock_id), task.clock
    assert (before.state, before.met) == ("stopped", None)
    assert now is not None and (now.state, now.limit_value, now.started_at) == ("running", 10, AT)
    assert task.due_at == now.due_at > opened.due_at
    assert [(each.id, each.clock_id) for each in advance.opened] == [(task.pk, now.pk)]


def test_a_new_limit_is_counted_by_the_holidays_of_the_place(world: World) -> None:
    import_year(
        actor=world.admin,
        year=2026,
        notice="州政府公告",
        days=[SpecialDay(date(2026, 11, 18), True, LocalizedText("州庆日"))],
        layer="5323",
        at=AT,
    )
    publish(HURRIED)
    here = begin(world, region="532399110000").instance_id
    publish(PATIENT)
    processes.migrate_instance(actor=world.admin, instance_id=here, version=2, reason="更正", at=AT)
    moved = Timer.objects.get(instance=here)
    assert moved.due_at == Timer.objects.get(instance=begin(world, region="532399110000").instance_id).due_at
    assert moved.due_at > Timer.objects.get(instance=begin(world).instance_id).due_at


def test_what_was_done_of_a_repeated_step_counts_under_its_new_name(world: World) -> None:
    def asking(key: str) -> bytes:
        return process(
            start(),
            user(key, holder="var:who", repeat=each("people", "who")),
            end(),
            chain("start", key, "end"),
        )

    publish(asking("ask"))
    people = [identity.holder_id("post", actor.post_id) for actor in (world.clerk, world.other_clerk)]
    first, second = begin(world, people=people).opened
    processes.complete_task(actor=world.clerk, task_id=first.id, outcome="done", data={"why": "好"}, at=AT)
    publish(asking("consult"))
    processes.migrate_instance(
        actor=world.admin,
        instance_id=first.instance_id,
        version=2,
        mapping={"ask": "consult"},
        reason="更正",
        at=AT,
    )
    assert processes.complete_task(actor=world.other_clerk, task_id=second.id, outcome="done", at=AT).ended
    values = Instance.objects.get(pk=first.instance_id).vars
    assert values["data"]["consult"] == [{"why": "好"}, {}]
    assert values["by"]["consult"] == [str(a.person_id) for a in (world.clerk, world.other_clerk)]


def test_a_step_done_after_the_move_and_taken_back_brings_the_owners_state_back(world: World) -> None:
    def line(name: str) -> bytes:
        steps = (user(key, _state=f"at_{key}", _label_en=name) for key in ("check", "inspect", "decide"))
        return process(start(), *steps, end(), chain("start", "check", "inspect", "decide", "end"))

    publish(line("old"))
    advance = begin(world)
    advance = processes.complete_task(actor=world.clerk, task_id=advance.opened[0].id, outcome="done", at=AT)
    publish(line("new"))
    processes.migrate_instance(
        actor=world.admin, instance_id=advance.instance_id, version=2, reason="更正", at=AT
    )
    inspect = advance.opened[0].id
    processes.complete_task(actor=world.clerk, task_id=inspect, outcome="done", at=AT)
    back = processes.withdraw(actor=world.clerk, task_id=inspect, reason="看错了", at=AT)
    assert [entered.state for entered in back.entered] == ["at_inspect"]
