"""What pages and the API refuse: guesses, repetitions, foreign addresses, files that are not what they say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support.county import PNG, County
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.models import Case
from tongban.kernel.files import service as files
from tongban.kernel.ledger import service as ledger

API = "/api/v1"


def post(url: str, body: dict[str, Any], headers: dict[str, str]) -> Any:
    return Client().post(url, json.dumps(body), content_type="application/json", headers=headers)


# --- guessing -----------------------------------------------------------------------------------------------------


def test_query_codes_cannot_be_tried_out_on_the_page_or_through_the_api(county: County) -> None:
    """The two share one count, in whatever case the number is written; another case is not locked with it."""
    case, other = county.submit(), county.submit("rep")
    page, wrong = "/progress/", {"number": case.number, "code": "0000000000"}
    assert [Client().post(page, wrong).status_code for _ in range(4)] == [404] * 4
    url = f"{API}/cases/{case.number.lower()}"
    answers = [Client().get(url, headers={"Query-Code": "0000000000"}).status_code for _ in range(7)]
    assert answers == [404] * 6 + [429]
    assert Client().post(page, {"number": case.number, "code": case.code}).status_code == 429
    assert Client().post(page, {"number": other.number, "code": other.code}).status_code == 302


def test_guesses_count_although_their_transaction_was_rolled_back(county: County) -> None:
    """With an Idempotency-Key a refused operation is rolled back whole; the count of attempts must not go with it."""
    case = county.submit()

    def guess(n: int) -> int:
        body = {"number": case.number, "code": "0000000000", "level": 5, "text": ""}
        headers = {**county.token("rep"), "Idempotency-Key": f"guess-{n}"}
        return post(f"{API}/ratings", body, headers).status_code

    assert [guess(n) for n in range(12)] == [404] * 10 + [429] * 2


def test_who_knows_the_code_may_look_as_often_as_she_likes(county: County) -> None:
    case = county.submit()
    url, right = f"{API}/cases/{case.number}", {"Query-Code": case.code}
    assert {Client().get(url, headers=right).status_code for _ in range(15)} == {200}


def test_a_right_code_opens_one_case_in_one_browser(county: County) -> None:
    case, other = county.submit(), county.submit("rep")
    browser = Client()
    assert browser.post("/progress/", {"number": case.number, "code": case.code}).status_code == 302
    assert browser.get(f"/progress/{case.number}/").status_code == 200
    assert browser.get(f"/progress/{other.number}/").status_code == 302
    assert Client().get(f"/progress/{case.number}/").status_code == 302
    assert "code" not in browser.get(f"/progress/{case.number}/").request["QUERY_STRING"]


# --- addresses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_to_pages_of_ours_only(county: County, target: str) -> None:
    answer = Client().post("/sign-in/", {"username": "citizen", "password": "demo", "next": target})
    assert (answer.status_code, answer["Location"]) == (302, "/my/")
    expired = Client().post("/services/items/food-licence/apply/", {"_page": target})
    assert expired["Location"].startswith("/sign-in/?next=")
    landed = Client().post(expired["Location"], {"username": "citizen", "password": "demo"})
    assert landed["Location"] == "/my/"


@pytest.mark.parametrize(
    ("url", "body"),
    [
        ("/services/items/food-licence/apply/", {"entity": "not-an-id"}),
        ("/services/applications/{draft}/materials/", {"remove": "not-an-id"}),
        ("/switch-post/", {"post": "x"}),
        ("/act-for/", {"entity": "x"}),
    ],
)
def test_malformed_ids_are_refused_and_are_no_error_of_ours(
    county: County, url: str, body: dict[str, str]
) -> None:
    draft = county.draft(materials=False)
    answer = county.client("citizen").post(url.format(draft=draft.pk), body)
    assert answer.status_code in (403, 404)


# --- repeating ----------------------------------------------------------------------------------------------------


def test_creating_twice_with_one_key_creates_once(county: County) -> None:
    body = {"item": "food-licence", "entity_id": str(county.entity("92532399MA10000099").pk)}
    headers = {**county.token("citizen"), "Idempotency-Key": "a1"}
    first, again = (post(f"{API}/applications", body, headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert Case.objects.filter(kind="licence").count() == 1
    other = post(f"{API}/applications", {**body, "item": "small-catering"}, headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")
    without = post(f"{API}/applications", body, county.token("citizen"))
    assert without.status_code == 422
    assert Case.objects.filter(kind="licence").count() == 1


def test_the_same_key_of_another_account_is_another_key(county: County) -> None:
    for who, firm in (("citizen", "92532399MA10000099"), ("rep", "91532399MA10061367")):
        body = {"item": "food-licence", "entity_id": str(county.entity(firm).pk)}
        answer = post(f"{API}/applications", body, {**county.token(who), "Idempotency-Key": "same"})
        assert answer.status_code == 201
    assert Case.objects.filter(kind="licence").count() == 2


# --- files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plan.pdf", b"MZ\x90\x00" + b"\x00" * 200),
        ("plan.png", b"#!/bin/sh\necho"),
        ("plan.pdf", PNG[:20]),
        ("plan.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_and_nothing_is_lost(
    county: County, name: str, content: bytes
) -> None:
    draft = county.draft()
    before = [f.id for f in files.files_of(draft.ref)]
    url = f"{API}/applications/{draft.pk}/materials/equipment"
    answer = Client().post(url, {"file": SimpleUploadedFile(name, content)}, headers=county.token("citizen"))
    assert answer.status_code == 415
    page = county.client("citizen").post(
        f"/services/applications/{draft.pk}/materials/",
        {"material-equipment": SimpleUploadedFile(name, content)},
    )
    assert page.status_code == 422
    assert [f.id for f in files.files_of(draft.ref)] == before
    assert county.again(draft).state == "draft"


# --- looking at people --------------------------------------------------------------------------------------------


def test_full_names_are_shown_only_with_a_reason_that_stands_in_the_ledger(county: County) -> None:
    case = county.submit()
    person = county.account("citizen").person
    url = f"/desk/cases/{case.number}/"
    clerk = county.client("window")
    assert person.citizen_id not in clerk.get(url).content.decode()
    before = len(ledger.reads_about(person.citizen_id))
    assert person.citizen_id not in clerk.post(f"{url}unmask/", {"reason": " "}).content.decode()
    assert len(ledger.reads_about(person.citizen_id)) == before
    shown = clerk.post(f"{url}unmask/", {"reason": "电话核实身份"}).content.decode()
    assert person.citizen_id in shown
    newest = ledger.reads_about(person.citizen_id)[0]
    assert (newest.reason, newest.who.zh) == ("电话核实身份", county.actor("window").name)
    assert person.citizen_id not in clerk.get(url).content.decode()


def test_the_case_number_of_a_stranger_opens_nothing_in_the_search_of_the_desk(county: County) -> None:
    case = county.submit()
    assert county.client("window").get("/desk/search/", {"q": case.number}).status_code == 302
    answer = county.client("bureau").get("/desk/search/", {"q": case.number})
    assert answer.status_code == 200
    assert cases.find_by_number(case.number).applicant_name not in answer.content.decode()
