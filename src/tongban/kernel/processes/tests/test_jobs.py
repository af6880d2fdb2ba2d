"""Operations that a worker runs: retried, then an incident that a named person retries or skips with a reason."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection

from tongban.base.errors import Forbidden
from tongban.base.models import Event
from tongban.base.text import LocalizedText
from tongban.kernel.ledger.models import Act
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.errors import IncidentNotOpen, NotSkippable, ReasonRequired
from tongban.kernel.processes.models import Incident, Instance, Job
from tongban.kernel.processes.registry import operations
from tongban.kernel.processes.tests.drawn import chain, end, flow, par, process, service, start, user, xor
from tongban.kernel.processes.tests.world import AT, Notes, World, publish
from tongban.kernel.processes.tests.world import start as start_instance

ISSUE = process(
    start(),
    user("decide"),
    service("issue", "test.issue", _state="making"),
    service("note"),
    user("deliver"),
    end(),
    chain("start", "decide", "issue", "note", "deliver", "end"),
)


@pytest.fixture
def job(world: World) -> Job:
    publish(ISSUE)
    task = start_instance(world).opened[0]
    processes.complete_task(actor=world.clerk, task_id=task.id, outcome="done", opinion="好", at=AT)
    return Job.objects.get()


def fail_for_good(job: Job, notes: Notes) -> Job:
    notes.failing = 5
    at = AT
    for _ in range(5):
        assert not processes.run_job(job_id=job.pk, at=at)
        job.refresh_from_db()
        at = job.next_at
    return job


def test_the_move_commits_before_the_operation_runs(job: Job, notes: Notes) -> None:
    assert (job.state, notes.ran) == ("waiting", [])
    assert [entered.state for entered in notes.advances[-1].entered] == ["making"]


def test_success_moves_the_token_on_and_tells_the_owner(job: Job, notes: Notes) -> None:
    assert processes.run_job(job_id=job.pk, at=AT)
    assert notes.ran == ["issue", "note"]
    context = notes.contexts[0]
    assert (context.node, context.actor.is_system) == ("issue", True)
    assert context.task is not None
    assert (context.task.node, context.task.opinion) == ("decide", "好")
    assert notes.contexts[1].vars["noted_issue"] == "yes"
    advance = notes.advances[-1]
    assert (advance.completed, [task.node for task in advance.opened]) == (None, ["deliver"])
    job.refresh_from_db()
    assert (job.state, job.finished_at) == ("done", AT)


def test_a_job_that_is_rung_for_twice_runs_once(job: Job, notes: Notes) -> None:
    assert processes.run_job(job_id=job.pk, at=AT)
    assert not processes.run_job(job_id=job.pk, at=AT)
    assert notes.ran.count("issue") == 1
    assert not processes.run_job(job_id=0, at=AT)


def test_a_failure_is_tried_again_later(job: Job, notes: Notes) -> None:
    notes.failing = 1
    assert processes.run_due_jobs(at=AT) == 0
    job.refresh_from_db()
    assert (job.state, job.attempts, "on fire" in job.last_error) == ("waiting", 1, True)
    assert job.next_at == AT + timedelta(seconds=5)
    assert processes.run_due_jobs(at=AT + timedelta(seconds=4)) == 0
    assert processes.run_due_jobs(at=AT + timedelta(seconds=5)) == 1


def test_what_a_database_error_quotes_is_kept_nowhere(
    job: Job, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(context: processes.OperationContext) -> None:
        raise IntegrityError("duplicate key value\nDETAIL: Key (citizen_id)=(532399198511040283) exists.")

    monkeypatch.setattr(operations, "get", lambda name: processes.Operation(name, refused, False))
    processes.run_job(job_id=job.pk, at=AT)
    job.refresh_from_db()
    assert job.last_error == "IntegrityError: duplicate key value"
    assert "5323" not in caplog.text


def test_waiting_grows_with_each_failure(job: Job, notes: Notes) -> None:
    notes.failing = 4
    waits, at = [], AT
    for _ in range(4):
        processes.run_job(job_id=job.pk, at=at)
        job.refresh_from_db()
        waits.append(job.next_at - at)
        at = job.next_at
    assert waits == sorted(waits) and len(set(waits)) == 4


def test_a_job_that_another_worker_leases_is_left_to_it(job: Job, notes: Notes) -> None:
    Job.objects.update(next_at=AT + timedelta(minutes=2))
    assert not processes.run_job(job_id=job.pk, at=AT)
    assert notes.ran == []


def test_a_job_whose_worker_died_is_run_again_when_the_lease_ends(job: Job, notes: Notes) -> None:
    Job.objects.update(next_at=AT + timedelta(minutes=2))
    assert processes.run_due_jobs(at=AT + timedelta(minutes=1)) == 0
    assert processes.run_due_jobs(at=AT + timedelta(minutes=2)) == 1


def test_an_operation_runs_without_any_lock_or_transaction_of_the_process(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    depth: list[int] = []

    def look(context: processes.OperationContext) -> None:
        depth.append(len(connection.savepoint_ids))

    monkeypatch.setattr(operations, "get", lambda name: processes.Operation(name, look, False))
    before = len(connection.savepoint_ids)
    assert processes.run_job(job_id=job.pk, at=AT)
    assert depth == [before]


def test_the_fifth_failure_opens_an_incident(job: Job, notes: Notes, world: World) -> None:
    fail_for_good(job, notes)
    assert (job.state, job.attempts) == ("failed", 5)
    incident = processes.open_incidents()[0]
    assert (incident.node, incident.operation, incident.attempts) == ("issue", "test.issue", 5)
    assert incident.can_skip
    assert Event.objects.filter(name="processes.incident_opened").count() == 1
    act = Act.objects.get(verb="processes.incident")
    assert "fire" not in str(act.facts)
    assert processes.run_due_jobs(at=AT + timedelta(days=9)) == 0


def test_an_incident_is_retried_with_a_reason(job: Job, notes: Notes, world: World) -> None:
    fail_for_good(job, notes)
    later = AT + timedelta(hours=1)
    assert processes.retry_job(actor=world.admin, job_id=job.pk, reason="换了打印机", at=later) is None
    assert processes.run_due_jobs(at=later) == 1
    incident = processes.incidents_of(job.instance_id)[0]
    assert (incident.resolution, incident.reason, incident.resolved_name) == (
        "retried",
        "换了打印机",
        "系统员",
    )
    assert Act.objects.get(verb="processes.retry").reason == "换了打印机"


def test_an_incident_that_fails_again_opens_another(job: Job, notes: Notes, world: World) -> None:
    fail_for_good(job, notes)
    processes.retry_job(actor=world.admin, job_id=job.pk, reason="再试", at=AT)
    fail_for_good(job, notes)
    assert len(processes.incidents_of(job.instance_id)) == 2
    assert len(processes.open_incidents()) == 1


def test_an_operation_can_be_skipped_with_a_reason(job: Job, notes: Notes, world: World) -> None:
    fail_for_good(job, notes)
    advance = processes.skip_job(actor=world.admin, job_id=job.pk, reason="证已手工制作", at=AT)
    assert [task.node for task in advance.opened] == ["deliver"]
    assert notes.ran == ["note"]
    job.refresh_from_db()
    assert job.state == "skipped"
    assert processes.incidents_of(job.instance_id)[0].resolution == "skipped"


@pytest.mark.parametrize("act", [processes.retry_job, processes.skip_job])
def test_only_a_named_post_with_a_reason_puts_an_incident_right(
    act, job: Job, notes: Notes, world: World
) -> None:
    fail_for_good(job, notes)
    acts, events = Act.objects.count(), Event.objects.count()
    for actor in (world.clerk, world.chief, world.citizen, world.stranger):
        with pytest.raises(Forbidden):
            act(actor=actor, job_id=job.pk, reason="x", at=AT)
    with pytest.raises(ReasonRequired):
        act(actor=world.admin, job_id=job.pk, reason="  ", at=AT)
    assert (Act.objects.count(), Event.objects.count()) == (acts, events)
    assert Incident.objects.get().resolved_at is None


@pytest.mark.parametrize("act", [processes.retry_job, processes.skip_job])
def test_a_job_without_incident_is_left_alone(act, job: Job, world: World) -> None:
    with pytest.raises(IncidentNotOpen):
        act(actor=world.admin, job_id=job.pk, reason="x", at=AT)
    with pytest.raises(IncidentNotOpen):
        act(actor=world.admin, job_id=0, reason="x", at=AT)
    job.refresh_from_db()
    assert job.state == "waiting"


def test_terminating_cancels_jobs_and_incidents(job: Job, notes: Notes, world: World) -> None:
    fail_for_good(job, notes)
    processes.terminate(instance_id=job.instance_id, actor=world.clerk, reason="撤回", at=AT)
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert processes.incidents_of(job.instance_id)[0].resolution == "cancelled"


def test_an_operation_that_ends_after_its_instance_moves_nothing(
    job: Job, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(context: processes.OperationContext) -> None:
        processes.terminate(instance_id=context.instance_id, actor=world.clerk, reason="撤回", at=AT)

    monkeypatch.setattr(operations, "get", lambda name: processes.Operation(name, overtaken, False))
    assert not processes.run_job(job_id=job.pk, at=AT)
    job.refresh_from_db()
    assert (job.state, Instance.objects.get().status) == ("cancelled", "terminated")


GATE = process(
    start(),
    user("a"),
    xor("x"),
    user("b"),
    user("c"),
    end(),
    chain("start", "a", "x"),
    flow("x", "b", "size > 50"),
    flow("x", "c", "size <= 50"),
    chain("b", "end"),
    chain("c", "end"),
)


@pytest.mark.parametrize("size", [None, "large"])
def test_a_gateway_that_cannot_choose_becomes_an_incident(size: object, world: World) -> None:
    publish(GATE)
    task = start_instance(world, size=size).opened[0]
    advance = processes.complete_task(actor=world.clerk, task_id=task.id, outcome="done", at=AT)
    assert (advance.opened, len(advance.incidents)) == ((), 1)
    incident = processes.open_incidents()[0]
    assert (incident.node, incident.can_skip) == ("x", False)
    with pytest.raises(NotSkippable):
        processes.skip_job(actor=world.admin, job_id=incident.job_id, reason="x", at=AT)
    still = processes.retry_job(actor=world.admin, job_id=incident.job_id, reason="再试", at=AT)
    assert still is not None
    assert len(still.incidents) == 1
    processes.set_vars(instance_id=task.instance_id, values={"size": 60}, at=AT)
    incident = processes.open_incidents()[0]
    retried = processes.retry_job(actor=world.admin, job_id=incident.job_id, reason="补上面积", at=AT)
    assert retried is not None
    assert [task.node for task in retried.opened] == ["b"]


def test_two_jobs_at_once_lose_nothing(world: World, notes: Notes) -> None:
    publish(
        process(
            start(),
            par("split"),
            service("one", "test.issue"),
            service("two", "test.issue"),
            par("join"),
            end(),
            chain("start", "split", "one", "join", "end"),
            chain("split", "two", "join"),
        )
    )
    start_instance(world)
    assert processes.run_due_jobs(at=AT) == 2
    assert notes.advances[-1].ended
    assert set(Instance.objects.get().vars) >= {"noted_one", "noted_two"}


def test_every_failed_attempt_is_kept_with_its_line(job: Job, notes: Notes) -> None:
    fail_for_good(job, notes)
    incident = processes.open_incidents()[0]
    attempts = processes.attempts_of(incident)
    assert len(attempts) == 5
    assert {attempt.error for attempt in attempts} == {"RuntimeError: the printer is on fire"}
    assert attempts[0].at == AT < attempts[1].at
    assert processes.get_incident(incident.id) == incident


def test_an_operation_may_say_why_nobody_goes_on_without_it(
    job: Job, notes: Notes, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_for_good(job, notes)
    why = LocalizedText("没有决定书就不能送达", "Nothing can be served without the decision")
    operation = processes.Operation("test.issue", notes.run, False, why)
    monkeypatch.setattr(operations, "find", lambda name: operation)
    incident = processes.open_incidents()[0]
    assert (incident.can_skip, incident.why_not_skip) == (False, why)
    acts = Act.objects.count()
    with pytest.raises(NotSkippable) as refused:
        processes.skip_job(actor=world.admin, job_id=job.pk, reason="x", at=AT)
    assert refused.value.detail == why
    job.refresh_from_db()
    assert (job.state, Act.objects.count()) == ("failed", acts)


def test_incidents_of_one_cause_are_retried_together(world: World, notes: Notes) -> None:
    publish(process(start(), service("issue", "test.issue"), end(), chain("start", "issue", "end")))
    for _ in range(3):
        start_instance(world)
    jobs = list(Job.objects.order_by("pk"))
    for job in jobs:
        fail_for_good(job, notes)
    assert len({incident.cause for incident in processes.open_incidents()}) == 1
    processes.retry_job(actor=world.admin, job_id=jobs[0].pk, reason="先试一个", at=AT)
    ids = [job.pk for job in jobs]
    with pytest.raises(Forbidden):
        processes.retry_jobs(actor=world.chief, job_ids=ids, reason="x", at=AT)
    with pytest.raises(ReasonRequired):
        processes.retry_jobs(actor=world.admin, job_ids=ids, reason=" ", at=AT)
    assert processes.retry_jobs(actor=world.admin, job_ids=ids, reason="修好了", at=AT) == 2
    assert processes.count_open_incidents() == 0
    assert [i.reason for i in processes.resolved_incidents()].count("修好了") == 2
    assert processes.run_due_jobs(at=AT) == 3


def test_jobs_that_always_fail_starve_no_other(world: World, notes: Notes) -> None:
    publish(process(start(), service("issue", "test.issue"), end(), chain("start", "issue", "end")))
    last = start_instance(world).instance_id
    job = Job.objects.get(instance=last)
    Job.objects.filter(pk=job.pk).update(next_at=AT + timedelta(seconds=1))
    sick = start_instance(world).instance_id
    example = Job.objects.get(instance=sick)
    Job.objects.bulk_create(
        Job(instance=example.instance, token=n, node="issue", operation="no.such", created_at=AT, next_at=AT)
        for n in range(1000, 1250)
    )
    soon = AT + timedelta(seconds=2)
    assert processes.run_due_jobs(at=soon) + processes.run_due_jobs(at=soon) == 2
    job.refresh_from_db()
    assert job.state == "done"
    assert Job.objects.filter(operation="no.such", attempts=1).count() == 250


def test_an_operation_that_outlives_its_lease_may_run_twice_but_moves_once(
    job: Job, monkeypatch: pytest.MonkeyPatch, notes: Notes
) -> None:
    runs: list[str] = []
    after_the_lease = AT + timedelta(minutes=2, seconds=1)

    def slow(context: processes.OperationContext) -> None:
        runs.append("run")
        if len(runs) == 1:  # meanwhile the lease ends, and another worker takes the job
            assert processes.run_job(job_id=job.pk, at=after_the_lease)

    monkeypatch.setattr(operations, "get", lambda name: processes.Operation(name, slow, False))
    assert not processes.run_job(job_id=job.pk, at=AT)
    job.refresh_from_db()
    assert (runs, job.state, job.attempts) == (["run", "run"], "done", 0)
    assert [task.node for task in processes.tasks_of(job.instance_id) if task.state == "open"] == ["deliver"]
