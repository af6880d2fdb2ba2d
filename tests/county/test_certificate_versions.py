"""How a certificate ends or goes on: reminded, expired, renewed, changed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.support.certificates import (
    CHANGE,
    RENEW,
    SUSPEND,
    carried_out,
    grant_certificate,
    propose,
    status_of,
    told,
    verbs_on,
)
from tests.support.county import County
from tongban.apps.certificates import service as certificates
from tongban.apps.certificates.errors import ActNotAllowed, NothingChanged, RenewalTooLate
from tongban.apps.certificates.models import Certificate
from tongban.apps.certificates.operations.watch import look_at_due
from tongban.base import checks
from tongban.base.time import local_date
from tongban.kernel.files import service as files
from tongban.kernel.instruments import service as instruments


@pytest.fixture
def certificate(county: County) -> Certificate:
    """The noodle shop's licence, granted and made."""
    return grant_certificate(county)


def test_the_holder_is_reminded_twice_and_told_of_the_end(county: County, certificate: Certificate) -> None:
    end = certificate.valid_to
    assert end is not None
    for days, subject in ((60, "证照快到期了"), (30, "证照快到期了"), (-1, "证照到期")):
        before = len(told(county))
        county.go_to((end - timedelta(days=days)).isoformat(), 0)
        assert look_at_due(at=county.now) == 1
        assert told(county)[0] == subject
        assert len(told(county)) == before + 1
        assert look_at_due(at=county.now) == 0
    assert status_of(certificate) == ("expired", "expired")
    assert verbs_on(certificate)[-1] == "certificates.expire"
    assert look_at_due(at=county.go_to("2090-01-01")) == 0


def test_a_machine_that_slept_through_everything_says_only_that_it_is_over(
    county: County, certificate: Certificate
) -> None:
    before = len(told(county))
    county.go_to("2035-01-01")
    assert look_at_due(at=county.now) == 1
    assert told(county)[0] == "证照到期"
    assert len(told(county)) == before + 1


def test_what_expired_is_cancelled_without_paper_and_second_look(
    county: County, certificate: Certificate
) -> None:
    county.go_to("2035-01-01")
    certificates.act_at_once(
        actor=county.actor("officer1"),
        certificate_id=certificate.pk,
        act="cancel",
        grounds=certificates.Grounds("有效期满未延续。", "《行政许可法》第七十条第一项"),
        at=county.now,
    )
    assert status_of(certificate) == ("cancelled", "cancelled")
    assert verbs_on(certificate)[-2:] == ["certificates.expire", "certificates.cancel"]
    assert instruments.papers_of(certificate.ref) == []


def test_a_proposal_that_time_overtook_is_refused_and_can_be_rejected(
    county: County, certificate: Certificate
) -> None:
    case = propose(county, certificate, "suspend", {**SUSPEND, "until": "2031-12-31"})
    county.go_to("2035-01-01")
    with pytest.raises(ActNotAllowed):
        county.do("chief", case, "check", "approve")
    county.do("chief", case, "check", "reject", opinion="已经过期")


def test_a_renewal_is_a_new_version_of_the_same_number(county: County, certificate: Certificate) -> None:
    case = carried_out(
        county, certificate, "renew", {**RENEW, "applied_on": local_date(county.now).isoformat()}
    )
    assert case.state == "done"
    [new] = certificates.list_certificates_of(county.actor("citizen"))
    assert (new.number, new.version, new.replaces_id) == (certificate.number, 2, certificate.pk)
    assert certificate.valid_to is not None
    assert new.valid_to == date(
        certificate.valid_to.year + 5, certificate.valid_to.month, certificate.valid_to.day
    )
    assert checks.is_certificate_identifier(new.identifier)
    assert new.identifier.split(".")[-2] == "002"
    assert new.serial == certificate.serial
    assert status_of(certificate) == ("replaced", "replaced")
    assert status_of(new) == ("valid", "valid")
    assert certificates.verify(certificate.verify_code, at=county.now).status == "replaced"
    assert certificates.verify(new.verify_code, at=county.now).is_valid
    assert told(county).count("证照延续") == 1
    assert files.verify_pdf(files.read_file(new.file_id)).is_valid


def test_a_change_puts_new_words_on_the_face_and_keeps_the_time(
    county: County, certificate: Certificate
) -> None:
    words = {"manager": {"zh": "王小明", "en": "Wang Xiaoming"}, "nothing": {"zh": "x", "en": "x"}}
    key = next(iter(certificate.data))
    carried_out(
        county, certificate, "change", CHANGE, changes={**words, key: {"zh": "新名字米线店", "en": "New"}}
    )
    [new] = certificates.list_certificates_of(county.actor("citizen"))
    assert new.data[key]["value"]["zh"] == "新名字米线店"
    assert "nothing" not in new.data
    assert (new.valid_from, new.valid_to) == (certificate.valid_from, certificate.valid_to)
    assert {k: v for k, v in new.data.items() if k != key} == {
        k: v for k, v in certificate.data.items() if k != key
    }


def test_a_change_that_changes_nothing_is_refused(county: County, certificate: Certificate) -> None:
    key = next(iter(certificate.data))
    with pytest.raises(NothingChanged):
        propose(county, certificate, "change", CHANGE, changes={key: certificate.data[key]["value"]})


def test_a_renewal_asked_for_after_the_end_is_none(county: County, certificate: Certificate) -> None:
    from tongban.apps.certificates.operations.versions import Order, make_version

    case = propose(county, certificate, "renew", RENEW)
    county.go_to("2035-01-01")

    def make(applied_on: date) -> Certificate:
        order = Order("renew", applied_on=applied_on)
        chief = county.actor("chief")
        return make_version(certificate=certificate, case=case, order=order, actor=chief, at=county.now)

    with pytest.raises(RenewalTooLate):
        make(date(2034, 12, 1))
    assert Certificate.objects.filter(number=certificate.number).count() == 1
    made = make(date(2031, 5, 1))  # but one that was asked for in time may be decided late
    assert make(date(2031, 5, 1)).pk == made.pk
    assert status_of(made) == ("valid", "valid")
