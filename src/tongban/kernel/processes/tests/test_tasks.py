"""What people do with tasks, and what they are told when they cannot."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tongban.base.actor import Actor
from tongban.base.errors import TongbanError
from tongban.base.models import Event
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger.models import Act
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.errors import (
    InstanceEnded,
    InstanceNotFound,
    OpinionRequired,
    OutcomeNotAllowed,
    ReasonRequired,
    SameOfficer,
    TaskCancelled,
    TaskDone,
    TaskNotFound,
    TaskNotYours,
    TaskTaken,
)
from tongban.kernel.processes.models import Instance, Job, Task
from tongban.kernel.processes.tests.drawn import (
    chain,
    end,
    flow,
    outcome,
    par,
    process,
    service,
    start,
    user,
    xor,
)
from tongban.kernel.processes.tests.world import AT, Notes, World, publish
from tongban.kernel.processes.tests.world import start as start_instance

LATER = AT + timedelta(hours=2)

LICENCE = process(
    start(),
    user(
        "receive",
        outcome("accept", style="primary"),
        outcome("refuse", opinion="required"),
        outcome("correct", when="corrections == 0"),
        _state="received",
        _form="receive",
        _limit="2wd",
    ),
    xor("which", default="accepted"),
    service("note", _state="noted"),
    user("fix", holder="party:applicant"),
    end("refused"),
    par("split"),
    user("inspect", holder="duty:services.inspect@unit"),
    user("sign", holder="duty:services.inspect@unit", _separate_from="inspect"),
    user("decide", holder="duty:services.decide@unit"),
    par("join"),
    end(_state="closed"),
    chain("start", "receive", "which"),
    flow("which", "note", key="accepted"),
    flow("which", "refused", "receive == 'refuse'"),
    flow("which", "fix", "receive == 'correct'"),
    flow("fix", "receive"),
    chain("note", "split", "inspect", "sign", "join", "end"),
    chain("split", "decide", "join"),
)


def complete(
    actor: Actor, task: processes.TaskView, outcome: str = "done", **more: object
) -> processes.Advance:
    return processes.complete_task(
        actor=actor, task_id=task.id, outcome=outcome, at=more.pop("at", LATER), **more
    )


@pytest.fixture
def receive(world: World) -> processes.TaskView:
    publish(LICENCE)
    return start_instance(world, corrections=0).opened[0]


def snapshot() -> tuple:
    return (
        list(Task.objects.order_by("pk").values()),
        list(Instance.objects.values()),
        Event.objects.count(),
        Act.objects.count(),
    )


def test_a_started_instance_opens_its_first_task(
    receive: processes.TaskView, world: World, notes: Notes
) -> None:
    assert (receive.node, str(receive.name), receive.form, receive.state) == (
        "receive",
        "receive",
        "receive",
        "open",
    )
    assert receive.holder_id in world.clerk.holders
    assert [(o.key, o.style, o.opinion, o.allowed) for o in receive.outcomes] == [
        ("accept", "primary", "optional", True),
        ("refuse", "", "required", True),
        ("correct", "", "optional", True),
    ]
    assert notes.advances[0].opened == (receive,)
    assert [entered.state for entered in notes.advances[0].entered] == ["received"]
    assert processes.get_task(receive.id) == receive
    assert [task.pk for task in processes.open_tasks(world.clerk.holders)] == [receive.id]
    assert not processes.open_tasks(world.citizen.holders)


def test_a_limit_starts_a_step_clock_that_stops_with_the_step(
    receive: processes.TaskView, world: World
) -> None:
    task = Task.objects.select_related("clock").get(pk=receive.id)
    assert task.clock is not None
    assert (task.clock.key, task.clock.state, task.due_at) == ("step", "running", task.clock.due_at)
    assert f"{task.due_at:%m-%d}" == "11-18"
    complete(world.clerk, receive, "accept")
    task.clock.refresh_from_db()
    assert task.clock.state == "stopped"


def test_completing_writes_the_variables_and_runs_what_follows(
    receive: processes.TaskView, world: World, notes: Notes
) -> None:
    advance = complete(world.clerk, receive, "accept", opinion=" 齐全 ", data={"pages": 3})
    assert sorted(task.node for task in advance.opened) == ["decide", "inspect"]
    assert notes.ran == ["note"]
    assert notes.contexts[0].task is not None
    assert (notes.contexts[0].task.outcome, notes.contexts[0].actor) == ("accept", world.clerk)
    assert [entered.state for entered in advance.entered] == ["noted"]
    done = advance.completed
    assert done is not None
    assert (done.state, done.outcome, done.opinion, done.data) == ("done", "accept", "齐全", {"pages": 3})
    assert (done.completed_by, done.completed_name) == (world.clerk.person_id, "王敏")
    assert str(done.outcome_label) == "accept"
    variables = Instance.objects.get().vars
    assert (variables["receive"], variables["data"]["receive"], variables["noted_note"]) == (
        "accept",
        {"pages": 3},
        "yes",
    )
    assert variables["by"]["receive"] == str(world.clerk.person_id)
    assert notes.advances[-1] == advance


def test_the_whole_way_to_the_end(receive: processes.TaskView, world: World) -> None:
    opened = {task.node: task for task in complete(world.clerk, receive, "accept").opened}
    sign = complete(world.clerk, opened["inspect"]).opened[0]
    assert not complete(world.other_clerk, sign).ended
    advance = complete(world.chief, opened["decide"])
    assert advance.ended and not advance.terminated
    assert [entered.state for entered in advance.entered] == ["closed"]
    instance = Instance.objects.get()
    assert (instance.status, instance.ended_at) == ("ended", LATER)
    assert {task.state for task in processes.tasks_of(instance.pk)} == {"done"}


def test_going_back_opens_a_new_task_of_the_same_node(receive: processes.TaskView, world: World) -> None:
    fix = complete(world.clerk, receive, "correct").opened[0]
    again = complete(world.citizen, fix).opened[0]
    assert (again.node, again.id == receive.id) == ("receive", False)
    processes.set_vars(instance_id=again.instance_id, values={"corrections": 1}, at=LATER)
    assert [o.key for o in processes.get_task(again.id).outcomes if o.allowed] == ["accept", "refuse"]
    with pytest.raises(OutcomeNotAllowed):
        complete(world.clerk, again, "correct")


def test_a_citizens_name_is_not_kept_on_the_task(receive: processes.TaskView, world: World) -> None:
    fix = complete(world.clerk, receive, "correct").opened[0]
    complete(world.citizen, fix)
    done = processes.get_task(fix.id)
    assert (done.completed_by, done.completed_name) == (world.citizen.person_id, "")
    with pytest.raises(TaskDone) as refused:
        complete(world.citizen, fix)
    assert refused.value.data["by"] == ""
    assert "当事人" in refused.value.detail.zh


@pytest.mark.parametrize("who", ["chief", "citizen", "stranger", "admin"])
def test_somebody_elses_task_can_be_neither_claimed_nor_completed(
    who: str, receive: processes.TaskView, world: World
) -> None:
    before = snapshot()
    with pytest.raises(TaskNotYours):
        complete(getattr(world, who), receive, "accept")
    with pytest.raises(TaskNotYours):
        processes.claim_task(actor=getattr(world, who), task_id=receive.id, at=LATER)
    complete(world.clerk, receive, "accept")
    with pytest.raises(TaskNotYours) as refused:
        complete(getattr(world, who), receive, "accept")
    assert "王敏" not in str(refused.value)
    assert before[0] != snapshot()[0]


@pytest.mark.parametrize(
    "outcome_key, opinion, error",
    [
        ("refuse", "  ", OpinionRequired),
        ("grant", "x", OutcomeNotAllowed),
        ("", "x", OutcomeNotAllowed),
        ("timer", "x", OutcomeNotAllowed),
    ],
)
def test_a_wrong_answer_changes_nothing(
    outcome_key: str, opinion: str, error: type[TongbanError], receive: processes.TaskView, world: World
) -> None:
    before = snapshot()
    with pytest.raises(error):
        complete(world.clerk, receive, outcome_key, opinion=opinion)
    assert snapshot() == before


def test_an_outcome_that_needs_an_opinion_passes_with_one(receive: processes.TaskView, world: World) -> None:
    assert complete(world.clerk, receive, "refuse", opinion="不属于本机关").ended


def test_a_claimed_task_is_done_by_who_claimed_it(receive: processes.TaskView, world: World) -> None:
    claimed = processes.claim_task(actor=world.clerk, task_id=receive.id, at=LATER)
    assert (claimed.claimed_name, claimed.claimed_at) == ("王敏", LATER)
    assert processes.claim_task(actor=world.clerk, task_id=receive.id, at=LATER + timedelta(1)) == claimed
    before = snapshot()
    for act in (
        lambda: complete(world.other_clerk, receive, "accept"),
        lambda: processes.claim_task(actor=world.other_clerk, task_id=receive.id, at=LATER),
        lambda: processes.release_task(actor=world.other_clerk, task_id=receive.id, at=LATER),
    ):
        with pytest.raises(TaskTaken) as refused:
            act()
        assert "王敏" in refused.value.detail.zh and "11月16日 11:00" in refused.value.detail.zh
        assert refused.value.data["by"] == "王敏"
    assert snapshot() == before
    assert processes.release_task(actor=world.clerk, task_id=receive.id, at=LATER).claimed_by is None
    complete(world.other_clerk, receive, "accept")


def test_a_task_that_is_done_says_by_whom_and_when(receive: processes.TaskView, world: World) -> None:
    complete(world.clerk, receive, "accept")
    before = snapshot()
    with pytest.raises(TaskDone) as refused:
        complete(world.other_clerk, receive, "accept")
    assert refused.value.status == 409
    assert "王敏" in refused.value.detail.zh and "16 Nov, 11:00" in refused.value.detail.en
    assert snapshot() == before


def test_two_officers_are_two_people(receive: processes.TaskView, world: World) -> None:
    opened = {task.node: task for task in complete(world.clerk, receive, "accept").opened}
    sign = complete(world.clerk, opened["inspect"]).opened[0]
    before = snapshot()
    for act in (complete, lambda actor, task: processes.claim_task(actor=actor, task_id=task.id, at=LATER)):
        with pytest.raises(SameOfficer):
            act(world.clerk, sign)
    assert snapshot() == before
    complete(world.other_clerk, sign)


def test_the_same_person_in_another_post_is_still_the_same_officer(
    receive: processes.TaskView, world: World
) -> None:
    opened = {task.node: task for task in complete(world.clerk, receive, "accept").opened}
    sign = complete(world.clerk, opened["inspect"]).opened[0]
    with pytest.raises(SameOfficer):
        complete(replace(world.clerk, post_id=99), sign)


def test_what_a_pure_operation_refuses_refuses_the_whole_move(
    receive: processes.TaskView, world: World, notes: Notes
) -> None:
    notes.failing = 1
    before = snapshot()
    with pytest.raises(RuntimeError):
        complete(world.clerk, receive, "accept")
    assert snapshot() == before
    complete(world.clerk, receive, "accept")


def test_terminating_cancels_what_is_open_and_keeps_what_was_done(
    receive: processes.TaskView, world: World, notes: Notes
) -> None:
    opened = complete(world.clerk, receive, "accept").opened
    with pytest.raises(ReasonRequired):
        processes.terminate(instance_id=receive.instance_id, actor=world.clerk, reason=" ", at=LATER)
    advance = processes.terminate(
        instance_id=receive.instance_id, actor=world.citizen, reason="撤回申请", at=LATER
    )
    assert advance.ended and advance.terminated
    assert [task.id for task in advance.cancelled] == [task.id for task in opened]
    assert notes.advances[-1] == advance
    act = Act.objects.get(verb="processes.terminate")
    assert (act.reason, act.actor_name == "李秀英") == ("撤回申请", False)
    with pytest.raises(TaskCancelled):
        complete(world.chief, next(task for task in opened if task.node == "decide"))
    with pytest.raises(InstanceEnded):
        processes.terminate(instance_id=receive.instance_id, actor=world.clerk, reason="x", at=LATER)
    with pytest.raises(InstanceEnded):
        processes.set_vars(instance_id=receive.instance_id, values={}, at=LATER)


def test_terminating_stops_a_running_step_clock(receive: processes.TaskView, world: World) -> None:
    processes.terminate(instance_id=receive.instance_id, actor=world.citizen, reason="撤回", at=LATER)
    task = Task.objects.select_related("clock").get(pk=receive.id)
    assert task.clock is not None
    assert (task.state, task.clock.state) == ("cancelled", "stopped")


def test_unknown_things_are_not_found(world: World) -> None:
    with pytest.raises(TaskNotFound):
        processes.complete_task(actor=world.clerk, task_id=0, outcome="x", at=AT)
    with pytest.raises(TaskNotFound):
        processes.get_task(0)
    with pytest.raises(InstanceNotFound):
        processes.terminate(
            instance_id="00000000-0000-0000-0000-000000000000",
            actor=world.clerk,
            reason="x",
            at=AT,  # type: ignore[arg-type]
        )


def test_a_holder_that_is_not_known_becomes_an_incident_that_a_retry_puts_right(world: World) -> None:
    publish(process(start(), user("a", holder="party:writer"), end(), chain("start", "a", "end")))
    advance = start_instance(world)
    assert advance.opened == ()
    incident = processes.open_incidents()[0]
    assert (incident.node, incident.can_skip, advance.incidents) == ("a", False, (incident.id,))
    assert "writer" in incident.error
    holder = identity.holder_id("person", world.citizen.person_id)
    processes.set_vars(instance_id=advance.instance_id, values={"writer": holder}, at=LATER)
    retried = processes.retry_job(actor=world.admin, job_id=incident.job_id, reason="补上了", at=LATER)
    assert retried is not None
    assert complete(world.citizen, retried.opened[0]).ended
    assert [i.resolution for i in processes.incidents_of(advance.instance_id)] == ["retried"]
    assert Job.objects.get().state == "done"


def test_completing_a_step_takes_few_statements(
    receive: processes.TaskView, world: World, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(14):
        complete(world.clerk, receive, "correct")
