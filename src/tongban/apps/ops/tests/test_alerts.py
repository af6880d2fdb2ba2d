"""Who runs the machines is told of trouble: soon, in the box and by e-mail, and of one cause once an hour at most."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.support.county import County
from tongban.apps.ops import figures
from tongban.apps.ops.models import Alert
from tongban.apps.ops.operations.watch import watch
from tongban.apps.ops.rules import Trouble, must_tell
from tongban.apps.ops.words import WORDS
from tongban.base import jobs, outbox
from tongban.base.actor import Actor
from tongban.base.models import Event
from tongban.base.ref import Ref
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages.models import Delivery, Message
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.models import Job
from tongban.kernel.processes.registry import operations


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> list[Trouble]:
    """What the watch finds; empty at first."""
    found: list[Trouble] = []
    monkeypatch.setattr("tongban.apps.ops.operations.watch.troubles_now", lambda: list(found))
    return found


@pytest.fixture(autouse=True)
def calm(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what the installation of the county announced be handled and sealed: no worker runs here."""
    Event.objects.filter(done_at__isnull=True).update(done_at=county.now)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    monkeypatch.setattr(figures.ledger, "sealing_lag", lambda: 0.0)


def alerts() -> list[Message]:
    return list(Message.objects.filter(template="ops.alert").order_by("created_at"))


def test_a_trouble_is_told_to_everybody_with_the_duty_and_to_nobody_else(
    county: County, wrong: list[Trouble]
) -> None:
    person = county.account("sysadmin").person
    person.email = "machines@example.org"
    person.save()
    wrong.append(Trouble("worker", "worker"))
    assert watch(at=county.now) == 1
    (message,) = alerts()
    assert message.person_id == person.pk
    assert (message.subject.zh, message.link) == ("系统异常：后台任务没有动静", "/desk/incidents/")
    assert message.subject.en == "System alert: No background worker has been heard"
    ways = set(Delivery.objects.filter(message=message).values_list("channel", flat=True))
    assert ways == {"in_app", "email"}


def test_the_same_cause_is_told_once_an_hour_and_only_when_it_has_grown(
    county: County, wrong: list[Trouble]
) -> None:
    at = county.now
    wrong.append(Trouble("incident", "certificates.issue: OSError", 1))
    told = []
    for minutes, count in ((0, 1), (1, 1), (30, 5), (59, 6), (60, 6), (61, 9), (121, 9), (300, 9)):
        wrong[0] = Trouble("incident", "certificates.issue: OSError", count)
        told.append(watch(at=at + timedelta(minutes=minutes)))
    assert told == [1, 0, 0, 0, 1, 0, 1, 0]
    assert "9 个办件" in alerts()[-1].subject.zh
    assert "certificates.issue: OSError" in alerts()[-1].body.zh


def test_another_cause_is_told_at_once(county: County, wrong: list[Trouble]) -> None:
    wrong.append(Trouble("worker", "worker"))
    watch(at=county.now)
    wrong.append(Trouble("sealing", "sealing"))
    assert watch(at=county.now + timedelta(minutes=1)) == 1


def test_what_ended_and_came_back_is_told_again_after_the_hour(county: County, wrong: list[Trouble]) -> None:
    at = county.now
    wrong.append(Trouble("outbox", "outbox"))
    watch(at=at)
    wrong.clear()
    watch(at=at + timedelta(minutes=5))
    assert Alert.objects.get().ended_at == at + timedelta(minutes=5)
    wrong.append(Trouble("outbox", "outbox"))
    assert watch(at=at + timedelta(minutes=10)) == 0
    assert Alert.objects.get().ended_at is None
    wrong.clear()
    watch(at=at + timedelta(minutes=15))
    wrong.append(Trouble("outbox", "outbox"))
    assert watch(at=at + timedelta(minutes=70)) == 1


@pytest.mark.parametrize(
    ("minutes", "count", "told_count", "is_new", "expected"),
    [(59, 9, 1, True, False), (60, 2, 1, False, True), (60, 1, 1, False, False), (60, 1, 1, True, True)],
)
def test_the_rule(minutes: int, count: int, told_count: int, is_new: bool, expected: bool) -> None:
    told_at = datetime(2026, 1, 1)
    at = told_at + timedelta(minutes=minutes)
    assert must_tell(at=at, count=count, told_at=told_at, told_count=told_count, is_new=is_new) is expected
    assert must_tell(at=at, count=count, told_at=None, told_count=0, is_new=False)


def kinds() -> set[str]:
    return {trouble.kind for trouble in figures.troubles_now()}


def heartbeat() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")


def test_nothing_is_wrong_where_all_is_well(county: County) -> None:
    heartbeat()
    assert kinds() == set()


def test_a_silent_worker_is_trouble_and_whoever_asks_after_our_health_winds_the_watch_up(
    county: County,
) -> None:
    assert kinds() == {"worker"}
    assert Client().get("/healthz").status_code == 503
    assert [m.subject.zh for m in alerts()] == ["系统异常：后台任务没有动静"]
    Client().get("/healthz")
    assert len(alerts()) == 1


def test_an_outbox_that_is_stuck_is_trouble(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    heartbeat()
    monkeypatch.setitem(outbox._handlers, "test.stuck", {"test": lambda event: None})
    event = outbox.announce("test.stuck", Ref("x", "1"), at=county.now)
    assert kinds() == set()
    Event.objects.filter(pk=event.pk).update(created_at=county.now - timedelta(minutes=6))
    assert kinds() == {"outbox"}


def test_malware_and_many_failed_sign_ins_are_trouble(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "FAILED_SIGN_INS", 3)
    for number in range(2):
        Client().post("/sign-in/", {"username": f"nobody{number}", "password": "x"})
    calm = {trouble.kind for trouble in figures.troubles_now()}
    Client().post("/sign-in/", {"username": "nobody", "password": "x"})
    ledger.record(
        actor=Actor.system("test"), verb="files.refuse_infected", subject=Ref("case", "1"), at=county.now
    )
    troubles = {(trouble.kind, trouble.count) for trouble in figures.troubles_now()}

    assert not calm & {"guessing", "malware"}
    assert {("guessing", 3), ("malware", 1)} <= troubles


def test_a_lagging_seal_is_trouble(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    heartbeat()
    monkeypatch.setattr(figures.ledger, "sealing_lag", lambda: 61.0)
    assert kinds() == {"sealing"}


def test_messages_and_jobs_that_gave_up_are_trouble(county: County) -> None:
    heartbeat()
    county.submit()
    Delivery.objects.filter(channel="email").update(state=Delivery.State.FAILED, sent_at=None)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")
    assert kinds() >= {"messages", "jobs"}
    assert jobs.failed_jobs()


def test_one_look_that_fails_takes_no_other_with_it(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> float:
        raise OSError

    monkeypatch.setattr(figures.ledger, "sealing_lag", broken)
    assert kinds() == {"worker"}


def test_an_incident_is_told_by_the_event_that_opens_it(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    heartbeat()
    case = county.grant(county.review(county.accept(county.submit())))
    job = Job.objects.get(instance=case.instance_id)

    def broken(context: Any) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(operations, "get", lambda name: processes.Operation(name, broken, False))
        for _ in range(5):
            job.refresh_from_db()
            processes.run_job(job_id=job.pk, at=county.go_to(max(job.next_at, county.now)))
    event = Event.objects.get(name="processes.incident_opened")
    outbox.dispatch(event, at=county.now)
    (message,) = [m for m in alerts() if "办件" in m.subject.zh]
    assert "No space left on device" in message.body.zh
    assert case.number not in message.body.zh


def test_every_kind_of_trouble_has_words() -> None:
    parts = {"database", "worker", "storage", "queue", "timers", "outbox", "sealing"}
    assert set(WORDS) == parts | {
        "incident",
        "messages",
        "papers",
        "jobs",
        "backup",
        "malware",
        "scanner",
        "guessing",
    }
    assert all(word.zh and word.en for word in WORDS.values())
