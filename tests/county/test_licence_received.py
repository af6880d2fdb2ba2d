"""A food licence is received and accepted, or not (Administrative Licensing Law art. 32). Each time limit names its article."""

from __future__ import annotations

from datetime import date

import pytest

from tests.support.county import County
from tests.support.licence import clock, data_of, papers, states_of_clocks
from tongban.apps.services import service as services
from tongban.apps.services.errors import NotEditable, NotYetComplete, SignInNeeded
from tongban.base.models import Event
from tongban.base.time import local_date
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import TaskNotYours
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes.errors import OutcomeNotAllowed


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
    paper = data_of(papers(case)["non-acceptance-notice"])
    assert paper["where_to_go"] == "请到县农业农村局办理。"
    assert "60日内" in paper["remedies"]["zh"]
    assert "6个月" in paper["remedies"]["zh"]
    assert county.open_steps(case) == []
    assert states_of_clocks(case) == {"stopped"}
