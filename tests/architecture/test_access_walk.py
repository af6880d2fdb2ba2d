"""Every page and every API operation, asked for somebody else's things: nobody gets in who has no business there.

The walk knows all routes (Django's resolver) and all operations (the OpenAPI document). Each stands in one of three lists:

- ``PUBLIC``: open to everybody; a stranger gets an answer;
- ``OWN``: shows or changes whatever is the caller's own; nothing of another may stand in it;
- ``probes``: addresses one thing. Its owner gets in; everybody else is refused, nothing is changed, nothing announced.

A route that stands in none of them fails ``test_every_route_and_operation_is_walked``: add it to the list where it belongs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.support.county import ANSWERS, FORMER_FIRM, FORMER_FIRM_HEAD, PNG, County, standing
from tests.support.installation import ROOT
from tongban.base.actor import Actor
from tongban.base.time import now
from tongban.kernel.processes import service as processes

pytestmark = pytest.mark.slow
"""``make check`` leaves it to ``make test``."""
OWNER = FORMER_FIRM_HEAD
"""The legal representative of the firm whose things the others try to reach."""

REFUSED = {401, 403, 404}
TO_SIGN_IN = ("/sign-in/", "/progress/?number=")
"""Where a refused visitor is led: to signing in, or to the page that asks for the query code."""
OWN_DESK = "/desk/"
"""Where an official is led who asks for a citizen's page."""

INTRUDERS: Mapping[str, str] = {
    "a stranger": "",
    "another citizen": "citizen",
    "a clerk of another unit": "bureau",
    "a representative whose mandate ended": "rep",
}

PUBLIC: Mapping[str, str] = {
    "portal:home": "/",
    "design:gallery": "/design/",
    "design:language": "/language/en/",
    "design:display": "/display/standard/",
    "identity:sign-in": "/sign-in/",
    "identity:invitation": "/invitation/{invitation}/",
    "identity:second": "/sign-in/second/",
    "instruments:verify-form": "/papers/verify/",
    "instruments:verify": "/papers/verify/{paper_code}/",
    "certificates:verify-form": "/certificates/verify/",
    "certificates:verify-offline": "/certificates/verify/offline/",
    "certificates:keys": "/certificates/keys.json",
    "certificates:verify": "/certificates/verify/{certificate_code}/",
    "cases:progress": "/progress/",
    "fees:bank": "/demo-bank/{payment}/",
    "ledger:home": "/ledger/",
    "ledger:roots": "/ledger/roots",
    "ledger:proof": "/ledger/proof/{act}/",
    "ledger:proof-file": "/ledger/proof/{act}.json",
    "ops:healthz": "/healthz",
    "hall:appointments": "/appointments/",
    "hall:choose": "/appointments/county-hall/market/",
    "hall:for-item": "/appointments/item/marriage-registration/",
    "hall:take": "/queue/county-hall/",
    "hall:number": "/queue/number/{ticket}/",
    "hall:screen": "/hall/county-hall/screen/",
    "hall:screen-now": "/hall/county-hall/screen/now/",
    "hall:kiosks": "/kiosk/",
    "hall:kiosk": "/kiosk/county-hall/",
    "hall:kiosk-items": "/kiosk/county-hall/items/?q=结婚",
    "hall:kiosk-item": "/kiosk/county-hall/items/marriage-registration/",
    "hall:kiosk-progress": "/kiosk/county-hall/progress/",
    "hall:kiosk-number": "/kiosk/county-hall/number/",
    "hall:kiosk-arrive": "/kiosk/county-hall/arrive/",
    "services:search": "/services/",
    "services:catalogue": "/services/catalogue/?type=01",
    "services:departments": "/services/departments/",
    "services:limits": "/services/limits/",
    "services:limits-file": "/services/limits.csv",
    "services:item": "/services/items/food-licence/",
    "services:guidance": "/services/find/{guidance}/",
    "services:notices": "/services/notices/",
    "voice:letters": "/letters/",
    "voice:write": "/letters/write/",
    "figures:public": "/figures/",
    "figures:download": "/figures/year/units.csv",
    "oversight:extract": "/oversight/",
    "oversight:extract-csv": "/oversight/2026-05.csv",
    "oversight:extract-json": "/oversight/2026-05.json",
    "security-txt": "/.well-known/security.txt",
    "federation:discovery": "/.well-known/openid-configuration",
    "federation:jwks": "/oidc/keys",
    "federation:sign-out": "/oidc/sign-out",
    "GET /api/v1/items": "/api/v1/items",
    "GET /api/v1/items/{key}": "/api/v1/items/food-licence",
    "GET /api/v1/papers/verify/{code}": "/api/v1/papers/verify/{paper_code}",
    "GET /api/v1/certificates/verify/{code}": "/api/v1/certificates/verify/{certificate_code}",
    "GET /api/v1/certificates/keys": "/api/v1/certificates/keys",
    "GET /api/v1/letters": "/api/v1/letters",
}
"""Open to everybody, with an address at which a stranger gets an answer."""

PUBLIC_WRITES = {"POST /api/v1/letters"}
"""Anybody may send these; they address nothing that exists."""

OWN: Mapping[str, str] = {
    "identity:sign-out": "",
    "hall:kiosk-end": "",
    "identity:account": "/account/",
    "identity:password": "/account/password/",
    "identity:end-session": "",
    "identity:factors": "/account/factors/",
    "identity:add-app": "/account/factors/app/",
    "identity:add-key": "/account/factors/key/",
    "identity:new-codes": "",
    "identity:remove-factor": "",
    "federation:mine": "/account/systems/",
    "federation:unlink": "",
    "federation:go": "",
    "federation:back": "",
    "federation:first-time": "",
    "identity:step-up": "/account/step-up/",
    "federation:end-mine": "",
    "federation:authorize": "",
    "messages:read-all": "",
    "voice:sent": "/letters/sent/",
    "messages:list": "/my/messages/",
    "certificates:mine": "/my/certificates/",
    "fees:mine": "/my/fees/",
    "myspace:home": "/my/",
    "vault:mine": "/my/materials/",
    "vault:add": "/my/materials/add/",
    "myspace:reads": "/my/reads/",
    "calendars:year": "/desk/calendar/",
    "decisions:list": "/desk/rules/",
    "decisions:expression": "/desk/rules/expression/",
    "decisions:table": "/desk/rules/open-snack-bar/",
    "desk:inbox": "/desk/",
    "desk:search": "/desk/search/?q={number}",
    "desk:list": "/desk/list/todo/",
    "desk:export": "/desk/export/todo/",
    "cases:delegations": "/desk/delegations/",
    "services:apply-for": "/services/items/senior-allowance/apply-for/",
    "GET /api/v1/consents": "/api/v1/consents",
    "GET /api/v1/colleagues": "/api/v1/colleagues",
    "POST /api/v1/applications": "",
    "GET /api/v1/me": "/api/v1/me",
    "GET /api/v1/tasks": "/api/v1/tasks",
    "GET /api/v1/certificates": "/api/v1/certificates",
    "GET /api/v1/fees/charges": "/api/v1/fees/charges",
    "GET /api/v1/vault": "/api/v1/vault",
    "POST /api/v1/vault/materials": "",
}
"""Show the caller's own, with the address to read them at; "" for one that only writes the caller's own."""

NOT_OURS = {"api:openapi-json", "api:openapi-view", "api:api-root"}
"""The description of the API, from the library; it holds no data."""


MACHINES = {
    "ops:metrics",
    *(f"federation:{name}" for name in ("token", "revoke", "userinfo")),
    *(f"federation:scim-{name}" for name in ("config", "types", "type", "schemas", "schema")),
    *(f"federation:scim-{name}" for name in ("users", "user", "groups", "group")),
    "POST /api/v1/fees/notifications/{provider}",
}
"""For programs that show a secret or a token, sign what they say, or run on this machine: apps/ops/tests/test_metrics.py,
test_other_party.py and test_scim.py of apps/federation, and apps/fees/tests/test_paying.py ask as everybody else."""


@dataclass(frozen=True)
class Probe:
    """One request for one thing. ``owner`` gets one of ``answers``; ``before`` puts the thing into a state that allows it."""

    route: str
    url: str
    owner: str = OWNER
    method: str = "GET"
    body: Mapping[str, Any] = field(default_factory=dict)
    answers: frozenset[int] = frozenset({200})
    before: Callable[[], Any] | None = None

    @property
    def is_api(self) -> bool:
        return self.url.startswith("/api/")

    def __str__(self) -> str:
        return f"{self.route} ({self.method} {self.url})"


def correct_the_process() -> None:
    """Publish the process of the food licence once more, so that its cases can be moved there."""
    file = ROOT / "packs" / "chengxi" / "items" / "food-licence" / "process.bpmn"
    xml = file.read_text("utf-8") + "<!-- corrected -->"
    processes.publish(actor=Actor.system("test"), key="food-licence-new", xml=xml, at=now())


@dataclass
class World:
    """The firm's things: a draft, a case at each place where somebody could reach in, a letter; with who tries to."""

    county: County
    draft: Any
    waiting: Any
    correcting: Any
    deciding: Any
    done: Any
    letter: Any
    facts: dict[str, Any]
    secrets: list[str]
    clients: dict[str, Client]
    tokens: dict[str, dict[str, str]]
    baseline: dict[str, str]


# --- the world ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world(county_database: Any, django_db_blocker: Any) -> Iterator[World]:
    """Build it once; each test is rolled back to it."""
    with standing(county_database, django_db_blocker) as county:
        yield _build(county)


def _build(county: County) -> World:
    from tongban.apps.certificates import service as certificates
    from tongban.apps.services.models import Guidance
    from tongban.apps.vault import service as vault
    from tongban.apps.vault.models import Material
    from tongban.apps.voice import service as voice
    from tongban.kernel.cases import service as cases
    from tongban.kernel.files import service as files
    from tongban.kernel.identity import service as identity
    from tongban.kernel.instruments import service as instruments
    from tongban.kernel.ledger import service as ledger
    from tongban.kernel.ledger.models import Batch
    from tongban.kernel.messages import service as messages
    from tongban.kernel.messages.models import Delivery
    from tongban.kernel.processes.models import Job, Task

    county.go_to("2026-02-09")  # the mandate of ``rep`` holds until 28 February
    done = county.submit("rep", firm=FORMER_FIRM)
    county.grant(county.review(county.accept(done)))
    county.drain()
    done = county.again(done)
    assert done.state == "delivered"
    correcting = county.ask_for_correction(county.submit("rep", firm=FORMER_FIRM))
    draft = county.draft("rep", firm=FORMER_FIRM)

    county.go_to("2026-06-01")
    waiting = _submit_another(county, draft)
    deciding = county.review(county.accept(_submit_another(county)))
    draft = county.draft(OWNER)

    person = county.account(OWNER).person
    values = {
        "kind": "complaint",
        "title": "仓库门前道路积水已经半个月了",
        "body": "书院街仓库门前的下水道堵了，一下雨就积水，货车进不来，请派人来看一看，谢谢。",
        "may_publish": False,
    }
    sent = voice.write_letter(actor=county.actor(OWNER), mailbox="county-head", values=values, at=county.now)
    letter = cases.find_by_number(sent.number)
    county.do("mailbox", letter, "assign", "assign", {"unit": "cgj"})
    text = "已经派人疏通了书院街的下水道，积水已经退了。以后再有堵塞，请打市政所电话。"
    county.do("bureau2", letter, "answer", "answer", {"text": text})
    county.do("mailbox", letter, "check", "keep_private")

    county.drain()
    [paper] = [paper for paper in instruments.papers_of(done.ref) if paper.template == "acceptance-notice"]
    instruments.render_paper(paper_id=paper.id, at=county.now)
    [paper] = [each for each in instruments.papers_of(done.ref) if each.id == paper.id]
    [certificate] = certificates.list_certificates_of(county.actor(OWNER))
    kept = Material.objects.get(case_id=done.pk, kind="layout_plan")
    firm = county.entity(FORMER_FIRM)
    ledger.seal(at=county.now)
    change = _begin_a_change(county)
    facts = {
        "change": change,
        "table": _send_a_table(county),
        **_name_people(county),
        "act": Batch.objects.earliest("number").first,
        "paper": paper.id,
        "paper_code": paper.verify_code,
        "paper_file": paper.file_id,
        "certificate": certificate.pk,
        "certificate_code": certificate.verify_code,
        "certificate_file": certificate.file_id,
        "copy": certificates.make_copy(
            actor=county.actor(OWNER),
            certificate_id=certificate.pk,
            purpose="投标",
            receiver="采购中心",
            days=30,
            at=county.now,
        ).pk,
        "kept": kept.pk,
        "kept_copy": vault.make_copy(
            actor=county.actor(OWNER), material_id=kept.pk, purpose="投标", receiver="采购中心", at=county.now
        ).pk,
        **_owe_a_fee(county, waiting),
        "card": _give_a_card(county, waiting),
        "material": next(f.id for f in files.files_of(waiting.ref) if f.role.startswith("material")),
        "message": messages.inbox_of(person.pk)[0].id,
        "guidance": Guidance.objects.values_list("key", flat=True)[0],
        "firm": firm.pk,
        "window_post": county.actor("window").post_id,
        "number": waiting.number,
        "job": Job.objects.get(instance=done.instance_id, operation="certificates.issue").pk,
        "signed": Task.objects.get(instance=deciding.instance_id, node="inspect_sign").pk,
        "delegation": identity.delegate(
            actor=county.actor("officer1"),
            holding_id=identity.holding_of(
                county.actor("officer1").person_id, county.actor("officer1").post_id, county.now
            ),
            to_person_id=county.actor("officer2").person_id,
            since=county.now,
            until=county.now + timedelta(days=30),
            at=county.now,
        ).pk,
        "holding": identity.holding_of(
            county.actor("window").person_id, county.actor("window").post_id, county.now
        ),
        "invitation": identity.invite(
            actor=Actor.system("test"), account_id=county.account("chief").pk, at=county.now
        ),
        "mandate": identity.mandates_of(firm.pk)[0].id,
        "system": _register_a_system(county),
        **_come_in_person(county),
        "delivery": Delivery.objects.filter(message_id=messages.inbox_of(person.pk)[0].id)[0].pk,
    }
    names = [
        "",
        *INTRUDERS.values(),
        "oversight",
        "countyhead",
        OWNER,
        "window",
        "officer1",
        "officer2",
        "chief",
        "mailbox",
        "sysadmin",
        "secadmin",
        "studio1",
        "studio2",
        "finance1",
        "finance2",
        "hall",
        "auditadmin",
        "village",
        "villager",
        "elder",
        CLERK,
    ]
    return World(
        county=county,
        draft=draft,
        waiting=waiting,
        correcting=correcting,
        deciding=deciding,
        done=done,
        letter=letter,
        facts=facts,
        secrets=[
            person.name,
            person.citizen_id,
            firm.name,
            firm.uscc,
            values["title"],
            *ANSWERS["phone"].split(),
        ],
        clients={name: county.client(name) for name in dict.fromkeys(names)},
        tokens={name: county.token(name) if name else {} for name in dict.fromkeys(names)},
        baseline=_fingerprints(),
    )


def _studio(w: World, go: frozenset[int]) -> Iterator[Probe]:
    """The editors, which exist for nobody else."""
    editor: dict[str, Any] = {"owner": "studio1"}
    thing, change = "/desk/studio/form/of/food-licence/", f"/desk/studio/changes/{w.facts['change']}/"
    draft = f"{change}form/food-licence/"
    yield Probe("services:tables", "/desk/catalogue/", **editor)
    table = f"/desk/catalogue/{w.facts['table']}/"
    yield Probe("services:table", table, **editor)
    yield Probe("services:table", table, method="POST", body={"adopt": "1"}, answers=go, **editor)
    yield Probe("services:table-let-in", f"{table}let-in/", method="POST", answers=go, owner="studio2")
    yield Probe("services:table-rejected", f"{table}rejected.csv", **editor)
    yield Probe("studio:home", "/desk/studio/", **editor)
    yield Probe("studio:kind", "/desk/studio/form/", **editor)
    yield Probe("studio:new", "/desk/studio/form/new/", **editor)
    body = {"key": "walked", "zh": "走过"}
    yield Probe("studio:new", "/desk/studio/form/new/", method="POST", body=body, answers=go, **editor)
    yield Probe("studio:thing", thing, **editor)
    yield Probe("studio:compare", f"{thing}compare/", **editor)
    yield Probe("studio:copy", f"{thing}copy/", **editor)
    yield Probe(
        "studio:copy",
        f"{thing}copy/",
        method="POST",
        body={"do": "copy", "key": "walked"},
        answers=go,
        **editor,
    )
    yield Probe("studio:start", f"{thing}change/", method="POST", answers=go, **editor)
    yield Probe("studio:change", change, **editor)
    yield Probe("studio:act", f"{change}do/", method="POST", body={"do": "withdraw"}, answers=go, **editor)
    yield Probe(
        "studio:add", f"{change}add/", method="POST", body={"what": "form:letter"}, answers=go, **editor
    )
    yield Probe("studio:editor", draft, **editor)
    yield Probe(
        "studio:editor", draft, method="POST", body={"tab": "about", "revision": "1"}, answers=go, **editor
    )
    yield Probe("studio:content", f"{draft}content/", **editor)
    yield Probe("studio:check", f"{draft}check/", method="POST", answers=frozenset({422}), **editor)
    yield Probe("studio:editor-page", f"{draft}page/preview/", **editor)
    yield Probe(
        "studio:condition", "/desk/studio/condition/", method="POST", body={"_condition": "x"}, **editor
    )


def _send_a_table(county: County) -> UUID:
    """Let an editor send a table of items, of which one row is given back."""
    from tongban.apps.services.operations import tables

    content = "部门,名称,事项类型,编码\n县民政局,走过的事项,20,W-1\n县民政局,,20,W-2\n".encode()
    table = tables.send_table(
        actor=county.actor("studio1"), upload=SimpleUploadedFile("walk.csv", content), at=county.now
    )
    tables.check_table(import_id=str(table.pk))
    return table.pk


SENIOR = {"name": "字玉珍", "citizen_id": "53239919430411128X"}
"""Who is applied for in the walk: the account ``elder``."""
CLERK = "x01.clerk"
"""The counter in her township."""


def _name_people(county: County) -> dict[str, Any]:
    """Let others apply for the senior, with her, and at the counter; return what that made."""
    from tongban.apps.services import service as services
    from tongban.apps.services.models import Consent

    def fill_in(case: Any, who: str) -> Any:
        actor = county.actor(who)
        answers = {"card": "6221234567890123456", "elsewhere": False, "helped": False}
        answers |= {"phone": "19900000019", "alive_check": True, "truth": True}
        services.put_answers(actor=actor, case_id=case.pk, values=answers, at=county.now)
        upload = SimpleUploadedFile("card.png", PNG)
        services.put_material(actor=actor, case_id=case.pk, key="bank_card", upload=upload, at=county.now)
        return services.submit_application(actor=actor, case_id=case.pk, at=county.now)[0]

    def enter() -> Any:
        return services.enter_at_counter(
            actor=county.actor(CLERK), item_key="senior-allowance", seen=True, at=county.now, **SENIOR
        )

    agency = services.apply_for_another(
        actor=county.actor("village"),
        item_key="senior-allowance",
        on_behalf=services.OnBehalf("village", **SENIOR),
        at=county.now,
    )
    joint = services.create_application(
        actor=county.actor("villager"), item_key="tree-felling", entity_id=None, at=county.now
    )
    services.add_co_applicant(actor=county.actor("villager"), case_id=joint.pk, at=county.now, **SENIOR)
    correcting = county.do(
        CLERK,
        fill_in(enter(), CLERK),
        "receive",
        "request_correction",
        {"missing": ["bank_card"], "what": "看不清"},
    )
    ended = county.do(
        CLERK,
        fill_in(enter(), CLERK),
        "receive",
        "not_accept",
        {"ground": "not_competent", "reason": "不归本县", "where_to_go": "户籍所在地"},
    )
    return {
        "agency": agency.pk,
        "agency_consent": Consent.objects.get(case=agency).pk,
        "joint": joint.pk,
        "joint_consent": Consent.objects.get(case=joint).pk,
        "entered": correcting.pk,
        "entering": enter().pk,
        "ended": ended.number,
    }


def _people(w: World, go: frozenset[int]) -> Iterator[Probe]:
    """Those who apply for another, who are applied for, and the counter."""
    elder, agent, clerk = {"owner": "elder"}, {"owner": "village"}, {"owner": CLERK}
    consent = f"/services/consents/{w.facts['agency_consent']}/"
    agency, joint = (f"/services/applications/{w.facts[key]}/people/" for key in ("agency", "joint"))
    post: dict[str, Any] = {"method": "POST", "answers": go}
    yield Probe("services:consent", consent, **elder)
    yield Probe("services:consent", consent, **agent)
    for answer in ("agree", "decline"):
        yield Probe("services:consent", consent, body={"do": answer}, **post, **elder)
    yield Probe("services:consent", consent, body={"do": "end"}, **post, **agent)
    yield Probe("services:people", agency, **agent)
    yield Probe("services:people", joint, owner="villager")
    removal = {"do": f"remove:{w.facts['joint_consent']}"}
    yield Probe("services:people", joint, body=removal, **post, owner="villager")
    yield Probe("services:helping", "/desk/helping/", **agent)
    begin = {"item": "senior-allowance", **SENIOR}
    yield Probe("services:helping", "/desk/helping/", body=begin, **post, **agent)
    yield Probe("services:counter", "/desk/counter/", **clerk)
    yield Probe("services:counter", "/desk/counter/", body={**begin, "seen": "true"}, **post, **clerk)
    yield Probe("services:counter-agency", "/desk/counter/agency/", **clerk)
    asked = {**SENIOR, "seen": "true"}
    answered = frozenset({200})
    yield Probe(
        "services:counter-agency",
        "/desk/counter/agency/",
        method="POST",
        body=asked,
        answers=answered,
        **clerk,
    )
    found = {"number": w.facts["ended"]}
    yield Probe("services:counter-find", "/desk/counter/find/", body=found, **post, **clerk)
    entered, ended = f"/desk/counter/{w.facts['entered']}/", f"/desk/counter/hand-over/{w.facts['ended']}/"
    yield Probe("services:counter-receipt", entered, **clerk)
    seen = {"seen": "true"}
    yield Probe("services:counter-correction", f"{entered}correction/", body=seen, **post, **clerk)
    yield Probe("services:hand-over", ended, **clerk)
    signed = {"recipient": "字玉珍", "typed": "true", "seen": "true"}
    yield Probe("services:hand-over", ended, body=signed, **post, **clerk)


def _begin_a_change(county: County) -> str:
    """Let the editor of the data bureau change a form; return the change's number."""
    from tongban.apps.studio import service as studio
    from tongban.base.editables import editable

    content = editable("form").load("food-licence")
    draft = studio.NewDraft(
        "form", "food-licence", content, editable("form").versions("food-licence")[0].version
    )
    change = studio.open_change(actor=county.actor("studio1"), drafts=[draft], at=county.now)
    return str(change.case.number)


def _come_in_person(county: County) -> dict[str, Any]:
    """Let the owner have an appointment and a number; return what they are called."""
    from tongban.apps.hall import queries
    from tongban.apps.hall import service as hall

    market, owner = hall.find_service("county-hall", "market"), county.actor(OWNER)
    slot = hall.offered(market, at=county.now)[2].places[0].starts_at
    return {
        "appointment": hall.book(actor=owner, service=market, starts_at=slot, at=county.now).pk,
        "ticket": hall.take_number(actor=owner, service=market, at=county.now).pk,
        "hall_window": queries.windows_of(county.actor("window"))[0].pk,
    }


def _submit_another(county: County, draft: Any = None) -> Any:
    """Submit the given draft, or a new one, as the firm's legal representative."""
    from tongban.apps.services import service as services

    draft = draft or county.draft(OWNER)
    case, _ = services.submit_application(actor=county.actor(OWNER), case_id=draft.pk, at=county.now)
    return case


def _register_a_system(county: County) -> str:
    """Let the system administrator register another system of the county."""
    from tongban.apps.federation import service as federation
    from tongban.base.text import LocalizedText

    address = ("https://archive.chengxi.example/back",)
    facts = federation.SystemFacts(LocalizedText("档案系统"), address, (), ("profile",), ("official",))
    system, _ = federation.register_system(
        actor=county.actor("sysadmin"), client_id="archive", facts=facts, at=county.now
    )
    return str(system.client_id)


def _key(w: World, who: str) -> str:
    actor = w.county.actor(who)
    return f"{actor.post_id}:{actor.person_id}"


def probes(w: World) -> Iterator[Probe]:
    """Yield the requests for the firm's things, each with a body that its owner would send."""
    receive = w.county.task(w.waiting, "receive").id
    correct = w.county.task(w.correcting, "correct").id
    judge = w.county.open_steps(w.letter)[0].id
    go = frozenset({302})

    def application(name: str, case: Any, rest: str = "", **more: Any) -> Probe:
        return Probe(f"services:{name}", f"/services/applications/{case.pk}/{rest}", **more)

    # files, papers, messages, capacities
    yield Probe("files:download", f"/files/{w.facts['material']}/")
    yield Probe("files:download", f"/files/{w.facts['material']}/", owner="window")
    yield Probe("files:download", f"/files/{w.facts['paper_file']}/")
    yield Probe("files:download", f"/files/{w.facts['certificate_file']}/")
    yield Probe("instruments:paper", f"/papers/{w.facts['paper']}/")
    yield Probe("messages:message", f"/my/messages/{w.facts['message']}/")
    yield Probe("identity:act-for", "/act-for/", method="POST", body={"entity": w.facts["firm"]}, answers=go)
    yield Probe(
        "identity:switch-post",
        "/switch-post/",
        owner="window",
        method="POST",
        body={"post": w.facts["window_post"]},
        answers=go,
    )

    # the application
    yield Probe(
        "services:apply",
        "/services/items/food-licence/apply/",
        method="POST",
        body={"entity": w.facts["firm"]},
        answers=go,
    )
    yield application("resume", w.draft, answers=go)
    yield application("page", w.draft, "page/premises/")
    yield application(
        "page", w.draft, "page/premises/", method="POST", body={"area": "66"}, answers=frozenset({302, 422})
    )
    yield application("materials", w.draft, "materials/")
    yield application("mail-code", w.draft, "sign/code/", method="POST", answers=frozenset({409}))
    upload = SimpleUploadedFile("plan.png", PNG)
    yield application(
        "materials", w.draft, "materials/", method="POST", body={"material-equipment": upload}, answers=go
    )
    yield application("check", w.draft, "check/")
    yield application("check", w.draft, "check/", method="POST", answers=go)
    yield application("check", w.correcting, "check/", method="POST", answers=go)
    yield application("form", w.draft, "form.pdf")
    yield application("sign", w.draft, "sign/", answers=go)
    yield application("sign", w.draft, "sign/", method="POST", answers=go)
    yield application("submitted", w.waiting, "submitted/")
    yield application("wrong", w.draft, "wrong/entity_name/")
    yield application(
        "wrong", w.draft, "wrong/entity_name/", method="POST", body={"note": "少了一个字"}, answers=go
    )
    yield Probe("services:rate", f"/services/rate/{w.done.number}/")
    yield Probe(
        "services:rate", f"/services/rate/{w.done.number}/", method="POST", body={"level": "1"}, answers=go
    )
    mine, copy = f"/my/certificates/{w.facts['certificate']}/", f"/my/certificates/copies/{w.facts['copy']}/"
    said = {"purpose": "投标", "receiver": "采购中心", "days": 7}
    yield Probe("certificates:download", f"/certificates/{w.facts['certificate']}/pdf/")
    yield Probe("certificates:download", f"/certificates/{w.facts['certificate']}/pdf/", owner="officer1")
    yield Probe("certificates:mine-one", mine)
    yield Probe("certificates:copy", f"{mine}copy/")
    yield Probe("certificates:copy", f"{mine}copy/", method="POST", body=said, answers=go)
    yield Probe("certificates:copy-pdf", f"{copy}pdf/")
    yield Probe("certificates:copy-end", f"{copy}end/", method="POST", answers=go)
    kept = f"/my/materials/{w.facts['kept']}/"
    yield Probe("vault:one", kept)
    yield Probe("vault:one", kept, method="POST", body={"name": "平面图"}, answers=go)
    yield Probe("vault:copy", f"{kept}copy/")
    copied = {"purpose": "投标", "receiver": "采购中心"}
    yield Probe("vault:copy", f"{kept}copy/", method="POST", body=copied, answers=go)
    yield Probe("vault:remove", f"{kept}remove/", method="POST", answers=go)
    organ = f"/desk/certificates/{w.facts['certificate']}/"
    yield Probe("certificates:desk", "/desk/certificates/", owner="officer1")
    yield Probe("certificates:desk-one", organ, owner="officer1")
    yield Probe("certificates:desk-act", f"{organ}revoke/", owner="officer1")
    yield Probe("certificates:desk-act", f"{organ}revoke/", owner="officer1", method="POST", answers=go)

    # what is owed: its payer, and the finance bureau
    owed, paying = f"/fees/{w.facts['charge']}/", f"/fees/payments/{w.facts['payment']}/"
    yield Probe("fees:charge", owed)
    yield Probe("fees:pay", f"{owed}pay/", method="POST", answers=go)
    yield Probe("fees:payment", paying)
    yield Probe("fees:check", f"{paying}check/", method="POST", answers=go)
    money: dict[str, Any] = {"owner": "finance1", "method": "POST"}
    day = f"/desk/fees/days/demo/{w.facts['day']}/"
    yield Probe("fees:desk", "/desk/fees/", owner="finance1")
    yield Probe("fees:desk-charge", f"/desk/fees/charges/{w.facts['charge']}/", owner="finance1")
    yield Probe(
        "fees:propose",
        f"/desk/fees/payments/{w.facts['paid_payment']}/refund/",
        body={"amount": "1", "reason": "多收"},
        answers=go,
        **money,
    )
    yield Probe("fees:refunds", "/desk/fees/refunds/", owner="finance1")
    yield Probe(
        "fees:refund",
        f"/desk/fees/refunds/{w.facts['refund']}/",
        owner="finance2",
        method="POST",
        body={"way": "approve"},
        answers=go,
    )
    yield Probe("fees:days", "/desk/fees/days/", owner="finance1")
    yield Probe(
        "fees:days",
        "/desk/fees/days/",
        body={"provider": "demo", "day": w.facts["day"]},
        answers=go,
        **money,
    )
    yield Probe("fees:day", day, owner="finance1")
    yield Probe("fees:day-csv", f"{day}differences.csv", owner="finance1")
    yield Probe(
        "fees:settle",
        f"/desk/fees/differences/{w.facts['difference']}/",
        body={"reason": "银行已冲正"},
        answers=go,
        **money,
    )

    # following
    yield Probe("myspace:case", f"/my/cases/{w.waiting.number}/", answers=go)
    yield Probe("cases:track", f"/progress/{w.waiting.number}/")
    yield Probe("cases:track", f"/progress/{w.letter.number}/")
    party_task = f"/progress/{w.correcting.number}/tasks/{correct}/"
    yield Probe("cases:party-task", party_task + "?outcome=resubmit")
    yield Probe("cases:party-task", party_task, method="POST", body={"outcome": "resubmit"}, answers=go)
    withdraw = f"/progress/{w.waiting.number}/actions/withdraw/"
    yield Probe("cases:party-action", withdraw)
    yield Probe("cases:party-action", withdraw, method="POST", body={"reason": "不办了"}, answers=go)
    yield Probe("voice:letter", f"/letters/{w.letter.number}/", answers=go)

    # the desk
    desk = {"owner": "window"}
    accept = {"checked": ["competence", "applicant", "complete", "form"]}
    yield Probe("cases:case", f"/desk/cases/{w.waiting.number}/", **desk)
    yield Probe("cases:diagram", f"/desk/cases/{w.waiting.number}/diagram.json", **desk)
    yield Probe("cases:case", f"/desk/cases/{w.letter.number}/", owner="mailbox")
    yield Probe(
        "cases:unmask",
        f"/desk/cases/{w.waiting.number}/unmask/",
        method="POST",
        body={"reason": "电话核实"},
        **desk,
    )
    extend = f"/desk/cases/{w.deciding.number}/actions/extend/"
    yield Probe("cases:action", extend, owner="chief")
    yield Probe(
        "cases:action",
        extend,
        owner="chief",
        method="POST",
        body={"reason": "需要再次核实场所情况"},
        answers=go,
    )
    # the office moves
    chief, reviewing = {"owner": "chief"}, w.county.task(w.deciding, "decide").id
    colleague = _key(w, "officer1")
    back = f"/desk/cases/{w.deciding.number}/moves/return/?task={reviewing}"
    yield Probe("cases:move", back, **chief)
    yield Probe(
        "cases:move", back, method="POST", body={"to_node": "inspect", "reason": "重看"}, answers=go, **chief
    )
    yield Probe("cases:hand-over", f"/desk/hand-over/?person={colleague}&to={_key(w, 'officer2')}", **chief)
    given = w.facts["delegation"]
    yield Probe(
        "cases:end-delegation", f"/desk/delegations/{given}/end/", method="POST", answers=go, owner="officer1"
    )
    api = f"/api/v1/tasks/{reviewing}"
    yield Probe("GET /api/v1/tasks/{task_id}/moves", f"{api}/moves", **chief)
    moves: dict[str, tuple[str, dict[str, Any]]] = {
        "return": ("chief", {"to_node": "inspect"}),
        "transfer": ("chief", {"to": colleague}),
        "signers": ("chief", {"to": colleague, "place": "beside"}),
        "urge": ("window", {}),
    }
    for move, (owner, body) in moves.items():
        answers = frozenset({409}) if move == "transfer" else frozenset({200})
        yield Probe(
            f"POST /api/v1/tasks/{{task_id}}/{move}", f"{api}/{move}", owner=owner, method="POST",
            body={**body, "reason": "重看"}, answers=answers,
        )  # fmt: skip
    signed = w.facts["signed"]
    yield Probe(
        "POST /api/v1/tasks/{task_id}/withdraw", f"/api/v1/tasks/{signed}/withdraw", owner="officer2", method="POST",
        body={"reason": "重看"},
    )  # fmt: skip
    readings = f"/api/v1/cases/{w.deciding.number}/readings"
    yield Probe(
        "POST /api/v1/cases/{number}/readings", readings, owner="chief", method="POST",
        body={"to": [colleague], "reason": "请看"},
    )  # fmt: skip
    yield Probe("POST /api/v1/cases/{number}/readings/read", f"{readings}/read", owner="chief", method="POST")
    yield Probe("cases:claim", f"/desk/tasks/{receive}/claim/", method="POST", answers=go, **desk)
    yield Probe(
        "cases:release",
        f"/desk/tasks/{receive}/release/",
        method="POST",
        answers=go,
        before=lambda: _claim(w, receive),
        **desk,
    )
    yield Probe(
        "cases:complete",
        f"/desk/tasks/{receive}/complete/",
        method="POST",
        body={"outcome": "accept"},
        answers=go,
        **desk,
    )
    yield Probe("cases:outcome", f"/desk/tasks/{receive}/accept/", **desk)
    yield Probe(
        "cases:outcome", f"/desk/tasks/{receive}/accept/", method="POST", body=accept, answers=go, **desk
    )

    # who comes in person, and who receives them
    mine = f"/appointments/mine/{w.facts['appointment']}/"
    moved = {"slot": "2026-06-04T09:00:00+08:00"}
    yield Probe("hall:mine", mine)
    yield Probe("hall:move", f"{mine}move/")
    yield Probe("hall:move", f"{mine}move/", method="POST", body=moved, answers=go)
    yield Probe("hall:cancel", f"{mine}cancel/", method="POST", answers=go)
    yield Probe("hall:calendar", f"{mine}calendar.ics")
    number = f"/appointments/case/{w.waiting.number}/"
    yield Probe("hall:for-case", number, answers=frozenset({404}))  # nothing has to be chosen for it
    hall, manager = "/desk/halls/", {"owner": "hall"}
    yield Probe("hall:day", "/desk/appointments/?day=2026-06-03", **desk)
    marking = f"/desk/appointments/{w.facts['appointment']}/arrived/"
    yield Probe(
        "hall:mark", marking, method="POST", answers=frozenset({409}), **desk
    )  # it is for another day
    yield Probe("hall:queue", "/desk/queue/", answers=go, **desk)
    yield Probe("hall:window", f"/desk/queue/{w.facts['hall_window']}/", **desk)
    yield Probe("hall:call", f"/desk/queue/{w.facts['hall_window']}/next/", method="POST", answers=go, **desk)
    yield Probe("hall:manage", hall, answers=go, **manager)
    yield Probe("hall:hours", f"{hall}county-hall/", **manager)
    closed = {"day": "2026-06-05", "closed": "1", "reason_zh": "检修"}
    yield Probe("hall:odd-day", f"{hall}county-hall/days/", method="POST", body=closed, answers=go, **manager)
    yield Probe("hall:usual", f"{hall}county-hall/usual/", method="POST", body=closed, answers=go, **manager)
    taken_down = f"{hall}county-hall/kiosks/0/"
    yield Probe("hall:kiosk-take-down", taken_down, method="POST", answers=frozenset({404}), **manager)
    yield Probe("hall:kiosk-put-up", f"{hall}county-hall/kiosks/", method="POST", answers=go, **manager)

    # who runs the machines sees that steps failed, never whose
    machines = {"owner": "sysadmin", "method": "POST"}
    yield Probe("ops:incidents", "/desk/incidents/", owner="sysadmin")
    yield Probe("calendars:import", "/desk/calendar/import/", owner="sysadmin")
    yield Probe(
        "calendars:import",
        "/desk/calendar/import/",
        body={"year": "2030", "notice": "n", "text": "一、元旦：1月1日放假1天。"},
        **machines,
    )
    yield Probe("calendars:day", "/desk/calendar/days/2030-01-02/", owner="sysadmin")
    yield Probe(
        "calendars:day",
        "/desk/calendar/days/2030-01-02/",
        body={"kind": "off", "name_zh": "县庆", "reason": ""},
        answers=frozenset({422}),
        **machines,
    )
    yield Probe(
        "calendars:change",
        "/desk/calendar/changes/0/",
        owner="sysadmin",
        answers=frozenset({404}),
    )
    process = "/desk/processes/food-licence-new/"
    yield Probe("ops:processes", "/desk/processes/", owner="sysadmin")
    yield Probe("ops:process", process, owner="sysadmin")
    yield Probe("ops:process-file", f"{process}file/", owner="sysadmin")
    yield Probe("ops:migrate", f"{process}1/2/", owner="sysadmin", before=correct_the_process)
    yield Probe(
        "ops:migrate",
        f"{process}1/2/",
        body={"instance": str(w.waiting.instance_id), "reason": "更正"},
        answers=frozenset({302}),
        before=correct_the_process,
        **machines,
    )
    yield Probe(
        "ops:resolve",
        f"/desk/incidents/{w.facts['job']}/",
        body={"way": "retry", "reason": "修好了"},
        answers=frozenset({409}),  # the step was done: there is nothing to repair
        **machines,
    )
    yield Probe("ops:history", "/desk/incidents/history/", owner="sysadmin")
    yield Probe("ops:incident", "/desk/incidents/of/0/", owner="sysadmin", answers=frozenset({404}))
    repair = {"reason": "修好了", "job": w.facts["job"]}
    yield Probe("ops:retry-group", "/desk/incidents/retry/", body=repair, answers=go, **machines)
    yield Probe(
        "ops:repair-job", "/desk/incidents/jobs/1/", body=repair, answers=frozenset({409}), **machines
    )
    yield Probe("ops:remake-paper", f"/desk/incidents/papers/{w.facts['paper']}/", answers=go, **machines)
    yield Probe("ops:resend", f"/desk/incidents/messages/{w.facts['delivery']}/", answers=go, **machines)

    # who administers the organisation
    security = {"owner": "secadmin"}
    yield from _studio(w, go)
    yield from _people(w, go)

    post = w.facts["window_post"]
    basis = {"basis": "澄编发〔2026〕3号"}
    yield Probe("admin:units", "/desk/admin/", owner="auditadmin")
    yield Probe("admin:unit", "/desk/admin/units/scjg/", owner="auditadmin")
    yield Probe("admin:found-unit", "/desk/admin/units/new/", owner="sysadmin")
    unit = {"name_zh": "数据中心", "division_code": "532399000000", "parent": "", **basis}
    yield Probe("admin:found-unit", "/desk/admin/units/new/", body=unit, answers=go, **machines)
    yield Probe("admin:change-unit", "/desk/admin/units/scjg/change/", body=unit, answers=go, **machines)
    yield Probe("admin:move-unit", "/desk/admin/units/scjg/move/", body=unit, answers=go, **machines)
    yield Probe("admin:merge-unit", "/desk/admin/units/scjg/merge/", owner="sysadmin")
    merge = {"into": 0, **basis}
    yield Probe(
        "admin:merge-unit", "/desk/admin/units/scjg/merge/", body=merge, answers=frozenset({404}), **machines
    )
    yield Probe("admin:post", f"/desk/admin/posts/{post}/", **security)
    yield Probe("admin:found-post", "/desk/admin/units/scjg/posts/new/", **security)
    yield Probe(
        "admin:change-post", f"/desk/admin/posts/{post}/change/", method="POST", body={"name_zh": "窗口"},
        answers=go, **security,
    )  # fmt: skip
    yield Probe("admin:abolish-post", f"/desk/admin/posts/{post}/abolish/", **security)
    yield Probe("admin:appoint", f"/desk/admin/posts/{post}/appoint/", **security)
    yield Probe("admin:end-holding", f"/desk/admin/holdings/{w.facts['holding']}/end/", **security)

    system = {"owner": "sysadmin"}
    person, closed = w.county.actor("officer1").person_id, frozenset({404})
    people = f"/desk/admin/people/{person}/"
    yield Probe("admin:people", "/desk/admin/people/", owner="auditadmin")
    yield Probe("admin:person", people, owner="auditadmin")
    yield Probe("admin:open-account", "/desk/admin/people/new/", **system)
    yield Probe("admin:change-person", f"{people}change/", **system)
    yield Probe("admin:invite", f"{people}invite/", **machines)
    yield Probe("admin:close-account", f"{people}close/", body={"reason": "退休"}, answers=go, **machines)
    yield Probe("admin:reopen-account", f"{people}reopen/", answers=closed, **system)
    yield Probe("admin:administrators", "/desk/admin/administrators/", owner="auditadmin")
    yield Probe("admin:delegations", "/desk/admin/delegations/", owner="auditadmin")
    ending = f"/desk/admin/delegations/{given}/end/"
    yield Probe("admin:end-delegation", ending, method="POST", answers=go, **security)
    yield Probe("admin:sessions", "/desk/admin/sessions/", **system)
    yield Probe("admin:end-session", "/desk/admin/sessions/0/end/", method="POST", answers=closed, **security)
    yield Probe("admin:rules", "/desk/admin/sign-in/", **security)
    factor = {"duty": "services.decide", "unit": "", "rule_reason": "等保三级"}
    unlocking = {"username": "citizen", "unlock_reason": "本人来过"}
    yield Probe("admin:unlock", "/desk/admin/sign-in/unlock/", method="POST", body=unlocking, **security)
    rule = "/desk/admin/sign-in/factor/"
    yield Probe("admin:put-factor-rule", rule, method="POST", body=factor, answers=go, **security)
    yield Probe("admin:end-factor-rule", f"{rule}0/end/", method="POST", answers=closed, **security)
    yield Probe("admin:reset-factors", f"{people}reset/", answers=closed, **security)
    firm = f"/desk/admin/mandates/of/{w.facts['firm']}/"
    yield Probe("admin:entities", "/desk/admin/mandates/", **system)
    yield Probe("admin:entity", firm, **system)
    yield Probe("admin:give-mandate", f"{firm}give/", **system)
    yield Probe("admin:end-mandate", f"/desk/admin/mandates/{w.facts['mandate']}/end/", **system)

    # who runs the machines sees what went to upper platforms, with everything personal covered
    docking = "/desk/docking/"
    yield Probe("docking:home", docking, owner="sysadmin")
    yield Probe("docking:new", f"{docking}new/", owner="sysadmin")
    yield Probe(
        "docking:new",
        f"{docking}new/",
        body={"key": "city", "name_zh": "市平台"},
        answers=frozenset({422}),
        **machines,
    )
    yield Probe("docking:destination", f"{docking}province/", owner="sysadmin")
    yield Probe("docking:edit", f"{docking}province/edit/", owner="sysadmin")
    yield Probe("docking:switch", f"{docking}province/switch/", body={"on": "0"}, answers=go, **machines)
    again = {"state": "dead", "reason": "网络修好了"}
    yield Probe("docking:resend", f"{docking}province/resend/", body=again, answers=go, **machines)
    yield Probe("docking:items", f"{docking}province/items/", owner="sysadmin")
    yield Probe("docking:days", f"{docking}province/days/", owner="sysadmin")
    yield Probe("docking:day", f"{docking}province/days/2026-06-01/", owner="sysadmin")
    yield Probe(
        "docking:day",
        f"{docking}province/days/2026-06-01/",
        body={"way": "resend", "reason": "对账"},
        answers=go,
        **machines,
    )
    none = frozenset({404})
    yield Probe("docking:record", f"{docking}records/0/", owner="sysadmin", answers=none)
    yield Probe("docking:repair", f"{docking}records/0/repair/", body=again, answers=none, **machines)

    # who administers registers other systems
    yield Probe("federation:systems", "/desk/admin/systems/", owner="sysadmin")
    yield Probe("federation:register", "/desk/admin/systems/new/", owner="sysadmin")
    archive = f"/desk/admin/systems/{w.facts['system']}/"
    yield Probe("federation:system", archive, owner="auditadmin")
    yield Probe("federation:change", f"{archive}change/", owner="sysadmin")
    yield Probe("federation:secret", f"{archive}secret/", **machines)
    shut = {"open": "0", "reason": "合同到期"}
    yield Probe("federation:switch", f"{archive}switch/", body=shut, answers=go, **machines)

    yield Probe("federation:provinces", "/desk/admin/systems/in/", owner="secadmin")
    yield Probe("federation:new-province", "/desk/admin/systems/in/new/", owner="sysadmin")
    yield Probe("federation:province", "/desk/admin/systems/in/none/", owner="sysadmin", answers=none)
    yield Probe("federation:programs", "/desk/admin/systems/programs/", owner="auditadmin")
    yield Probe("federation:register-program", "/desk/admin/systems/programs/new/", owner="sysadmin")
    program = "/desk/admin/systems/programs/none/switch/"
    yield Probe("federation:switch-program", program, answers=none, **machines)
    yield Probe("federation:check", "/desk/identity-check/", owner="window")
    card = {"name": "李秀英", "citizen_id": "532399198510271020", "seen": "1"}
    yield Probe("federation:check", "/desk/identity-check/", owner="window", method="POST", body=card)

    # who leads: figures without people
    yield Probe("figures:overview", "/desk/overview/", owner="countyhead")
    yield Probe("figures:list", "/desk/overview/list/open/", owner="countyhead")

    # who watches over all units
    watching: dict[str, Any] = {"owner": "oversight"}
    yield Probe("oversight:cards", "/desk/oversight/", **watching)
    yield Probe("oversight:export", "/desk/oversight/export/", method="POST", **watching)
    yield Probe("oversight:rules", "/desk/oversight/rules/", **watching)
    yield Probe("oversight:late", "/desk/oversight/late/", **watching)
    yield Probe("oversight:inspect", "/desk/oversight/inspect/", **watching)
    asked = {"number": w.waiting.number, "reason": "核实受理是否及时"}
    yield Probe(
        "oversight:inspect", "/desk/oversight/inspect/", method="POST", body=asked, answers=go, **watching
    )
    card = f"/desk/oversight/cards/{w.facts['card']}/"
    yield Probe("oversight:card", card, answers=go, **watching)
    refused = frozenset({422})
    yield Probe("oversight:evidence", f"{card}evidence/", method="POST", owner="officer1", answers=refused)

    # who audits sees every act
    yield Probe("audit:search", "/desk/audit/", owner="auditadmin")
    yield Probe("audit:find", "/desk/audit/find/", owner="auditadmin", method="POST", answers=go)
    yield Probe("audit:export", "/desk/audit/export/", owner="auditadmin", method="POST")

    # the API
    def api(route: str, **more: Any) -> Probe:
        method, _, template = route.partition(" ")
        values = more.pop("path")
        return Probe(route, template.format(**values), method=method, **more)

    yield api("GET /api/v1/audit/acts", path={}, owner="auditadmin")
    yield api("GET /api/v1/papers/{paper_id}", path={"paper_id": w.facts["paper"]})
    yield api("GET /api/v1/papers/{paper_id}/pdf", path={"paper_id": w.facts["paper"]})
    yield api("GET /api/v1/cases/{number}", path={"number": w.waiting.number})
    yield api("GET /api/v1/cases/{number}", path={"number": w.waiting.number}, owner="window")
    yield api(
        "POST /api/v1/cases/{number}/actions/{key}",
        path={"number": w.waiting.number, "key": "withdraw"},
        body={"data": {}},
    )
    yield api("POST /api/v1/tasks/{task_id}/claim", path={"task_id": receive}, owner="window")
    yield api(
        "POST /api/v1/tasks/{task_id}/complete",
        path={"task_id": receive},
        owner="window",
        body={"outcome": "accept", "data": accept},
    )
    yield api(
        "POST /api/v1/tasks/{task_id}/complete", path={"task_id": correct}, body={"outcome": "resubmit"}
    )
    yield api("POST /api/v1/tasks/{task_id}/complete", path={"task_id": judge}, body={"outcome": "satisfied"})
    draft = {"case_id": w.draft.pk}
    yield api("GET /api/v1/applications/{case_id}", path=draft)
    yield api("PUT /api/v1/applications/{case_id}/data", path=draft, body={"data": {"area": 66}})
    yield api(
        "POST /api/v1/applications/{case_id}/materials/{key}",
        path={**draft, "key": "equipment"},
        body={"file": SimpleUploadedFile("plan.png", PNG)},
        answers=frozenset({201}),
    )
    signing = {"digest": "0" * 64, "password": "demo", "name": "x", "consents": True}
    yield api("POST /api/v1/applications/{case_id}/sign", path=draft, body=signing, answers=frozenset({409}))
    refused = frozenset({409})
    yield api("POST /api/v1/applications/{case_id}/sign/code", path=draft, answers=refused)
    yield api("POST /api/v1/applications/{case_id}/submit", path=draft)
    yield api("POST /api/v1/applications/{case_id}/resubmit", path={"case_id": w.correcting.pk})
    named = {"case_id": w.facts["joint"], "consent_id": w.facts["joint_consent"]}
    made = frozenset({201})
    yield api(
        "POST /api/v1/consents/{consent_id}/{answer}",
        path={"consent_id": w.facts["agency_consent"], "answer": "agree"},
        owner="elder",
    )
    yield api(
        "POST /api/v1/applications/{case_id}/applicants",
        path={"case_id": w.facts["joint"]},
        body={"name": "李秀英", "citizen_id": "532399198510271020"},
        owner="villager",
        answers=made,
    )
    yield api("DELETE /api/v1/applications/{case_id}/applicants/{consent_id}", path=named, owner="villager")
    yield api(
        "POST /api/v1/applications/{case_id}/consents/{consent_id}/{kind}",
        path={"case_id": w.facts["agency"], "consent_id": w.facts["agency_consent"], "kind": "proof"},
        body={"file": SimpleUploadedFile("letter.png", PNG)},
        owner="village",
        answers=made,
    )
    yield api(
        "POST /api/v1/counter",
        path={},
        body={"item": "senior-allowance", "seen": True, **SENIOR},
        owner=CLERK,
        answers=made,
    )
    yield api(
        "POST /api/v1/counter/{case_id}/sign",
        path={"case_id": w.facts["entering"]},
        body={"digest": "0" * 64, "strokes": [], "seen": True, "consents": True},
        owner=CLERK,
        answers=frozenset({422}),
    )
    yield api(
        "POST /api/v1/counter/{number}/hand-over",
        path={"number": w.facts["ended"]},
        body={"recipient": "字玉珍", "seen": True, "typed": True},
        owner=CLERK,
        answers=made,
    )
    yield api(
        "POST /api/v1/ratings",
        path={},
        body={"number": w.done.number, "level": 1},
        answers=frozenset({201}),
    )
    yield api("GET /api/v1/certificates/{certificate_id}", path={"certificate_id": w.facts["certificate"]})
    kept = {"material_id": w.facts["kept"]}
    copied = {"receiver": "采购中心", "purpose": "投标"}
    yield api("GET /api/v1/vault/materials/{material_id}", path=kept)
    yield api("GET /api/v1/vault/materials/{material_id}/copies", path=kept)
    yield api("POST /api/v1/vault/materials/{material_id}/copies", path=kept, body=copied, answers=made)
    yield api(
        "GET /api/v1/vault/materials/{material_id}/copies/{copy_id}/pdf",
        path={**kept, "copy_id": w.facts["kept_copy"]},
    )
    yield api("DELETE /api/v1/vault/materials/{material_id}", path=kept, answers=frozenset({204}))
    yield api(
        "GET /api/v1/certificates/{certificate_id}/pdf", path={"certificate_id": w.facts["certificate"]}
    )
    certificate = {"path": {"certificate_id": w.facts["certificate"]}}
    yield api("GET /api/v1/certificates/{certificate_id}/history", **certificate)
    yield api("GET /api/v1/certificates/{certificate_id}/copies", **certificate)
    yield api(
        "POST /api/v1/certificates/{certificate_id}/copies",
        body=said,
        answers=frozenset({201}),
        **certificate,
    )
    yield api("GET /api/v1/certificates/copies/{copy_id}/pdf", path={"copy_id": w.facts["copy"]})
    yield api(
        "POST /api/v1/certificates/copies/{copy_id}/end",
        path={"copy_id": w.facts["copy"]},
        answers=frozenset({204}),
    )
    yield api(
        "POST /api/v1/certificates/{certificate_id}/acts",
        body={"act": "revoke"},
        owner="officer1",
        **certificate,
    )
    yield api("GET /api/v1/desk/certificates", path={}, owner="officer1")
    yield api(
        "POST /api/v1/fees/charges/{charge_id}/payments",
        path={"charge_id": w.facts["charge"]},
        answers=frozenset({201}),
    )
    yield api("GET /api/v1/fees/payments/{number}", path={"number": w.facts["payment"]})
    yield api("GET /api/v1/letters/{number}", path={"number": w.letter.number})
    yield api(
        "POST /api/v1/letters/{number}/judgement",
        path={"number": w.letter.number},
        body={"outcome": "satisfied"},
    )


def _give_a_card(county: County, case: Any) -> str:
    """Let oversight find something in a case; return the number of the card."""
    from tongban.apps.oversight import service as oversight
    from tongban.base.text import LocalizedText

    rule = next(rule for rule in oversight.rules_in_force() if rule.key == "case-overdue")
    finding = oversight.Finding(rule, case, "test", case.unit_id, None, LocalizedText("超期"))
    card = oversight.give_card(finding=finding, at=county.now)
    assert card is not None
    return card.case.number or ""


def _owe_a_fee(county: County, case: Any) -> dict[str, Any]:
    """Let the firm owe a fee with a payment at the bank, another paid one with a refund, and a day that does not agree."""
    from tongban.apps.fees import service as fees
    from tongban.apps.fees.models import BankOrder, Charge, Difference

    common: dict[str, Any] = {"case": case, "unit_id": case.unit_id, "basis": "", "made_at": county.now}
    owed = Charge.objects.create(**common, code="a", name="占用费", amount=9000)
    paid = Charge.objects.create(**common, code="b", name="工本费", amount=500)
    payer = county.actor(OWNER)
    payment, other = (
        fees.start_payment(actor=payer, charge_id=each.pk, at=county.now) for each in (owed, paid)
    )
    fees.act_at_bank(number=other.number, act="pay", at=county.now)
    county.drain()
    refund = fees.propose_refund(
        actor=county.actor("finance1"), number=other.number, amount=100, reason="多收", at=county.now
    )
    today = county.now.date()
    BankOrder.objects.filter(number=other.number).update(paid=501)
    fees.reconcile(actor=county.actor("finance1"), provider_key="demo", day=today, at=county.now)
    return {
        "charge": owed.pk,
        "payment": payment.number,
        "paid_payment": other.number,
        "refund": refund.pk,
        "day": today.isoformat(),
        "difference": Difference.objects.get().pk,
    }


def _claim(w: World, task_id: int) -> None:
    from tongban.kernel.cases import service as cases

    cases.claim_task(actor=w.county.actor("window"), task_id=task_id, at=w.county.now)


# --- asking -------------------------------------------------------------------------------------------------------


def _ask(w: World, probe: Probe, username: str) -> Any:
    """Send the request as this account (with its token to the API, signed in to a page)."""
    client = Client() if probe.is_api else w.clients[username]
    headers = w.tokens[username] if probe.is_api else {}
    options: dict[str, Any] = {"headers": headers}
    body = dict(probe.body)
    for value in body.values():
        if isinstance(value, SimpleUploadedFile):
            value.seek(0)
    has_file = any(isinstance(value, SimpleUploadedFile) for value in body.values())
    if probe.method == "GET":
        return client.get(probe.url, **options)
    if probe.is_api and not has_file:
        options |= {"data": json.dumps(body), "content_type": "application/json"}
        return client.generic(probe.method, probe.url, options.pop("data"), **options)
    return client.post(
        probe.url,
        {key: str(v) if not isinstance(v, list | SimpleUploadedFile) else v for key, v in body.items()},
        **options,
    )


def _text(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode(errors="replace")


def _follow(w: World, username: str, response: Any) -> tuple[Any, str]:
    """Go where a page's redirects lead; return the last answer and its address."""
    address = ""
    for _ in range(4):
        if response.status_code != 302:
            break
        address = response["Location"]
        if address.startswith(TO_SIGN_IN):
            break
        response = w.clients[username].get(address)
    return response, address


def _fingerprints(tables: list[str] | None = None) -> dict[str, str]:
    """Return for each table what it holds, as a digest. Sessions and counted attempts may change."""
    free = {"django_session", "identity_attempts", "identity_presence"}
    names = sorted(set(tables if tables is not None else connection.introspection.table_names()) - free)
    found = {}
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(
                f"SELECT count(*) || md5(string_agg(md5(t::text), '' ORDER BY t::text)) FROM \"{name}\" t"
            )
            found[name] = cursor.fetchone()[0]
    return found


def _written() -> dict[str, tuple[int, int, int]]:
    """Return how many rows this transaction inserted, updated, deleted in each table so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables")
        return {name: numbers for name, *numbers in cursor.fetchall()}


def _changes(w: World, before: Mapping[str, Any]) -> list[str]:
    """Return the tables whose rows differ from the world's; only those touched since ``before`` are read."""
    touched = [name for name, numbers in _written().items() if before.get(name) != numbers]
    return [name for name, digest in _fingerprints(touched).items() if digest != w.baseline[name]]


# --- the walk -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("intruder", INTRUDERS)
def test_nobody_learns_what_exists(world: World, intruder: str) -> None:
    """What belongs to another is answered like what does not exist: numbers and ids cannot be tried out."""
    username = INTRUDERS[intruder]
    faults = []
    for probe in probes(world):
        real = _ask(world, probe, username)
        none = _ask(world, _unreal(world, probe), username)
        answers = [(r.status_code, _text(r) if probe.is_api else _led_to(r)) for r in (real, none)]
        if answers[0] != answers[1]:
            faults.append(f"{probe}: {answers[0]}, for what does not exist {answers[1]}")
    assert not faults, "\n".join(faults)


def _led_to(response: Any) -> str:
    """Return where an answer leads, without the number of the case that the visitor named."""
    return re.sub(r"\d{4}/$", "", response.get("Location", "").partition("?")[0])


def _unreal(w: World, probe: Probe) -> Probe:
    """Return the request for a thing that does not exist, of the same kind."""
    known = {str(case.pk): str(uuid4()) for case in _cases(w)}
    known |= {str(value): str(uuid4()) for value in w.facts.values() if isinstance(value, UUID)}
    known |= {case.number: f"{case.number[:-4]}9999" for case in _cases(w) if case.number}
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
    return [task.id for case in _cases(w) if case.instance_id for task in w.county.open_steps(case)]


@pytest.mark.parametrize("intruder", INTRUDERS)
def test_nobody_reaches_the_things_of_another(world: World, intruder: str) -> None:
    """Refused, without a trace: no row changed, no event, no job, and no name in the answer."""
    username = INTRUDERS[intruder]
    faults = []
    for probe in probes(world):
        before = _written()
        response = _ask(world, probe, username)
        if response.status_code == 302 and not probe.is_api:
            response, address = _follow(world, username, response)
            is_led_away = address.startswith(TO_SIGN_IN) or address == OWN_DESK
            is_refused = is_led_away or response.status_code in REFUSED
        else:
            is_refused = response.status_code in REFUSED
        text = _text(response)
        secrets = list(world.secrets)
        secrets += [
            case.number
            for case in _cases(world)
            if case.number and case.number not in f"{probe.url}{probe.body}"
        ]
        if not is_refused:
            faults.append(f"{probe}: {intruder} got {response.status_code}")
        faults += [f"{probe}: {intruder} can read {secret}" for secret in secrets if secret in text]
        faults += [f"{probe}: {intruder} changed {table}" for table in _changes(world, before)]
    assert not faults, "\n".join(faults)


def test_a_party_has_no_business_at_the_desk(world: World) -> None:
    """Her own case, but the office's page: nothing there for her."""
    faults = []
    for probe in probes(world):
        if probe.url.startswith("/desk/"):
            before = _written()
            response = _ask(world, probe, OWNER)
            if response.status_code not in REFUSED or _changes(world, before):
                faults.append(f"{probe}: {response.status_code} {_changes(world, before)}")
    assert not faults, "\n".join(faults)


def test_the_owner_gets_in_everywhere(world: World) -> None:
    """Without this the walk would prove nothing: the same requests succeed for those whose business it is."""
    faults = []
    for probe in probes(world):
        with transaction.atomic():
            if probe.before:
                probe.before()
            response = _ask(world, probe, probe.owner)
            if response.status_code not in probe.answers:
                faults.append(f"{probe}: {probe.owner} got {response.status_code} {_text(response)[:300]}")
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
        response = _ask(world, probe, username)
        if response.status_code == 302 and not probe.is_api:
            response, _ = _follow(world, username, response)
        text = _text(response)
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
        text = _text(response)
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
        before = _written()
        response = strict.post(probe.url, {k: str(v) for k, v in probe.body.items()})
        if response.status_code != 403 or _changes(world, before):
            faults.append(f"{probe}: {response.status_code}")
    assert not faults, "\n".join(faults)


def test_the_api_takes_no_cookie_for_a_token(world: World) -> None:
    """A browser that is signed in has no business at the API: otherwise any site could use it."""
    faults = []
    for probe in probes(world):
        if probe.is_api:
            client = world.clients[probe.owner]
            before = _written()
            response = client.generic(
                probe.method, probe.url, json.dumps({}), content_type="application/json"
            )
            if response.status_code not in {*REFUSED, 422} or _changes(world, before):
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
        f"nobody walks {missing}: add each to PUBLIC (open to all), OWN (the caller's own) or, when it addresses one thing, "
        "to probes() with the request that its owner would send"
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


def _cases(w: World) -> list[Any]:
    return [w.draft, w.waiting, w.correcting, w.deciding, w.done, w.letter]


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
