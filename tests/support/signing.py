"""A complete application that demands a signature, and its signing by the representative of a firm."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.county import PNG, REP_FIRM, County
from tongban.apps.services import service as services
from tongban.apps.services.models import Signature
from tongban.apps.services.operations.apply import put_answers
from tongban.apps.services.queries import signing
from tongban.kernel.identity import service as identity

WALK = yaml.safe_load(
    (Path(__file__).parents[1] / "county" / "walks" / "items" / "construction-permit.yaml").read_text("utf-8")
)
STROKES = json.dumps([[[20 + 9 * i, 100 + (i % 7) * 9] for i in range(40)]])


def complete_application(county: County) -> Any:
    """A complete application that demands a signature, by the representative of a firm."""
    actor = county.actor("rep")
    case = services.create_application(
        actor=actor, item_key="construction-permit", entity_id=county.entity(REP_FIRM).pk, at=county.now
    )
    answers = {
        key: (county.now + timedelta(days=int(str(value)[6:] or 0))).date().isoformat()
        if str(value).startswith("today")
        else value
        for key, value in WALK["answers"].items()
    }
    put_answers(actor=actor, case_id=case.pk, values=answers, at=county.now)
    case = services.get_application(actor, case.pk)
    for material in services.materials_of(case, services.get_item("construction-permit")):
        if material.is_upload and material.is_required:
            services.put_material(
                actor=actor,
                case_id=case.pk,
                key=material.key,
                upload=SimpleUploadedFile("a.png", PNG),
                at=county.now,
            )
    return services.get_application(actor, case.pk)


def digest(county: County, case: Any) -> str:
    """Return what is to be signed now."""
    fresh = services.get_application(county.actor("rep"), case.pk)
    return signing.digest_of(fresh, services.get_item("construction-permit"), at=county.now)


def sign(county: County, case: Any, **said: Any) -> Signature:
    """Let the representative sign."""
    values = {
        "actor": county.actor("rep"),
        "digest": said.get("digest") or digest(county, case),
        "password": "demo",
        "strokes": STROKES,
        "consents": True,
        "at": county.now,
        "clock": identity.clock(),
        **said,
    }
    return services.sign_application(case_id=case.pk, **values)


def submit(county: County, case: Any) -> Any:
    """Let the representative submit."""
    return services.submit_application(actor=county.actor("rep"), case_id=case.pk, at=county.now)[0]


def officer(county: County, case: Any) -> str:
    """Return the account of an official who has the open step."""
    from tongban.kernel.identity.models import Account, Holder

    [task] = county.open_steps(case)
    unit, _, duty = str(Holder.objects.get(pk=task.holder_id).key).partition(":")
    person = identity.people_with_duty(int(unit), duty, county.now)[0]
    return Account.objects.get(person_id=person, kind="official", is_active=True).username


def ask_to_correct(county: County, case: Any) -> None:
    """Let the official who checks what came in ask for a correction."""
    materials = services.materials_of(case, services.get_item("construction-permit"))
    said = {"missing": [next(m.key for m in materials if m.is_upload)], "what": "面积要写准"}
    county.do(officer(county, case), case, "receive", "request_correction", said)


def case_page(county: County, case: Any) -> str:
    """Return the page of a case as the official sees it who has it."""
    return county.client(officer(county, case)).get(f"/desk/cases/{case.number}/").content.decode()
