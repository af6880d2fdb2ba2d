"""Copies of a certificate: for one receiver and purpose, for a time, and only by its holder."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.certificates import SUSPEND, carried_out, grant_certificate, verbs_on
from tests.support.county import County
from tongban.apps.certificates import service as certificates
from tongban.apps.certificates.errors import CertificateNotFound, CopyInvalid, CopyNotPossible
from tongban.apps.certificates.models import Certificate, Copy
from tongban.apps.certificates.operations.watch import end_copies
from tongban.base.models import Event
from tongban.base.time import local_date
from tongban.kernel.files import service as files
from tongban.kernel.ledger import service as ledger


@pytest.fixture
def certificate(county: County) -> Certificate:
    """The noodle shop's licence, granted and made."""
    return grant_certificate(county)


def make_copy(county: County, certificate: Certificate, who: str = "citizen", **said: Any) -> Copy:
    asked = {"receiver": "澄溪农商银行", "purpose": "经营贷款", "days": 30, **said}
    return certificates.make_copy(
        actor=county.actor(who), certificate_id=certificate.pk, at=county.now, **asked
    )


def test_a_copy_says_for_whom_and_what_for_and_ends_by_itself(
    county: County, certificate: Certificate
) -> None:
    copy = make_copy(county, certificate)
    citizen = county.actor("citizen")
    pdf = files.read_file(certificates.copy_file(citizen, copy.pk, at=county.now))
    assert files.verify_pdf(pdf).is_valid
    found = certificates.verify(copy.verify_code, at=county.now)
    assert (found.receiver, found.purpose, found.is_valid) == ("澄溪农商银行", "经营贷款", True)
    assert found.valid_to == local_date(county.now) + timedelta(days=29)
    county.go_to(found.valid_to.isoformat())
    assert end_copies(at=county.now) == 0
    county.go_to((found.valid_to + timedelta(days=1)).isoformat(), 0)
    assert certificates.verify(copy.verify_code, at=county.now).status == "ended"  # before the job ran
    with pytest.raises(CertificateNotFound):
        certificates.copy_file(citizen, copy.pk, at=county.now)
    assert end_copies(at=county.now) == 1
    copy.refresh_from_db()
    assert (copy.file_id, copy.ended_at) == (None, county.now)
    assert certificates.verify(copy.verify_code, at=county.now).status == "ended"
    assert certificates.verify(certificate.verify_code, at=county.now).is_valid


def test_a_copy_falls_with_its_certificate(county: County, certificate: Certificate) -> None:
    copy = make_copy(county, certificate)
    carried_out(county, certificate, "suspend", SUSPEND)
    assert certificates.verify(copy.verify_code, at=county.now).status == "suspended"
    with pytest.raises(CopyNotPossible):
        make_copy(county, certificate)


def test_its_maker_ends_a_copy_before_its_time(county: County, certificate: Certificate) -> None:
    copy = make_copy(county, certificate)
    with pytest.raises(CertificateNotFound):
        certificates.end_copy(actor=county.actor("rep"), copy_id=copy.pk, at=county.now)
    for _ in range(2):
        certificates.end_copy(actor=county.actor("citizen"), copy_id=copy.pk, at=county.now)
    assert verbs_on(certificate)[-2:] == ["certificates.copy", "certificates.end_copy"]
    assert certificates.verify(copy.verify_code, at=county.now).status == "ended"


@pytest.mark.parametrize("who", ["rep", "window", "officer1", "chief"])
def test_only_the_holder_makes_copies(county: County, certificate: Certificate, who: str) -> None:
    with pytest.raises(CertificateNotFound):
        make_copy(county, certificate, who)
    assert not Copy.objects.exists()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"receiver": " \u200b "}, "receiver"),
        ({"receiver": "长" * 31}, "receiver"),
        ({"purpose": ""}, "purpose"),
        ({"days": 0}, "days"),
        ({"days": 181}, "days"),
    ],
)
def test_a_copy_without_words_or_end_is_refused(
    county: County, certificate: Certificate, said: dict[str, Any], field: str
) -> None:
    with pytest.raises(CopyInvalid) as refused:
        make_copy(county, certificate, **said)
    assert [error["field"] for error in refused.value.data["errors"]] == [field]
    assert not Copy.objects.exists()


def test_what_a_copy_says_stays_out_of_ledger_and_events(county: County, certificate: Certificate) -> None:
    make_copy(county, certificate)
    act = ledger.acts_of(certificate.ref)[-1]
    assert act.fields == ("purpose", "receiver")
    assert "农商" not in str(act)
    assert "农商" not in str([event.data for event in Event.objects.all()])
