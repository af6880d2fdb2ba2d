"""What inspectors see, how opening a case is on record, and that they can do nothing in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tongban.apps.oversight import service as oversight
from tongban.apps.oversight.errors import CannotInspect, ReasonMissing
from tongban.base.errors import Forbidden
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import CaseNotFound
from tongban.kernel.ledger import service as ledger

REASON = "核实超期的原因"


def test_opening_a_case_is_an_act_that_its_applicant_finds(watch: Any, late: Any) -> None:
    county = watch.county
    inspector = county.actor("oversight")
    with pytest.raises(CaseNotFound):
        cases.get_case(inspector, late.number)
    assert (
        oversight.inspect_case(actor=inspector, number=late.number, reason=REASON, at=county.now)
        == late.number
    )
    page = cases.case_page(inspector, late.number, at=county.now)
    assert page.case.pk == late.pk
    assert not page.doable and not page.actions and not [move for move in page.moves if move.allowed]
    assert "oversight.inspect" in watch.verbs(late)
    [read] = [act for act in ledger.acts_of(late.ref) if act.verb == ledger.READ]
    assert (read.reason, read.person_id) == (REASON, inspector.person_id)


def test_a_case_closes_to_the_inspector_after_a_week(watch: Any, late: Any) -> None:
    county = watch.county
    inspector = county.actor("oversight")
    oversight.inspect_case(actor=inspector, number=late.number, reason=REASON, at=county.now)
    assert [row.number for row in oversight.inspections_of(inspector, at=county.now)] == [late.number]
    assert oversight.end_inspections(at=county.now + timedelta(days=6)) == 0
    assert oversight.end_inspections(at=county.now + timedelta(days=7)) == 1
    with pytest.raises(CaseNotFound):
        cases.get_case(inspector, late.number)


def test_without_reason_duty_or_case_nothing_is_opened(watch: Any, late: Any) -> None:
    county = watch.county
    for who, number, reason, refusal in (
        ("oversight", late.number, " ", ReasonMissing),
        ("health1", late.number, REASON, Forbidden),
        ("oversight", "SQ2026000000000", REASON, CannotInspect),
    ):
        with pytest.raises(refusal):
            oversight.inspect_case(actor=county.actor(who), number=number, reason=reason, at=county.now)
    assert "oversight.inspect" not in watch.verbs(late)


def test_the_pages_of_an_inspector(watch: Any, late: Any) -> None:
    [card] = watch.cards("case-overdue")
    client = watch.county.client("oversight")
    listed = client.get("/desk/oversight/").content.decode()
    assert card.case.number in listed and late.number in listed
    assert card.case.number not in client.get("/desk/oversight/?level=yellow").content.decode()
    assert "内置" in client.get("/desk/oversight/rules/").content.decode()
    assert late.number in client.get("/desk/oversight/late/").content.decode()
    assert client.get(f"/desk/oversight/cards/{card.case.number}/").status_code == 302
    refused = client.post("/desk/oversight/inspect/", {"number": late.number, "reason": ""})
    assert refused.status_code == 422 and "oversight.inspect" not in watch.verbs(late)
    opened = client.post("/desk/oversight/inspect/", {"number": late.number, "reason": REASON}, follow=True)
    assert opened.status_code == 200 and opened.redirect_chain[-1][0] == f"/desk/cases/{late.number}/"
    for path in ("", "rules/", "late/", "inspect/", f"cards/{card.case.number}/"):
        assert watch.county.client("health1").get(f"/desk/oversight/{path}").status_code in (403, 404)


def test_evidence_is_added_on_the_page_of_the_card(watch: Any, late: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from tests.support.county import PNG

    [card] = watch.cards("case-overdue")
    client = watch.county.client("officer1")
    url = f"/desk/oversight/cards/{card.case.number}/evidence/"
    assert client.post(url).status_code == 422
    assert client.post(url, {"evidence": SimpleUploadedFile("证明.png", PNG)}).status_code == 302
    page = client.get(f"/desk/cases/{card.case.number}/").content.decode()
    assert "证明.png" in page and "加一份证据" in page


def test_the_export_is_on_record_and_holds_no_formula(watch: Any, late: Any) -> None:
    from tongban.apps.oversight.models import Card

    [card] = watch.cards("case-overdue")
    Card.objects.filter(pk=card.pk).update(rule_name={"zh": "=1+1", "en": "=1+1"})
    answer = watch.county.client("oversight").post("/desk/oversight/export/?level=red")
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff编号,等级") and card.case.number in text
    assert ",=1+1" not in text and "=1+1" in text
    assert any(
        act.verb == "oversight.export"
        for act in ledger.search_acts(ledger.ActFilter(verb="oversight.export"))
    )
    assert watch.county.client("health1").post("/desk/oversight/export/").status_code == 403
