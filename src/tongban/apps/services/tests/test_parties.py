"""Applying for another and together: nobody is named without having agreed, and nobody else sees anything."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.county import PNG, County
from tongban.apps.services import errors
from tongban.apps.services import service as services
from tongban.apps.services.models import Consent
from tongban.apps.services.rules.parties import OnBehalf, needs_of, standing_of
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import ActionRefused, CaseNotFound, WrongCode
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger.models import Act

ITEM = "senior-allowance"
SENIOR = ("字玉珍", "53239919430411128X")
ANSWERS = {
    "phone": "19900000019",
    "card": "6221234567890123456",
    "elsewhere": False,
    "helped": False,
    "alive_check": True,
    "truth": True,
}


def applied(county: County, who: str = "village", basis: str = "village", person: Any = SENIOR) -> Any:
    return services.apply_for_another(
        actor=county.actor(who), item_key=ITEM, on_behalf=OnBehalf(basis, *person), at=county.now
    )


def consent_of(case: Any) -> Consent:
    return Consent.objects.get(case=case)


def agree(county: County, case: Any, who: str = "elder") -> Any:
    return services.give_consent(actor=county.actor(who), consent_id=consent_of(case).pk, at=county.now)


def fill(county: County, case: Any, who: str) -> None:
    actor = county.actor(who)
    services.put_answers(actor=actor, case_id=case.pk, values=ANSWERS, at=county.now)
    services.put_material(
        actor=actor,
        case_id=case.pk,
        key="bank_card",
        upload=SimpleUploadedFile("card.png", PNG),
        at=county.now,
    )


def submit(county: County, case: Any, who: str) -> Any:
    found, code = services.submit_application(actor=county.actor(who), case_id=case.pk, at=county.now)
    found.code = code
    return found


def upload(county: County, case: Any, who: str, kind: str) -> Any:
    return services.put_proof(
        actor=county.actor(who),
        case_id=case.pk,
        consent_id=consent_of(case).pk,
        kind=kind,
        upload=SimpleUploadedFile("paper.png", PNG),
        at=county.now,
    )


def without_account(county: County) -> tuple[str, str]:
    """Return somebody of the same village as the agent who has no account."""
    from tongban.kernel.identity.models import Person
    from tongban.kernel.registers import service as registers

    for record in registers.find_records("population", {"division_code": "532399101201"}):
        number = str(record.values["citizen_id"])
        person = Person.objects.filter(citizen_id=number).first()
        if person is None or not identity.has_account(person.pk):
            return str(record.values["name"]), number
    raise AssertionError("everybody in the village has an account")


def test_nothing_is_filled_in_before_the_person_agrees_and_then_it_is(county: County) -> None:
    case = applied(county)
    assert case.entry.data == {}
    agree(county, case)
    [case] = cases.find_cases([case.pk])
    assert case.entry.data["applicant_name"] == "字玉珍"


def test_it_cannot_be_submitted_before_the_person_agrees(county: County) -> None:
    case = applied(county)
    fill(county, case, "village")
    with pytest.raises(errors.NotYetComplete) as refused:
        submit(county, case, "village")
    assert "people" in {fault["page"] for fault in refused.value.data["errors"]}
    assert county.again(case).submitted_at is None


def test_once_agreed_the_agent_submits_and_both_see_it(county: County) -> None:
    case = applied(county)
    agree(county, case)
    fill(county, case, "village")
    case = submit(county, case, "village")
    assert case.applicant_name == "字玉珍"
    assert county.client("elder").get(f"/progress/{case.number}/").status_code == 200
    assert county.client("village").get(f"/progress/{case.number}/").status_code == 200
    assert case.number in county.client("elder").get("/my/").content.decode()


def test_the_ledger_names_filer_and_applicant_and_holds_nothing_personal(county: County) -> None:
    case = applied(county)
    agree(county, case)
    asked, given = (
        Act.objects.get(case=str(case.ref), verb=f"services.{verb}")
        for verb in ("ask_consent", "give_consent")
    )
    assert asked.person_id == county.actor("village").person_id
    assert given.person_id == county.actor("elder").person_id
    assert asked.about == given.about != []
    told = " ".join(f"{act.facts}{act.reason}{act.fields}" for act in Act.objects.filter(case=str(case.ref)))
    assert SENIOR[1] not in told and SENIOR[0] not in told


@pytest.mark.parametrize("stranger", ["citizen", "rep", "window", "officer1", "x01.clerk"])
def test_a_stranger_finds_neither_consent_nor_draft(county: County, stranger: str) -> None:
    case = applied(county)
    consent = consent_of(case)
    for do in (services.give_consent, services.decline_consent, services.end_agency):
        with pytest.raises(errors.ConsentNotFound):
            do(actor=county.actor(stranger), consent_id=consent.pk, at=county.now)
    browser = county.client(stranger)
    assert browser.get(f"/services/consents/{consent.pk}/").status_code == 404
    assert browser.get(f"/services/applications/{case.pk}/people/").status_code == 404
    assert browser.get(f"/services/applications/{case.pk}/check/").status_code == 404
    consent.refresh_from_db()
    assert consent.given_at is None and consent.ended_at is None


def test_before_agreeing_the_person_does_not_see_what_the_agent_typed(county: County) -> None:
    case = applied(county)
    assert county.client("elder").get(f"/services/applications/{case.pk}/check/").status_code == 404
    assert county.client("elder").get(f"/services/consents/{consent_of(case).pk}/").status_code == 200
    assert str(consent_of(case).pk) in county.client("elder").get("/my/").content.decode()


def test_who_declines_takes_the_draft_from_the_agent(county: County) -> None:
    case = applied(county)
    services.decline_consent(actor=county.actor("elder"), consent_id=consent_of(case).pk, at=county.now)
    with pytest.raises(errors.ApplicationNotFound):
        services.get_application(county.actor("village"), case.pk)
    with pytest.raises(errors.ConsentNotOpen):
        agree(county, case)


def test_when_the_person_ends_the_agency_the_agent_sees_nothing_also_not_by_the_code(county: County) -> None:
    case = applied(county)
    agree(county, case)
    fill(county, case, "village")
    case = submit(county, case, "village")
    agent = county.client("village")
    services.end_agency(actor=county.actor("elder"), consent_id=consent_of(case).pk, at=county.now)
    assert agent.get(f"/progress/{case.number}/").status_code == 302
    with pytest.raises(CaseNotFound):
        cases.get_case(county.actor("village"), case.number)
    with pytest.raises(WrongCode):
        cases.find_by_code(case.number, case.code)
    assert county.client("elder").get(f"/progress/{case.number}/").status_code == 200


def test_the_agent_sees_no_inside_of_the_case_and_does_not_rate(county: County) -> None:
    case = applied(county)
    agree(county, case)
    fill(county, case, "village")
    case = submit(county, case, "village")
    assert county.client("village").get(f"/desk/cases/{case.number}/").status_code == 404
    with pytest.raises(CaseNotFound):
        services.rate_case(actor=county.actor("village"), case=case, level=1, at=county.now)


def test_a_village_agent_acts_for_the_own_village_only(county: County) -> None:
    with pytest.raises(errors.BasisRefused):
        applied(county, person=("李秀英", "532399198510271020"))
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    ("who", "basis"),
    [("citizen", "village"), ("window", "village"), ("village", "guardian"), ("citizen", "counter")],
)
def test_nobody_acts_on_a_ground_that_is_not_theirs(county: County, who: str, basis: str) -> None:
    with pytest.raises(errors.BasisRefused):
        applied(county, who, basis)
    assert not Consent.objects.exists()


def test_a_wrong_name_and_an_unknown_number_have_one_answer(county: County) -> None:
    for person in (("字玉贞", SENIOR[1]), ("字玉珍", "110101199003077651"), ("字玉珍", "532399194304111281")):
        with pytest.raises(errors.IdentityMismatch):
            applied(county, person=person)
    assert not Consent.objects.exists()


def test_an_item_that_does_not_say_so_is_not_applied_for_by_others(county: County) -> None:
    with pytest.raises(errors.AgentsNotAllowed):
        services.apply_for_another(
            actor=county.actor("citizen"),
            item_key="sole-trader",
            on_behalf=OnBehalf("entrusted", *SENIOR),
            at=county.now,
        )


def test_oneself_is_not_another(county: County) -> None:
    with pytest.raises(errors.NotAnother):
        applied(county, "elder", "entrusted")


def test_an_entrusted_agent_shows_the_letter_too(county: County) -> None:
    case = applied(county, "citizen", "entrusted")
    agree(county, case)
    fill(county, case, "citizen")
    with pytest.raises(errors.NotYetComplete):
        submit(county, case, "citizen")
    upload(county, case, "citizen", "proof")
    assert submit(county, case, "citizen").submitted_at is not None


def test_who_has_an_account_consents_there_and_not_on_paper(county: County) -> None:
    case = applied(county)
    with pytest.raises(errors.ConsentByAccount):
        upload(county, case, "village", "consent")
    assert consent_of(case).given_at is None


def test_a_signed_form_is_checked_by_the_window_before_acceptance(county: County) -> None:
    person = without_account(county)
    case = applied(county, person=person)
    upload(county, case, "village", "consent")
    assert consent_of(case).way == "form"
    assert county.again(case).entry.data == {}, "nothing is read from a register on an unchecked paper"
    answers = {
        **ANSWERS,
        "applicant_name": person[0],
        "applicant_id": person[1],
        "birth_on": "1940-01-01",
        "applicant_address": {"detail": "古柏村 1 组"},
        "status": "正常",
    }
    actor = county.actor("village")
    services.put_answers(actor=actor, case_id=case.pk, values=answers, at=county.now)
    services.put_material(
        actor=actor,
        case_id=case.pk,
        key="bank_card",
        upload=SimpleUploadedFile("card.png", PNG),
        at=county.now,
    )
    case = submit(county, case, "village")
    clerk = "x01.clerk"
    checked = {"checked": ["competence", "applicant", "complete", "form"]}
    with pytest.raises(errors.ConsentUnchecked):
        county.do(clerk, case, "receive", "accept", checked)
    with pytest.raises((CaseNotFound, ActionRefused)):
        county.act("village", case, "check-consent")
    county.act(clerk, case, "check-consent")
    assert county.do(clerk, case, "receive", "accept", checked).accepted_at is not None


@pytest.mark.parametrize(
    ("basis", "has_account", "proof", "form"),
    [
        ("guardian", True, True, False),
        ("guardian", False, True, False),
        ("entrusted", True, True, False),
        ("entrusted", False, True, True),
        ("village", True, False, False),
        ("village", False, False, True),
        ("joint", True, False, False),
        ("joint", False, False, True),
        ("counter", False, False, False),
    ],
)
def test_what_a_ground_needs(basis: str, has_account: bool, proof: bool, form: bool) -> None:
    needs = needs_of(basis, has_account=has_account)
    assert (needs.proof, needs.form) == (proof, form)


def test_how_a_consent_stands(county: County) -> None:
    at = county.now
    assert [standing_of(*moments) for moments in ((None, None), (at, None), (None, at), (at, at))] == [
        "asked",
        "given",
        "declined",
        "ended",
    ]


# --- several applicants ---------------------------------------------------------------------------------------------


def together(county: County) -> Any:
    """Return a felling application of the villager in which the senior was named."""
    case = services.create_application(
        actor=county.actor("villager"), item_key="tree-felling", entity_id=None, at=county.now
    )
    services.add_co_applicant(
        actor=county.actor("villager"), case_id=case.pk, name=SENIOR[0], citizen_id=SENIOR[1], at=county.now
    )
    return county.again(case)


def faults(county: County, case: Any, who: str = "villager") -> set[str]:
    found = services.get_application(county.actor(who), case.pk)
    item = services.get_item("tree-felling")
    return {fault.page for fault in services.faults(found, item, actor=county.actor(who), at=county.now)}


def test_all_confirm_before_it_can_be_submitted_and_then_all_see_it(county: County) -> None:
    case = together(county)
    assert "people" in faults(county, case)
    with pytest.raises(errors.ApplicationNotFound):
        services.get_application(county.actor("elder"), case.pk)
    agree(county, case)
    assert "people" not in faults(county, case)
    assert services.get_application(county.actor("elder"), case.pk).pk == case.pk


def test_who_declined_is_removed_by_who_named_her_and_by_nobody_else(county: County) -> None:
    case = together(county)
    consent = consent_of(case)
    services.decline_consent(actor=county.actor("elder"), consent_id=consent.pk, at=county.now)
    assert "people" in faults(county, case)
    with pytest.raises(errors.ApplicationNotFound):
        services.remove_co_applicant(
            actor=county.actor("citizen"), case_id=case.pk, consent_id=consent.pk, at=county.now
        )
    services.remove_co_applicant(
        actor=county.actor("villager"), case_id=case.pk, consent_id=consent.pk, at=county.now
    )
    assert "people" not in faults(county, case)


def test_who_confirmed_and_was_removed_sees_it_no_longer(county: County) -> None:
    case = together(county)
    agree(county, case)
    services.remove_co_applicant(
        actor=county.actor("villager"), case_id=case.pk, consent_id=consent_of(case).pk, at=county.now
    )
    with pytest.raises(errors.ApplicationNotFound):
        services.get_application(county.actor("elder"), case.pk)


def test_nobody_is_named_twice_or_where_one_applies(county: County) -> None:
    case = together(county)
    with pytest.raises(errors.NotAnother):
        services.add_co_applicant(
            actor=county.actor("villager"),
            case_id=case.pk,
            name=SENIOR[0],
            citizen_id=SENIOR[1],
            at=county.now,
        )
    own = services.create_application(
        actor=county.actor("citizen"), item_key="sole-trader", entity_id=None, at=county.now
    )
    with pytest.raises(errors.SeveralNotAllowed):
        services.add_co_applicant(
            actor=county.actor("citizen"), case_id=own.pk, name=SENIOR[0], citizen_id=SENIOR[1], at=county.now
        )


# --- ended at the window -------------------------------------------------------------------------------------------------


def ended_at_window(county: County, consent: Consent, person: Any = SENIOR, **said: Any) -> Any:
    """Let the clerk of the township end an agency for who is present."""
    return services.end_agency_at_counter(
        actor=county.actor(said.pop("who", "x01.clerk")),
        consent_id=consent.pk,
        name=person[0],
        citizen_id=person[1],
        at=county.now,
        **{"seen": True, **said},
    )


def test_who_has_no_account_ends_an_agency_at_the_window(county: County) -> None:
    person = without_account(county)
    case = applied(county, person=person)
    upload(county, case, "village", "consent")
    clerk = county.actor("x01.clerk")
    who = {"name": person[0], "citizen_id": person[1], "at": county.now}
    [view] = services.agencies_at_counter(actor=clerk, seen=True, **who)
    assert (view.id, view.standing) == (consent_of(case).pk, "given")
    ended_at_window(county, consent_of(case), person)
    assert consent_of(case).ended_at == county.now
    with pytest.raises(errors.ApplicationNotFound):
        services.get_application(county.actor("village"), case.pk)
    act = Act.objects.get(case=str(case.ref), verb="services.end_agency")
    assert act.person_id == clerk.person_id and act.about
    assert services.agencies_at_counter(actor=clerk, seen=True, **who) == []
    with pytest.raises(errors.ConsentNotOpen):
        ended_at_window(county, consent_of(case), person)


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"seen": False}, errors.PresenceUnconfirmed),
        ({"who": "village"}, errors.CounterOnly),
        ({"who": "officer1"}, errors.CounterOnly),
        ({"person": ("李秀英", "532399198510271020")}, errors.ConsentNotFound),
        ({"person": ("字玉贞", SENIOR[1])}, errors.IdentityMismatch),
    ],
)
def test_only_the_person_represented_ends_it_there_and_only_with_her_card(
    county: County, said: Any, refusal: Any
) -> None:
    case = applied(county)
    agree(county, case)
    with pytest.raises(refusal):
        ended_at_window(county, consent_of(case), **said)
    assert consent_of(case).ended_at is None
    assert not Act.objects.filter(verb="services.end_agency").exists()


def test_an_agency_is_ended_on_the_counters_page(county: County) -> None:
    case = applied(county)
    agree(county, case)
    browser, place = county.client("x01.clerk"), "/desk/counter/agency/"
    who = {"name": SENIOR[0], "citizen_id": SENIOR[1]}
    assert browser.post(place, who).status_code == 422
    assert str(consent_of(case).pk) in browser.post(place, who | {"seen": "true"}).content.decode()
    done = browser.post(place, who | {"seen": "true", "end": str(consent_of(case).pk)}).content.decode()
    assert "代办已结束" in done and str(consent_of(case).pk) not in done
    assert consent_of(case).ended_at is not None
    assert county.client("village").get(place).status_code == 403
