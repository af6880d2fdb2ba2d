"""Every route, and every kind of answer, carries the headers of its class; cookies are closed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.support.installation import ROOT
from tongban.base.actor import Actor
from tongban.base.time import now
from tongban.kernel.identity import service as identity
from tongban.main.headers import NOTHING, PERMISSIONS

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
}
DUMMIES = {"int": "1", "uuid": str(uuid.UUID(int=1)), "slug": "x", "str": "x", "path": "x"}


def addresses(resolver: Any = None, before: str = "/") -> Iterator[str]:
    """Yield an address for each route, with something that does not exist in the place of each parameter."""
    for entry in (resolver or get_resolver()).url_patterns:
        here = before + str(entry.pattern).lstrip("^/")
        if isinstance(entry, URLResolver):
            yield from addresses(entry, here)
        elif isinstance(entry, URLPattern):
            path = re.sub(r"<(?:(\w+):)?\w+>", lambda m: DUMMIES.get(m[1] or "str", "x"), here)
            yield path.rstrip("$")


def faults(answer: Any, *, is_personal: bool) -> list[str]:
    """Return what is wrong with the headers of an answer."""
    found = [f"{name}: {answer.get(name)!r}" for name, value in ALWAYS.items() if answer.get(name) != value]
    policy, kind = answer.get("Content-Security-Policy", ""), answer.get("Content-Type", "")
    if kind.startswith("text/html"):
        found += [
            f"{directive} is missing"
            for directive in (
                "default-src 'none'",
                "script-src 'self'",
                "object-src 'none'",
                "base-uri 'none'",
                "frame-ancestors 'none'",
                "form-action 'self'",
            )
            if directive not in policy
        ]
    elif kind != "application/pdf" and policy != NOTHING:
        found.append(f"policy of {kind}: {policy}")
    if "unsafe-" in policy:
        found.append(f"unsafe: {policy}")
    if "same-origin" not in answer.get("Referrer-Policy", "") and answer["Referrer-Policy"] != "no-referrer":
        found.append(f"Referrer-Policy: {answer.get('Referrer-Policy')}")
    if is_personal and "no-store" not in answer.get("Cache-Control", ""):
        found.append(f"may be kept: {answer.get('Cache-Control')}")
    for name, cookie in answer.cookies.items():
        if not cookie["httponly"] or cookie["samesite"] not in {"Lax", "Strict"}:
            found.append(f"open cookie {name}")
    return found


def walk(client: Client, *, is_personal: bool) -> dict[str, list[str]]:
    answers = {address: client.get(address) for address in addresses()}
    assert len(answers) > 200
    return {
        f"{address} ({answer.status_code})": wrong
        for address, answer in answers.items()
        if (wrong := faults(answer, is_personal=is_personal))
    }


@pytest.fixture
def clerk() -> Client:
    """An official who may do nothing in particular."""
    actor, at = Actor.system("test"), now()
    person = identity.put_person(actor=actor, name="杨雪梅", at=at)
    identity.put_account(
        actor=actor, username="clerk", kind="official", person_id=person.pk, password="Blue kettle 47", at=at
    )
    client = Client(raise_request_exception=False)
    assert client.post("/sign-in/", {"username": "clerk", "password": "Blue kettle 47"}).status_code == 302
    return client


def test_every_route_answers_a_stranger_with_the_headers_of_its_class() -> None:
    assert walk(Client(raise_request_exception=False), is_personal=False) == {}


def test_every_route_answers_who_is_signed_in_so_that_nothing_is_kept(clerk: Client) -> None:
    leaving = {"/sign-out/"}
    assert {a: f for a, f in walk(clerk, is_personal=True).items() if a.split()[0] not in leaving} == {}


def test_the_api_keeps_nothing_of_who_shows_a_token() -> None:
    answer = Client().get("/api/v1/me", headers={"Authorization": "Bearer tb_wrong"})
    assert (answer.status_code, answer["Cache-Control"]) == (401, "no-store")
    assert faults(answer, is_personal=True) == []


@pytest.mark.parametrize(
    ("address", "status"), [("/nowhere/", 404), ("/sign-out/", 405), ("/static/design/tongban.js", 200)]
)
def test_refusals_and_static_files_carry_them_too(address: str, status: int) -> None:
    answer = Client().get(address)
    assert answer.status_code == status
    assert faults(answer, is_personal=False) == []


def test_an_error_and_a_forged_form_carry_them_too(monkeypatch: pytest.MonkeyPatch) -> None:
    forged = Client(enforce_csrf_checks=True).post("/sign-in/", {})
    monkeypatch.setattr("tongban.main.limits.LimitMiddleware.process_view", lambda *_: 1 / 0)
    broken = Client(raise_request_exception=False).get("/")

    assert (forged.status_code, broken.status_code) == (403, 500)
    assert faults(forged, is_personal=False) + faults(broken, is_personal=False) == []


def test_in_production_cookies_have_names_that_no_neighbour_can_plant_and_https_is_kept() -> None:
    """Settings are read once in a process, so another one is asked."""
    program = (
        "from django.conf import settings as s;"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
        " s.SESSION_COOKIE_HTTPONLY, s.CSRF_COOKIE_HTTPONLY, s.SECURE_HSTS_SECONDS);"
        "from tongban.kernel.identity.known import cookie_name; print(cookie_name())"
    )
    said = subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {program}"],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tongban.main.settings",
            "TONGBAN_PUBLIC_URL": "https://zw.example.cn",
            "PYTHONPATH": str(ROOT / "src"),
        },
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert said == ["__Host-session", "__Host-csrf", *["True"] * 4, "31536000", "__Host-known"]
