"""Access: the catalogue, which is public, and one's own application."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.architecture.walk.probe import GO, Probe, World, operation
from tests.support.county import PNG

PUBLIC = {
    "services:search": "/services/",
    "services:catalogue": "/services/catalogue/?type=01",
    "services:departments": "/services/departments/",
    "services:limits": "/services/limits/",
    "services:limits-file": "/services/limits.csv",
    "services:item": "/services/items/food-licence/",
    "services:guidance": "/services/find/{guidance}/",
    "services:notices": "/services/notices/",
    "GET /api/v1/items": "/api/v1/items",
    "GET /api/v1/items/{key}": "/api/v1/items/food-licence",
}
OWN = {
    "POST /api/v1/applications": "",
}


def probes(w: World) -> Iterator[Probe]:
    def application(name: str, case: Any, rest: str = "", **more: Any) -> Probe:
        return Probe(f"services:{name}", f"/services/applications/{case.pk}/{rest}", **more)

    yield Probe(
        "services:apply",
        "/services/items/food-licence/apply/",
        method="POST",
        body={"entity": w.facts["firm"]},
        answers=GO,
    )
    yield application("resume", w.draft, answers=GO)
    yield application("page", w.draft, "page/premises/")
    yield application(
        "page", w.draft, "page/premises/", method="POST", body={"area": "66"}, answers=frozenset({302, 422})
    )
    yield application("materials", w.draft, "materials/")
    yield application("mail-code", w.draft, "sign/code/", method="POST", answers=frozenset({409}))
    upload = SimpleUploadedFile("plan.png", PNG)
    yield application(
        "materials", w.draft, "materials/", method="POST", body={"material-equipment": upload}, answers=GO
    )
    yield application("check", w.draft, "check/")
    yield application("check", w.draft, "check/", method="POST", answers=GO)
    yield application("check", w.correcting, "check/", method="POST", answers=GO)
    yield application("form", w.draft, "form.pdf")
    yield application("sign", w.draft, "sign/", answers=GO)
    yield application("sign", w.draft, "sign/", method="POST", answers=GO)
    yield application("submitted", w.waiting, "submitted/")
    yield application("wrong", w.draft, "wrong/entity_name/")
    yield application(
        "wrong", w.draft, "wrong/entity_name/", method="POST", body={"note": "少了一个字"}, answers=GO
    )
    yield Probe("services:rate", f"/services/rate/{w.done.number}/")
    yield Probe(
        "services:rate", f"/services/rate/{w.done.number}/", method="POST", body={"level": "1"}, answers=GO
    )
    draft = {"case_id": w.draft.pk}
    yield operation("GET /api/v1/applications/{case_id}", path=draft)
    yield operation("PUT /api/v1/applications/{case_id}/data", path=draft, body={"data": {"area": 66}})
    yield operation(
        "POST /api/v1/applications/{case_id}/materials/{key}",
        path={**draft, "key": "equipment"},
        body={"file": SimpleUploadedFile("plan.png", PNG)},
        answers=frozenset({201}),
    )
    signing = {"digest": "0" * 64, "password": "demo", "name": "x", "consents": True}
    yield operation(
        "POST /api/v1/applications/{case_id}/sign", path=draft, body=signing, answers=frozenset({409})
    )
    refused = frozenset({409})
    yield operation("POST /api/v1/applications/{case_id}/sign/code", path=draft, answers=refused)
    yield operation("POST /api/v1/applications/{case_id}/submit", path=draft)
    yield operation("POST /api/v1/applications/{case_id}/resubmit", path={"case_id": w.correcting.pk})
    yield operation(
        "POST /api/v1/ratings",
        path={},
        body={"number": w.done.number, "level": 1},
        answers=frozenset({201}),
    )
