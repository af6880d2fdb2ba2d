"""Both jobs through the API alone: a licence from draft to certificate, a letter from writing to closing."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.support import scenes as scenes_of
from tests.support.scenes import Scenes, good
from tests.support.site import Answer, a_pdf

PROBLEM = "application/problem+json"


def is_problem(answer: Answer, status: int, code: str = "") -> dict[str, Any]:
    """Assert that this is a problem document (RFC 9457) of this status; return it."""
    assert answer.status == status, f"{answer.status}: {answer.content.decode(errors='replace')}"
    assert answer.headers["Content-Type"].startswith(PROBLEM)
    problem = answer.json
    assert problem["status"] == status
    assert problem["title"]
    assert problem["type"]
    if code:
        assert code in str(problem)
    return dict(problem)


def begin(scenes: Scenes, who: str = "citizen", key: str = "") -> Answer:
    """Begin an application for this person's firm."""
    body = {"item": "food-licence", "entity_id": scenes.firm_of(who)}
    return scenes.as_(who).post("/applications", body, Idempotency_Key=key or str(uuid.uuid4()))


def test_a_licence_from_draft_to_certificate(scenes: Scenes) -> None:
    citizen = scenes.as_("citizen")
    found = good(scenes.as_("").get("/items?q=%E5%BC%80%E5%B0%8F%E5%90%83%E5%BA%97"))
    assert "food-licence" in [item["key"] for item in found]
    item = good(scenes.as_("").get("/items/food-licence"))
    assert item["guide"]["materials"]
    assert item["form"]["properties"]

    # The same key is the same application; with another body it is refused.
    key = str(uuid.uuid4())
    first = good(begin(scenes, key=key), 201)
    assert good(begin(scenes, key=key), 201)["id"] == first["id"]
    other = citizen.post("/applications", {"item": "small-catering"}, Idempotency_Key=key)
    assert other.status in {409, 422}
    assert other.headers["Content-Type"].startswith(PROBLEM)

    # What is missing is named; what is unknown or of another kind is refused.
    here = f"/applications/{first['id']}"
    is_problem(citizen.post(f"{here}/submit"), 422)
    is_problem(citizen.put(f"{here}/data", {"data": {"no_such_field": 1}}), 422)
    is_problem(citizen.upload(f"{here}/materials/no_such_material", "a.pdf", a_pdf()), 404)
    is_problem(citizen.upload(f"{here}/materials/layout_plan", "a.pdf", b"MZ" + b"\0" * 600), 415)
    put = good(citizen.put(f"{here}/data", {"data": scenes_of.ANSWERS}))
    assert put["data"]["entity_name"]
    for material in put["materials"]:
        if material["upload"] and material["required"]:
            path = f"{here}/materials/{material['key']}"
            uploaded = good(citizen.upload(path, f"{material['key']}.pdf", a_pdf()), 201)
    assert uploaded["faults"] == []
    receipt = good(citizen.post(f"{here}/submit"))
    number = receipt["number"]
    is_problem(citizen.post(f"{here}/submit"), 409)

    # One correction, then acceptance; each step in the right hands only.
    case = good(scenes.as_("window").get(f"/cases/{number}"))
    receive = next(task for task in case["tasks"] if task["node"] == "receive")
    assert receive["id"] in [task["id"] for task in good(scenes.as_("window").get("/tasks?kind=licence"))]
    missing = {"missing": ["safety_rules"], "what": "管理制度里没有写谁负责消毒"}
    is_problem(scenes.as_("officer1").post(f"/tasks/{receive['id']}/complete", {"outcome": "accept"}), 404)
    scenes.step("window", number, "receive", "request_correction", missing)
    assert good(citizen.get(f"/cases/{number}"))["state"] == "correction"
    good(citizen.post(f"{here}/resubmit"))
    again = {"outcome": "request_correction", "data": missing}
    task = scenes.task("window", number, "receive")
    refused = scenes.as_("window").post(f"/tasks/{task}/complete", again)
    assert refused.status in {409, 422}, refused.content
    for who, node, outcome, data in scenes_of.INSPECTED:
        scenes.step(who, number, node, outcome, data)
    sign = scenes.task("officer2", number, "inspect_sign")
    body = {"outcome": "sign", "data": {"agrees": True}}
    assert scenes.as_("officer1").post(f"/tasks/{sign}/complete", body).status in {403, 409}
    good(scenes.as_("officer2").post(f"/tasks/{sign}/claim", {}))
    good(scenes.as_("officer2").post(f"/tasks/{sign}/complete", body))
    scenes.step("officer1", number, "document_review", "submit", scenes_of.REVIEW)
    scenes.step("chief", number, "decide", "grant", {"conditions_met": True})
    decided = good(scenes.as_("chief").get(f"/cases/{number}"))
    assert {clock["key"] for clock in decided["clocks"]} >= {"statutory", "promised"}
    assert all(clock["derivation"]["zh"] and clock["derivation"]["en"] for clock in decided["clocks"])

    # She follows with the code alone, fetches the certificate, anybody verifies it, she rates.
    stranger, code = scenes.as_(""), receipt["code"]
    is_problem(stranger.get(f"/cases/{number}"), 404)
    done = scenes.until(lambda: delivered(good(stranger.get(f"/cases/{number}", Query_Code=code))))
    assert done["acts"] == []
    certificate = next(
        c for c in good(citizen.get("/certificates")) if c["fields"] and c["status"] == "valid"
    )
    pdf = citizen.get(f"/certificates/{certificate['id']}/pdf")
    assert pdf.content.startswith(b"%PDF")
    checked = good(scenes.as_("").get(f"/certificates/verify/{certificate['verify_code']}"))
    assert checked["is_valid"]
    assert checked["signature_is_intact"]
    good(citizen.post("/ratings", {"number": number, "level": 1, "text": "很快"}), 201)
    is_problem(citizen.post("/ratings", {"number": number, "level": 1}), 409)


def delivered(case: dict[str, Any]) -> dict[str, Any] | None:
    """Return the case once its certificate has been delivered."""
    return case if case["state"] == "delivered" else None


def test_a_letter_from_writing_to_closing(scenes: Scenes) -> None:
    stranger = scenes.as_("")
    sent = good(stranger.post("/letters", scenes_of.LETTER), 201)
    number, code = sent["number"], sent["query_code"]
    is_problem(stranger.get(f"/letters/{number}"), 404)
    mine = good(stranger.get(f"/letters/{number}", Query_Code=code))
    assert mine["title"] == scenes_of.LETTER["title"]

    scenes.step("mailbox", number, "assign", "assign", {"unit": "zjj", "complexity": "general"})
    reason = {"reason": "路灯由城市管理局管养，依据三定规定，不归我局。"}
    scenes.step("bureau", number, "answer", "return_once", reason)
    scenes.step("mailbox", number, "assign", "assign", {"unit": "cgj", "complexity": "general"})
    task = scenes.task("bureau2", number, "answer")
    second = {"outcome": "return_once", "data": reason}
    assert scenes.as_("bureau2").post(f"/tasks/{task}/complete", second).status in {409, 422}
    scenes.step("bureau2", number, "answer", "answer", {"text": scenes_of.PUBLISHED["answer"]})
    leaking = {**scenes_of.PUBLISHED, "body": scenes_of.LETTER["body"]}
    check = scenes.task("mailbox", number, "check")
    refused = scenes.as_("mailbox").post(f"/tasks/{check}/complete", {"outcome": "publish", "data": leaking})
    is_problem(refused, 422)
    scenes.step("mailbox", number, "check", "publish", scenes_of.PUBLISHED)
    public = good(stranger.get(f"/letters/{number}"))
    assert "13800000000" not in str(public)
    assert public["answers"]

    again = {"outcome": "reopen", "text": "还有两盏没有亮"}
    good(stranger.post(f"/letters/{number}/judgement", again, Query_Code=code))
    scenes.step("mailbox", number, "assign", "assign", {"unit": "cgj", "complexity": "general"})
    answer = "线路已经全部更换，十一月二十日晚试灯正常，今后每周巡查一次。"
    scenes.step("bureau2", number, "answer", "answer", {"text": answer})
    scenes.step("mailbox", number, "check", "publish", {**scenes_of.PUBLISHED, "answer": answer})
    assert good(stranger.get(f"/letters/{number}", Query_Code=code))["outcomes"] == ["satisfied"]
    good(stranger.post(f"/letters/{number}/judgement", {"outcome": "satisfied"}, Query_Code=code))
    assert good(stranger.get(f"/letters/{number}", Query_Code=code))["state"] == "closed"


def test_a_repeated_letter_is_one_letter(scenes: Scenes) -> None:
    key = str(uuid.uuid4())
    sent = [scenes.as_("citizen").post("/letters", scenes_of.LETTER, Idempotency_Key=key) for _ in range(2)]
    assert good(sent[0], 201)["number"] == good(sent[1], 201)["number"]


@pytest.mark.parametrize(
    "path",
    ["/cases/{number}", "/letters/{number}", "/applications/{id}", "/certificates/{id}", "/papers/{id}"],
)
def test_what_is_not_yours_is_not_there(scenes: Scenes, path: str) -> None:
    draft = scenes.draft()
    number = good(scenes.as_("citizen").post(f"/applications/{draft}/submit"))["number"]
    address = path.format(number=number, id=draft)
    is_problem(scenes.as_("rep").get(address), 404)
    is_problem(scenes.as_("bureau").get(address), 404)
    assert scenes.as_("").get(address).status in {401, 404}


def test_who_asks_must_be_known_and_say_things_rightly(scenes: Scenes) -> None:
    stranger = scenes.as_("")
    is_problem(stranger.get("/tasks"), 401)
    is_problem(stranger.get("/tasks", Authorization="Bearer wrong"), 401)
    is_problem(scenes.as_("citizen").post("/applications", {"item": 5}, Idempotency_Key="x"), 422)
    is_problem(scenes.as_("citizen").post("/applications", {"item": "food-licence"}), 422)
    unknown = {"item": "no-such-item"}
    is_problem(scenes.as_("citizen").post("/applications", unknown, Idempotency_Key=str(uuid.uuid4())), 404)
    foreign = {"item": "food-licence", "entity_id": scenes.firm_of("rep")}
    refused = scenes.as_("citizen").post("/applications", foreign, Idempotency_Key=str(uuid.uuid4()))
    assert refused.status in {403, 404}
    assert refused.headers["Content-Type"].startswith(PROBLEM)


def test_the_description_is_openapi_3_1(scenes: Scenes) -> None:
    described = good(scenes.as_("").get("/openapi.json"))
    assert described["openapi"].startswith("3.1")
    operations = [o for path in described["paths"].values() for o in path.values() if isinstance(o, dict)]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    for operation in operations:
        assert operation["summary"]
        assert operation["responses"]
    names = set(described["components"]["schemas"])
    for reference in references(described):
        assert reference.removeprefix("#/components/schemas/") in names, reference


def references(value: Any) -> list[str]:
    """Return every $ref in the description."""
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for child in value.values() for found in references(child)]
    return [found for child in value for found in references(child)] if isinstance(value, list) else []
