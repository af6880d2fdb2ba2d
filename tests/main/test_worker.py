"""The worker as it runs: what a job defers belongs to the job's transaction; what a dead worker left is done by another."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection, connections, transaction
from procrastinate.contrib.django import app

from tongban.base import jobs, outbox
from tongban.base.models import Event
from tongban.base.ref import Ref
from tongban.base.tasks import care_for_queue
from tongban.kernel.processes.models import Job
from tongban.kernel.processes.tests import world as worlds
from tongban.kernel.processes.tests.drawn import chain, end, process, service, start
from tongban.main import worker
from tongban.main.worker import working_app

pytestmark = pytest.mark.django_db(transaction=True)
AT = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
ran: list[str] = []


@pytest.fixture(autouse=True)
def tasks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make two tasks known for the time of a test; leave no connection behind in the worker's threads."""
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    ran.clear()

    @app.task(name="test.second")
    def second(word: str) -> None:
        ran.append(f"second {word} sees {Event.objects.filter(name=word).count()}")

    @app.task(name="test.first")
    def first(word: str, fails: bool = False) -> None:
        with transaction.atomic():
            app.configure_task("test.second").defer(word=word)
            ran.append(f"first {word} {visible_jobs('test.second')}")
            Event.objects.create(name=word, subject_kind="x", subject_id="1", created_at=AT)
            if fails:
                raise RuntimeError("the transaction fails")

    yield
    for name in ("test.first", "test.second"):
        app.tasks.pop(name)
    asyncio.run(sync_to_async(connections.close_all)())  # of the thread in which periodic jobs are deferred


def visible_jobs(task: str) -> int:
    """Count the jobs of a task that anybody else sees now."""
    import psycopg
    from procrastinate.contrib.django.utils import connector_params

    with psycopg.connect(**connector_params("default")) as other:
        row = other.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s", [task]).fetchone()
    assert row is not None
    return int(row[0])


def work() -> None:
    """Let a worker do everything that waits, and end."""
    working_app().run_worker(wait=False, delete_jobs="successful", install_signal_handlers=False)


def test_what_a_job_defers_is_seen_when_its_transaction_commits() -> None:
    app.configure_task("test.first").defer(word="a")
    work()
    work()
    assert ran == ["first a 0", "second a sees 1"]


def test_what_a_job_defers_goes_with_its_transaction() -> None:
    app.configure_task("test.first").defer(word="b", fails=True)
    work()
    work()
    assert ran == ["first b 0"]
    assert [job.task for job in jobs.failed_jobs()] == ["test.first"]


def taken(task: str, seconds_silent: float | None, **args: str) -> int:
    """Defer a job and let a worker that has since been silent so long have taken it; None: one that is gone."""
    job_id = app.configure_task(task).defer(**args)
    with connection.cursor() as cursor:
        worker = None
        if seconds_silent is not None:
            cursor.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s)) RETURNING id",
                [seconds_silent],
            )
            worker = cursor.fetchone()[0]
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s", [worker, job_id]
        )
    return job_id


def status(job_id: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [job_id])
        row = cursor.fetchone()
    return str(row[0]) if row else "gone"


def test_the_job_of_a_worker_that_died_is_done_by_another() -> None:
    dead, gone = taken("test.second", 31, word="c"), taken("test.second", None, word="d")
    living = taken("test.second", 3, word="e")
    assert jobs.rescue(silence=30) == 2
    assert (status(dead), status(gone), status(living)) == ("todo", "todo", "doing")
    work()
    assert ran == ["second c sees 0", "second d sees 0"]
    assert jobs.rescue(silence=30) == 0


def test_a_job_that_kills_every_worker_is_given_up() -> None:
    job_id = taken("test.second", 31, word="f")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET attempts = 8 WHERE id = %s", [job_id])
    jobs.rescue(silence=30)
    assert status(job_id) == "failed"
    assert jobs.run_again(job_id=job_id)
    assert not jobs.run_again(job_id=job_id)
    work()
    assert ran == ["second f sees 0"]


def test_a_job_whose_like_waits_already_is_not_put_back_twice() -> None:
    job_id = app.configure_task("test.second", queueing_lock="one").defer(word="g")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [job_id])
    app.configure_task("test.second", queueing_lock="one").defer(word="g")
    assert jobs.rescue(silence=30) == 1
    assert (status(job_id), jobs.figures().waiting) == ("gone", 1)


def test_the_figures_of_the_queue() -> None:
    app.configure_task("test.second").defer(word="h")
    app.configure_task("test.second", schedule_in={"hours": 1}).defer(word="i")
    taken("test.second", 0, word="j")
    figures = jobs.figures()
    assert (figures.waiting, figures.scheduled, figures.running, figures.failed) == (1, 1, 1, 0)
    assert 0 <= figures.oldest < 60


def test_a_job_that_gave_up_can_be_dropped() -> None:
    app.configure_task("test.first").defer(word="k", fails=True)
    work()
    (failed,) = jobs.failed_jobs()
    assert (failed.args["word"], jobs.drop_failed(job_id=failed.id)) == ("k", True)
    assert not jobs.drop_failed(job_id=failed.id)


@pytest.fixture
def heard() -> Iterator[list[int]]:
    found: list[int] = []
    outbox.handler("test.happened", "test.hear")(lambda event: found.append(event.pk))
    yield found
    outbox._handlers.pop("test.happened")


def test_an_event_whose_job_was_lost_is_handled_all_the_same(heard: list[int]) -> None:
    event = outbox.announce("test.happened", Ref("x", "1"), at=AT)
    assert outbox.ring_again(at=AT + timedelta(minutes=3)) == 0
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    assert outbox.ring_again(at=AT + timedelta(minutes=1)) == 0
    assert outbox.ring_again(at=AT + timedelta(minutes=3)) == 1
    assert outbox.ring_again(at=AT + timedelta(minutes=3)) == 0
    work()
    assert heard == [event.pk]
    event.refresh_from_db()
    assert event.done_at is not None


def test_only_events_that_were_done_a_quarter_ago_are_forgotten(heard: list[int]) -> None:
    done = outbox.announce("test.happened", Ref("x", "1"), at=AT)
    outbox.dispatch(done, at=AT)
    waiting = outbox.announce("test.happened", Ref("x", "2"), at=AT)
    late = outbox.announce("test.happened", Ref("x", "3"), at=AT)
    outbox.dispatch(late, at=AT + timedelta(days=2))
    assert outbox.forget(at=AT + outbox.KEPT) == 0
    assert outbox.forget(at=AT + outbox.KEPT + timedelta(days=1)) == 1
    left = set(outbox.Event.objects.filter(name="test.happened").values_list("pk", flat=True))
    assert left == {waiting.pk, late.pk}
    assert set(outbox.EventReceipt.objects.values_list("event_id", flat=True)) == {late.pk}


def test_the_care_of_the_queue_is_a_task_itself() -> None:
    taken("test.second", None, word="l")
    care_for_queue(timestamp=0)
    work()
    assert ran == ["second l sees 0"]


def test_a_job_that_the_database_left_in_the_lurch_is_tried_again() -> None:
    app.tasks.pop("test.first")

    @app.task(name="test.first")
    def unlucky(word: str) -> None:
        ran.append(word)
        if len(ran) == 1:
            raise OperationalError("the connection is lost")

    job_id = app.configure_task("test.first").defer(word="m")
    work()
    assert (ran, status(job_id)) == (["m"], "todo")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now()")
    work()
    assert (ran, status(job_id)) == (["m", "m"], "gone")


def test_failed_bells_do_not_pile_up() -> None:
    def failed(**options: Any) -> int:
        job_id = app.configure_task("test.second", queueing_lock=options.pop("lock", None)).defer(**options)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [job_id])
            cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [job_id])
        return job_id

    ticks = [failed(word="n", timestamp=n, lock="tick") for n in range(3)]
    bell, other = failed(word="o", lock="bell.1"), failed(word="p")
    assert jobs.forget_bells() == 3
    assert [status(pk) for pk in [*ticks, bell, other]] == ["gone", "gone", "failed", "gone", "failed"]


def test_three_workers_at_once_run_every_job_once() -> None:
    for n in range(45):
        app.configure_task("test.second").defer(word=str(n))
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(work) for _ in range(3)]:
            done.result(60)
    assert sorted(ran) == sorted(f"second {n} sees 0" for n in range(45))
    assert jobs.figures().waiting == jobs.figures().running == 0


def test_three_workers_at_once_run_every_step_of_processes_once() -> None:
    world = worlds.build()
    worlds.publish(process(start(), service("issue", "test.issue"), end(), chain("start", "issue", "end")))
    for _ in range(12):
        worlds.start(world)
    for job_id in Job.objects.values_list("pk", flat=True):  # every bell rings twice
        app.configure_task("processes.run_job").defer(job_id=job_id)
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(work) for _ in range(3)]:
            done.result(60)
    assert worlds.notes.ran == ["issue"] * 12
    assert set(Job.objects.values_list("state", "attempts")) == {("done", 0)}


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let others use nine tenths of the processors."""
    monkeypatch.setattr(worker.Processors, "used_by_others", lambda self: 0.9)


def paint(*words: str) -> None:
    for word in words:
        app.configure_task("test.second", queue=jobs.AT_LEISURE).defer(word=word)


@pytest.mark.usefixtures("busy")
def test_what_has_time_waits_while_others_want_the_processors_but_for_one_a_second() -> None:
    paint("a", "b", "c")
    app.configure_task("test.second").defer(word="d")
    work()
    assert ran == ["second a sees 0", "second d sees 0"]  # a worker that begins has taken none yet
    assert jobs.figures().waiting == 2


def test_what_has_time_is_done_when_nobody_else_wants_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker.Processors, "used_by_others", lambda self: 0.4)
    paint("a", "b", "c")
    work()
    assert len(ran) == 3


def test_what_has_time_counts_as_waiting_an_hour_later() -> None:
    paint("a")
    assert (jobs.figures().waiting, jobs.figures().oldest) == (1, 0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '61 minutes'")
    assert 59 < jobs.figures().oldest < 70


def test_the_share_of_others_is_what_is_neither_idle_nor_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    told = iter([(1000, 500, 100), (2000, 700, 300), (2001, 700, 300)])
    monkeypatch.setattr(worker.Processors, "_ticks", staticmethod(lambda: next(told)))
    monkeypatch.setattr(worker.Processors, "_worth_it", 100)
    processors = worker.Processors()
    assert processors.used_by_others() == pytest.approx(0.6)
    assert processors.used_by_others() == pytest.approx(0.6)  # too short a time to tell: what was told before


def test_a_machine_that_does_not_tell_is_not_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker.Processors, "_ticks", staticmethod(lambda: (0, 0, 0)))
    assert worker.Processors().used_by_others() == 0
