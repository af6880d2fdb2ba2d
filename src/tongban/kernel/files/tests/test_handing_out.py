"""Who gets a file, and in which wrapping."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.urls import reverse

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.files import errors, policies, service
from tongban.kernel.files.tests.samples import image, ofd, pdf, upload
from tongban.kernel.ledger.service import acts_of

AT = datetime(2026, 3, 5, tzinfo=UTC)
OPEN, CLOSED, UNKNOWN = Ref("test-open", "1"), Ref("test-closed", "1"), Ref("test-unknown", "1")


@pytest.fixture(autouse=True)
def _policies(monkeypatch):
    known = type(policies._policies)("file policies of the test")
    known.register("test-open", lambda actor, ref: True)
    known.register("test-closed", lambda actor, ref: actor.account_id == 7)
    monkeypatch.setattr(policies, "_policies", known)


def keep(use: Ref, name: str = "a.pdf", content: bytes | None = None, media_type: str = "application/pdf"):
    return service.store_bytes(
        name=name, media_type=media_type, content=content or pdf(), use=use, role="x", at=AT
    )


def get(client, file, **query):
    return client.get(reverse("files:download", args=[file.id]), query)


@pytest.mark.parametrize("use", [CLOSED, UNKNOWN])
def test_who_may_not_read_is_told_that_there_is_nothing(client, db, use):
    assert get(client, keep(use)).status_code == 404
    assert client.get(reverse("files:download", args=[uuid4()])).status_code == 404


def test_the_policy_of_the_use_decides_and_an_ended_use_opens_nothing(db):
    file = keep(CLOSED)
    clerk = Actor(account_id=7)
    assert service.file_for(clerk, file.id).id == file.id
    with pytest.raises(errors.FileNotFound):
        service.file_for(Actor(account_id=8), file.id)
    service.remove_use(file_id=file.id, use=CLOSED, at=AT)
    with pytest.raises(errors.FileNotFound):
        service.file_for(clerk, file.id)
    assert service.files_of(CLOSED) == []


def test_an_officials_look_at_an_upload_is_an_act_and_ones_own_is_not(db):
    content = upload("a.pdf", pdf())
    file = service.store_upload(actor=Actor.stranger(), upload=content, use=OPEN, role="plan", at=AT)
    service.open_for(actor=Actor(person_id=uuid4()), file_id=file.id, at=AT)
    service.open_for(actor=Actor(post_id=1, unit_id=1), file_id=keep(OPEN, "paper.pdf").id, at=AT)
    subject = Ref.to("file", file.id)
    assert acts_of(subject) == []
    service.open_for(actor=Actor(post_id=1, unit_id=1), file_id=file.id, at=AT)
    (act,) = acts_of(subject)
    assert act.verb == "files.read"


def test_a_second_use_gives_its_readers_the_file(db):
    file = keep(CLOSED)
    service.add_use(file_id=file.id, use=OPEN, role="copy", at=AT)
    service.add_use(file_id=file.id, use=OPEN, role="copy", at=AT)
    assert service.file_for(Actor.stranger(), file.id).id == file.id
    assert len(service.files_of(OPEN)) == 1


def test_pdf_and_pictures_are_shown_in_place_and_may_run_nothing(client, db):
    answer = get(client, keep(OPEN))
    assert answer["Content-Disposition"].startswith("inline")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    picture = get(client, keep(OPEN, "a.png", image("PNG"), "image/png"))
    assert picture["Content-Disposition"].startswith("inline")
    assert picture["Content-Security-Policy"].endswith("sandbox")
    assert "no-store" in picture["Cache-Control"]


def test_everything_else_and_whatever_is_asked_so_is_saved(client, db):
    assert get(client, keep(OPEN, "a.ofd", ofd(), "application/ofd"))["Content-Disposition"].startswith(
        "attachment"
    )
    saved = get(client, keep(OPEN, "受理通知书.pdf"), download=1)
    assert saved["Content-Disposition"].startswith("attachment")
    assert "%E5%8F%97" in saved["Content-Disposition"]


def test_equal_bytes_are_kept_once_and_given_back_whole(client, db):
    first, second = keep(OPEN), keep(OPEN, "b.pdf")
    assert first.sha256 == second.sha256
    assert b"".join(get(client, second).streaming_content) == pdf()


def test_files_of_many_things_take_one_query(db, django_assert_num_queries):
    refs = [Ref("test-open", str(n)) for n in range(5)]
    for ref in refs:
        keep(ref)
    with django_assert_num_queries(1):
        assert len(service.files_by_ref(refs)) == 5
