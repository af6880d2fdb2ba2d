"""A food licence in the installed county, through the doors, in every way it can go. Each time limit names its article."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.db import connection

from tests.support.county import County, on
from tests.support.licence import papers, states_of_clocks
from tongban.apps.certificates import service as certificates
from tongban.apps.services import service as services
from tongban.apps.services.errors import ApplicationNotFound, NotYetComplete
from tongban.base import checks
from tongban.base.models import Event
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import ActionRefused, CaseNotFound, NotADraft
from tongban.kernel.cases.models import Case
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages
from tongban.kernel.processes.errors import TaskDone, TaskTaken
from tongban.kernel.registers import service as registers


def test_a_licence_from_the_draft_to_the_certificate_with_paper_act_and_message_at_every_step(
    county: County,
) -> None:
    case = county.submit()
    assert re.fullmatch(r"CX-2026-0601-\d{4}", case.number)
    assert re.fullmatch(r"\d{10}", case.code)
    assert cases.find_by_code(case.number, case.code) == case
    assert county.ask_for_correction(case).state == "correction"
    services.resubmit_application(actor=county.actor("citizen"), case_id=case.pk, at=county.now)
    assert county.accept(case).accepted_at == county.now
    assert county.review(case).state == "deciding"
    case = county.grant(case)
    assert (case.state, case.result, case.closed_at) == ("granted", "granted", None)
    county.drain(papers=True)
    case = county.again(case)
    assert (case.state, case.closed_at) == ("delivered", county.now)

    issued = instruments.papers_of(case.ref)
    assert [paper.template for paper in issued] == [
        "receipt",
        "correction-notice",
        "acceptance-notice",
        "grant-decision",
        "service-record",
    ]
    firm = case.parties.get(role="applicant")
    for paper in issued:
        within_case = rf"{case.number}-收1"
        assert re.fullmatch(rf"澄市监食[补受准送]〔2026〕[1-9]\d*号|{within_case}", paper.number)
        assert paper.issued_at == county.now
        assert paper.is_ready
        [served] = paper.services
        assert (served.recipient_name, served.method, served.served_at) == (
            firm.name,
            "electronic",
            county.now,
        )

    verbs = [act.verb for act in ledger.acts_of(case=case.ref)]
    for verb in (
        "cases.open",
        "services.put_material",
        "cases.submit",
        "services.request_correction",
        "services.receive_correction",
        "services.accept",
        "services.grant",
        "certificates.issue",
        "services.deliver",
    ):
        assert verb in verbs, verb
    assert verbs.count("instruments.issue") == verbs.count("instruments.serve") == len(issued)
    assert verbs.count("cases.complete_task") == 7

    told = [str(row.subject) for row in messages.inbox_of(county.account("citizen").person_id)]
    assert len(told) == len(set(told)) == 5  # submitted, correction, accepted, granted, delivered
    events = set(Event.objects.filter(subject_kind="case").values_list("name", flat=True))
    assert {"cases.submitted", "cases.task_opened", "services.delivered"} <= events


def test_the_ledger_keeps_no_personal_data(county: County) -> None:
    """What citizen, firm and officials typed stands in the case; the ledger has digests and names of fields."""
    case = county.refuse(county.review(county.accept(county.submit())))
    person = county.account("citizen").person
    firm = case.parties.get(role="applicant").entity
    secrets = [person.name, person.citizen_id, firm.name, firm.uscc, "13812345678", "没有设置专间"]
    with connection.cursor() as cursor:
        for secret in secrets:
            for table in ("ledger_act", "base_event", "procrastinate_jobs"):
                cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{secret}%"])
                if table == "ledger_act" and secret in (person.name, firm.name):
                    continue  # the installation's own acts (opening accounts) are looked at in the ledger's tests
                assert cursor.fetchone()[0] == 0, (secret, table)
    for act in ledger.acts_of(case=case.ref):
        shown = f"{act.facts} {act.fields} {act.reason} {act.who.zh}"
        assert not [secret for secret in secrets if secret in shown], act.verb


def test_what_is_read_from_the_registers_can_be_asked_who_read_about_me(county: County) -> None:
    """Once only: the form is filled from the registers, and every reading is an act with its purpose."""
    person = county.account("citizen").person
    before = len(ledger.reads_about(person.citizen_id))
    case = county.draft()
    assert case.entry.data["applicant_name"] == person.name
    assert case.entry.data["entity_uscc"] == case.parties.get(role="applicant").entity.uscc
    new = ledger.reads_about(person.citizen_id)[: len(ledger.reads_about(person.citizen_id)) - before]
    assert {act.reason for act in new} == {"services.apply:food-licence"}
    assert {"name", "citizen_id", "household_address"} <= {field for act in new for field in act.fields}
    firm = ledger.reads_about(case.entry.data["entity_uscc"])
    assert firm[0].reason == "services.apply:food-licence"


@pytest.mark.parametrize("stage", ["received", "correction", "accepted", "deciding"])
def test_an_application_can_be_withdrawn_until_the_decision(county: County, stage: str) -> None:
    case = county.submit()
    if stage == "correction":
        county.ask_for_correction(case)
    elif stage != "received":
        county.accept(case)
        if stage == "deciding":
            county.review(case)
    case = county.act("citizen", case, "withdraw", {"reason": "换地方开店"})
    assert (case.state, case.result, case.closed_at) == ("withdrawn", "withdrawn", county.now)
    assert county.open_steps(case) == []
    assert states_of_clocks(case) == {"stopped"}
    assert papers(case)["withdrawal-confirmation"].number.startswith("澄市监食撤〔2026〕")
    county.go_to("2026-07-01")
    assert county.tick() == 0


@pytest.mark.parametrize("end", ["granted", "delivered", "refused", "withdrawn"])
def test_a_decided_or_withdrawn_application_cannot_be_withdrawn(county: County, end: str) -> None:
    case = county.submit()
    if end == "withdrawn":
        county.act("citizen", case, "withdraw")
    elif end == "refused":
        county.refuse(county.review(county.accept(case)))
    else:
        county.grant(county.review(county.accept(case)))
        if end == "delivered":
            county.drain()
    before = len(instruments.papers_of(case.ref))
    with pytest.raises(ActionRefused):
        county.act("citizen", case, "withdraw")
    assert county.again(case).state == end
    assert len(instruments.papers_of(case.ref)) == before


def test_the_query_code_shows_a_case_but_cannot_withdraw_it(county: County) -> None:
    case = county.submit()
    holder_of_the_slip = identity.actor_for_code(case.pk)
    assert cases.get_case(holder_of_the_slip, case.number) == case
    with pytest.raises(ActionRefused, match="登录"):
        cases.run_action(actor=holder_of_the_slip, case_id=case.pk, key="withdraw", data={}, at=county.now)
    assert county.again(case).state == "received"


def test_the_certificate_is_issued_once_however_often_the_job_runs(county: County) -> None:
    from tongban.apps.certificates.operations.issue import issue_certificate

    case = county.grant(county.review(county.accept(county.submit())))
    actor = county.actor("chief")
    first = issue_certificate(case=case, type_key="food-licence", actor=actor, at=county.now)
    again = issue_certificate(case=case, type_key="food-licence", actor=actor, at=county.now)
    county.drain()
    assert again.pk == first.pk
    assert [c.pk for c in certificates.list_certificates_of(county.actor("citizen"))] == [first.pk]
    assert [act.verb for act in ledger.acts_of(case=case.ref)].count("certificates.issue") == 1
    other = county.grant(county.review(county.accept(county.submit())))
    county.drain()
    numbers = [c.number for c in certificates.list_certificates_of(county.actor("citizen"))]
    assert sorted(int(number[-8:]) for number in numbers) == [1, 2], "no number is lost to a repeated job"
    assert county.again(other).state == "delivered"


def test_the_certificate_stands_in_the_register_and_can_be_checked_by_anybody(county: County) -> None:
    case = county.grant(county.review(county.accept(county.submit())))
    county.drain()
    [certificate] = certificates.list_certificates_of(county.actor("citizen"))
    firm = case.parties.get(role="applicant").entity
    assert checks.is_certificate_identifier(certificate.identifier)
    assert certificate.identifier.startswith("1.2.156.3005.2.")
    assert re.fullmatch(r"JY2532399\d{8}", certificate.number)
    row = registers.get_record("certificates", certificate.identifier).values
    assert {
        key: row[key] for key in ("type", "holder_kind", "holder_key", "number", "status", "issuing_unit")
    } == {
        "type": "food-licence",
        "holder_kind": "entity",
        "holder_key": firm.uscc,
        "number": certificate.number,
        "status": "valid",
        "issuing_unit": "scjg",
    }
    assert (row["valid_from"], row["valid_to"]) == (date(2026, 6, 1), date(2031, 5, 31))
    verified = certificates.verify(certificate.verify_code, at=county.now)
    assert verified.is_valid
    later = certificates.verify(certificate.verify_code, at=on("2031-06-01"))
    assert (later.status, later.is_valid) == ("expired", False)


def test_paper_numbers_have_no_gaps_although_something_was_refused_in_between(county: County) -> None:
    first = county.submit()
    with pytest.raises(NotADraft):
        services.submit_application(actor=county.actor("citizen"), case_id=first.pk, at=county.now)
    incomplete = county.draft("rep", materials=False)
    with pytest.raises(NotYetComplete):
        services.submit_application(actor=county.actor("rep"), case_id=incomplete.pk, at=county.now)
    second = county.submit("rep")
    assert [papers(case)["receipt"].number for case in (first, second)] == [
        f"{case.number}-收1" for case in (first, second)
    ]
    numbers = [papers(county.accept(case))["acceptance-notice"].number for case in (first, second)]
    n = int(re.search(r"〕(\d+)号", numbers[0])[1])
    assert numbers == [f"澄市监食受〔2026〕{n}号", f"澄市监食受〔2026〕{n + 1}号"]


def test_submitting_twice_makes_one_case(county: County) -> None:
    case = county.submit()
    before = (Case.objects.count(), Event.objects.count(), len(county.jobs()))
    with pytest.raises(NotADraft) as refused:
        services.submit_application(actor=county.actor("citizen"), case_id=case.pk, at=county.now)
    assert refused.value.data["number"] == case.number
    assert (Case.objects.count(), Event.objects.count(), len(county.jobs())) == before


def test_the_second_of_two_clerks_is_told_who_was_quicker(county: County) -> None:
    case = county.accept(county.submit())
    review = county.task(case, "document_review")
    actor, colleague = county.actor("officer1"), county.actor("officer2")
    cases.claim_task(actor=actor, task_id=review.id, at=county.now)
    with pytest.raises(TaskTaken) as taken:
        cases.claim_task(actor=colleague, task_id=review.id, at=county.now)
    assert taken.value.data["by"] == actor.name
    data = {"complete": True, "consistent": True, "layout_ok": True, "advice": "meets"}
    cases.complete_task(actor=actor, task_id=review.id, outcome="submit", data=data, at=county.now)
    acts = len(ledger.acts_of(case=case.ref))
    with pytest.raises(TaskDone) as done:
        cases.complete_task(actor=colleague, task_id=review.id, outcome="submit", data=data, at=county.now)
    assert done.value.data["by"] == actor.name
    assert len(ledger.acts_of(case=case.ref)) == acts


def test_a_strangers_application_does_not_exist(county: County) -> None:
    case = county.submit()
    for actor in (county.stranger, county.actor("rep"), county.actor("bureau")):
        with pytest.raises(ApplicationNotFound):
            services.get_application(actor, case.pk)
        with pytest.raises(CaseNotFound):
            cases.get_case(actor, case.number)
        with pytest.raises(CaseNotFound):
            cases.complete_task(
                actor=actor, task_id=county.task(case, "receive").id, outcome="accept", at=county.now
            )
    with pytest.raises(ApplicationNotFound):
        services.get_application(county.actor("window"), case.pk)  # handles it, but it is not hers to fill in
