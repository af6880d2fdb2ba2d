"""What items get from the processes that they share: eligibility, amounts, fees, public notice, the township, the registers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.county.test_every_item import Walk
from tests.support.county import County
from tongban.apps.services.errors import TownshipUnknown
from tongban.apps.services.models import PublicNotice
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import CaseNotFound
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments.models import Paper
from tongban.kernel.ledger import service as ledger
from tongban.kernel.registers import service as registers


def case_of(walk: Walk) -> Any:
    [case] = cases.find_cases([walk.case_id])
    return case


def papers(walk: Walk) -> dict[str, Paper]:
    found = Paper.objects.filter(subject_id=str(walk.case_id)).select_related("template")
    return {paper.template.key: paper for paper in found}


def until(walk: Walk, node: str) -> str:
    """Walk an item up to the step ``node``, or to where it waits for days before; returns the number of the case."""
    number = walk.submit()
    for step in walk.process["granted"]:
        if not walk.knows(step.get("for", "key")):
            continue
        if "days" in step or step["step"] == node:
            break
        walk.do(step)
    return number


def test_who_is_ruled_out_by_the_table_is_told_before_handing_in(county: County) -> None:
    walk = Walk(county, "senior-allowance")
    walk.example["answers"] |= {"elsewhere": True}
    with pytest.raises(AssertionError, match="已经在别的地方领着"):
        walk.submit()


def test_a_benefit_is_worked_out_by_the_table_and_stands_in_the_decision(county: County) -> None:
    walk = Walk(county, "senior-allowance")
    until(walk, "decide")
    found = case_of(walk).facts["calculation"]
    assert (found["result"], found["table"], found["version"]) == (
        {"monthly": 60, "from": "next_month"},
        "senior-allowance-amount",
        1,
    )
    act = next(a for a in ledger.acts_of(case=str(case_of(walk).ref)) if a.verb == "services.calculate")
    assert dict(act.facts) == {"table": "senior-allowance-amount", "version": 1}


def test_papers_cite_the_licensing_law_only_for_licences(county: County) -> None:
    benefit, licence = Walk(county, "senior-allowance"), Walk(county, "tree-felling")
    benefit.submit()
    licence.submit()
    assert papers(benefit)["receipt"].data["licensing"] is False
    assert papers(licence)["receipt"].data["licensing"] is True
    clock = cases.clock_of(case_of(benefit), "acceptance")
    assert clock is not None
    assert "行政许可法" not in str(clock.legal_source)


def test_the_township_of_the_household_reviews_and_no_other_sees_the_case(county: County) -> None:
    walk = Walk(county, "senior-allowance")
    number = walk.submit()
    clerks = [who for who, _ in walk.holders(county.task(case_of(walk), "receive").holder_id)]
    assert clerks == ["x01.clerk"]
    assert case_of(walk).unit.code == "mzj"
    with pytest.raises(CaseNotFound):
        cases.get_case(county.actor("x02.clerk"), number)


def test_a_house_is_decided_by_the_township_itself(county: County) -> None:
    walk = Walk(county, "rural-house")
    walk.submit()
    assert case_of(walk).unit.name.zh == "云岩彝族乡人民政府"


def test_who_is_registered_elsewhere_is_sent_there_and_nothing_begins(county: County) -> None:
    person = county.account("elder").person
    person.citizen_id = "110101194304110022"
    person.save(update_fields=["citizen_id"])
    from tongban.apps.services import service as services

    before = len(cases.list_cases_of(county.actor("villager"), drafts=True))
    with pytest.raises(TownshipUnknown):
        services.create_application(
            actor=county.actor("elder"), item_key="rural-house", entity_id=None, at=county.now
        )
    assert len(cases.list_cases_of(county.actor("villager"), drafts=True)) == before
    assert cases.list_cases_of(county.actor("elder"), drafts=True) == []


def test_a_public_notice_shows_masked_names_for_seven_days_and_no_longer(county: County) -> None:
    walk = Walk(county, "rural-house")
    number = until(walk, "objections")
    page = county.client().get("/services/notices/").content.decode()
    assert "杞*才" in page
    assert "杞顺才" not in page
    assert number not in page, "the case number leads to the progress page"
    notice = PublicNotice.objects.get()
    assert notice.until.isoformat() == "2026-06-08"
    county.go_to("2026-06-09")
    county.tick()
    assert "杞*才" not in county.client().get("/services/notices/").content.decode()
    assert PublicNotice.objects.get().ended_at is not None


def test_a_withdrawn_application_is_no_longer_on_public_notice(county: County) -> None:
    walk = Walk(county, "rural-house")
    until(walk, "objections")
    county.act("villager", case_of(walk), "withdraw")
    assert "杞*才" not in county.client().get("/services/notices/").content.decode()


def test_a_fee_is_worked_out_told_and_taken_before_the_permit_is_made(county: County) -> None:
    walk = Walk(county, "road-occupation")
    until(walk, "collect")
    assert papers(walk)["payment-notice"].data["due"] == "90.00"
    case = case_of(walk)
    assert case.state == "paying"
    county.drain()
    assert "certificate" not in {task.node for task in county.open_steps(case)}
    assert case_of(walk).state == "paying"


def test_what_is_free_is_not_asked_to_be_paid(county: County) -> None:
    walk = Walk(county, "road-occupation")
    walk.example["answers"] |= {"reason": "event"}
    until(walk, "collect")
    county.drain()
    assert case_of(walk).state == "delivered"
    assert "payment-notice" not in papers(walk)


def test_a_permit_ends_on_the_day_that_was_applied_for(county: County) -> None:
    from tongban.apps.certificates.models import Certificate

    walk = Walk(county, "road-occupation")
    walk.submit()
    walk.go("granted")
    assert Certificate.objects.get(case_id=walk.case_id).valid_to.isoformat() == "2026-06-27"


def test_a_registered_trader_is_an_entity_at_once_and_can_go_on_in_its_name(county: County) -> None:
    from tongban.apps.certificates.models import Certificate

    walk = Walk(county, "sole-trader")
    walk.submit()
    walk.go("granted")
    code = case_of(walk).facts["uscc"]
    assert Certificate.objects.get(case_id=walk.case_id).number == code
    record = registers.get_record("entities", code)
    assert record is not None
    assert (record.values["name"], record.values["status"]) == ("澄溪县云岩乡顺才山货店", "存续")
    mine = identity.entities_of(county.account("villager").person_id, at=county.now)
    assert code in {entity.uscc for entity in mine}
    following = Walk(county, "prepacked-food")
    following.example |= {"by": "villager", "firm": code}
    following.submit()
    following.go("granted")
    assert case_of(following).state == "delivered"
