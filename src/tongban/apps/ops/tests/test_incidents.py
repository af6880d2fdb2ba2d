"""What the machine could not do: one duty sees it and puts it right, with a reason, on record."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.county import County
from tongban.base.models import Event
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
