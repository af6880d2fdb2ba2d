"""The counter: who enters for whom, what the clerk sees afterwards, and how a result is handed over."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.county import MAIN_FIRM, PNG, County
from tongban.apps.services import errors
from tongban.apps.services import service as services
from tongban.apps.services.models import HandOver
from tongban.apps.services.tests.test_parties import ANSWERS, SENIOR
from tongban.kernel.cases import service as cases
from tongban.kernel.files import service as files
from tongban.kernel.ledger.models import Act

CLERK = "x01.clerk"
"""The clerk of the service centre of the senior's township."""
NOT_OURS = {"ground": "not_competent", "reason": "不是本县户籍", "where_to_go": "户籍所在地"}
DRAWN = "data:image/png;base64," + base64.b64encode(PNG).decode()


def entered(county: County, who: str = CLERK, **options: Any) -> Any:
    return services.enter_at_counter(
        actor=county.actor(who),
        at=county.now,
        **{"item_key": "senior-allowance", "name": SENIOR[0], "citizen_id": SENIOR[1], "seen": True}
        | options,
    )


def submitted(county: County, who: str = CLERK) -> Any:
    case, actor = entered(county, who), county.actor(who)
    services.put_answers(actor=actor, case_id=case.pk, values=ANSWERS, at=county.now)
    upload = SimpleUploadedFile("card.png", PNG)
    services.put_material(actor=actor, case_id=case.pk, key="bank_card", upload=upload, at=county.now)
    case, _ = services.submit_application(actor=actor, case_id=case.pk, at=county.now)
    return case


def refused_at_receipt(county: County) -> Any:
    """Return a case that has ended: the clerk did not accept it."""
    case = submitted(county)
    data = NOT_OURS
    return county.do(CLERK, case, "receive", "not_accept", data)


def hand(county: County, case: Any, who: str = CLERK, **options: Any) -> HandOver:
    return services.hand_result_over(
        actor=county.actor(who),
        case_id=case.pk,
        at=county.now,
        **{"recipient": SENIOR[0], "is_applicant": True, "seen": True, "typed": True} | options,
    )


def test_the_clerk_enters_for_who_is_present_with_what_the_registers_hold(county: County) -> None:
    case = entered(county)
    assert case.applicant_name == SENIOR[0]
    assert case.entry.data["applicant_name"] == SENIOR[0]
    assert case.channel == "desk"
    act = Act.objects.get(case=str(case.ref), verb="services.enter_at_counter")
    assert act.person_id == county.actor(CLERK).person_id
    assert act.about


def test_the_applicant_sees_it_at_once_and_no_other_clerk_does(county: County) -> None:
    case = entered(county)
    assert services.get_application(county.actor("elder"), case.pk).pk == case.pk
    for other in ("window", "officer1", "citizen", "village"):
        with pytest.raises(errors.ApplicationNotFound):
            services.get_application(county.actor(other), case.pk)


def test_after_submitting_the_clerk_looks_on_and_is_no_party(county: County) -> None:
    case = submitted(county)
    assert not cases.is_party(county.actor(CLERK), case)
    assert cases.may_see(county.actor(CLERK), case)
    with pytest.raises(errors.ApplicationNotFound):
        services.get_application(county.actor(CLERK), case.pk)
    assert county.client(CLERK).get(f"/desk/counter/{case.pk}/").status_code == 200


@pytest.mark.parametrize("who", ["citizen", "officer1", "village", "chief"])
def test_only_a_counter_post_enters(county: County, who: str) -> None:
    with pytest.raises(errors.CounterOnly):
        entered(county, who)
    assert county.client(who).get("/desk/counter/").status_code in (403, 404)


def test_person_and_card_must_have_been_seen(county: County) -> None:
    with pytest.raises(errors.PresenceUnconfirmed):
        entered(county, seen=False)


def test_a_name_that_is_not_the_numbers_is_refused(county: County) -> None:
    with pytest.raises(errors.IdentityMismatch):
        entered(county, name="字玉贞")
    with pytest.raises(errors.IdentityMismatch):
        entered(county, citizen_id="532399194304111281")


def test_for_a_business_the_person_must_have_its_mandate(county: County) -> None:
    firm = county.entity(MAIN_FIRM)
    owner = {"item_key": "small-catering", "name": "李秀英", "citizen_id": "532399198510271020"}
    case = entered(county, "window", entity_id=firm.pk, **owner)
    assert case.applicant_name == firm.name
    assert services.get_application(county.actor("citizen"), case.pk).pk == case.pk
    with pytest.raises(errors.MandateMissing):
        entered(county, "window", item_key="small-catering", entity_id=firm.pk)


def test_the_correction_is_entered_when_the_person_is_there_again(county: County) -> None:
    case = submitted(county)
    data = {"missing": ["bank_card"], "what": "照片看不清"}
    case = county.do(CLERK, case, "receive", "request_correction", data)
    actor = county.actor(CLERK)
    with pytest.raises(errors.ApplicationNotFound):
        services.resubmit_application(actor=actor, case_id=case.pk, at=county.now)
    with pytest.raises(errors.PresenceUnconfirmed):
        services.take_up_correction(actor=actor, case_id=case.pk, seen=False, at=county.now)
    with pytest.raises(errors.ConsentNotFound):
        services.take_up_correction(actor=county.actor("window"), case_id=case.pk, seen=True, at=county.now)
    services.take_up_correction(actor=actor, case_id=case.pk, seen=True, at=county.now)
    services.resubmit_application(actor=actor, case_id=case.pk, at=county.now)
    assert not cases.is_party(actor, county.again(case))


def test_a_drawn_signature_is_kept_with_the_case(county: County) -> None:
    case = refused_at_receipt(county)
    made = hand(county, case, drawn=DRAWN, typed=False)
    [kept] = files.files_of(case.ref, "signature")
    assert (kept.id, kept.media_type) == (made.signature_id, "image/png")
    act = Act.objects.get(case=str(case.ref), verb="services.hand_over")
    assert act.facts["way"] == "drawn"
    assert SENIOR[0] not in str(act.facts)
    with pytest.raises(errors.NotHandable):
        hand(county, case)


def test_without_a_pen_the_typed_name_is_confirmed(county: County) -> None:
    case = refused_at_receipt(county)
    with pytest.raises(errors.RecipientUnsigned):
        hand(county, case, typed=False)
    with pytest.raises(errors.RecipientUnsigned):
        hand(county, case, recipient=" ")
    assert hand(county, case).signature_id is None


@pytest.mark.parametrize(
    "drawn",
    ["data:text/html;base64,PGI+", "data:image/png;base64,***", "data:image/png;base64," + "A" * 300_000],
)
def test_what_is_no_signature_is_refused(county: County, drawn: str) -> None:
    case = refused_at_receipt(county)
    with pytest.raises(errors.RecipientUnsigned):
        hand(county, case, drawn=drawn)
    assert not HandOver.objects.exists()


def test_nothing_is_handed_over_before_the_end_or_by_who_does_not_see_it(county: County) -> None:
    case = submitted(county)
    with pytest.raises(errors.NotHandable):
        hand(county, case)
    with pytest.raises(errors.ConsentNotFound):
        hand(county, case, "window")
    with pytest.raises(errors.CounterOnly):
        hand(county, case, "officer1")
    assert not HandOver.objects.exists()


def test_the_whole_way_in_the_browser_without_scripts(county: County) -> None:
    browser = county.client(CLERK)
    begin = {"item": "senior-allowance", "name": SENIOR[0], "citizen_id": SENIOR[1]}
    assert browser.post("/desk/counter/", begin).status_code == 422
    answer = browser.post("/desk/counter/", begin | {"seen": "true"}, follow=True)
    assert answer.status_code == 200
    case = cases.list_cases_of(county.actor(CLERK), drafts=True)[0]
    services.put_answers(actor=county.actor(CLERK), case_id=case.pk, values=ANSWERS, at=county.now)
    browser.post(
        f"/services/applications/{case.pk}/materials/",
        {"material-bank_card": SimpleUploadedFile("c.png", PNG)},
    )
    answer = browser.post(f"/services/applications/{case.pk}/check/", follow=True)
    case = county.again(case)
    assert case.number in answer.content.decode()
    case = county.do(CLERK, case, "receive", "not_accept", NOT_OURS)
    found = browser.post("/desk/counter/find/", {"number": case.number.lower()}, follow=True)
    assert found.status_code == 200
    answer = browser.post(
        f"/desk/counter/hand-over/{case.number}/",
        {"recipient": SENIOR[0], "who": "applicant", "seen": "true", "typed": "true"},
        follow=True,
    )
    assert "已当面交付结果" in answer.content.decode()
    assert HandOver.objects.get(case=case).by_name == county.actor(CLERK).name
