"""Who is present signs at the counter, and the clerk attests who it was."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.county import PNG, REP_FIRM, County
from tests.support.signing import STROKES, case_page, complete_application, sign
from tongban.apps.services import service as services
from tongban.apps.services.errors import (
    ApplicationNotFound,
    ConsentNotFound,
    PresenceUnconfirmed,
    SignatureMissing,
    SignatureRefused,
)
from tongban.apps.services.models import Signature
from tongban.apps.services.operations.apply import put_answers
from tongban.apps.services.queries import signing
from tongban.kernel.files import service as files
from tongban.kernel.ledger.models import Act


@pytest.fixture
def draft(county: County) -> Any:
    """A complete application that demands a signature, by the representative of a firm."""
    return complete_application(county)


@pytest.fixture
def entered(county: County, draft: Any) -> Any:
    """The same application, entered by the window for the representative, who is present."""
    person = county.account("rep").person
    clerk = county.actor("window")
    case = services.enter_at_counter(
        actor=clerk,
        item_key="construction-permit",
        name=person.name,
        citizen_id=person.citizen_id,
        entity_id=county.entity(REP_FIRM).pk,
        seen=True,
        at=county.now,
    )
    put_answers(actor=clerk, case_id=case.pk, values=draft.entry.data, at=county.now)
    case = services.get_application(clerk, case.pk)
    for material in services.materials_of(case, services.get_item("construction-permit")):
        if material.is_upload and material.is_required:
            upload = SimpleUploadedFile("a.png", PNG)
            services.put_material(
                actor=clerk, case_id=case.pk, key=material.key, upload=upload, at=county.now
            )
    return services.get_application(clerk, case.pk)


def sign_there(county: County, case: Any, **said: Any) -> Signature:
    """Let the representative sign at the window."""
    clerk = county.actor("window")
    fresh = services.get_application(clerk, case.pk)
    values = {
        "actor": clerk,
        "digest": signing.digest_of(fresh, services.get_item("construction-permit"), at=county.now),
        "strokes": STROKES,
        "seen": True,
        "consents": True,
        "at": county.now,
        **said,
    }
    return services.sign_at_counter(case_id=case.pk, **values)


def test_who_is_present_signs_at_the_counter_and_the_clerk_attests(county: County, entered: Any) -> None:
    clerk, person = county.actor("window"), county.account("rep").person
    with pytest.raises(SignatureMissing):
        services.submit_application(actor=clerk, case_id=entered.pk, at=county.now)
    made = sign_there(county, entered)
    assert (made.name, made.person_id, made.witness_id) == (person.name, person.pk, clerk.person_id)
    assert (made.confirmed, made.is_drawn, made.paper_id) == ("present", True, None)
    assert files.verify_pdf(files.read_file(made.file_id)).is_valid
    act = Act.objects.get(case=str(entered.ref), verb="services.witness_signature")
    assert act.facts["content"] == made.digest and act.about and person.name not in str(act.facts)
    case, code = services.submit_application(actor=clerk, case_id=entered.pk, at=county.now)
    assert case.number and code
    page = case_page(county, case)
    assert "已核验" in page and "见证人" in page and clerk.name in page


def test_a_scan_of_the_signed_paper_stands_for_the_drawing(county: County, entered: Any) -> None:
    with pytest.raises(SignatureRefused):
        sign_there(county, entered, strokes="")
    made = sign_there(county, entered, strokes="", paper=SimpleUploadedFile("form.png", PNG))
    [kept] = files.files_of(entered.ref, signing.PAPER_ROLE)
    assert made.paper_id == kept.id and not made.is_drawn


@pytest.mark.parametrize(
    ("said", "refusal"),
    [({"seen": False}, PresenceUnconfirmed), ({"consents": False}, SignatureRefused)],
)
def test_without_card_or_consent_nothing_is_signed_there(
    county: County, entered: Any, said: Any, refusal: Any
) -> None:
    with pytest.raises(refusal):
        sign_there(county, entered, **said)
    assert not Signature.objects.exists()


def test_a_clerk_signs_nothing_that_was_not_entered_there(county: County, draft: Any, entered: Any) -> None:
    with pytest.raises(ApplicationNotFound):
        sign_there(county, draft, digest="0" * 64)
    with pytest.raises(SignatureRefused):  # in the applicant's own way a clerk never signs
        sign(county, entered, actor=county.actor("window"), digest=_digest_there(county, entered))
    with pytest.raises((ApplicationNotFound, ConsentNotFound)):
        sign_there(county, entered, actor=county.actor("x01.clerk"))
    assert not Signature.objects.exists()


def _digest_there(county: County, case: Any) -> str:
    fresh = services.get_application(county.actor("window"), case.pk)
    return signing.digest_of(fresh, services.get_item("construction-permit"), at=county.now)


def test_at_the_counter_by_pages(county: County, entered: Any) -> None:
    client, place = county.client("window"), f"/services/applications/{entered.pk}"
    assert "construction-permit" in client.get("/desk/counter/").content.decode()
    assert client.post(f"{place}/check/")["Location"] == f"{place}/sign/"
    page = client.get(f"{place}/sign/").content.decode()
    assert "当面核对身份" in page and 'name="password"' not in page
    said = {"digest": _digest_there(county, entered), "strokes": STROKES, "consents": "true"}
    assert client.post(f"{place}/sign/", said).status_code == 422
    done = client.post(f"{place}/sign/", said | {"seen": "true"})
    assert done["Location"] == f"/desk/counter/{entered.pk}/"
    assert county.again(entered).number in client.get(done["Location"]).content.decode()
