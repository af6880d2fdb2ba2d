"""The applicant signs: just this content, by himself, once more after every change; officials see whether it holds."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support.county import PNG, REP_FIRM, County
from tongban.apps.services import service as services
from tongban.apps.services.errors import (
    ApplicationNotFound,
    ConsentNotFound,
    NotEditable,
    PresenceUnconfirmed,
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
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.errors import (
    FactorRefused,
    IdentityNotConfirmed,
    NothingToConfirmWith,
    TooManyAttempts,
)
from tongban.kernel.identity.models import Factor, RecoveryCode
from tongban.kernel.identity.operations.factors import add_key
from tongban.kernel.identity.tests.authenticator import SoftKey
from tongban.kernel.ledger import service as ledger
from tongban.kernel.ledger.models import Act

WALK = yaml.safe_load(
    (Path(__file__).parent / "walks" / "items" / "construction-permit.yaml").read_text("utf-8")
)
STROKES = json.dumps([[[20 + 9 * i, 100 + (i % 7) * 9] for i in range(40)]])


@pytest.fixture
def draft(county: County) -> Any:
    """A complete application that demands a signature, by the representative of a firm."""
    actor = county.actor("rep")
    case = services.create_application(
        actor=actor, item_key="construction-permit", entity_id=county.entity(REP_FIRM).pk, at=county.now
    )
    answers = {
        key: (county.now + timedelta(days=int(str(value)[6:] or 0))).date().isoformat()
        if str(value).startswith("today")
        else value
        for key, value in WALK["answers"].items()
    }
    put_answers(actor=actor, case_id=case.pk, values=answers, at=county.now)
    case = services.get_application(actor, case.pk)
    for material in services.materials_of(case, services.get_item("construction-permit")):
        if material.is_upload and material.is_required:
            services.put_material(
                actor=actor,
                case_id=case.pk,
                key=material.key,
                upload=SimpleUploadedFile("a.png", PNG),
                at=county.now,
            )
    return services.get_application(actor, case.pk)


def digest(county: County, case: Any) -> str:
    """Return what is to be signed now."""
    fresh = services.get_application(county.actor("rep"), case.pk)
    return signing.digest_of(fresh, services.get_item("construction-permit"), at=county.now)


def sign(county: County, case: Any, **said: Any) -> Signature:
    """Let the representative sign."""
    values = {
        "actor": county.actor("rep"),
        "digest": said.get("digest") or digest(county, case),
        "password": "demo",
        "strokes": STROKES,
        "consents": True,
        "at": county.now,
        "clock": identity.clock(),
        **said,
    }
    return services.sign_application(case_id=case.pk, **values)


def submit(county: County, case: Any) -> Any:
    """Let the representative submit."""
    return services.submit_application(actor=county.actor("rep"), case_id=case.pk, at=county.now)[0]


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


def officer(county: County, case: Any) -> str:
    """Return the account of an official who has the open step."""
    from tongban.kernel.identity.models import Account, Holder

    [task] = county.open_steps(case)
    unit, _, duty = str(Holder.objects.get(pk=task.holder_id).key).partition(":")
    person = identity.people_with_duty(int(unit), duty, county.now)[0]
    return Account.objects.get(person_id=person, kind="official", is_active=True).username


def ask_to_correct(county: County, case: Any) -> None:
    """Let the official who checks what came in ask for a correction."""
    materials = services.materials_of(case, services.get_item("construction-permit"))
    said = {"missing": [next(m.key for m in materials if m.is_upload)], "what": "面积要写准"}
    county.do(officer(county, case), case, "receive", "request_correction", said)


def case_page(county: County, case: Any) -> str:
    """Return the page of a case as the official sees it who has it."""
    return county.client(officer(county, case)).get(f"/desk/cases/{case.number}/").content.decode()


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


# --- without a password ------------------------------------------------------------------------------------------


@pytest.fixture
def passwordless(county: County) -> Any:
    """Let the representative's account have no password and no mailbox."""
    account = county.account("rep")
    account.set_unusable_password()
    account.email = ""
    account.save()
    account.person.email = ""
    account.person.save()
    return account


def mailed_code(county: County) -> str:
    """Return the code in the last mail."""
    from tongban.kernel.messages.models import Delivery

    delivery = Delivery.objects.filter(channel="email").latest("pk")
    message = delivery.message
    assert message.person_id is None and message.template == "services.signing_code"
    return re.findall(r"\d{8}", message.body.zh)[0]


def test_who_has_nothing_to_confirm_with_is_told_why(county: County, draft: Any, passwordless: Any) -> None:
    with pytest.raises(NothingToConfirmWith):
        sign(county, draft, password="")
    with pytest.raises(NothingToConfirmWith):
        services.mail_signing_code(
            actor=county.actor("rep"), case_id=draft.pk, at=county.now, clock=identity.clock()
        )
    page = county.client("rep").get(f"/services/applications/{draft.pk}/sign/").content.decode()
    assert "现在没法确认是您本人" in page and "/account/factors/" in page and 'name="password"' not in page
    assert not Signature.objects.exists()


def test_a_code_goes_to_the_mailbox_and_signs_once(county: County, draft: Any, passwordless: Any) -> None:
    passwordless.email = "rep@example.org"
    passwordless.save()
    client, place = county.client("rep"), f"/services/applications/{draft.pk}/sign/"
    assert "r***@example.org" in client.get(place).content.decode()
    assert client.post(f"{place}code/")["Location"] == f"{place}?mailed=1"
    code = mailed_code(county)
    assert len(code) == 8
    with pytest.raises(IdentityNotConfirmed):
        sign(county, draft, password="", mailed="00000000" if code != "00000000" else "11111111")
    late = identity.clock() + timedelta(minutes=identity.MAILED_LASTS + 1)
    with pytest.raises(IdentityNotConfirmed):
        sign(county, draft, password="", mailed=code, clock=late)
    assert not Signature.objects.exists()
    made = sign(county, draft, password="", mailed=code)
    assert made.confirmed == "mail"
    with pytest.raises(IdentityNotConfirmed):
        sign(county, draft, password="", mailed=code)


def test_codes_are_not_mailed_without_end(county: County, draft: Any, passwordless: Any) -> None:
    passwordless.email = "rep@example.org"
    passwordless.save()
    asked = {"actor": county.actor("rep"), "case_id": draft.pk, "at": county.now, "clock": identity.clock()}
    for _ in range(5):
        services.mail_signing_code(**asked)
    with pytest.raises(TooManyAttempts):
        services.mail_signing_code(**asked)


def test_a_mailed_code_is_nothing_to_who_has_a_password(county: County, draft: Any) -> None:
    with pytest.raises(NothingToConfirmWith):
        services.mail_signing_code(
            actor=county.actor("rep"), case_id=draft.pk, at=county.now, clock=identity.clock()
        )
    for who in ("citizen", "window"):
        with pytest.raises(ApplicationNotFound):
            services.mail_signing_code(
                actor=county.actor(who), case_id=draft.pk, at=county.now, clock=identity.clock()
            )


def test_a_security_key_alone_confirms(county: County, draft: Any, passwordless: Any) -> None:
    from html import unescape

    key, client = SoftKey(), county.client("rep")
    host = {"headers": {"host": "localhost"}}
    page = client.get("/account/factors/key/", **host).content.decode()
    asked = unescape(page.split('data-question="')[1].split('"')[0])
    client.post("/account/factors/key/", {"answer": key.create(asked), "name": "钥匙"}, **host)
    assert Factor.objects.get(account=passwordless).kind == "key"
    county.go_to(county.now + timedelta(days=1))
    client = county.client("rep")
    place = f"/services/applications/{draft.pk}/sign/"
    page = client.get(place, **host).content.decode()
    asked = unescape(page.split('data-question="')[1].split('"')[0])
    said = {"digest": digest(county, draft), "strokes": STROKES, "consents": "1"}
    assert client.post(place, said | {"answer": "{}"}, **host).status_code == 422
    page = client.get(place, **host).content.decode()
    asked = unescape(page.split('data-question="')[1].split('"')[0])
    done = client.post(place, said | {"answer": key.get(asked)}, **host)
    assert done.status_code == 302 and Signature.objects.get().confirmed == "key"


def test_a_factor_added_just_now_does_not_confirm_without_a_password(
    county: County, draft: Any, passwordless: Any
) -> None:
    """Whoever sits before somebody's open session could add one and sign with it."""
    codes = add_key(account_id=passwordless.pk, credential=b"key", counter=0, name="", at=county.now)
    with pytest.raises(NothingToConfirmWith):
        sign(county, draft, password="", code=codes[0])
    assert not Signature.objects.exists() and not RecoveryCode.objects.exclude(used_at=None).exists()


def test_a_recovery_code_stands_in_for_the_key(county: County, draft: Any, passwordless: Any) -> None:
    before = county.now - timedelta(days=1)
    codes = add_key(account_id=passwordless.pk, credential=b"key", counter=0, name="", at=before)
    with pytest.raises(FactorRefused):
        sign(county, draft, password="", code="nope")
    assert sign(county, draft, password="", code=codes[0]).confirmed == "code"
    assert RecoveryCode.objects.filter(used_at=None).count() == len(codes) - 1


# --- at the counter ----------------------------------------------------------------------------------------------


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
