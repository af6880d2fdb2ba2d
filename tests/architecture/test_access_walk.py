"""Every page and every API operation, asked for somebody else's things: nobody gets in who has no business there.

The walk knows all routes (Django's resolver) and all operations (the OpenAPI document). ``tests/architecture/access`` says of
each, one file a module, whose business it is:

- ``PUBLIC``: open to everybody; a stranger gets an answer;
- ``OWN``: shows or changes whatever is the caller's own; nothing of another may stand in it;
- ``probes``: addresses one thing. Its owner gets in; everybody else is refused, nothing is changed, nothing announced.

A route that stands in none of them fails ``test_every_route_and_operation_is_walked``: add it to the file of its module.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.architecture.access import MACHINES, OWN, PUBLIC, PUBLIC_WRITES, probes
from tests.architecture.walk.asking import TO_SIGN_IN, ask, changes, follow, text_of, written
from tests.architecture.walk.probe import OWNER, Probe, World
from tests.architecture.walk.world import INTRUDERS, build
from tests.support.county import FORMER_FIRM, standing

pytestmark = pytest.mark.slow
"""``make check`` leaves it to ``make test``."""

REFUSED = {401, 403, 404}
OWN_DESK = "/desk/"
"""Where an official is led who asks for a citizen's page."""

NOT_OURS = {"api:openapi-json", "api:openapi-view", "api:api-root"}
"""The description of the API, from the library; it holds no data."""


@pytest.fixture(scope="module")
def world(county_database: Any, django_db_blocker: Any) -> Iterator[World]:
    """Build it once; each test is rolled back to it."""
    with standing(county_database, django_db_blocker) as county:
        yield build(county)


@pytest.mark.parametrize("intruder", INTRUDERS)
def test_nobody_learns_what_exists(world: World, intruder: str) -> None:
    """What belongs to another is answered like what does not exist: numbers and ids cannot be tried out."""
    username = INTRUDERS[intruder]
    faults = []
    for probe in probes(world):
        real = ask(world, probe, username)
        none = ask(world, _unreal(world, probe), username)
        answers = [(r.status_code, text_of(r) if probe.is_api else _led_to(r)) for r in (real, none)]
        if answers[0] != answers[1]:
            faults.append(f"{probe}: {answers[0]}, for what does not exist {answers[1]}")
    assert not faults, "\n".join(faults)


def _led_to(response: Any) -> str:
    """Return where an answer leads, without the number of the case that the visitor named."""
    return re.sub(r"\d{4}/$", "", response.get("Location", "").partition("?")[0])


def _unreal(w: World, probe: Probe) -> Probe:
    """Return the request for a thing that does not exist, of the same kind."""
    known = {str(case.pk): str(uuid4()) for case in w.cases}
    known |= {str(value): str(uuid4()) for value in w.facts.values() if isinstance(value, UUID)}
    known |= {case.number: f"{case.number[:-4]}9999" for case in w.cases if case.number}
    known[w.facts["change"]] = f"{w.facts['change'][:-4]}9999"
    known |= {f"/tasks/{pk}/": "/tasks/999999/" for pk in _task_ids(w)}

    def swap(text: str) -> str:
        for real, unreal in known.items():
            text = text.replace(real, unreal)
        return text

    body = {k: swap(str(v)) if isinstance(v, str | UUID) else v for k, v in probe.body.items()}
    if "post" in body:
        body["post"] = 999999
    return replace(probe, url=swap(probe.url), body=body)


def _task_ids(w: World) -> list[int]:
    return [task.id for case in w.cases if case.instance_id for task in w.county.open_steps(case)]


@pytest.mark.parametrize("intruder", INTRUDERS)
def test_nobody_reaches_the_things_of_another(world: World, intruder: str) -> None:
    """Refused, without a trace: no row changed, no event, no job, and no name in the answer."""
    username = INTRUDERS[intruder]
    faults = []
    for probe in probes(world):
        before = written()
        response = ask(world, probe, username)
        if response.status_code == 302 and not probe.is_api:
            response, address = follow(world, username, response)
            is_led_away = address.startswith(TO_SIGN_IN) or address == OWN_DESK
            is_refused = is_led_away or response.status_code in REFUSED
        else:
            is_refused = response.status_code in REFUSED
        text = text_of(response)
        secrets = list(world.secrets)
        secrets += [
            case.number
            for case in world.cases
            if case.number and case.number not in f"{probe.url}{probe.body}"
        ]
        if not is_refused:
            faults.append(f"{probe}: {intruder} got {response.status_code}")
        faults += [f"{probe}: {intruder} can read {secret}" for secret in secrets if secret in text]
        faults += [f"{probe}: {intruder} changed {table}" for table in changes(world, before)]
    assert not faults, "\n".join(faults)


def test_a_party_has_no_business_at_the_desk(world: World) -> None:
    """Her own case, but the office's page: nothing there for her."""
    faults = []
    for probe in probes(world):
        if probe.url.startswith("/desk/"):
            before = written()
            response = ask(world, probe, OWNER)
            if response.status_code not in REFUSED or changes(world, before):
                faults.append(f"{probe}: {response.status_code} {changes(world, before)}")
    assert not faults, "\n".join(faults)


def test_the_owner_gets_in_everywhere(world: World) -> None:
    """Without this the walk would prove nothing: the same requests succeed for those whose business it is."""
    faults = []
    for probe in probes(world):
        with transaction.atomic():
            if probe.before:
                probe.before()
            response = ask(world, probe, probe.owner)
            if response.status_code not in probe.answers:
                faults.append(f"{probe}: {probe.owner} got {response.status_code} {text_of(response)[:300]}")
            elif response.status_code == 302 and response["Location"].startswith(TO_SIGN_IN):
                faults.append(f"{probe}: {probe.owner} was led to {response['Location']}")
            transaction.set_rollback(True)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("visitor", INTRUDERS)
def test_a_page_of_ones_own_shows_nothing_of_another(world: World, visitor: str) -> None:
    """Lists show the caller's own; a stranger is asked to sign in."""
    username = INTRUDERS[visitor]
    faults = []
    for route, template in OWN.items():
        if not template:
            continue
        probe = Probe(route, template.format(**world.facts))
        response = ask(world, probe, username)
        if response.status_code == 302 and not probe.is_api:
            response, _ = follow(world, username, response)
        text = text_of(response)
        if response.status_code >= 500 or (not username and probe.is_api and response.status_code != 401):
            faults.append(f"{probe}: {visitor} got {response.status_code}")
        faults += [f"{probe}: {visitor} can read {secret}" for secret in world.secrets if secret in text]
    assert not faults, "\n".join(faults)


def test_public_pages_answer_a_stranger_and_name_nobody(world: World) -> None:
    """Open to everybody, so nobody's data may stand there. (A certificate names its firm: that is its purpose.)"""
    faults = []
    firm = world.county.entity(FORMER_FIRM)
    for route, template in PUBLIC.items():
        response = world.clients[""].get(template.format(**world.facts))
        if response.status_code not in ({200, 503} if route == "ops:healthz" else {200, 302}):
            faults.append(f"{route}: {response.status_code}")
        allowed = (
            {firm.name} if route.startswith(("certificates:verify", "GET /api/v1/certificates")) else set()
        )
        text = text_of(response)
        faults += [f"{route} names {s}" for s in world.secrets if s in text and s not in allowed]
    assert not faults, "\n".join(faults)


def test_no_form_is_taken_from_another_site(world: World) -> None:
    """Every page that changes something wants the token that only our own pages carry (CSRF)."""
    faults = []
    for probe in probes(world):
        if probe.method != "POST" or probe.is_api:
            continue
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = world.clients[probe.owner].cookies
        before = written()
        response = strict.post(probe.url, {k: str(v) for k, v in probe.body.items()})
        if response.status_code != 403 or changes(world, before):
            faults.append(f"{probe}: {response.status_code}")
    assert not faults, "\n".join(faults)


def test_the_api_takes_no_cookie_for_a_token(world: World) -> None:
    """A browser that is signed in has no business at the API: otherwise any site could use it."""
    faults = []
    for probe in probes(world):
        if probe.is_api:
            client = world.clients[probe.owner]
            before = written()
            response = client.generic(
                probe.method, probe.url, json.dumps({}), content_type="application/json"
            )
            if response.status_code not in {*REFUSED, 422} or changes(world, before):
                faults.append(f"{probe}: {response.status_code}")
    assert not faults, "\n".join(faults)


def test_every_route_and_operation_is_walked(world: World) -> None:
    """A new one fails here until somebody has said whose business it is."""
    walked = (
        {probe.route for probe in probes(world)}
        | set(PUBLIC)
        | PUBLIC_WRITES
        | set(OWN)
        | NOT_OURS
        | MACHINES
    )
    there = set(_pages()) | set(_operations()) | NOT_OURS
    missing, gone = sorted(there - walked), sorted(walked - there)
    assert not missing, (
        f"nobody walks {missing}: in tests/architecture/access add each to its module's PUBLIC (open to all), OWN (the caller's "
        "own) or, when it addresses one thing, to probes() with the request that its owner would send"
    )
    assert not gone, f"these are walked but no longer exist: {gone}"


def _pages(resolver: Any = None, namespace: str = "") -> Iterator[str]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            if namespace != "api:":
                yield f"{namespace}{pattern.name}"
        elif isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _pages(pattern, inner)


def _operations() -> Iterator[str]:
    from tongban.main.api import api

    for path, operations in api.get_openapi_schema()["paths"].items():
        for method in operations:
            yield f"{method.upper()} {path}"


def test_the_token_of_an_ended_mandate_is_refused(world: World) -> None:
    """A token bound to a firm acts for it while the mandate lasts; the header cannot choose a firm that is not theirs."""
    from tongban.kernel.identity import service as identity

    county = world.county
    before = county.go_to("2026-02-09")
    bound = identity.create_token("rep", "shop system", before, entity_id=world.facts["firm"])
    headers = {"Authorization": f"Bearer {bound}"}
    assert Client().get(f"/api/v1/cases/{world.done.number}", headers=headers).status_code == 200
    county.go_to(before + timedelta(days=30))
    assert Client().get(f"/api/v1/cases/{world.done.number}", headers=headers).status_code in REFUSED
    county.go_to("2026-06-01")
    chosen = {**world.tokens["rep"], "Tongban-Entity": str(world.facts["firm"])}
    assert Client().get("/api/v1/me", headers=chosen).status_code == 403
