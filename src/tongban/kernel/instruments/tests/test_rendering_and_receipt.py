"""The PDF, its signature, who may open it, and what opening means."""

from __future__ import annotations

import io
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pypdf
import pytest

from tongban.base.actor import Actor
from tongban.base.models import Event
from tongban.base.ref import Ref
from tongban.kernel.files.errors import FileNotFound, RenderingFailed
from tongban.kernel.files.service import file_for, files_of, read_file, verify_pdf
from tongban.kernel.instruments import service, tasks
from tongban.kernel.instruments.errors import PaperNotFound
from tongban.kernel.instruments.models import Paper
from tongban.kernel.ledger.service import acts_of


def test_the_pdf_is_pdf_a_says_everything_and_is_signed(issue, citizen):
    paper = issue()
    made = service.render_paper(paper_id=paper.pk, at=paper.issued_at + timedelta(seconds=3))
    pdf = read_file(made.file_id)
    words = "".join(pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())
    for expected in (
        "澄溪县市场监督管理局",
        "澄市监受〔2026〕1号",
        "受理通知书",
        "李秀英：",
        "2026年3月5日",
        "2026年3月4日",
    ):
        assert expected in words
    assert b"pdfaid:part" in pdf
    report = verify_pdf(pdf)
    assert report.is_valid
    assert report.signed_at == (paper.issued_at + timedelta(seconds=3)).replace(microsecond=0)
    assert file_for(citizen, made.file_id).sha256 == made.file.sha256


def test_making_it_twice_gives_one_file(issue):
    paper = issue()
    first = service.render_paper(paper_id=paper.pk, at=paper.issued_at)
    again = service.render_paper(paper_id=paper.pk, at=paper.issued_at)
    assert first.file_id == again.file_id
    assert len(files_of(Ref.to("paper", paper.pk))) == 1


def test_a_failure_is_written_down_tried_again_and_in_the_end_shown(issue, template):
    paper = issue()
    template.source = "#error-in-the-template"
    template.save()
    for attempt in range(6):
        with pytest.raises(RenderingFailed):
            tasks.render.func(SimpleNamespace(job=SimpleNamespace(attempts=attempt)), paper_id=str(paper.pk))
        state = Paper.objects.get(pk=paper.pk).state
        assert state == ("failed" if attempt == 5 else "numbered")
    assert "RenderingFailed" in Paper.objects.get(pk=paper.pk).last_error
    assert Event.objects.filter(name="instruments.failed").count() == 1


def test_a_failed_paper_can_be_made_again_after_the_repair(issue, template):
    paper = issue()
    service.mark_failed(paper_id=paper.pk, error="full disk", is_last=True, at=paper.issued_at)
    service.render_again(paper_id=paper.pk, at=paper.issued_at)
    assert service.render_paper(paper_id=paper.pk, at=paper.issued_at).state == "rendered"


def test_opening_is_receipt_once_and_is_recorded(issue, citizen, subject):
    paper = issue()
    later = paper.issued_at + timedelta(hours=2)
    opened = service.open_paper(actor=citizen, paper_id=paper.pk, at=later)
    assert opened.services[0].received_at == later
    assert not service.confirm_receipt(actor=citizen, paper_id=paper.pk, at=later + timedelta(hours=1))
    assert service.papers_of(subject)[0].services[0].received_at == later
    assert [act.verb for act in acts_of(case=subject)].count("instruments.receive") == 1


@pytest.mark.parametrize(
    "actor", [Actor.stranger(), Actor(person_id=uuid4()), Actor(entity_id=uuid4(), person_id=uuid4())]
)
def test_a_stranger_learns_nothing_and_receives_nothing(issue, subject, actor):
    paper = issue()
    made = service.render_paper(paper_id=paper.pk, at=paper.issued_at)
    events = Event.objects.count()
    with pytest.raises(PaperNotFound):
        service.open_paper(actor=actor, paper_id=paper.pk, at=paper.issued_at)
    with pytest.raises(FileNotFound):
        file_for(actor, made.file_id)
    assert service.papers_of(subject)[0].services[0].received_at is None
    assert Event.objects.count() == events


def test_an_entity_is_served_through_whoever_acts_for_it_and_a_code_through_its_holder(issue):
    entity = uuid4()
    paper = issue(
        recipients=[service.Recipient.entity(entity, "老街米线店"), service.Recipient.holder(77, "来信人")]
    )
    representative = Actor(person_id=uuid4(), entity_id=entity)
    assert service.confirm_receipt(actor=representative, paper_id=paper.pk, at=paper.issued_at)
    assert service.confirm_receipt(
        actor=Actor(holders=frozenset({77})), paper_id=paper.pk, at=paper.issued_at
    )
    assert not service.confirm_receipt(actor=Actor(person_id=uuid4()), paper_id=paper.pk, at=paper.issued_at)


def test_a_paper_handed_over_is_received_at_once_with_its_evidence(issue, subject, citizen):
    paper = issue(recipients=[])
    by_hand = service.Recipient.person(
        citizen.person_id, "李秀英", method="in_person", evidence="送达回证已签字"
    )
    service.record_service(actor=Actor.system(), paper_id=paper.pk, recipient=by_hand, at=paper.issued_at)
    (served,) = service.papers_of(subject)[0].services
    assert (served.method, served.received_at, served.evidence) == (
        "in_person",
        paper.issued_at,
        "送达回证已签字",
    )


def test_papers_of_many_things_take_two_queries(issue, subject, django_assert_num_queries):
    for _ in range(3):
        issue()
    with django_assert_num_queries(2):
        assert len(service.papers_of(subject)) == 3
