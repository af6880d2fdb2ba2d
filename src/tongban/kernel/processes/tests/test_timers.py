"""Due times: when they fire, what they do, and that each fires once."""

from datetime import UTC, datetime, timedelta

import pytest

from tongban.base.ref import Ref
from tongban.kernel.calendars import service as calendars
from tongban.kernel.ledger.models import Act
from tongban.kernel.processes import service as processes
from tongban.kernel.processes import tasks as queue
from tongban.kernel.processes.errors import TaskCancelled
from tongban.kernel.processes.models import Instance, Job, Task, Timer
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
    wait,
    xor,
)
from tongban.kernel.processes.tests.world import AT, SYSTEM, Notes, World, publish
from tongban.kernel.processes.tests.world import start as start_instance

AUTOMATIC = process(
    start(),
    user("receive", "accept", "refuse", _limit="2wd"),
    boundary("silent", "receive", "5wd", since="received_at"),
    xor("which", default="yes"),
    service("accept"),
    user("decide"),
    end("no"),
    end(),
    chain("start", "receive", "which"),
    flow("which", "accept", key="yes"),
    flow("which", "no", "receive == 'refuse'"),
    flow("silent", "accept"),
    chain("accept", "decide", "end"),
)
RECEIVED = datetime(2026, 11, 13, 8, 0, tzinfo=UTC)
"""The Friday before: five working days later is Friday the 20th."""
DUE = datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)
"""The last second of that Friday in China."""


@pytest.fixture
def receive(world: World) -> processes.TaskView:
    publish(AUTOMATIC)
    return start_instance(world, received_at=RECEIVED.isoformat()).opened[0]


def test_nothing_fires_before_its_time(receive: processes.TaskView) -> None:
    assert [timer.due_at.replace(microsecond=0) for timer in processes.timers_of(receive.instance_id)] == [
        DUE
    ]
    assert processes.timers_of(receive.instance_id)[0].attached_to == "receive"
    assert processes.fire_due_timers(at=DUE - timedelta(seconds=1)) == 0
    assert Task.objects.get().state == "open"


def test_silence_for_five_working_days_accepts_automatically(
    receive: processes.TaskView, world: World, notes: Notes
) -> None:
    """Administrative Licensing Law art. 32(4): no notice within five days means accepted from the day of receipt."""
    at = DUE + timedelta(minutes=1)
    assert processes.fire_due_timers(at=at) == 1
    advance = notes.advances[-1]
    assert [task.id for task in advance.cancelled] == [receive.id]
    assert [task.node for task in advance.opened] == ["decide"]
    assert advance.completed is None
    assert notes.ran == ["accept"]
    context = notes.contexts[0]
    assert (context.task, context.actor.is_system, context.vars["receive"]) == (None, True, "timer")
    assert Ref("test", "1") in notes.locked
    act = Act.objects.get(verb="processes.timer")
    assert (act.role, act.at) == ("system", at)
    task = Task.objects.select_related("clock").get(pk=receive.id)
    assert task.clock is not None
    assert (task.state, task.clock.state) == ("cancelled", "stopped")
    with pytest.raises(TaskCancelled):
        processes.complete_task(actor=world.clerk, task_id=receive.id, outcome="accept", at=at)


def test_a_timer_fires_once(receive: processes.TaskView) -> None:
    at = DUE + timedelta(days=1)
    assert processes.fire_due_timers(at=at) == 1
    assert processes.fire_due_timers(at=at + timedelta(days=9)) == 0
    assert Timer.objects.get().state == "fired"


def test_a_step_done_in_time_takes_its_timer_away(
    receive: processes.TaskView, world: World, notes: Notes
) -> None:
    processes.complete_task(actor=world.clerk, task_id=receive.id, outcome="accept", at=AT)
    assert Timer.objects.get().state == "cancelled"
    assert processes.fire_due_timers(at=DUE + timedelta(days=9)) == 0
    assert notes.ran == ["accept"]


def test_a_terminated_instance_takes_its_timers_away(receive: processes.TaskView, world: World) -> None:
    processes.terminate(instance_id=receive.instance_id, actor=world.clerk, reason="撤回", at=AT)
    assert Timer.objects.get().state == "cancelled"
    assert processes.fire_due_timers(at=DUE + timedelta(days=9)) == 0


def test_a_timer_without_since_counts_from_its_own_beginning(world: World) -> None:
    publish(process(start(), wait("pause", "2d"), user("a"), end(), chain("start", "pause", "a", "end")))
    start_instance(world)
    timer = Timer.objects.get()
    assert (timer.since_at, timer.due_at) == (AT, calendars.add_limit(AT, "2d"))
    assert processes.fire_due_timers(at=timer.due_at) == 1
    assert Task.objects.get().node == "a"


def test_what_the_case_says_for_the_state_of_a_wait_goes_before_the_drawing(world: World) -> None:
    drawn = process(
        start(),
        wait("pause", "7d", state="publicity"),
        wait("rest", "3d"),
        end(),
        chain("start", "pause", "rest", "end"),
    )
    publish(drawn)
    start_instance(world, limits={"publicity": "10d", "rest": "1d"})
    timer = Timer.objects.get()
    assert (timer.limit, timer.due_at) == ("10d", calendars.add_limit(AT, "10d"))
    processes.fire_due_timers(at=timer.due_at)
    assert Timer.objects.get(node="rest").limit == "3d"


def test_one_branch_waits_while_the_other_works(world: World) -> None:
    publish(
        process(
            start(),
            par("split"),
            wait("pause", "3h"),
            user("a"),
            par("join"),
            end(),
            chain("start", "split", "pause", "join"),
            chain("split", "a", "join", "end"),
        )
    )
    task = start_instance(world).opened[0]
    assert not processes.complete_task(actor=world.clerk, task_id=task.id, outcome="done", at=AT).ended
    assert Timer.objects.get().state == "waiting"
    assert processes.fire_due_timers(at=AT + timedelta(hours=3)) == 1
    assert Instance.objects.get().status == "ended"


@pytest.mark.parametrize("value, day", [("2026-11-13", "11-20"), ("2026-11-13T16:30:00+00:00", "11-20")])
def test_since_may_be_a_date_or_a_moment(value: str, day: str, world: World) -> None:
    """Half past midnight on Saturday in China is no working day either: five working days later is the same Friday."""
    publish(AUTOMATIC)
    start_instance(world, received_at=value)
    assert f"{Timer.objects.get().due_at:%m-%d}" == day


def test_a_timer_without_its_date_becomes_an_incident_and_the_step_goes_on(
    world: World, notes: Notes
) -> None:
    publish(AUTOMATIC)
    advance = start_instance(world)
    assert [task.node for task in advance.opened] == ["receive"]
    incident = processes.open_incidents()[0]
    assert (incident.node, "received_at" in incident.error) == ("silent", True)
    processes.set_vars(instance_id=advance.instance_id, values={"received_at": RECEIVED.isoformat()}, at=AT)
    processes.retry_job(actor=world.admin, job_id=incident.job_id, reason="补上收件日期", at=AT)
    assert processes.fire_due_timers(at=DUE + timedelta(minutes=1)) == 1


def test_an_incident_of_a_timer_ends_with_its_step(world: World) -> None:
    publish(AUTOMATIC)
    task = start_instance(world).opened[0]
    processes.complete_task(actor=world.clerk, task_id=task.id, outcome="accept", at=AT)
    assert [incident.resolution for incident in processes.incidents_of(task.instance_id)] == ["cancelled"]
    assert not processes.open_incidents()


def test_a_timer_that_fails_is_tried_again_and_then_becomes_an_incident(
    receive: processes.TaskView, world: World, notes: Notes
) -> None:
    notes.failing = 5
    at = DUE + timedelta(minutes=1)
    for attempt in range(1, 6):
        assert processes.fire_due_timers(at=at) == 0
        timer = Timer.objects.get()
        assert (timer.attempts, Task.objects.get().state) == (attempt, "open")
        at = timer.next_at
    assert timer.state == "failed"
    incident = processes.open_incidents()[0]
    assert (incident.node, incident.can_skip, "on fire" in incident.error) == ("silent", False, True)
    assert (
        processes.retry_job(actor=world.admin, job_id=incident.job_id, reason="打印机修好了", at=at) is None
    )
    assert processes.fire_due_timers(at=at) == 1
    assert [task.node for task in notes.advances[-1].opened] == ["decide"]


def test_one_failing_timer_does_not_hold_up_the_others(world: World, notes: Notes) -> None:
    publish(AUTOMATIC)
    for _ in range(3):
        start_instance(world, received_at=RECEIVED.isoformat())
    notes.failing = 1
    assert processes.fire_due_timers(at=DUE + timedelta(minutes=1)) == 2


def test_a_changed_calendar_moves_the_waiting_timers(receive: processes.TaskView) -> None:
    holiday = calendars.SpecialDay(day=datetime(2026, 11, 18).date(), is_off=True, name="县庆")  # type: ignore[arg-type]
    calendars.import_year(year=2026, notice="test", days=[holiday], actor=SYSTEM, at=AT)
    assert processes.recompute_timers(at=AT) == 1
    assert f"{Timer.objects.get().due_at:%m-%d}" == "11-23"
    assert processes.recompute_timers(at=AT) == 0


def test_a_timer_that_counted_by_an_old_calendar_does_not_fire_early(
    receive: processes.TaskView, notes: Notes
) -> None:
    old = DUE + timedelta(minutes=1)
    holiday = calendars.SpecialDay(day=datetime(2026, 11, 18).date(), is_off=True, name="县庆")  # type: ignore[arg-type]
    calendars.import_year(year=2026, notice="test", days=[holiday], actor=SYSTEM, at=AT)
    assert processes.fire_due_timers(at=old) == 0
    timer = Timer.objects.get()
    assert (timer.state, f"{timer.due_at:%m-%d}", timer.next_at) == ("waiting", "11-23", timer.due_at)
    assert not notes.ran
    assert processes.fire_due_timers(at=timer.due_at) == 1


def test_the_tick_fires_timers_and_rings_for_jobs(
    receive: processes.TaskView, world: World, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(queue, "defer_job", rung.append)
    job = Job.objects.create(
        instance_id=receive.instance_id, token=99, node="x", operation="test.issue", created_at=AT, next_at=AT
    )
    monkeypatch.setattr(queue, "now", lambda: DUE + timedelta(minutes=1))
    queue.tick(0)
    assert notes.ran == ["accept"]
    assert rung == [job.pk]
