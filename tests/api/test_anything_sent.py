"""Whatever is sent to the API, by whomever: it answers as its description says, and never breaks.

In ``make test`` each operation gets a handful of requests that are wrong in the usual ways. In ``make campaign`` schemathesis
makes thousands from it, right ones and wrong ones, against a running demo county. It is no dependency of ours: the proof
makes an environment for it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.support.campaign import figure, is_whole, size
from tests.support.installation import Installation, open_directory
from tongban.base.actor import Actor
from tongban.base.time import now
from tongban.kernel.identity import service as identity

pytestmark = [pytest.mark.campaign, pytest.mark.slow]

VALUES = ("0", "-1", "9" * 19, "x", "%20", "'", "00000000-0000-0000-0000-000000000000", "汉字", "a" * 300)
BODIES = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"x"',
    b"{}",
    b'{"x": 1}',
    b'{"data": 7, "number": [], "item": null}',
    b"\xff",
)
SCHEMATHESIS = "schemathesis==4.32.5"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    from tongban.main.api import api

    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def requests_for(method: str, path: str, operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield requests that are wrong in the usual ways."""
    queries = [p["name"] for p in operation.get("parameters", ()) if p["in"] == "query"]
    bodies = BODIES if "requestBody" in operation else (b"",)
    for number, value in enumerate(VALUES[: size(4, len(VALUES))]):
        address = re.sub(r"\{\w+\}", value, path)
        if queries:
            address += "?" + "&".join(f"{name}={value}" for name in queries)
        yield {
            "method": method.upper(),
            "path": address,
            "data": bodies[number % len(bodies)],
            "content_type": "application/json",
        }
        if number == 0 and "requestBody" in operation:
            yield {
                "method": method.upper(),
                "path": address,
                "data": b"--x",
                "content_type": "multipart/form-data",  # without the border between its parts
            }


@pytest.fixture
def callers(db: Any) -> dict[str, dict[str, str]]:
    """A stranger, one with a wrong token, a citizen and an official."""
    actor, at = Actor.system("test"), now()
    found = {"a stranger": {}, "a wrong token": {"Authorization": "Bearer tb_wrong"}}
    for kind in ("citizen", "official"):
        person = identity.put_person(actor=actor, name="李秀英", at=at)
        identity.put_account(actor=actor, username=kind, kind=kind, person_id=person.pk, password=None, at=at)
        found[kind] = {"Authorization": f"Bearer {identity.create_token(kind, 'test', at)}"}
    return found


def test_every_refusal_is_a_described_problem(callers: dict[str, dict[str, str]]) -> None:
    client, strange, asked = Client(raise_request_exception=False), [], 0
    for method, path, operation in operations():
        documented = {int(status) for status in operation["responses"]} | {405}
        for request in requests_for(method, path, operation):
            for who, headers in callers.items():
                answer = client.generic(**request, headers=headers)
                asked += 1
                is_problem = (
                    answer["Content-Type"] == "application/problem+json"
                    if answer.status_code >= 400
                    else True
                )
                if answer.status_code not in documented or not is_problem:
                    strange.append((who, method, request["path"][:80], request["data"], answer.status_code))
    assert strange[:5] == []
    figure("Requests that are wrong in the usual ways, each answered as described", asked, "")


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2/items", "/api/"])
def test_an_address_that_nobody_has_is_a_described_problem_too(db: Any, path: str) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not-found"
    page = Client().get("/nothing" + path)
    assert (page.status_code, page["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_the_description_names_how_each_operation_refuses() -> None:
    for method, path, operation in operations():
        statuses = {int(status) for status in operation["responses"]}
        assert {400, 401, 429, 503} <= statuses, path
        assert "Retry-After" in operation["responses"][429]["headers"]
        if operation.get("security") and "{" in path:
            assert {403, 404, 422} <= statuses, (method, path)


@pytest.mark.skipif(not is_whole(), reason="fetches schemathesis and asks for minutes: in make campaign")
def test_thousands_of_made_up_requests_find_nothing() -> None:
    """Strangers, citizens and clerks send what fits the description and what does not."""
    with open_directory() as directory:
        program = _schemathesis(directory)
        installation = Installation(directory / "home").start()
        try:
            installation.wait_until_well()
            for who in ("", "citizen", "window"):
                _ask(program, installation, who, directory)
        finally:
            installation.stop()


def _schemathesis(directory: Path) -> str:
    place = directory / "schemathesis"
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    subprocess.run([str(place / "bin" / "pip"), "install", "--quiet", SCHEMATHESIS], check=True)
    return str(place / "bin" / "schemathesis")


def _ask(program: str, installation: Installation, who: str, directory: Path) -> None:
    command = [
        program, "run", f"http://127.0.0.1:{installation.port}/api/v1/openapi.json",
        "--phases", "coverage,fuzzing", "--max-examples", str(size(3, 25)), "--seed", "7", "--checks", ",".join(CHECKS),
        "--continue-on-failure", "--no-shrink", "--suppress-health-check", "all", "--max-time", "900",
    ]  # fmt: skip
    if who:
        token = installation.command("token", "create", who, "--name", "schemathesis", "--days", "1")
        command += ["-H", f"Authorization: Bearer {token.stdout.strip().splitlines()[-1]}"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-20_000:]
    made = re.search(r"([\d,]+) generated", done.stdout)
    figure(f"Requests made up as {who or 'a stranger'}", int(made[1].replace(",", "")) if made else 0, "")
