"""Issuing: the number, what is kept, who is told; and the refusals."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from tongban.base import work
from tongban.base.jobs import AT_LEISURE
from tongban.base.models import Counter, Event
from tongban.base.ref import Ref
from tongban.base.time import LOCAL
from tongban.kernel.instruments import service
from tongban.kernel.instruments.errors import PaperDataMissing, PaperTemplateInvalid, PaperTemplateUnknown
from tongban.kernel.instruments.models import Paper, PaperTemplate
from tongban.kernel.ledger.service import acts_of
from tongban.kernel.messages.service import inbox_of


def test_numbers_follow_one_another_without_gaps_and_start_anew_each_year(issue):
    assert issue().number == "澄市监受〔2026〕1号"
    with pytest.raises(RuntimeError), transaction.atomic():
        issue()
        raise RuntimeError("the decision fails after the paper was numbered")
    assert issue().number == "澄市监受〔2026〕2号"
    assert issue(at=datetime(2027, 1, 1, 0, 30, tzinfo=LOCAL)).number == "澄市监受〔2027〕1号"


def test_a_paper_that_names_its_case_is_counted_within_it_and_takes_no_counter(issue, template, subject):
    with pytest.raises(PaperTemplateInvalid):
        _put(template, number_format="{case_number}-{kind}{n}")  # it does not state the case's number
    fields = [*template.fields, {"key": "case_number", "label": {"zh": "办件编号"}, "required": True}]
    _put(template, number_format="{case_number}-{kind}{n}", fields=fields)
    data = {"item": "食品经营许可", "received_on": "2026-03-04", "case_number": "CX-2026-0304-0007"}
    assert [issue(data=data).number for _ in range(2)] == ["CX-2026-0304-0007-受1", "CX-2026-0304-0007-受2"]
    other = {"subject": Ref("case", str(uuid4())), "data": {**data, "case_number": "CX-2026-0304-0008"}}
    assert issue(**other).number == "CX-2026-0304-0008-受1"
    assert not Counter.objects.filter(key__startswith="paper:").exists()
    with pytest.raises(PaperDataMissing) as refusal:
        issue(data={**data, "case_number": ""})
    assert refusal.value.data["fields"] == ["case_number"]
    _put(template, fields=fields)
    assert issue(data=data).number == "澄市监受〔2026〕1号"
    _put(template, number_format="{case_number}-{kind}{n}", fields=fields)
    assert issue(data=data).number == "CX-2026-0304-0007-受3", (
        "one of the organ's does not count within the case"
    )


def test_the_year_is_that_of_the_county_and_not_of_greenwich(issue):
    new_year = datetime(2027, 1, 1, 7, 0, tzinfo=LOCAL)  # still 2026 in UTC
    assert issue(at=new_year).year == 2027


def test_a_paper_keeps_only_what_its_template_declares(issue):
    paper = issue(data={"item": "食品经营许可", "received_on": "2026-03-04", "phone": "13800000000"})
    assert paper.data == {"item": "食品经营许可", "received_on": "2026-03-04"}


def test_issuing_serves_tells_records_and_orders_the_pdf(issue, citizen, subject):
    paper = issue()
    (seen,) = service.papers_of(subject)
    assert (seen.number, seen.state, seen.file_id) == (paper.number, "numbered", None)
    (served,) = seen.services
    assert (served.method, served.served_at, served.received_at) == ("electronic", paper.issued_at, None)
    (message,) = inbox_of(citizen.person_id)
    assert message.link == f"/papers/{paper.pk}/"
    assert paper.number in message.body.zh
    assert [act.verb for act in acts_of(case=subject)] == ["instruments.issue", "instruments.serve"]
    assert Event.objects.filter(name="instruments.issued", subject_id=str(paper.pk)).count() == 1
    assert (
        ProcrastinateJob.objects.filter(
            task_name="instruments.render", args={"paper_id": str(paper.pk)}
        ).count()
        == 1
    )


def test_a_paper_on_demand_is_not_made_before_somebody_opens_it(issue, citizen):
    paper = issue(on_demand=True)
    jobs = ProcrastinateJob.objects.filter(task_name="instruments.render")
    assert not jobs.exists()
    service.open_paper(actor=citizen, paper_id=paper.pk, at=paper.issued_at)
    service.open_paper(actor=citizen, paper_id=paper.pk, at=paper.issued_at)
    assert jobs.count() == 1


def test_who_opens_a_paper_that_is_not_drawn_yet_need_not_wait_until_the_machine_has_time(issue, citizen):
    paper = issue()
    jobs = ProcrastinateJob.objects.filter(task_name="instruments.render")
    assert [job.queue_name for job in jobs] == [AT_LEISURE]
    for seconds in (4, 6, 8):
        service.open_paper(actor=citizen, paper_id=paper.pk, at=paper.issued_at + timedelta(seconds=seconds))
    assert [job.queue_name for job in jobs.order_by("id")] == [AT_LEISURE, "default"]


def test_everything_goes_before_drawing_but_the_paper_that_somebody_waits_for(issue, citizen):
    drawn, opened = issue(), issue(on_demand=True)
    work.defer("base.dispatch_event", event_id=1)
    service.open_paper(actor=citizen, paper_id=opened.pk, at=opened.issued_at)
    with connection.cursor() as cursor:
        taken = []
        while True:
            cursor.execute("SELECT task_name, args FROM procrastinate_fetch_job_v2(NULL, NULL)")
            task, args = cursor.fetchone()
            if task is None:
                break
            taken.append((task, json.loads(args) if isinstance(args, str) else args))
    assert taken[0] == ("instruments.render", {"paper_id": str(opened.pk)})
    assert taken[-1] == ("instruments.render", {"paper_id": str(drawn.pk)})
    assert ("base.dispatch_event", {"event_id": 1}) in taken[1:-1]


@pytest.mark.parametrize("lacking", [None, "", []])
def test_a_paper_that_would_lack_what_it_must_state_is_refused(issue, subject, citizen, lacking):
    with pytest.raises(PaperDataMissing) as refusal:
        issue(data={"item": lacking, "received_on": "2026-03-04"})
    assert refusal.value.data["fields"] == ["item"]
    assert service.papers_of(subject) == []
    assert inbox_of(citizen.person_id) == []
    assert not Event.objects.exists()
    assert issue().n == 1  # no number was used up


def test_an_unknown_template_is_refused(issue):
    with pytest.raises(PaperTemplateUnknown):
        issue(template="unknown")
    assert not Paper.objects.exists()


def test_a_changed_template_is_a_new_version_and_papers_keep_theirs(issue, template):
    old = issue()
    same = _put(template, source=template.source)
    assert same.pk == template.pk
    newer = _put(template, source=template.source + "\n新。")
    assert (newer.version, newer.is_current) == (2, True)
    assert issue().template.version == 2
    assert Paper.objects.get(pk=old.pk).template.version == 1


@pytest.mark.parametrize(
    "number_format",
    ["{prefix}{kind}〔{year}〕号", "{prefix}{what}〔{year}〕{n}号", "{case_number}-{kind}", "{"],
)
def test_a_number_format_that_gives_no_number_is_refused(template, number_format):
    known = PaperTemplate.objects.count()
    with pytest.raises(PaperTemplateInvalid):
        _put(template, number_format=number_format)
    assert PaperTemplate.objects.count() == known


def _put(template: PaperTemplate, **changes):
    values = {"key": template.key, "name": template.name, "kind_word": template.kind_word}
    values |= {"source": template.source, "fields": template.fields}
    return service.put_template(**(values | changes))
