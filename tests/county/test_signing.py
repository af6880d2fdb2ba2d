"""The applicant signs: just this content, by himself, once more after every change; officials see whether it holds."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support.county import PNG, REP_FIRM, County
from tests.support.signing import (
    STROKES,
    ask_to_correct,
    case_page,
    complete_application,
    digest,
    sign,
    submit,
)
from tongban.apps.services import service as services
from tongban.apps.services.errors import (
    ApplicationNotFound,
    NotEditable,
    SignatureMissing,
    SignatureOutdated,
    SignatureRefused,
)
from tongban.apps.services.models import Signature
from tongban.apps.services.operations.apply import put_answers
from tongban.apps.services.queries import signing
from tongban.apps.services.rules.signing import content_digest, drawing
from tongban.kernel.cases import service as cases
from tongban.kernel.files import service as files
from tongban.kernel.identity.errors import IdentityNotConfirmed, TooManyAttempts
from tongban.kernel.ledger import service as ledger


@pytest.fixture
def draft(county: County) -> Any:
    """A complete application that demands a signature, by the representative of a firm."""
    return complete_application(county)


def test_without_a_signature_it_is_not_received(county: County, draft: Any) -> None:
    with pytest.raises(SignatureMissing):
        submit(county, draft)
    fresh = services.get_application(county.actor("rep"), draft.pk)
    assert fresh.submitted_at is None and fresh.number is None


def test_what_was_signed_is_bound_into_the_act_of_submitting(county: County, draft: Any) -> None:
    signature = sign(county, draft)
    report = files.verify_pdf(files.read_file(signature.file_id))
    assert report.is_valid and signature.digest in report.reason
    case = submit(county, draft)
    [act] = [act for act in ledger.acts_of(case=case.ref) if act.verb == "cases.submit"]
    assert act.facts["signed_content"] == signature.digest
    assert act.facts["signed_file"] == signature.file.sha256
    assert b"/Sig" in files.read_file(signature.file_id)


def test_whatever_changes_must_be_signed_again(county: County, draft: Any) -> None:
    sign(county, draft)
    put_answers(actor=county.actor("rep"), case_id=draft.pk, values={"phone": "13912345678"}, at=county.now)
    with pytest.raises(SignatureMissing):
        submit(county, draft)
    sign(county, draft)
    [key] = [m.key for m in services.materials_of(draft, services.get_item("construction-permit"))][-1:]
    services.put_material(
        actor=county.actor("rep"),
        case_id=draft.pk,
        key=key,
        upload=SimpleUploadedFile("b.png", PNG),
        at=county.now,
    )
    with pytest.raises(SignatureMissing):
        submit(county, draft)
    sign(county, draft)
    assert submit(county, draft).number


def test_only_what_was_read_is_signed(county: County, draft: Any) -> None:
    with pytest.raises(SignatureOutdated):
        sign(county, draft, digest="0" * 64)
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"strokes": ""}, "name"),
        ({"strokes": "", "typed_name": "别人"}, "name"),
        ({"strokes": "[[[1,1],[2,2]]]"}, "name"),
        ({"consents": False}, "consents"),
    ],
)
def test_no_signature_no_consent_no_signing(county: County, draft: Any, said: Any, field: str) -> None:
    with pytest.raises(SignatureRefused) as refused:
        sign(county, draft, **said)
    assert [each["field"] for each in refused.value.data["errors"]] == [field]
    assert not Signature.objects.exists()
    assert files.files_of(draft.ref, signing.ROLE) == []


def test_a_typed_name_stands_for_the_drawing(county: County, draft: Any) -> None:
    name = county.account("rep").person.name
    made = sign(county, draft, strokes="", typed_name=f" {name} ")
    assert not made.is_drawn and made.name == name


def test_who_does_not_know_the_password_signs_nothing_and_is_locked_out(county: County, draft: Any) -> None:
    with pytest.raises(IdentityNotConfirmed):
        sign(county, draft, password="wrong")
    for _ in range(20):
        with pytest.raises((IdentityNotConfirmed, TooManyAttempts)) as refused:
            sign(county, draft, password="wrong")
    assert refused.type is TooManyAttempts
    with pytest.raises(TooManyAttempts):
        sign(county, draft)
    assert not Signature.objects.exists()


def test_nobody_else_signs_or_reads_it(county: County, draft: Any) -> None:
    signature = sign(county, draft)
    for who in ("citizen", "window", "officer1"):
        with pytest.raises(ApplicationNotFound):
            sign(county, draft, actor=county.actor(who))
        with pytest.raises(ApplicationNotFound):
            services.form_pdf(actor=county.actor(who), case_id=draft.pk, at=county.now)
        assert county.client(who).get(f"/files/{signature.file_id}/").status_code == 404
    assert Signature.objects.count() == 1
    submit(county, draft)
    with pytest.raises(NotEditable):
        sign(county, draft)


def test_the_officer_sees_it_verified_and_a_broken_one_is_told(
    county: County, draft: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature = sign(county, draft)
    case = services.get_application(county.actor("rep"), submit(county, draft).pk)
    item = services.get_item("construction-permit")
    verdict = signing.verdict_of(case, item, at=county.now)
    assert verdict is not None and verdict.is_sound and verdict.is_current
    page = case_page(county, case)
    assert "申请人签名" in page and "已核验" in page and signature.name in page
    pdf = files.read_file(signature.file_id)
    broken = pdf[:400] + bytes([pdf[400] ^ 1]) + pdf[401:]
    monkeypatch.setattr(files, "read_file", lambda file_id: broken)
    verdict = signing.verdict_of(case, item, at=county.now)
    assert verdict is not None and not verdict.is_sound


def test_another_content_under_the_same_pdf_is_found(county: County, draft: Any) -> None:
    signature = sign(county, draft)
    Signature.objects.filter(pk=signature.pk).update(digest="a" * 64)
    verdict = signing.verdict_of(draft, services.get_item("construction-permit"), at=county.now)
    assert verdict is not None and not verdict.is_sound


def test_a_correction_is_signed_again_and_the_officer_sees_which_content(county: County, draft: Any) -> None:
    first = sign(county, draft)
    case, actor = submit(county, draft), county.actor("rep")
    ask_to_correct(county, case)
    put_answers(actor=actor, case_id=case.pk, values={"area": 3700}, at=county.now)
    with pytest.raises(SignatureMissing):
        services.resubmit_application(actor=actor, case_id=case.pk, at=county.now)
    assert county.again(case).state == "correction"
    item = services.get_item("construction-permit")
    stale = signing.verdict_of(services.get_application(actor, case.pk), item, at=county.now)
    assert stale is not None and stale.is_sound and not stale.is_current
    county.go_to(county.now + timedelta(hours=1))
    second = sign(county, case)
    assert second.digest != first.digest
    services.resubmit_application(actor=county.actor("rep"), case_id=case.pk, at=county.now)
    [act] = [act for act in ledger.acts_of(case=case.ref) if act.verb == "services.receive_correction"]
    assert act.facts["signed_content"] == second.digest
    verdict = signing.verdict_of(services.get_application(actor, case.pk), item, at=county.now)
    assert verdict is not None and verdict.is_current and verdict.signature == second
    assert (verdict.round, [each.pk for each in verdict.earlier]) == (2, [first.pk])
    page = case_page(county, county.again(case))
    assert "第 2 次" in page and f"/files/{first.file_id}/" in page and f"/files/{second.file_id}/" in page


def test_a_correction_is_signed_and_handed_in_by_pages(county: County, draft: Any) -> None:
    sign(county, draft)
    case = submit(county, draft)
    ask_to_correct(county, case)
    put_answers(actor=county.actor("rep"), case_id=case.pk, values={"area": 3700}, at=county.now)
    client, place = county.client("rep"), f"/services/applications/{case.pk}"
    assert client.post(f"{place}/check/")["Location"] == f"{place}/sign/"
    said = {"digest": digest(county, case), "password": "demo", "strokes": STROKES, "consents": "1"}
    done = client.post(f"{place}/sign/", said)
    assert done.status_code == 302 and case.number in done["Location"]
    assert county.again(case).state == "received"


def test_by_pages_it_is_read_signed_and_handed_in(county: County, draft: Any) -> None:
    client = county.client("rep")
    place = f"/services/applications/{draft.pk}"
    answer = client.post(f"{place}/check/")
    assert (answer.status_code, answer["Location"]) == (302, f"{place}/sign/")
    assert client.get(f"{place}/form.pdf").content.startswith(b"%PDF")
    assert client.get(f"{place}/sign/").status_code == 200
    said = {"digest": digest(county, draft), "password": "nope", "strokes": STROKES, "consents": "1"}
    assert client.post(f"{place}/sign/", said).status_code == 422
    done = client.post(f"{place}/sign/", said | {"password": "demo"})
    assert (done.status_code, done["Location"]) == (302, f"{place}/submitted/")
    assert cases.find_cases([draft.pk])[0].number


def test_a_program_signs_first_or_is_told_to(county: County, draft: Any) -> None:
    headers = {**county.token("rep"), "Tongban-Entity": str(county.entity(REP_FIRM).pk)}

    def call(method: str, path: str, body: Any = None) -> Any:
        return Client().generic(
            method,
            f"/api/v1/applications/{draft.pk}{path}",
            json.dumps(body or {}),
            content_type="application/json",
            headers=headers,
        )

    refused = call("POST", "/submit")
    assert refused.status_code == 422 and "signature-missing" in refused.content.decode()
    state = call("GET", "").json()["signature"]
    assert state["needed"] and state["signed_at"] is None
    said = {"digest": state["digest"], "password": "demo", "name": county.account("rep").person.name}
    assert call("POST", "/sign", said | {"consents": False}).status_code == 422
    made = call("POST", "/sign", said | {"consents": True})
    assert made.status_code == 201 and made.json()["confirmed"] == "password"
    assert call("POST", "/submit").status_code == 200


def test_the_drawing_is_numbers_only() -> None:
    assert drawing(STROKES).startswith("<svg")
    for wrong in ("", "x", "{}", '[["a"]]', '[[[1,"</svg><script>"]]]', "[[[1,2,3]]]", "[[[NaN, 1]]]"):
        assert drawing(wrong) == ""
    far = json.dumps([[[-900 + 200 * i, 5000] for i in range(12)]])
    assert "-" not in drawing(far).split('d="')[1].split('"')[0] if drawing(far) else True


def test_the_digest_is_of_the_content_and_not_of_its_order() -> None:
    one = content_digest(item="a", version=1, answers={"x": 1, "y": "二"}, materials={"m": ["b", "a"]})
    same = content_digest(item="a", version=1, answers={"y": "二", "x": 1}, materials={"m": ["a", "b"]})
    assert one == same
    for changed in (
        {"answers": {"x": 2, "y": "二"}},
        {"materials": {"m": ["a"]}},
        {"version": 2},
        {"item": "b"},
    ):
        values = {"item": "a", "version": 1, "answers": {"x": 1, "y": "二"}, "materials": {"m": ["a", "b"]}}
        assert content_digest(**{**values, **changed}) != one
