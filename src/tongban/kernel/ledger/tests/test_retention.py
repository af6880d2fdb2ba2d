"""What an old read was about is forgotten in time, and the proofs stay; forgetting cannot be used to hide."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import ProgrammingError

from tongban.base.ref import Ref
from tongban.kernel.ledger import service as ledger
from tongban.kernel.ledger.models import Act, Batch, Thinned
from tongban.kernel.ledger.retention import LEAST_YEARS, cutoff
from tongban.kernel.ledger.tests.conftest import CLERK

LI = "532399198511040283"
OLD = datetime(2020, 3, 2, tzinfo=UTC)


def read(at=OLD):
    return ledger.record_read(
        actor=CLERK, subject=Ref("person", "1"), about=[LI], purpose="核对身份", fields=["name"], at=at
    )


@pytest.fixture
def present(book):
    return datetime.now(UTC)


def test_old_reads_lose_what_they_were_about_and_nothing_else(book, as_owner, present):
    old, young = read(), read(at=present)
    book.seal()
    before = Batch.objects.get().root
    with as_owner():
        assert ledger.thin_reads(at=present) == 1

    row = Act.objects.get(pk=old.pk)
    assert (row.subject_id, row.reason, row.fields, row.about) == ("", "", [], [])
    assert (row.verb, row.actor_name, row.at) == (ledger.READ, "王敏", OLD)
    assert Act.objects.get(pk=young.pk).reason == "核对身份"
    assert ledger.reads_about(LI)[0].id == young.pk
    (order,) = Act.objects.filter(verb="ledger.thin_reads")
    assert order.facts["count"] == 1
    book.seal()
    report = ledger.verify()
    assert report.is_clean
    assert report.thinned == 1
    assert Batch.objects.get(number=1).root == before


def test_only_sealed_reads_are_thinned_and_each_once(book, as_owner, present):
    read()
    with as_owner():
        assert ledger.thin_reads(at=present) == 0
    book.seal()
    with as_owner():
        assert ledger.thin_reads(at=present) == 1
        assert ledger.thin_reads(at=present) == 0


def test_the_application_cannot_thin(book, present):
    read()
    book.seal()
    with pytest.raises(ProgrammingError):
        ledger.thin_reads(at=present)
    assert Act.objects.get().reason == "核对身份"
    assert not Thinned.objects.exists()


def test_a_thinned_act_can_still_not_be_altered(book, as_owner, present):
    act = read()
    book.seal()
    with as_owner():
        ledger.thin_reads(at=present)
    book.sql("UPDATE ledger_act SET actor_name = '张三' WHERE id = %s", [act.pk])
    assert book.first() == ("altered", act.pk)


def test_emptying_an_act_by_hand_is_tampering(book):
    act = read()
    book.seal()
    book.sql("UPDATE ledger_act SET about = '{}', reason = '' WHERE id = %s", [act.pk])
    assert book.first() == ("altered", act.pk)


def test_thinning_before_its_time_is_found_although_it_looks_like_thinning(book, as_owner, present):
    act = read(at=present - timedelta(days=30))
    book.seal()
    with as_owner():
        ledger.thin_reads(at=present + timedelta(days=366 * 4))
    assert book.first() == ("thinned", act.pk)


def test_only_reads_can_be_thinned(book, as_owner, present):
    act = read()
    book.seal()
    with as_owner():
        ledger.thin_reads(at=present)
    book.sql("DELETE FROM ledger_act WHERE verb = 'ledger.thin_reads'")
    assert book.first() == ("thinned", act.pk)


def test_the_retention_is_counted_in_years():
    assert cutoff(datetime(2028, 2, 29, tzinfo=UTC), years=LEAST_YEARS) == datetime(2025, 2, 28, tzinfo=UTC)


def test_a_shorter_retention_than_the_law_wants_is_refused():
    from tongban.main import environment

    with pytest.raises(ValueError, match="three years"):
        environment.read({"TONGBAN_READS_KEPT_YEARS": "2"})
    assert environment.read({"TONGBAN_READS_KEPT_YEARS": "5"}).reads_kept_years == 5
