"""What the machine could not do: one duty sees it and puts it right, with a reason, on record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from tests.support.county import County
from tongban.base import jobs
from tongban.base.models import Event
from tongban.base.text import LocalizedText
from tongban.kernel.instruments.models import Paper
from tongban.kernel.ledger.models import Act
from tongban.kernel.messages.models import Delivery
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.models import Job
from tongban.kernel.processes.registry import operations

URL = "/desk/incidents/"


@pytest.fixture
def failed(county: County, monkeypatch: pytest.MonkeyPatch) -> Job:
    """Let the making of a certificate fail until it gives up, then repair the machine."""
    case = county.grant(county.review(county.accept(county.submit())))
    job = Job.objects.get(instance=case.instance_id)

    def broken(context: Any) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(operations, "get", lambda name: processes.Operation(name, broken, False))
        for _ in range(5):
            job.refresh_from_db()
            processes.run_job(job_id=job.pk, at=county.go_to(max(job.next_at, county.now)))
    job.refresh_from_db()
    assert job.state == Job.FAILED
    job.number = case.number
    return job


def shown(county: County, who: str = "sysadmin") -> str:
    answer = county.client(who).get(URL)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_an_empty_page_says_what_would_stand_there(county: County) -> None:
    html = shown(county)
    assert "没有要处理的异常" in html and "数据库" in html


def test_an_incident_names_case_step_error_and_attempts(county: County, failed: Any) -> None:
    html = shown(county)
    for text in (failed.number, "制证", "No space left on device", "试了 5 次"):
        assert text in html
    assert "李秀英" not in html and "李记米线店" not in html


def test_it_is_tried_again_with_a_reason(county: County, failed: Job) -> None:
    answer = county.client("sysadmin").post(f"{URL}{failed.pk}/", {"way": "retry", "reason": "磁盘已清理"})
    assert (answer.status_code, answer["Location"]) == (302, URL)
    assert "没有要处理的异常" in shown(county)
    assert Act.objects.filter(verb="processes.retry").count() == 1
    assert processes.run_due_jobs(at=county.now) == 1


def test_it_is_skipped_with_a_reason(county: County, failed: Job) -> None:
    county.client("sysadmin").post(f"{URL}{failed.pk}/", {"way": "skip", "reason": "改为手工制证"})
    failed.refresh_from_db()
    assert failed.state == Job.SKIPPED
    assert Act.objects.get(verb="processes.skip").reason == "改为手工制证"


@pytest.mark.parametrize("reason", ["", "  "])
def test_without_a_reason_nothing_happens(county: County, failed: Job, reason: str) -> None:
    events = Event.objects.count()
    answer = county.client("sysadmin").post(f"{URL}{failed.pk}/", {"way": "skip", "reason": reason})
    assert answer.status_code == 422
    assert "请写明理由" in answer.content.decode()
    failed.refresh_from_db()
    assert (failed.state, Event.objects.count()) == (Job.FAILED, events)


def test_what_somebody_else_repaired_is_said(county: County, failed: Job) -> None:
    client = county.client("sysadmin")
    client.post(f"{URL}{failed.pk}/", {"way": "retry", "reason": "磁盘已清理"})
    answer = client.post(f"{URL}{failed.pk}/", {"way": "retry", "reason": "磁盘已清理"})
    assert answer.status_code == 409
    assert "这个故障已经处理过了" in answer.content.decode()


@pytest.mark.parametrize("who", ["window", "chief", "secadmin", "auditadmin"])
def test_no_other_post_sees_or_repairs_anything(county: County, failed: Job, who: str) -> None:
    client = county.client(who)
    assert client.get(URL).status_code == 403
    events, acts = Event.objects.count(), Act.objects.count()
    assert client.post(f"{URL}{failed.pk}/", {"way": "skip", "reason": "试试"}).status_code == 403
    failed.refresh_from_db()
    assert (failed.state, Event.objects.count(), Act.objects.count()) == (Job.FAILED, events, acts)
    assert "incidents" not in client.get("/desk/").content.decode()


def test_a_paper_that_failed_is_made_again(county: County) -> None:
    county.submit()
    paper = Paper.objects.order_by("-issued_at")[0]
    Paper.objects.filter(pk=paper.pk).update(state=Paper.State.FAILED, last_error="no such font")
    assert paper.number in shown(county)
    client = county.client("sysadmin")
    assert client.post(f"{URL}papers/{paper.pk}/").status_code == 302
    paper.refresh_from_db()
    assert paper.state == Paper.State.NUMBERED
    assert Act.objects.filter(verb="ops.make_paper_again", subject_id=str(paper.pk)).count() == 1


def test_a_message_that_failed_is_sent_again(county: County) -> None:
    county.submit()
    delivery = Delivery.objects.filter(channel="email")[0]
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.FAILED, sent_at=None, attempts=5, last_error="ConnectionRefusedError"
    )
    html = shown(county)
    assert "ConnectionRefusedError" in html and delivery.address not in html
    assert county.client("sysadmin").post(f"{URL}messages/{delivery.pk}/").status_code == 302
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.RETRIED
    assert county.client("window").post(f"{URL}messages/{delivery.pk}/").status_code == 403


@pytest.fixture
def two_failed(county: County, monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Let two certificates fail for the same cause."""

    def broken(context: Any) -> None:
        raise OSError("No space left on device")

    found = []
    for firm in ("", "rep"):
        case = county.grant(county.review(county.accept(county.submit(firm or "citizen"))))
        job = Job.objects.get(instance=case.instance_id)
        with monkeypatch.context() as patch:
            patch.setattr(operations, "get", lambda name: processes.Operation(name, broken, False))
            for _ in range(5):
                job.refresh_from_db()
                processes.run_job(job_id=job.pk, at=county.go_to(max(job.next_at, county.now)))
        found.append(job)
    return found


def test_incidents_of_one_cause_stand_together_and_are_retried_together(
    county: County, two_failed: list[Job]
) -> None:
    html = shown(county)
    assert html.count("No space left on device") == 1
    assert "件，同一个原因" in html
    client = county.client("sysadmin")
    ids = [job.pk for job in two_failed]
    without = client.post(f"{URL}retry/", {"job": ids, "reason": ""})
    assert (without.status_code, "请写明理由" in without.content.decode()) == (422, True)
    assert client.post(f"{URL}retry/", {"job": ids, "reason": "磁盘已清理"}).status_code == 302
    assert "没有要处理的异常" in shown(county)
    assert county.client("window").post(f"{URL}retry/", {"job": ids, "reason": "x"}).status_code == 403


def test_an_incident_shows_each_attempt_and_its_history(county: County, failed: Any) -> None:
    client = county.client("sysadmin")
    incident = processes.open_incidents()[0]
    html = client.get(f"{URL}of/{incident.id}/").content.decode()
    assert html.count("OSError: No space left on device") == 5
    assert failed.number in html and f"/desk/cases/{failed.number}/" not in html
    client.post(f"{URL}{failed.pk}/", {"way": "skip", "reason": "改为手工制证"})
    assert "改为手工制证" in client.get(f"{URL}of/{incident.id}/").content.decode()
    history = client.get(f"{URL}history/").content.decode()
    for text in ("跳过了", "改为手工制证", failed.number):
        assert text in history
    assert client.get(f"{URL}of/0/").status_code == 404
    for who in ("window", "chief", "auditadmin"):
        assert county.client(who).get(f"{URL}history/").status_code == 403
        assert county.client(who).get(f"{URL}of/{incident.id}/").status_code == 403


def test_a_step_that_nobody_may_skip_says_why(
    county: County, failed: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    why = LocalizedText("没有证书就不能送达", "Nothing can be delivered without it")
    kept = processes.Operation("certificates.issue", lambda context: None, False, why)
    monkeypatch.setattr(operations, "find", lambda name: kept)
    html = shown(county)
    assert "没有证书就不能送达" in html and "跳过这一步" not in html
    answer = county.client("sysadmin").post(f"{URL}{failed.pk}/", {"way": "skip", "reason": "试试"})
    assert (answer.status_code, "没有证书就不能送达" in answer.content.decode()) == (409, True)
    failed.refresh_from_db()
    assert failed.state == Job.FAILED


@pytest.fixture
def queue_job() -> Callable[[str], int]:
    """Make a background job that gave up."""

    def make(task: str, **args: Any) -> int:
        job_id = app.configure_task(task).defer(**args)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [job_id])
            cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [job_id])
        return job_id

    return make


def test_a_background_job_is_run_again_or_dropped_with_a_reason(county: County, queue_job: Any) -> None:
    job_id = queue_job("messages.deliver", delivery_id=4711)
    client, url = county.client("sysadmin"), f"{URL}jobs/{job_id}/"
    assert "4711" in shown(county)
    assert client.post(url, {"way": "again", "reason": " "}).status_code == 422
    assert client.post(url, {"way": "again", "reason": "修好了"}).status_code == 302
    assert client.post(url, {"way": "again", "reason": "修好了"}).status_code == 409
    other = queue_job("messages.deliver", delivery_id=4712)
    assert county.client("window").post(f"{URL}jobs/{other}/", {"reason": "x"}).status_code == 403
    assert client.post(f"{URL}jobs/{other}/", {"way": "drop", "reason": "没有这条消息"}).status_code == 302
    assert Act.objects.filter(verb__in=["ops.run_again", "ops.drop_job"]).count() == 2
    assert "没有要处理的异常" in shown(county)


def test_a_background_job_that_somebody_waits_for_is_not_dropped(county: County, queue_job: Any) -> None:
    job_id = queue_job("base.dispatch_event", event_id=1)
    answer = county.client("sysadmin").post(f"{URL}jobs/{job_id}/", {"way": "drop", "reason": "算了"})
    assert answer.status_code == 409
    assert "不能放弃" in answer.content.decode()
    assert [job.id for job in jobs.failed_jobs()] == [job_id]
    assert not Act.objects.filter(verb="ops.drop_job").exists()


def test_the_page_says_how_every_part_stands(county: County) -> None:
    html = shown(county)
    for part in ("数据库", "后台任务", "任务队列", "到时动作", "事件传递", "记账封存", "最近一次备份"):
        assert part in html
    assert "没有要处理的异常" in html
