"""Logs: what every line carries, what no line carries, and the id that leads from an answer to its lines."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.test import Client

from tests.support.county import County
from tests.support.scenes import LETTER
from tongban.main import logs

API = "/api/v1"


@pytest.fixture
def lines() -> Iterator[Any]:
    """Collect what is logged, as the JSON that an installation writes; call it to get the lines."""
    formatter = logs.configuration(debug=False)["formatters"]["json"]
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=formatter["foreign_pre_chain"], processors=formatter["processors"]
        )
    )
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in handler.stream.getvalue().splitlines()]
    root.removeHandler(handler)
    root.setLevel(level)


def request_lines(lines: Any) -> list[dict[str, Any]]:
    return [line for line in lines() if line["event"] == "request"]


def test_a_request_is_one_line_with_all_that_helps(county: County, lines: Any) -> None:
    case = county.submit()
    answer = county.client("window").get(f"/desk/cases/{case.number}/")
    (line,) = request_lines(lines)
    assert line["request_id"] == answer["X-Request-ID"]
    assert (line["method"], line["status"], line["actor"], line["case"]) == (
        "GET",
        200,
        "official",
        case.number,
    )
    assert ":" in line["route"]
    assert line["duration_ms"] > 0
    assert line["statements"] > 3
    assert line["level"] == "info"


def test_every_line_of_a_request_carries_its_id(
    county: County, lines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tongban.kernel.cases.views import official

    real = official.cases.case_page

    def speaks(*args: Any, **kwargs: Any) -> Any:
        logging.getLogger("tongban.somewhere").info("something happened")
        return real(*args, **kwargs)

    monkeypatch.setattr(official.cases, "case_page", speaks)
    case = county.submit()
    answer = county.client("window").get(f"/desk/cases/{case.number}/")
    said = next(line for line in lines() if line["event"] == "something happened")
    assert (said["request_id"], said["actor"]) == (answer["X-Request-ID"], "official")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "kept"),
    [("proxy-0123456789", True), ("short", False), ("x" * 81, False), ("bad id\n{}", False)],
)
def test_a_decent_id_of_the_proxy_is_kept(client: Client, given: str, kept: bool) -> None:
    answer = client.get("/letters/", headers={"X-Request-ID": given})
    assert (answer["X-Request-ID"] == given) is kept
    assert len(answer["X-Request-ID"]) >= 8


def test_the_kinds_of_actors(county: County, lines: Any) -> None:
    Client().get("/letters/")
    county.client("citizen").get("/my/")
    Client().get(f"{API}/tasks", headers=county.token("window"))
    assert [line["actor"] for line in request_lines(lines)] == ["stranger", "citizen", "official"]


def test_nobody_stands_in_the_log_of_a_whole_journey(county: County, lines: Any) -> None:
    case = county.submit()
    county.client("citizen").get(f"/my/cases/{case.number}/")
    county.grant(county.review(county.accept(case)))
    county.drain()
    county.client("window").get(f"/desk/cases/{case.number}/")
    county.client("window").get("/desk/search/?q=%E6%9D%8E%E7%A7%80%E8%8B%B1")
    Client().post(f"{API}/letters", json.dumps(LETTER), content_type="application/json")
    Client().get(f"/progress/?number={case.number}&code={case.code}")
    text = json.dumps(lines(), ensure_ascii=False)
    person = county.account("citizen").person
    secrets = [
        person.name,
        person.citizen_id,
        person.phone,
        person.email,
        case.code,
        LETTER["phone"],
        LETTER["body"],
    ]
    assert len(request_lines(lines)) >= 5
    assert [secret for secret in secrets if secret and str(secret) in text] == []


def test_what_slips_through_is_masked() -> None:
    said = {
        "event": "IntegrityError: duplicate key\nDETAIL: Key (citizen_id)=(532399198511040283) exists.",
        "who": "53239919851104028X of 13812345678 or li@example.org",
        "case": "SPJY-20261116-000123",
        "n": 13812345678,
    }
    masked = logs.without_personal_data(None, "info", dict(said))
    assert masked["event"] == "IntegrityError: duplicate key\nDETAIL: ***"
    assert masked["who"] == "*** of *** or ***"
    assert (masked["case"], masked["n"]) == (said["case"], said["n"])


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    from tongban.apps.services import api

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(api.services, "list_items", fails)


def test_a_bug_in_the_api_is_a_problem_document_with_a_trace(
    county: County, lines: Any, broken: None
) -> None:
    client = Client(raise_request_exception=False)
    answer = client.get(f"{API}/items")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    problem = answer.json()
    assert (problem["code"], problem["status"]) == ("server-error", 500)
    assert problem["trace"] == answer["X-Request-ID"]
    assert "foresaw" not in answer.content.decode()
    found = [line for line in lines() if line.get("request_id") == problem["trace"]]
    assert any("nobody foresaw this" in json.dumps(line) for line in found)


def test_a_bug_on_a_page_is_a_page_with_the_trace(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    from tongban.apps.voice import queries

    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(queries, "answered_letters", fails)
    answer = Client(raise_request_exception=False).get("/letters/")
    assert answer.status_code == 500
    assert answer["X-Request-ID"] in answer.content.decode()
