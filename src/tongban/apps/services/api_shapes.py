"""What the API of services takes and answers, and how its answers are made from what the doors return."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Field, Schema

from tongban.apps.services import service as services
from tongban.apps.services.queries import application as reading
from tongban.apps.services.queries import signing
from tongban.base.actor import Actor
from tongban.base.time import now

__all__ = [
    "AnswersIn",
    "ApplicationIn",
    "ApplicationOut",
    "ConsentOut",
    "CounterIn",
    "CounterSignatureIn",
    "HandOverIn",
    "HandOverOut",
    "ItemDetail",
    "ItemOut",
    "PersonIn",
    "RatingIn",
    "RatingOut",
    "SignatureIn",
    "SignatureOut",
    "SubmittedOut",
    "application_out",
    "consent_out",
    "item_out",
    "signature_out",
]


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


class PersonIn(Schema):
    """A person by name and ID number, as registered."""

    name: str
    citizen_id: str


class OnBehalfIn(PersonIn):
    """For whom somebody applies, and on what ground: guardian, entrusted or village."""

    basis: str


class ApplicationIn(Schema):
    """What is applied for and, when on behalf of an entity or of another person, for whom."""

    item: str
    entity_id: UUID | None = None
    on_behalf: OnBehalfIn | None = None


class CounterIn(PersonIn):
    """What a window clerk enters for a person who is present; ``seen``: person and identity card were checked."""

    item: str
    entity_id: UUID | None = None
    seen: bool


class HandOverIn(Schema):
    """To whom a result is handed over. ``drawn`` is a PNG as data URL; without it ``typed`` confirms the name."""

    recipient: str
    is_applicant: bool = True
    seen: bool
    drawn: str = ""
    typed: bool = False


class HandOverOut(Schema):
    """A hand-over as kept."""

    number: str
    at: datetime
    signed: bool


class ConsentOut(Schema):
    """A consent: on what ground, for which application, how it stands (asked, given, declined, ended)."""

    id: UUID
    application_id: UUID
    basis: str
    standing: str
    way: str
    by: str
    asked_at: datetime


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
    """The confirmation of a signature: the digest of what was read, what the account has to show (password, a code where there
    is a second factor, the ``mailed`` code where there is neither), the full name, consent to ``consent`` of the guide.
    """

    digest: str
    password: str = ""
    code: str = ""
    mailed: str = ""
    name: str
    consents: bool


class CounterSignatureIn(Schema):
    """The signature of who is present at the counter: ``strokes`` are lists of [x, y] on 600 x 200; ``seen``: the clerk has
    compared person and identity card, saw the signing, and attests to both.
    """

    digest: str
    strokes: list[list[tuple[float, float]]]
    seen: bool
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
    consents: list[ConsentOut]
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


def signature_out(made: Any) -> dict[str, Any]:
    return {
        "digest": made.digest,
        "file_sha256": made.file.sha256,
        "signed_at": made.signed_at,
        "confirmed": made.confirmed,
    }


def consent_out(view: services.ConsentView) -> dict[str, Any]:
    return {
        "id": view.id,
        "application_id": view.case_id,
        "basis": view.basis,
        "standing": view.standing,
        "way": view.way,
        "by": view.by_name,
        "asked_at": view.asked_at,
    }


def item_out(item: Any) -> dict[str, Any]:
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


def application_out(actor: Actor, case_id: UUID) -> dict[str, Any]:
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
            for m in services.materials_of(case, item, at=at)
        ],
        "faults": [f.as_json() for f in services.faults(case, item, actor=actor, at=at)],
        "signature": {
            "needed": item.needs_signature,
            "digest": signing.digest_of(case, item, at=at) if item.needs_signature else "",
            "signed_at": signed.signed_at if signed is not None else None,
        },
        "consents": [consent_out(view) for view in services.views_of(case)],
    }
