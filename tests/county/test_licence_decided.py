"""A food licence is reviewed and decided (Administrative Licensing Law art. 34, 38, 42, 44 and 45)."""

from __future__ import annotations

from datetime import date

import pytest

from tests.support.county import County
from tests.support.licence import clock, data_of, papers
from tongban.apps.certificates import service as certificates
from tongban.kernel.cases.errors import ActionRefused, CaseNotFound
from tongban.kernel.processes.errors import SameOfficer


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
    notice = data_of(papers(case)["extension-notice"])
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
    paper = data_of(papers(case)["refusal-decision"])
    assert "没有设置专间" in paper["reasons"]
    assert paper["legal_basis"] == "《食品安全法》第三十三条"
    assert "行政复议" in paper["remedies"]["zh"]
    assert "行政诉讼" in paper["remedies"]["zh"]
    county.drain()
    assert certificates.list_certificates_of(county.actor("citizen")) == []
    assert "service-record" not in papers(case)
