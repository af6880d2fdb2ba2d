"""The API of service items, applications and ratings. The same doors and the same policies as the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, File, Header, Router, Schema
from ninja.files import UploadedFile

from tongban.apps.services import service as services
from tongban.apps.services.operations.apply import put_answers
from tongban.apps.services.queries import application as reading
from tongban.apps.services.queries import signing
from tongban.base.actor import Actor
from tongban.base.time import now
from tongban.kernel.cases import service as cases
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.api import Bearer, api_actor

__all__ = ["router"]

router = Router(tags=["services"])


class Text(Schema):
    """A text in both languages."""

    zh: str
    en: str


class ItemOut(Schema):
    """A service item in a list. An announced one can be read about only; it may state no limits ("")."""

    key: str
    code: str
    name: Text
    lead: Text
    unit: Text
    version: int
    announced: bool
    statutory_limit: str
    promised_limit: str


class ItemDetail(ItemOut):
    """An item with its whole guide (elements of GB/T 39554.2), its form as JSON Schema and its process."""

    guide: dict[str, Any]
    form: dict[str, Any]
    process: str


class ApplicationIn(Schema):
    """What is applied for and, when on behalf of an entity, for which."""

    item: str
    entity_id: UUID | None = None


class MaterialOut(Schema):
    """A material of an application."""

    key: str
    name: Text
    required: bool
    upload: bool
    files: list[str]


class SignatureState(Schema):
    """Whether the item demands the applicant's signature, the digest of the content now, when just this was signed."""

    needed: bool
    digest: str
    signed_at: datetime | None


class SignatureIn(Schema):
    """The confirmation of a signature: the digest of what was read, the password, a code where there is a second factor,
    the full name, consent to ``consent`` of the guide.
    """

    digest: str
    password: str
    code: str = ""
    name: str
    consents: bool


class SignatureOut(Schema):
    """The signature as kept; ``file_sha256`` is that of the signed PDF."""

    digest: str
    file_sha256: str
    signed_at: datetime
    confirmed: str


class FaultOut(Schema):
    """Something that keeps the application from being submitted."""

    page: str
    field: str
    message: Text


class ApplicationOut(Schema):
    """An application as its party sees it."""

    id: UUID
    item: str
    state: str
    number: str | None
    data: dict[str, Any]
    materials: list[MaterialOut]
    faults: list[FaultOut]
    signature: SignatureState


class AnswersIn(Schema):
    """Answers by field key; fields that are left out stay as they are."""

    data: dict[str, Any] = Field(default_factory=dict)


class SubmittedOut(Schema):
    """The receipt. The query code is given only here."""

    id: UUID
    number: str
    code: str
    submitted_at: datetime


class RatingIn(Schema):
    """A rating: level 1 (best) to 5, GB/T 39046 A.8; with the query code when not signed in."""

    number: str
    level: int
    text: str = ""
    code: str = ""


class RatingOut(Schema):
    """The rating as kept."""

    number: str
    level: int


@router.get("/items", response=list[ItemOut], summary="Service items, by words when given")
def list_items(request: HttpRequest, q: str = "") -> list[dict[str, Any]]:
    """Return the items in force; with ``q`` those that the search finds, best first."""
    api_actor(request)
    items = services.find_items(q).items if q.strip() else services.list_items()
    return [_item_out(item) for item in items]


@router.get("/items/{key}", response=ItemDetail, summary="One item with its guide and form")
def get_item(request: HttpRequest, key: str) -> dict[str, Any]:
    """Return an item: everything its public guide shows, and the JSON Schema of its form."""
    api_actor(request)
    item = services.get_item(key)
    return {
        **_item_out(item),
        "guide": item.content,
        "form": {} if item.is_announced else forms.schema_of(forms.get_form(item.form_key)),
        "process": item.process_key,
    }


@router.post("/applications", response={201: ApplicationOut}, auth=Bearer(), summary="Begin an application")
def create_application(
    request: HttpRequest,
    body: ApplicationIn,
    idempotency_key: str = Header(..., alias="Idempotency-Key", max_length=200),
) -> tuple[int, dict[str, Any]]:
    """Begin an application, pre-filled from the registers. The same Idempotency-Key gives the same application."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    case = services.create_application(actor=actor, item_key=body.item, entity_id=body.entity_id, at=now())
    return 201, _application_out(actor, case.pk)


@router.get(
    "/applications/{case_id}", response=ApplicationOut, auth=Bearer(), summary="An application of mine"
)
def get_application(request: HttpRequest, case_id: UUID) -> dict[str, Any]:
    """Return an application with what is still missing."""
    return _application_out(request.actor, case_id)  # type: ignore[attr-defined]


@router.put(
    "/applications/{case_id}/data",
    response=ApplicationOut,
    auth=Bearer(),
    summary="Put answers into an application",
)
def put_data(request: HttpRequest, case_id: UUID, body: AnswersIn) -> dict[str, Any]:
    """Keep answers, right or wrong, as the pages do; ``faults`` says what is wrong. Unknown fields are refused."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    put_answers(actor=actor, case_id=case_id, values=body.data, at=now())
    return _application_out(actor, case_id)


@router.post(
    "/applications/{case_id}/materials/{key}",
    response={201: ApplicationOut},
    auth=Bearer(),
    summary="Upload a material",
)
def put_material(
    request: HttpRequest,
    case_id: UUID,
    key: str,
    file: UploadedFile = File(...),  # noqa: B008 (ninja's way)
) -> tuple[int, dict[str, Any]]:
    """Add a file to a material: PDF, JPEG, PNG or OFD by its bytes, at most 20 MB."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    services.put_material(actor=actor, case_id=case_id, key=key, upload=file, at=now())
    return 201, _application_out(actor, case_id)


@router.post(
    "/applications/{case_id}/sign",
    response={201: SignatureOut},
    auth=Bearer(),
    summary="Sign an application",
)
def sign(request: HttpRequest, case_id: UUID, body: SignatureIn) -> tuple[int, dict[str, Any]]:
    """Sign the content with this digest, by the full name. Submitting comes after; a change asks for another signature."""
    made = services.sign_application(
        actor=request.actor,  # type: ignore[attr-defined]
        case_id=case_id,
        digest=body.digest,
        password=body.password,
        code=body.code,
        typed_name=body.name,
        consents=body.consents,
        at=now(),
        clock=identity.clock(),
    )
    return 201, {
        "digest": made.digest,
        "file_sha256": made.file.sha256,
        "signed_at": made.signed_at,
        "confirmed": made.confirmed,
    }


@router.post("/applications/{case_id}/submit", response=SubmittedOut, auth=Bearer(), summary="Submit")
def submit(request: HttpRequest, case_id: UUID) -> dict[str, Any]:
    """Submit: number, query code and receipt, or 422 with everything that is missing. Twice is refused with 409."""
    case, code = services.submit_application(actor=request.actor, case_id=case_id, at=now())  # type: ignore[attr-defined]
    return {"id": case.pk, "number": case.number, "code": code, "submitted_at": case.submitted_at}


@router.post(
    "/applications/{case_id}/resubmit", response=ApplicationOut, auth=Bearer(), summary="Hand in a correction"
)
def resubmit(request: HttpRequest, case_id: UUID) -> dict[str, Any]:
    """Hand in the corrected application after a correction notice."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    services.resubmit_application(actor=actor, case_id=case_id, at=now())
    return _application_out(actor, case_id)


@router.post("/ratings", response={201: RatingOut}, summary="Rate an ended case")
def rate(request: HttpRequest, body: RatingIn) -> tuple[int, dict[str, Any]]:
    """Rate a case once it has ended, signed in or with its query code."""
    actor = api_actor(request)
    if body.code:
        case = cases.case_by_code(request, body.number, body.code)
        actor = identity.actor_for_code(case.pk, channel="api")
    else:
        case = cases.get_case(actor, body.number)
    rating = services.rate_case(actor=actor, case=case, level=body.level, text=body.text, at=now())
    return 201, {"number": case.number, "level": rating.level}


def _item_out(item: Any) -> dict[str, Any]:
    return {
        "key": item.key,
        "code": item.code,
        "name": item.name.as_json(),
        "lead": item.lead.as_json(),
        "unit": item.unit.name.as_json(),
        "version": item.version,
        "announced": item.is_announced,
        "statutory_limit": _limit(item, "statutory"),
        "promised_limit": _limit(item, "promised"),
    }


def _limit(item: Any, role: str) -> str:
    limit = item.find_limit(role)
    return limit.value if limit is not None else ""


def _application_out(actor: Actor, case_id: UUID) -> dict[str, Any]:
    case = services.get_application(actor, case_id)
    item, at = reading.item_of(case), now()
    signed = signing.is_signed(case, item, at=at) if item.needs_signature else None
    return {
        "id": case.pk,
        "item": item.key,
        "state": case.state,
        "number": case.number,
        "data": case.entry.data,
        "materials": [
            {
                "key": m.key,
                "name": m.name.as_json(),
                "required": m.is_required,
                "upload": m.is_upload,
                "files": [f.name for f in m.files],
            }
            for m in services.materials_of(case, item)
        ],
        "faults": [f.as_json() for f in services.faults(case, item, actor=actor, at=at)],
        "signature": {
            "needed": item.needs_signature,
            "digest": signing.digest_of(case, item, at=at) if item.needs_signature else "",
            "signed_at": signed.signed_at if signed is not None else None,
        },
    }
