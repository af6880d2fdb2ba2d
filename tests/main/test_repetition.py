"""Idempotency-Key: whatever was done once is not done again, whoever asks, and nothing else is hindered."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.http import HttpResponse
from django.test import Client

from tests.support.county import PNG, County
from tongban.base import idempotency
from tongban.base.models import Event, IdempotencyKey
from tongban.kernel.cases.models import Case
from tongban.kernel.ledger.models import Act

API = "/api/v1"


def post(url: str, body: Mapping[str, Any], headers: Mapping[str, str], key: str = "") -> Any:
    given = {**headers, **({"Idempotency-Key": key} if key else {})}
    return Client().post(f"{API}{url}", json.dumps(body), content_type="application/json", headers=given)


def traces() -> tuple[int, int, int]:
    return Act.objects.count(), Event.objects.count(), Case.objects.count()


def test_a_submission_that_is_repeated_gets_number_and_code_again(county: County) -> None:
    token, draft = county.token("citizen"), county.draft()
    url = f"/applications/{draft.pk}/submit"
    first = post(url, {}, token, "s-1")
    assert first.status_code == 200
    left = traces()
    again = post(url, {}, token, "s-1")
    assert (again.status_code, again.json()) == (200, first.json())
    assert (first.headers.get("Idempotent-Replay"), again["Idempotent-Replay"]) == (None, "true")
    assert traces() == left
    assert post(url, {}, token, "s-2").status_code == 409
    assert post(url, {}, token).status_code == 409


def test_a_step_that_is_completed_twice_with_one_key_is_completed_once(county: County) -> None:
    case = county.submit()
    task = county.task(case, "receive").id
    body = {"outcome": "accept", "data": {"checked": ["competence", "applicant", "complete", "form"]}}
    token = county.token("window")
    first, again = (post(f"/tasks/{task}/complete", body, token, "t-1") for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    other = post(f"/tasks/{task}/complete", {**body, "opinion": "另一个"}, token, "t-1")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")


def test_what_was_refused_may_be_tried_again_with_the_same_key(county: County) -> None:
    token = county.token("citizen")
    draft = county.draft(materials=False)
    url = f"/applications/{draft.pk}/submit"
    left = traces()
    assert post(url, {}, token, "r-1").status_code == 422
    assert (traces(), IdempotencyKey.objects.count()) == (left, 0)
    for material in ("layout_plan", "equipment", "safety_rules"):
        upload(draft, token, material)
    assert post(url, {}, token, "r-1").status_code == 200


def upload(draft: Any, token: Mapping[str, str], material: str, key: str = "") -> HttpResponse:
    headers = {**token, **({"Idempotency-Key": key} if key else {})}
    url = f"{API}/applications/{draft.pk}/materials/{material}"
    return Client().post(url, {"file": SimpleUploadedFile("plan.png", PNG)}, headers=headers)  # type: ignore[return-value]


def test_an_upload_that_is_repeated_adds_no_second_file(county: County) -> None:
    token, draft = county.token("citizen"), county.draft(materials=False)
    first, again = (upload(draft, token, "layout_plan", "u-1") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    (plan,) = [m for m in json.loads(again.content)["materials"] if m["key"] == "layout_plan"]
    assert plan["files"] == ["plan.png"]


def test_a_key_of_another_account_opens_nothing(county: County) -> None:
    draft = county.draft()
    url = f"/applications/{draft.pk}/submit"
    assert post(url, {}, county.token("citizen"), "one").status_code == 200
    assert post(url, {}, county.token("rep"), "one").status_code == 404
    assert post(url, {}, {}, "one").status_code == 401
    assert post(url, {}, {"Authorization": "Bearer wrong"}, "one").status_code == 401


def test_a_key_that_is_too_long_is_refused(county: County) -> None:
    assert (
        post("/applications", {"item": "food-licence"}, county.token("citizen"), "k" * 201).status_code == 422
    )


def test_answers_are_forgotten_after_a_week(county: County) -> None:
    post(f"/applications/{county.draft().pk}/submit", {}, county.token("citizen"), "w-1")
    assert idempotency.forget(at=county.now + timedelta(days=6)) == 0
    assert idempotency.forget(at=county.now + timedelta(days=8)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_requests_with_one_key_at_once_do_it_once(transactional_db: None) -> None:
    from datetime import UTC, datetime

    at = datetime(2026, 11, 16, tzinfo=UTC)
    done: list[int] = []
    answers: list[dict[str, Any]] = []
    together = threading.Barrier(4)

    def act() -> None:
        def create() -> dict[str, Any]:
            done.append(1)
            return {"n": len(done)}

        try:
            together.wait(10)
            answers.append(
                idempotency.once(account_id=1, key="k", operation="o", body={}, at=at, create=create)
            )
        finally:
            connections.close_all()

    threads = [threading.Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(done), answers) == (1, [{"n": 1}] * 4)
