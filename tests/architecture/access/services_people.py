"""Access: those who apply for another, who are applied for, and the counter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.architecture.walk.probe import GO, Probe, World, operation
from tests.support.county import PNG, County

OWN = {
    "services:apply-for": "/services/items/senior-allowance/apply-for/",
    "GET /api/v1/consents": "/api/v1/consents",
}

SENIOR = {"name": "字玉珍", "citizen_id": "53239919430411128X"}
"""Who is applied for in the walk: the account ``elder``."""


CLERK = "x01.clerk"
"""The counter in her township."""


def name_people(county: County) -> dict[str, Any]:
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


def probes(w: World) -> Iterator[Probe]:
    elder, agent, clerk = {"owner": "elder"}, {"owner": "village"}, {"owner": CLERK}
    consent = f"/services/consents/{w.facts['agency_consent']}/"
    agency, joint = (f"/services/applications/{w.facts[key]}/people/" for key in ("agency", "joint"))
    post: dict[str, Any] = {"method": "POST", "answers": GO}
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
    named = {"case_id": w.facts["joint"], "consent_id": w.facts["joint_consent"]}
    made = frozenset({201})
    yield operation(
        "POST /api/v1/consents/{consent_id}/{answer}",
        path={"consent_id": w.facts["agency_consent"], "answer": "agree"},
        owner="elder",
    )
    yield operation(
        "POST /api/v1/applications/{case_id}/applicants",
        path={"case_id": w.facts["joint"]},
        body={"name": "李秀英", "citizen_id": "532399198510271020"},
        owner="villager",
        answers=made,
    )
    yield operation(
        "DELETE /api/v1/applications/{case_id}/applicants/{consent_id}", path=named, owner="villager"
    )
    yield operation(
        "POST /api/v1/applications/{case_id}/consents/{consent_id}/{kind}",
        path={"case_id": w.facts["agency"], "consent_id": w.facts["agency_consent"], "kind": "proof"},
        body={"file": SimpleUploadedFile("letter.png", PNG)},
        owner="village",
        answers=made,
    )
    yield operation(
        "POST /api/v1/counter",
        path={},
        body={"item": "senior-allowance", "seen": True, **SENIOR},
        owner=CLERK,
        answers=made,
    )
    yield operation(
        "POST /api/v1/counter/{case_id}/sign",
        path={"case_id": w.facts["entering"]},
        body={"digest": "0" * 64, "strokes": [], "seen": True, "consents": True},
        owner=CLERK,
        answers=frozenset({422}),
    )
    yield operation(
        "POST /api/v1/counter/{number}/hand-over",
        path={"number": w.facts["ended"]},
        body={"recipient": "字玉珍", "seen": True, "typed": True},
        owner=CLERK,
        answers=made,
    )
