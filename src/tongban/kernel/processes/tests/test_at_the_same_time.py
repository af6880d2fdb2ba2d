"""Two database connections at once: exactly one wins, nothing is lost, nothing waits for ever."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connections, transaction

from tongban.kernel.processes import service as processes
from tongban.kernel.processes.errors import TaskDone, TaskTaken
from tongban.kernel.processes.models import Incident, Instance, Job, Task, Timer
from tongban.kernel.processes.operations import jobs
from tongban.kernel.processes.operations.timers import _lease
from tongban.kernel.processes.tests import world as worlds
from tongban.kernel.processes.tests.drawn import (
    boundary,
    chain,
    end,
    flow,
    par,
    process,
    service,
    start,
    user,
)
from tongban.kernel.processes.tests.world import AT, publish
from tongban.kernel.processes.tests.world import start as start_instance

pytestmark = pytest.mark.django_db(transaction=True)
MUCH_LATER = AT + timedelta(days=30)


@pytest.fixture
def world(transactional_db: None) -> worlds.World:
    return worlds.build()


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run the acts in threads of their own, released together; return what each gave or raised."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            barrier.wait(10)
            return act()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(60) for future in [pool.submit(run, act) for act in acts]]


def test_two_clerks_complete_one_task_at_once_and_exactly_one_wins(world: worlds.World) -> None:
    publish(process(start(), user("a", "yes", "no"), user("b"), end(), chain("start", "a", "b", "end")))
    for _ in range(5):
        task = start_instance(world).opened[0]

        def do(actor, outcome, task=task):
            return lambda: processes.complete_task(actor=actor, task_id=task.id, outcome=outcome, at=AT)

        results = at_once(do(world.clerk, "yes"), do(world.other_clerk, "no"))
        refused = [result for result in results if isinstance(result, Exception)]
        won = [result for result in results if isinstance(result, processes.Advance)]
        assert [type(error) for error in refused] == [TaskDone]
        assert len(won) == 1
        done = processes.get_task(task.id)
        assert refused[0].data["by"] == done.completed_name != ""
        assert done.outcome == ("yes" if done.completed_name == "王敏" else "no")
        assert Task.objects.filter(instance=task.instance_id, node="b").count() == 1


def test_two_clerks_claim_one_task_at_once_and_exactly_one_has_it(world: worlds.World) -> None:
    publish(process(start(), user("a"), end(), chain("start", "a", "end")))
    task = start_instance(world).opened[0]
    results = at_once(
        *(
            lambda actor=actor: processes.claim_task(actor=actor, task_id=task.id, at=AT)
            for actor in (world.clerk, world.other_clerk)
        )
    )
    assert sorted(type(result).__name__ for result in results) == ["TaskTaken", "TaskView"]
    taken = next(result for result in results if isinstance(result, TaskTaken))
    assert taken.data["by"] == processes.get_task(task.id).claimed_name


def test_both_branches_completed_at_once_meet_at_the_join(world: worlds.World) -> None:
    publish(
        process(
            start(),
            par("split"),
            user("a"),
            user("b"),
            par("join"),
            user("c"),
            end(),
            chain("start", "split", "a", "join", "c", "end"),
            chain("split", "b", "join"),
        )
    )
    for _ in range(5):
        a, b = start_instance(world).opened
        results = at_once(
            lambda a=a: processes.complete_task(actor=world.clerk, task_id=a.id, outcome="done", at=AT),
            lambda b=b: processes.complete_task(actor=world.other_clerk, task_id=b.id, outcome="done", at=AT),
        )
        assert all(isinstance(result, processes.Advance) for result in results)
        assert [task.node for task in processes.tasks_of(a.instance_id) if task.state == "open"] == ["c"]


def test_a_clerk_and_a_timer_at_once_do_one_thing(world: worlds.World) -> None:
    publish(
        process(
            start(),
            user("a"),
            boundary("late", "a", "1d"),
            user("b"),
            user("c"),
            end(),
            chain("start", "a", "b", "end"),
            chain("late", "c", "end"),
        )
    )
    for _ in range(5):
        task = start_instance(world).opened[0]
        at_once(
            lambda task=task: processes.complete_task(
                actor=world.clerk, task_id=task.id, outcome="done", at=AT
            ),
            lambda: processes.fire_due_timers(at=MUCH_LATER),
        )
        opened = [task.node for task in processes.tasks_of(task.instance_id) if task.state == "open"]
        timer = Timer.objects.get(instance=task.instance_id)
        assert (opened, timer.state) in ((["b"], "cancelled"), (["c"], "fired"))


def test_two_workers_fire_each_timer_once(world: worlds.World) -> None:
    publish(
        process(
            start(),
            user("a"),
            boundary("late", "a", "1d"),
            service("note"),
            end(),
            end("e"),
            chain("start", "a", "end"),
            chain("late", "note", "e"),
        )
    )
    for _ in range(8):
        start_instance(world)
    fired = at_once(*[lambda: processes.fire_due_timers(at=MUCH_LATER)] * 3)
    assert sum(fired) == 8  # type: ignore[call-overload]
    assert worlds.notes.ran == ["note"] * 8
    assert not Instance.objects.filter(status="active").exists()


def test_a_timer_that_another_worker_leases_is_passed_over(world: worlds.World) -> None:
    publish(
        process(
            start(),
            user("a"),
            boundary("late", "a", "1d"),
            end(),
            chain("start", "a", "end"),
            flow("late", "end"),
        )
    )
    start_instance(world)

    def count() -> int:
        try:
            return processes.fire_due_timers(at=MUCH_LATER)
        finally:
            connections.close_all()

    with transaction.atomic():
        assert len(_lease(MUCH_LATER)) == 1
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(count).result(10) == 0


def test_two_workers_run_one_job_once(world: worlds.World) -> None:
    publish(process(start(), service("issue", "test.issue"), end(), chain("start", "issue", "end")))
    start_instance(world)
    job = Job.objects.get()
    results = at_once(*[lambda: processes.run_job(job_id=job.pk, at=AT)] * 3)
    assert sorted(results) == [False, False, True]  # type: ignore[type-var]
    assert worlds.notes.ran == ["issue"]


def test_withdrawing_while_a_job_runs_waits_for_nobody(world: worlds.World) -> None:
    """The job holds no lock while it works; what comes second finds what the first has done."""
    publish(process(start(), service("issue", "test.issue"), end(), chain("start", "issue", "end")))
    advance = start_instance(world)
    job = Job.objects.get()
    results = at_once(
        lambda: processes.run_job(job_id=job.pk, at=AT),
        lambda: processes.terminate(instance_id=advance.instance_id, actor=world.clerk, reason="撤回", at=AT),
    )
    instance, job = Instance.objects.get(), Job.objects.get()
    assert (instance.status, job.state) in (("terminated", "cancelled"), ("ended", "done"))
    assert (results[0] is True) == (job.state == "done")


def test_a_process_that_is_ended_while_its_job_gives_up_leaves_no_incident_behind(
    world: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(process(start(), service("issue", "test.issue"), end(), chain("start", "issue", "end")))
    advance = start_instance(world)
    job = Job.objects.get()
    giving_up, is_ended, fail = Event(), Event(), jobs.fail

    def slowly(*args: Any, **more: Any) -> Incident:
        giving_up.set()
        is_ended.wait(0.5)  # whoever needs no lock of ours comes in here
        return fail(*args, **more)

    def terminate() -> None:
        giving_up.wait(10)
        processes.terminate(instance_id=advance.instance_id, actor=world.clerk, reason="撤回", at=AT)
        is_ended.set()

    monkeypatch.setattr(jobs, "MAX_ATTEMPTS", 1)
    monkeypatch.setattr(jobs, "fail", slowly)
    worlds.notes.failing = 1
    told = at_once(lambda: processes.run_job(job_id=job.pk, at=AT), terminate)
    assert told == [False, None]
    assert Job.objects.get().state == Job.CANCELLED
    assert Incident.objects.get().resolution == "cancelled"
