"""The pages and the API of certificates, as holder, officers and passers-by meet them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.support.county import County
from tongban.apps.certificates import qr
from tongban.apps.certificates import service as certificates
from tongban.apps.certificates.models import Certificate, Copy
from tongban.base.editables import editable
from tongban.base.time import local_date
from tongban.kernel.cases import service as cases


@pytest.fixture
def certificate(county: County) -> Certificate:
    """The noodle shop's licence, granted and made."""
    county.grant(county.review(county.accept(county.submit())))
    county.drain()
    [found] = certificates.list_certificates_of(county.actor("citizen"))
    return found


def text_of(answer: Any) -> str:
    return re.sub(r"<[^>]+>", " ", answer.content.decode())


def test_the_holder_makes_a_copy_and_ends_it_in_the_browser(county: County, certificate: Certificate) -> None:
    browser, page = county.client("citizen"), f"/my/certificates/{certificate.pk}/"
    wrong = browser.post(f"{page}copy/", {"receiver": "", "purpose": "贷款", "days": "30"})
    assert wrong.status_code == 422
    assert "写明给谁" in text_of(wrong)
    assert "贷款" in wrong.content.decode()  # what was typed is kept
    made = browser.post(f"{page}copy/", {"receiver": "农商银行", "purpose": "贷款", "days": "7"})
    assert made.headers["Location"] == f"{page}#copies"
    copy = Copy.objects.get()
    assert browser.get(f"/my/certificates/copies/{copy.pk}/pdf/").headers["Content-Type"] == "application/pdf"
    seen = text_of(county.client().get(f"/certificates/verify/{copy.verify_code}/"))
    assert "这份加注件真实有效" in seen
    assert "给 农商银行，用于 贷款" in seen
    browser.post(f"/my/certificates/copies/{copy.pk}/end/")
    assert browser.get(f"/my/certificates/copies/{copy.pk}/pdf/").status_code == 404
    assert "已到期失效" in text_of(county.client().get(f"/certificates/verify/{copy.verify_code}/"))


def test_an_officer_suspends_in_the_browser_and_the_holder_sees_it(
    county: County, certificate: Certificate
) -> None:
    desk = county.client("officer1")
    assert certificate.number in text_of(desk.get("/desk/certificates/?q=米线"))
    page = f"/desk/certificates/{certificate.pk}/"
    assert "制证" in text_of(desk.get(page))
    assert "另一个有审定职责的人" in text_of(desk.get(f"{page}suspend/"))
    begun = desk.post(f"{page}suspend/")
    assert re.fullmatch(r"/desk/tasks/\d+/suspend/", begun.headers["Location"])
    answers = {
        "heard": "true",
        "until.year": "2026",
        "until.month": "7",
        "until.day": "31",
        "reason": "经查，经营场所后厨改作他用，不再符合条件。",
        "legal_basis": "《食品安全法》第一百二十六条",
    }
    proposed = desk.post(begun.headers["Location"], answers)
    assert proposed.status_code == 302
    assert "有一件还没办完" in text_of(desk.get(page))
    again = desk.post(f"{page}revoke/")
    assert again.status_code == 409  # while one is open nothing else begins
    number = proposed.headers["Location"].split("/")[-2]
    county.do("chief", cases.find_by_number(number), "check", "approve")
    mine = text_of(county.client("citizen").get(f"/my/certificates/{certificate.pk}/"))
    assert "暂扣到 2026年7月31日" in mine
    assert "经查，经营场所后厨改作他用" in mine
    assert "暂扣" in text_of(county.client().get(f"/certificates/verify/{certificate.verify_code}/"))


def test_resuming_asks_for_reason_and_basis(county: County, certificate: Certificate) -> None:
    Certificate.objects.filter(pk=certificate.pk).update(status="suspended")
    desk, page = county.client("officer1"), f"/desk/certificates/{certificate.pk}/resume/"
    refused = desk.post(page, {"reason": "", "legal_basis": "第一条"})
    assert refused.status_code == 422
    assert "写明理由" in text_of(refused)
    certificate.refresh_from_db()
    assert certificate.status == "suspended"
    done = desk.post(page, {"reason": "已经整改到位", "legal_basis": "《食品安全法》第一百二十六条"})
    assert done.headers["Location"] == f"/desk/certificates/{certificate.pk}/"
    certificate.refresh_from_db()
    assert certificate.status == "valid"


def test_what_the_status_does_not_allow_has_no_page(county: County, certificate: Certificate) -> None:
    desk = county.client("officer1")
    assert desk.get(f"/desk/certificates/{certificate.pk}/resume/").status_code == 409
    assert desk.get(f"/desk/certificates/{certificate.pk}/fly/").status_code == 404


@pytest.mark.parametrize("who", ["window", "citizen", "bureau"])
def test_who_has_no_duty_finds_no_desk(county: County, certificate: Certificate, who: str) -> None:
    browser = county.client(who)
    assert browser.get("/desk/certificates/").status_code == 404
    assert browser.get(f"/desk/certificates/{certificate.pk}/").status_code == 404


def test_the_page_without_a_network_brings_the_keys_along(county: County, certificate: Certificate) -> None:
    """What the script needs stands in the page; the downloaded key set checks the same."""
    page = county.client().get("/certificates/verify/offline/").content.decode()
    brought = json.loads(
        re.search(r'data-keys="([^"]*)"', page)[1].replace("&quot;", '"')  # type: ignore[index]
    )
    downloaded = json.loads(county.client().get("/certificates/keys.json").content)
    assert brought == downloaded
    assert qr.keys_of_set(downloaded)
    assert "certificates/qr.js" in page


def test_a_program_makes_a_copy_and_checks_it(county: County, certificate: Certificate) -> None:
    client, holder = county.client(), county.token("citizen")
    base = f"/api/v1/certificates/{certificate.pk}"
    body = {"receiver": "采购中心", "purpose": "投标", "days": 30}
    made = client.post(f"{base}/copies", body, content_type="application/json", headers=holder)
    assert made.status_code == 201
    assert [each["id"] for each in client.get(f"{base}/copies", headers=holder).json()] == [made.json()["id"]]
    checked = client.get(f"/api/v1/certificates/verify/{made.json()['verify_code']}").json()
    assert (checked["is_copy"], checked["receiver"], checked["is_valid"]) == (True, "采购中心", True)
    wrong = client.post(
        f"{base}/copies", {**body, "days": 999}, content_type="application/json", headers=holder
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "certificate-copy-invalid")
    assert client.get(f"{base}/copies", headers=county.token("officer1")).json() == []


def test_a_program_of_the_organ_acts(county: County, certificate: Certificate) -> None:
    client, officer = county.client(), county.token("officer1")
    found = client.get("/api/v1/desk/certificates?q=米线", headers=officer).json()
    assert [each["number"] for each in found] == [certificate.number]
    base = f"/api/v1/certificates/{certificate.pk}"
    begun = client.post(f"{base}/acts", {"act": "revoke"}, content_type="application/json", headers=officer)
    assert begun.json()["done"] is False
    said = {
        "heard": True,
        "reason": "骗取许可，已经查实，应当撤销。",
        "legal_basis": "《行政许可法》第六十九条",
    }
    done = client.post(
        f"/api/v1/tasks/{begun.json()['task']}/complete",
        {"outcome": "revoke", "data": said},
        content_type="application/json",
        headers=officer,
    )
    assert done.status_code == 200
    county.do("chief", cases.find_by_number(begun.json()["case"]), "check", "approve")
    history = client.get(f"{base}/history", headers=county.token("citizen")).json()
    assert [act["verb"] for act in history] == ["certificates.revoke", "certificates.issue"]
    refused = client.post(f"{base}/acts", {"act": "resume"}, content_type="application/json", headers=officer)
    assert (refused.status_code, refused.json()["code"]) == (422, "certificate-grounds-missing")
    grounds = {"act": "resume", "reason": "误会", "legal_basis": "无"}
    refused = client.post(f"{base}/acts", grounds, content_type="application/json", headers=officer)
    assert (refused.status_code, refused.json()["code"]) == (409, "certificate-act-not-allowed")


def test_a_type_is_edited_like_any_content_and_what_was_issued_keeps_its_own(
    county: County, certificate: Certificate
) -> None:
    kind = editable("certificate")
    content = kind.load("food-licence")
    assert kind.check(content) == []
    actor = county.actor("sysadmin")
    assert kind.publish(content=content, actor=actor, at=county.now) == 1  # nothing changed
    changed = {**content, "name": {"zh": "食品经营许可证（新版）", "en": "Food business licence (new)"}}
    assert kind.publish(content=changed, actor=actor, at=county.now) == 2
    assert [each.version for each in kind.versions("food-licence")] == [2, 1]
    assert kind.load_version("food-licence", 1) == content
    certificate.refresh_from_db()
    assert certificate.type_version == 1
    faults = kind.check({**content, "type_code": "", "source": "#import nothing"})
    assert [fault.path for fault in faults] == ["type_code"]
    assert [fault.path for fault in kind.check({**content, "source": "#let"})] == ["source"]
    assert {fault.path for fault in kind.check(kind.blank())} >= {"key", "name", "type_code", "fields"}


def test_the_built_in_content_is_put_once(county: County) -> None:
    from tests.support.database import as_owner
    from tongban.base import builtin
    from tongban.kernel.forms import service as forms
    from tongban.kernel.processes import service as processes

    before = processes.get_definition("certificate-act").version
    with as_owner():
        assert builtin.bring(at=county.now) == []
    assert processes.get_definition("certificate-act").version == before
    assert forms.get_form("certificate-suspend", on=local_date(county.now))
