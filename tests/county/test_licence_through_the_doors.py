"""A food licence in the installed county, through the doors, in every way it can go. Each time limit names its article."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection

from tests.support.county import County, on
from tongban.apps.certificates import service as certificates
from tongban.apps.services import service as services
from tongban.apps.services.errors import ApplicationNotFound, NotEditable, NotYetComplete, SignInNeeded
from tongban.base import checks
from tongban.base.models import Event
from tongban.base.time import local_date
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import ActionRefused, CaseNotFound, NotADraft, TaskNotYours
from tongban.kernel.cases.models import Case
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages
from tongban.kernel.processes.errors import OutcomeNotAllowed, SameOfficer, TaskDone, TaskTaken
from tongban.kernel.registers import service as registers


def clock(case: Any, role: str) -> Any:
    found = cases.clock_of(case, role)
    assert found is not None, f"no {role} clock"
    return found


def states_of_clocks(case: Any) -> set[str]:
    return set(case.clocks.values_list("clock__state", flat=True))


def papers(case: Any) -> dict[str, Any]:
    return {paper.template: paper for paper in instruments.papers_of(case.ref)}


# --- the whole way ------------------------------------------------------------------------------------------------


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
        assert re.fullmatch(r"澄市监食[收补受准送]〔2026〕[1-9]\d*号", paper.number)
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


# --- receiving and accepting: article 32 --------------------------------------------------------------------------


def test_art_42_the_decision_clocks_start_on_the_day_of_acceptance(county: County) -> None:
    """Administrative Licensing Law art. 42: from the day of acceptance; art. 82: working days. That day does not count."""
    case = county.submit()
    assert clock(case, "acceptance").due_on == date(2026, 6, 8)
    county.go_to("2026-06-04")
    county.accept(case)
    assert clock(case, "acceptance").met is True
    assert clock(case, "promised").due_on == date(2026, 6, 11)
    assert clock(case, "statutory").due_on == date(2026, 6, 18)
    assert clock(case, "statutory").started_on == date(2026, 6, 4)


def test_art_32_1_4_silence_for_five_working_days_accepts_from_the_day_of_receipt(county: County) -> None:
    """Art. 32(1)(4): without a correction notice within five working days it counts as accepted on the day of receipt.

    Received Friday 6 February 2026. Saturday 14 February is a make-up working day, 15 to 23 February are holidays.
    """
    county.go_to("2026-02-06")
    case = county.submit("rep")
    assert clock(case, "acceptance").due_on == date(2026, 2, 13)
    county.go_to("2026-02-13", 18)
    assert county.tick() == 0
    assert county.again(case).accepted_at is None

    county.go_to("2026-02-14", 1)
    assert county.tick() == 1
    case = county.again(case)
    assert case.facts["accepted_automatically"] is True
    assert local_date(case.accepted_at) == date(2026, 2, 6)
    assert clock(case, "statutory").started_on == date(2026, 2, 6)
    assert clock(case, "promised").due_on == date(2026, 2, 13)
    assert clock(case, "statutory").due_on == date(2026, 2, 27)
    assert {task.node for task in county.open_steps(case)} == {"document_review", "inspect"}
    notice = papers(case)["acceptance-notice"]
    assert local_date(notice.issued_at) == date(2026, 2, 14)
    assert "services.accept_automatically" in [act.verb for act in ledger.acts_of(case=case.ref)]
    assert county.tick() == 0


def test_art_32_1_4_after_a_correction_silence_accepts_from_the_day_the_correction_came(
    county: County,
) -> None:
    """Art. 32(1)(4) and (5): the corrected application is received anew; 19 June 2026 is a holiday."""
    case = county.submit()
    county.go_to("2026-06-03")
    county.ask_for_correction(case)
    assert clock(case, "acceptance").state == "stopped"
    county.go_to("2026-06-09")
    assert county.tick() == 0, "the applicant's own time accepts nothing"
    county.go_to("2026-06-10")
    services.resubmit_application(actor=county.actor("citizen"), case_id=case.pk, at=county.now)
    assert clock(case, "acceptance").due_on == date(2026, 6, 17)
    county.go_to("2026-06-18", 1)
    assert county.tick() == 1
    assert local_date(county.again(case).accepted_at) == date(2026, 6, 10)
    assert clock(case, "statutory").due_on == date(2026, 6, 25)


def test_art_32_1_4_a_correction_is_asked_for_once(county: County) -> None:
    """Art. 32(1)(4): everything that is missing is told at once, so the second time there is no such outcome."""
    case = county.ask_for_correction(county.submit())
    assert case.facts["corrections"] == 1
    with pytest.raises(TaskNotYours):
        county.do("window", case, "correct", "resubmit")
    services.resubmit_application(actor=county.actor("citizen"), case_id=case.pk, at=county.now)
    allowed = {o.key for o in county.task(case, "receive").outcomes if o.allowed}
    assert allowed == {"accept", "not_accept"}
    before = len(instruments.papers_of(case.ref))
    with pytest.raises(OutcomeNotAllowed):
        county.ask_for_correction(case)
    assert county.again(case).facts["corrections"] == 1
    assert len(instruments.papers_of(case.ref)) == before


def test_what_is_to_be_corrected_stands_where_it_is_corrected_and_no_longer_afterwards(
    county: County,
) -> None:
    """Art. 32(1)(4): "everything" is of use to who reads it beside the place where it is put right."""
    case = county.ask_for_correction(county.submit())
    client = county.client("citizen")
    pages = [f"/progress/{case.number}/"]
    pages += [f"/services/applications/{case.pk}/{page}/" for page in ("check", "materials")]
    said = [line.zh for line in services.corrections_of(case)]
    assert said
    for page in pages:
        html = client.get(page).content.decode()
        assert "要补正的全部内容" in html and all(line in html for line in said), page
    services.resubmit_application(actor=county.actor("citizen"), case_id=case.pk, at=county.now)
    assert "要补正的全部内容" not in client.get(pages[0]).content.decode()
    assert services.corrections_of(county.again(case)) == []


def test_the_query_code_does_not_hand_in_a_correction(county: County) -> None:
    """The code opens the view of an application; whoever hands in for a firm signs in."""
    case = county.ask_for_correction(county.submit())
    task = county.task(case, "correct")
    events = Event.objects.count()
    with pytest.raises(SignInNeeded):
        cases.complete_task(
            actor=identity.actor_for_code(case.pk), task_id=task.id, outcome="resubmit", at=county.now
        )
    assert county.again(case).state == "correction"
    assert Event.objects.count() == events


def test_what_is_still_incomplete_is_not_received_again(county: County) -> None:
    """The applicant may change her answers now; with a wrong one the correction stays hers."""
    from tongban.apps.services.operations.apply import put_answers

    case = county.ask_for_correction(county.submit())
    actor = county.actor("citizen")
    put_answers(actor=actor, case_id=case.pk, values={"seats": None}, at=county.now)
    with pytest.raises(NotYetComplete) as refused:
        services.resubmit_application(actor=actor, case_id=case.pk, at=county.now)
    assert [error["field"] for error in refused.value.data["errors"]] == ["seats"]
    assert county.again(case).state == "correction"
    put_answers(actor=actor, case_id=case.pk, values={"seats": 12}, at=county.now)
    services.resubmit_application(actor=actor, case_id=case.pk, at=county.now)
    with pytest.raises(NotEditable):
        put_answers(actor=actor, case_id=case.pk, values={"seats": 99}, at=county.now)


def test_art_32_1_2_not_accepted_says_why_and_where_to_go(county: County) -> None:
    """Art. 32(1)(1) and (2), and the right to review and action."""
    data = {
        "ground": "not_competent",
        "reason": "不属于本机关职权范围。",
        "where_to_go": "请到县农业农村局办理。",
    }
    case = county.do("window", county.submit(), "receive", "not_accept", data)
    assert (case.state, case.result, case.closed_at) == ("not_accepted", "not_accepted", county.now)
    paper = _data_of(papers(case)["non-acceptance-notice"])
    assert paper["where_to_go"] == "请到县农业农村局办理。"
    assert "60日内" in paper["remedies"]["zh"]
    assert "6个月" in paper["remedies"]["zh"]
    assert county.open_steps(case) == []
    assert states_of_clocks(case) == {"stopped"}


# --- reviewing and deciding: articles 34, 38, 42, 44, 45 ----------------------------------------------------------


def test_art_34_two_officers_inspect_and_they_are_two_people(county: County) -> None:
    """Art. 34: two or more officials inspect. Who wrote the record cannot sign as the second."""
    case = county.accept(county.submit())
    county.inspect(case)
    with pytest.raises(SameOfficer):
        county.do("officer1", case, "inspect_sign", "sign", {"agrees": True})
    assert county.task(case, "inspect_sign").state == "open"
    county.do("officer2", case, "inspect_sign", "sign", {"agrees": True})
    assert {task.node for task in county.open_steps(case)} == {"document_review"}


def test_art_34_a_record_that_is_not_true_goes_back_to_the_first_officer(county: County) -> None:
    """The second officer answers for the record too."""
    case = county.accept(county.submit())
    county.inspect(case)
    county.do("officer2", case, "inspect_sign", "send_back", opinion="面积量错了，请重新量。")
    county.inspect(case)
    county.do("officer2", case, "inspect_sign", "sign", {"agrees": True})
    assert {task.node for task in county.open_steps(case)} == {"document_review"}


def test_art_45_the_inspection_does_not_stop_the_clock(county: County) -> None:
    """Art. 45 names what does not count (hearing, testing, expert review ...); a site inspection is not among it."""
    case = county.accept(county.submit())
    county.go_to("2026-06-03")
    case = county.inspect(case)
    for role in ("statutory", "promised"):
        assert clock(case, role).state == "running"
    county.go_to("2026-06-05")
    county.do("officer2", case, "inspect_sign", "sign", {"agrees": True})
    assert clock(case, "promised").due_on == date(2026, 6, 8)
    assert clock(case, "statutory").due_on == date(2026, 6, 15)


def test_art_42_the_head_extends_once_and_the_applicant_is_told_why(county: County) -> None:
    """Art. 42: extended with the approval of the organ's head, the reason told; by this item's five working days."""
    case = county.accept(county.submit())
    reason = {"reason": "需要再次核实场所的排烟设施。"}
    with pytest.raises(ActionRefused):
        county.act("officer1", case, "extend", reason)
    with pytest.raises(ActionRefused):
        county.act("citizen", case, "extend", reason) if False else county.act(
            "window", case, "extend", reason
        )
    county.go_to("2026-06-05")
    county.act("chief", case, "extend", reason)
    assert clock(case, "promised").due_on == date(2026, 6, 15)
    assert clock(case, "statutory").due_on == date(2026, 6, 23)
    notice = _data_of(papers(case)["extension-notice"])
    assert notice["reason"] == reason["reason"]
    assert notice["due"]["statutory"] == "2026-06-23"
    with pytest.raises(ActionRefused, match="一次"):
        county.act("chief", case, "extend", reason)
    assert clock(case, "statutory").due_on == date(2026, 6, 23)


def test_art_42_there_is_nothing_to_extend_before_acceptance_or_after_the_decision(county: County) -> None:
    """Art. 42: the limit runs from acceptance to the decision."""
    reason = {"reason": "需要再次核实场所的排烟设施。"}
    waiting = county.submit()
    with pytest.raises(CaseNotFound):
        county.act("chief", waiting, "extend", reason)
    with pytest.raises(ActionRefused, match="受理"):
        county.act("window", waiting, "extend", reason)
    decided = county.refuse(county.review(county.accept(waiting)))
    with pytest.raises(ActionRefused, match="决定"):
        county.act("chief", decided, "extend", reason)


def test_art_44_the_clock_of_delivery_starts_with_the_decision(county: County) -> None:
    """Art. 44: the certificate is issued and delivered within the limit counted from the decision."""
    case = county.review(county.accept(county.submit()))
    county.go_to("2026-06-05")
    case = county.grant(case)
    assert (clock(case, "promised").met, clock(case, "statutory").met) == (True, True)
    assert clock(case, "delivery").due_on == date(2026, 6, 12)
    assert clock(case, "delivery").state == "running"
    county.go_to("2026-06-08")
    county.drain()
    assert county.again(case).state == "delivered"
    assert (clock(case, "delivery").state, clock(case, "delivery").met) == ("stopped", True)


def test_a_late_decision_stays_on_record_as_late(county: County) -> None:
    """What was promised and not kept is counted against the office, even when the decision is the one hoped for."""
    case = county.review(county.accept(county.submit()))
    county.go_to("2026-06-10")
    case = county.grant(case)
    assert (clock(case, "promised").met, clock(case, "statutory").met) == (False, True)


def test_art_38_a_refusal_gives_reasons_and_remedies(county: County) -> None:
    """Art. 38(2): reasons, and the right to administrative review and to an administrative action."""
    case = county.refuse(county.review(county.accept(county.submit())))
    assert (case.state, case.result, case.closed_at) == ("refused", "refused", county.now)
    paper = _data_of(papers(case)["refusal-decision"])
    assert "没有设置专间" in paper["reasons"]
    assert paper["legal_basis"] == "《食品安全法》第三十三条"
    assert "行政复议" in paper["remedies"]["zh"]
    assert "行政诉讼" in paper["remedies"]["zh"]
    county.drain()
    assert certificates.list_certificates_of(county.actor("citizen")) == []
    assert "service-record" not in papers(case)


# --- withdrawing --------------------------------------------------------------------------------------------------


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


# --- certificates -------------------------------------------------------------------------------------------------


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


# --- numbers, doubles, strangers ----------------------------------------------------------------------------------


def test_paper_numbers_have_no_gaps_although_something_was_refused_in_between(county: County) -> None:
    first = county.submit()
    with pytest.raises(NotADraft):
        services.submit_application(actor=county.actor("citizen"), case_id=first.pk, at=county.now)
    incomplete = county.draft("rep", materials=False)
    with pytest.raises(NotYetComplete):
        services.submit_application(actor=county.actor("rep"), case_id=incomplete.pk, at=county.now)
    second = county.submit("rep")
    numbers = [papers(case)["receipt"].number for case in (first, second)]
    n = int(re.search(r"〕(\d+)号", numbers[0])[1])
    assert numbers == [f"澄市监食收〔2026〕{n}号", f"澄市监食收〔2026〕{n + 1}号"]


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


def _data_of(paper: Any) -> dict[str, Any]:
    from tongban.kernel.instruments.models import Paper

    return Paper.objects.get(pk=paper.id).data
