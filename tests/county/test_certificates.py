"""What becomes of a certificate after it was issued: every act through the doors, with paper, register, ledger and message."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.certificates import (
    CANCEL,
    SUSPEND,
    TAKE,
    carried_out,
    grant_certificate,
    propose,
    status_of,
    told,
    verbs_on,
)
from tests.support.county import County
from tongban.apps.certificates import qr
from tongban.apps.certificates import service as certificates
from tongban.apps.certificates.errors import ActNotAllowed, ActNotYours, CertificateNotFound, UnderProceeding
from tongban.apps.certificates.keys import public_keys
from tongban.apps.certificates.models import Certificate
from tongban.apps.certificates.operations.watch import look_at_due
from tongban.base.errors import NotFound
from tongban.base.models import Event
from tongban.base.time import local_date
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes.errors import SameOfficer


@pytest.fixture
def certificate(county: County) -> Certificate:
    """The noodle shop's licence, granted and made."""
    return grant_certificate(county)


@pytest.mark.parametrize(
    ("act", "data", "status", "paper", "subject"),
    [
        ("suspend", SUSPEND, "suspended", "certificate-suspension", "证照暂扣"),
        ("revoke", TAKE, "revoked", "certificate-revocation", "证照撤销"),
        ("forfeit", TAKE, "forfeited", "certificate-forfeiture", "证照吊销"),
        ("cancel", CANCEL, "cancelled", "certificate-cancellation", "证照注销"),
    ],
)
def test_two_officers_take_it_and_the_holder_gets_paper_and_message(
    county: County,
    certificate: Certificate,
    act: str,
    data: dict[str, Any],
    status: str,
    paper: str,
    subject: str,
) -> None:
    case = carried_out(county, certificate, act, data)
    assert case.state == "done"
    assert status_of(certificate) == (status, status)
    assert certificates.verify(certificate.verify_code, at=county.now).status == status
    assert verbs_on(certificate)[-1] == f"certificates.{act}"
    assert ledger.acts_of(certificate.ref)[-1].reason == data["reason"]
    [served] = instruments.papers_of(case.ref)
    assert served.template == paper
    assert served.services[0].served_at == county.now
    assert told(county).count(subject) == 1
    county.drain(papers=True)
    [ready] = instruments.papers_of(case.ref)
    assert ready.is_ready
    instruments.open_paper(actor=county.actor("citizen"), paper_id=ready.id, at=county.now)
    assert Event.objects.filter(name="certificates.status_changed", data__status=status).count() == 1


def test_nothing_happens_before_the_second_look(county: County, certificate: Certificate) -> None:
    case = propose(county, certificate, "revoke", TAKE)
    assert case.state == "checking"
    assert status_of(certificate) == ("valid", "valid")
    assert "certificates.revoke" not in verbs_on(certificate)
    assert instruments.papers_of(case.ref) == []


def test_nobody_takes_the_second_look_at_his_own_proposal(county: County, certificate: Certificate) -> None:
    case = propose(county, certificate, "revoke", TAKE, who="officer2")  # who holds both duties
    with pytest.raises(SameOfficer):
        county.do("officer2", case, "check", "approve")
    assert status_of(certificate) == ("valid", "valid")
    county.do("chief", case, "check", "approve")
    assert status_of(certificate) == ("revoked", "revoked")


def test_the_second_officer_may_send_back_and_reject(county: County, certificate: Certificate) -> None:
    case = propose(county, certificate, "revoke", TAKE)
    case = county.do("chief", case, "check", "send_back", opinion="理由不够具体")
    assert case.state == "proposing"
    case = county.do(
        "officer1", case, "propose", "revoke", {**TAKE, "reason": "二〇二六年五月六日现场检查时发现。"}
    )
    case = county.do("chief", case, "check", "reject", opinion="情节轻微，责令改正即可")
    assert case.state == "rejected"
    assert status_of(certificate) == ("valid", "valid")
    propose(county, certificate, "suspend", SUSPEND)  # another may follow


def test_one_proceeding_at_a_time(county: County, certificate: Certificate) -> None:
    case = propose(county, certificate, "revoke", TAKE)
    with pytest.raises(UnderProceeding) as refused:
        propose(county, certificate, "suspend", SUSPEND)
    assert refused.value.data["number"] == case.number
    case = county.do("chief", case, "check", "send_back", opinion="再想想")
    county.do("officer1", case, "propose", "drop")
    propose(county, certificate, "suspend", SUSPEND)


def test_without_having_heard_the_holder_nothing_is_proposed(
    county: County, certificate: Certificate
) -> None:
    from tongban.base.errors import Invalid

    with pytest.raises(Invalid) as refused:
        propose(county, certificate, "suspend", {**SUSPEND, "heard": False})
    assert [error["field"] for error in refused.value.data["errors"]] == ["heard"]


@pytest.mark.parametrize("who", ["window", "health1", "bureau", "citizen", "rep"])
def test_only_officers_of_the_issuing_organ_begin_something(
    county: County, certificate: Certificate, who: str
) -> None:
    """The window clerk and the holder may see it, the others not even that."""
    expected = ActNotYours if who in {"window", "citizen"} else CertificateNotFound
    events = Event.objects.count()
    with pytest.raises(expected):
        certificates.open_proceeding(
            actor=county.actor(who), certificate_id=certificate.pk, act="revoke", at=county.now
        )
    assert status_of(certificate) == ("valid", "valid")
    assert Event.objects.count() == events


def test_the_chief_who_only_decides_cannot_begin(county: County, certificate: Certificate) -> None:
    with pytest.raises(ActNotYours):
        certificates.open_proceeding(
            actor=county.actor("chief"), certificate_id=certificate.pk, act="revoke", at=county.now
        )


def test_a_suspension_ends_by_itself_on_the_day_after(county: County, certificate: Certificate) -> None:
    carried_out(county, certificate, "suspend", SUSPEND)
    county.go_to("2026-07-31")
    assert look_at_due(at=county.now) == 0
    assert certificates.verify(certificate.verify_code, at=county.now).status == "suspended"
    county.go_to("2026-08-01", 0)
    assert certificates.verify(certificate.verify_code, at=county.now).status == "valid"  # before the job ran
    assert look_at_due(at=county.now) == 1
    assert status_of(certificate) == ("valid", "valid")
    assert told(county)[0] == "证照恢复有效"
    assert look_at_due(at=county.now) == 0


def test_an_officer_ends_a_suspension_at_once_with_a_reason(county: County, certificate: Certificate) -> None:
    carried_out(county, certificate, "suspend", {**SUSPEND, "until": None})
    assert certificate.suspended_to is None
    certificates.act_at_once(
        actor=county.actor("officer1"),
        certificate_id=certificate.pk,
        act="resume",
        grounds=certificates.Grounds("已经整改到位。", "《食品安全法》第一百二十六条"),
        at=county.now,
    )
    assert status_of(certificate) == ("valid", "valid")
    assert ledger.acts_of(certificate.ref)[-1].reason == "已经整改到位。"


@pytest.mark.parametrize(
    "act", ["suspend", "revoke", "forfeit", "cancel", "renew", "change", "expire", "fly"]
)
def test_nothing_that_needs_a_second_look_is_done_at_once(
    county: County, certificate: Certificate, act: str
) -> None:
    with pytest.raises(ActNotAllowed):
        certificates.act_at_once(
            actor=county.actor("officer1"),
            certificate_id=certificate.pk,
            act=act,
            grounds=certificates.Grounds("理由", "依据"),
            at=county.now,
        )
    assert status_of(certificate) == ("valid", "valid")


@pytest.mark.parametrize(
    ("words", "found"),
    [("", True), ("米线", True), ("JY2", False), ("92532399ma10000099", True), ("%", False)],
)
def test_the_organ_finds_its_certificates(
    county: County, certificate: Certificate, words: str, found: bool
) -> None:
    page = certificates.find_certificates(county.actor("officer1"), words=words, at=county.now)
    assert bool(page.items) == found
    exact = certificates.find_certificates(county.actor("officer1"), words=certificate.number, at=county.now)
    assert [row.certificate.pk for row in exact.items] == [certificate.pk]


def test_others_find_nothing(county: County, certificate: Certificate) -> None:
    assert not certificates.find_certificates(county.actor("health1"), at=county.now).items
    for who in ("window", "citizen", "bureau"):
        with pytest.raises(NotFound):
            certificates.find_certificates(county.actor(who), at=county.now)


def test_looking_at_a_certificate_is_an_act_that_the_holder_can_see(
    county: County, certificate: Certificate
) -> None:
    certificates.desk_page(county.actor("officer1"), certificate.pk, at=county.now)
    read = ledger.reads_about(certificate.holder_key)[0]
    assert read.reason == "certificates.desk"
    assert certificates.desk_page(county.actor("officer1"), certificate.pk, at=county.now)["acts"]


def test_the_qr_code_is_signed_and_says_what_the_sheet_says(county: County, certificate: Certificate) -> None:
    from tongban.apps.certificates.keys import sign_words

    words = qr.Words(
        identifier=certificate.identifier,
        number=certificate.number,
        name=certificate.type.name.zh,
        holder=certificate.holder_name,
        organ=certificate.type.unit.name.zh,
        valid_from=certificate.valid_from,
        valid_to=certificate.valid_to,
    )
    checked = qr.check(sign_words(words, at=county.now), public_keys(), today=local_date(county.now))
    assert (checked.verdict, checked.words) == ("genuine", words)
    assert {key["kid"] for key in certificates.key_set(issuer="x")["keys"]} == set(public_keys())


def test_what_the_history_says_reaches_the_holder(county: County, certificate: Certificate) -> None:
    carried_out(county, certificate, "suspend", SUSPEND)
    verbs = [act.verb for act in certificates.history_of(certificates.versions_of(certificate))]
    assert verbs == ["certificates.suspend", "certificates.issue"]
    assert identity.get_entity(certificate.holder_key).name == certificate.holder_name
