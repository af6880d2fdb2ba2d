"""What becomes of a certificate after it was issued: every act through the doors, with paper, register, ledger and message."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.county import County
from tongban.apps.certificates import qr
from tongban.apps.certificates import service as certificates
from tongban.apps.certificates.errors import (
    ActNotAllowed,
    ActNotYours,
    CertificateNotFound,
    CopyInvalid,
    CopyNotPossible,
    NothingChanged,
    RenewalTooLate,
    UnderProceeding,
)
from tongban.apps.certificates.keys import public_keys
from tongban.apps.certificates.models import Certificate, Copy
from tongban.apps.certificates.operations.watch import end_copies, look_at_due
from tongban.base import checks
from tongban.base.errors import NotFound
from tongban.base.models import Event
from tongban.base.time import local_date
from tongban.kernel.cases import service as cases
from tongban.kernel.files import service as files
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages
from tongban.kernel.processes.errors import SameOfficer
from tongban.kernel.registers import service as registers

SUSPEND = {
    "heard": True,
    "until": "2026-07-31",
    "reason": "经查，经营场所后厨改作他用，不再符合条件。",
    "legal_basis": "《食品安全法》第一百二十六条",
}
TAKE = {key: SUSPEND[key] for key in ("heard", "reason", "legal_basis")}
CANCEL = {
    "ground": "request",
    "reason": "持证人申请注销，店已关门。",
    "legal_basis": "《行政许可法》第七十条",
}
RENEW = {
    "applied_on": "2026-06-01",
    "reason": "现场核查仍符合条件。",
    "legal_basis": "《行政许可法》第五十条",
}
CHANGE = {"reason": "店招换了名字。", "legal_basis": "《行政许可法》第四十九条"}


@pytest.fixture
def certificate(county: County) -> Certificate:
    """The noodle shop's licence, granted and made."""
    county.grant(county.review(county.accept(county.submit())))
    county.drain()
    [found] = certificates.list_certificates_of(county.actor("citizen"))
    return found


def propose(
    county: County,
    certificate: Certificate,
    act: str,
    data: dict[str, Any],
    who: str = "officer1",
    **changes: Any,
) -> Any:
    case, task = certificates.open_proceeding(
        actor=county.actor(who), certificate_id=certificate.pk, act=act, at=county.now, **changes
    )
    cases.complete_task(actor=county.actor(who), task_id=task.id, outcome=act, data=data, at=county.now)
    return county.again(case)


def carried_out(
    county: County, certificate: Certificate, act: str, data: dict[str, Any], **changes: Any
) -> Any:
    case = county.do("chief", propose(county, certificate, act, data, **changes), "check", "approve")
    county.drain()
    return county.again(case)


def status_of(certificate: Certificate) -> tuple[str, str]:
    """Return what the row and the register say."""
    certificate.refresh_from_db()
    return certificate.status, registers.get_record("certificates", certificate.identifier).values["status"]


def verbs_on(certificate: Certificate) -> list[str]:
    return [act.verb for act in ledger.acts_of(certificate.ref)]


def told(county: County) -> list[str]:
    """Return the templates of the holder's newest messages, newest first."""
    return [
        message.subject.zh.partition("：")[0]
        for message in messages.inbox_of(county.actor("citizen").person_id)
    ]


# --- what takes from the holder -----------------------------------------------------------------------------------


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


# --- suspension and its end ---------------------------------------------------------------------------------------


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


# --- the end ------------------------------------------------------------------------------------------------------


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


# --- new versions -------------------------------------------------------------------------------------------------


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


# --- copies -------------------------------------------------------------------------------------------------------


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


# --- finding, signing ---------------------------------------------------------------------------------------------


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
