"""A letter driven through the API alone, and what strangers get there."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tongban.apps.voice.models import Letter
from tongban.apps.voice.tests.world import ANSWER, LETTER, World, on
from tongban.base.time import freeze
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity

BASE = "/api/v1/letters"


@pytest.fixture(autouse=True)
def moment() -> Any:
    with freeze(on("2026-03-02")):
        yield


def token(username: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {identity.create_token(username, 'test', on('2026-03-01'))}"}


def post(client: Client, url: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
    return client.post(url, body, content_type="application/json", headers=headers or {})


def test_a_letter_lives_through_the_api(client: Client, world: World) -> None:
    made = post(client, BASE, LETTER)
    assert made.status_code == 201
    number, code = made.json()["number"], {"Query-Code": made.json()["query_code"]}
    own = client.get(f"{BASE}/{number}", headers=code).json()
    assert own["state"] == "assigning"
    assert client.get(f"{BASE}/{number}").status_code == 404

    world.act(world.office, number, "assign", "2026-03-02", {"unit": "zjj"})
    own = client.get(f"{BASE}/{number}", headers=code).json()
    [clock] = [clock for clock in own["clocks"] if clock["key"] == "answer"]
    assert clock["due_on"] == "2026-03-05"
    assert "转办" in clock["sentence"]["zh"]
    world.act(world.housing, number, "answer", "2026-03-02", {"text": ANSWER})
    world.act(world.office, number, "publish", "2026-03-02")

    assert [row["number"] for row in client.get(BASE, {"q": "路灯"}).json()["items"]] == [number]
    public = client.get(f"{BASE}/{number}").json()
    assert public["state"] is None and public["papers"] is None
    assert "木易生" not in str(public) and "13812344471" not in str(public)
    own = client.get(f"{BASE}/{number}", headers=code).json()
    assert own["outcomes"] == ["satisfied", "reopen"]
    assert own["papers"][0]["number"] == "澄住信复〔2026〕1号"

    refused = post(client, f"{BASE}/{number}/judgement", {"outcome": "reopen"}, code)
    assert refused.status_code == 422
    assert (
        post(client, f"{BASE}/{number}/judgement", {"outcome": "satisfied"}, code).json()["state"] == "closed"
    )
    assert post(client, f"{BASE}/{number}/judgement", {"outcome": "satisfied"}, code).status_code == 409


def test_refusals_are_problem_documents(client: Client, world: World) -> None:
    wrong = post(client, BASE, {**LETTER, "phone": "1"})
    assert wrong.status_code == 422
    assert wrong["Content-Type"] == "application/problem+json"
    assert wrong.json()["code"] == "letter-invalid"
    assert [error["field"] for error in wrong.json()["errors"]] == ["phone"]
    assert post(client, BASE, {**LETTER, "kind": "gossip"}).status_code == 422
    assert post(client, BASE, {**LETTER, "mailbox": "nobody"}).json()["code"] == "mailbox-closed"
    assert client.get(f"{BASE}/LX-2026-0101-0001").json()["code"] == "letter-not-found"
    assert not Letter.objects.exists()


def test_nobody_judges_another_s_letter(client: Client, world: World) -> None:
    sent = world.answered(at="2026-03-02")
    url = f"{BASE}/{sent.number}/judgement"
    for headers in ({}, token("other"), token("urban")):
        assert post(client, url, {"outcome": "satisfied"}, headers).status_code == 404
    assert post(client, url, {"outcome": "satisfied"}, {"Query-Code": "0123456789"}).status_code == 404
    assert cases.find_by_number(sent.number).state == "answered"


def test_a_repeated_request_with_its_key_makes_one_letter(client: Client, world: World) -> None:
    headers = {**token("citizen"), "Idempotency-Key": "k-1"}
    first, second = post(client, BASE, LETTER, headers), post(client, BASE, LETTER, headers)
    assert first.json() == second.json()
    assert first.json()["query_code"] is None
    assert Letter.objects.count() == 1
    other = post(client, BASE, {**LETTER, "title": "另一件事情，请看看"}, headers)
    assert other.json()["code"] == "idempotency-key-reused"
    own = client.get(f"{BASE}/{first.json()['number']}", headers=token("citizen"))
    assert own.json()["state"] == "assigning"


def test_query_codes_cannot_be_tried_without_end(client: Client, world: World) -> None:
    sent = world.write()
    url = f"{BASE}/{sent.number}"
    wrong = {"Query-Code": "0123456789" if sent.code != "0123456789" else "9876543210"}
    right = {"Query-Code": sent.code}
    assert {client.get(url, headers=right).status_code for _ in range(12)} == {
        200
    }  # who knows it is not counted
    assert [client.get(url, headers=wrong).status_code for _ in range(11)] == [404] * 10 + [429]
    assert client.get(url, headers={"Query-Code": sent.code}).status_code == 429
