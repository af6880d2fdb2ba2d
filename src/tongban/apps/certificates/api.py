"""The API of certificates: mine, copies, the public check, and what the issuing organ does with them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status

from tongban.apps.certificates import service as certificates
from tongban.apps.certificates.errors import CertificateNotFound
from tongban.base.time import local_date, now
from tongban.kernel.files import service as files
from tongban.kernel.identity.api import Bearer, api_actor

__all__ = ["router"]

router = Router(tags=["certificates"])


class Text(Schema):
    """A text in both languages."""

    zh: str
    en: str


class CertificateOut(Schema):
    """An issued certificate as its holder sees it."""

    id: UUID
    type: str
    name: Text
    number: str
    version: int
    identifier: str
    holder_name: str
    co_holders: list[str]
    issued_on: date
    valid_from: date
    valid_to: date | None
    status: str
    suspended_to: date | None
    verify_code: str
    fields: dict[str, Any]


class VerifiedOut(Schema):
    """What anybody who has the code may know."""

    number: str
    identifier: str
    name: Text
    organ: Text
    issued_on: date
    valid_to: date | None
    status: str
    signature_is_intact: bool
    is_valid: bool
    is_copy: bool
    receiver: str
    purpose: str


class CopyIn(Schema):
    """For whom a copy is, what for, for how many days."""

    receiver: str
    purpose: str
    days: int = 30


class CopyOut(Schema):
    """A copy as its maker sees it."""

    id: UUID
    receiver: str
    purpose: str
    made_at: datetime
    valid_to: date
    verify_code: str
    status: str


class ActIn(Schema):
    """What is to be done. ``reason`` and ``legal_basis`` count for what needs no second look; a proceeding asks itself."""

    act: Literal["suspend", "resume", "revoke", "forfeit", "cancel", "renew", "change"]
    reason: str = ""
    legal_basis: str = ""
    changes: dict[str, Text] = {}


class ActOut(Schema):
    """What came of it: done at once, or a proceeding whose case and step are named."""

    status: str
    done: bool
    case: str = ""
    task: int | None = None


class HistoryOut(Schema):
    """One act on a certificate."""

    at: datetime
    verb: str
    label: Text
    who: Text
    reason: str
    facts: dict[str, Any]


@router.get("/certificates", response=list[CertificateOut], auth=Bearer(), summary="My certificates")
def list_certificates(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the certificates of the person and of the entities she represents today."""
    return [_out(c) for c in certificates.list_certificates_of(request.actor)]  # type: ignore[attr-defined]


@router.get("/certificates/verify/{code}", response=VerifiedOut, summary="Check a certificate by its code")
def verify(request: HttpRequest, code: str) -> dict[str, Any]:
    """Say whether the certificate is real, unaltered and valid now; open to everybody."""
    api_actor(request)
    found = certificates.verify(code, at=now())
    return {
        "number": found.number,
        "identifier": found.identifier,
        "name": found.name.as_json(),
        "organ": found.organ.as_json(),
        "issued_on": found.issued_on,
        "valid_to": found.valid_to,
        "status": found.status,
        "signature_is_intact": found.signature_is_intact,
        "is_valid": found.is_valid,
        "is_copy": found.is_copy,
        "receiver": found.receiver,
        "purpose": found.purpose,
    }


@router.get("/certificates/keys", summary="Public keys of QR codes")
def get_keys(request: HttpRequest) -> dict[str, Any]:
    """Return the keys (RFC 7517) under which the signatures in QR codes are checked without a network."""
    api_actor(request)
    return certificates.key_set(issuer=settings.TONGBAN_PUBLIC_URL)


@router.get("/certificates/copies/{copy_id}/pdf", auth=Bearer(), summary="The PDF of a copy")
def get_copy_pdf(request: HttpRequest, copy_id: UUID) -> HttpResponse:
    """Return the PDF of a copy to its holder, until it ends."""
    file_id = certificates.copy_file(request.actor, copy_id, at=now())  # type: ignore[attr-defined]
    return HttpResponse(files.read_file(file_id), content_type="application/pdf")


@router.post("/certificates/copies/{copy_id}/end", auth=Bearer(), response={204: None}, summary="End a copy")
def end_copy(request: HttpRequest, copy_id: UUID) -> Status:
    """End a copy before its time: its code says so from now on."""
    certificates.end_copy(actor=request.actor, copy_id=copy_id, at=now())  # type: ignore[attr-defined]
    return Status(204, None)


@router.get(
    "/certificates/{certificate_id}", response=CertificateOut, auth=Bearer(), summary="One certificate"
)
def get_certificate(request: HttpRequest, certificate_id: UUID) -> dict[str, Any]:
    """Return a certificate to its holder or to who handled its case."""
    return _out(certificates.get_certificate(request.actor, certificate_id))  # type: ignore[attr-defined]


@router.get("/certificates/{certificate_id}/pdf", auth=Bearer(), summary="The signed PDF")
def get_pdf(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Return the PDF/A with its PAdES signature."""
    found = certificates.get_certificate(request.actor, certificate_id)  # type: ignore[attr-defined]
    if found.file_id is None:
        raise CertificateNotFound
    return HttpResponse(files.read_file(found.file_id), content_type="application/pdf")


@router.get(
    "/certificates/{certificate_id}/history",
    auth=Bearer(),
    response=list[HistoryOut],
    summary="What was done with it",
)
def get_history(request: HttpRequest, certificate_id: UUID) -> list[dict[str, Any]]:
    """Return the acts on all versions of a certificate, newest first, to who may see it."""
    found = certificates.get_certificate(request.actor, certificate_id)  # type: ignore[attr-defined]
    return [
        {
            "at": act.at,
            "verb": act.verb,
            "label": act.label.as_json(),
            "who": act.who.as_json(),
            "reason": act.reason,
            "facts": dict(act.facts),
        }
        for act in certificates.history_of(certificates.versions_of(found))
    ]


@router.get(
    "/certificates/{certificate_id}/copies", auth=Bearer(), response=list[CopyOut], summary="Copies of mine"
)
def list_copies(request: HttpRequest, certificate_id: UUID) -> list[dict[str, Any]]:
    """Return the copies that were made of my certificate, newest first; to others there are none."""
    actor = request.actor  # type: ignore[attr-defined]
    found = certificates.get_certificate(actor, certificate_id)
    return [_copy_out(each) for each in certificates.copies_of(actor, found, at=now())]


@router.post(
    "/certificates/{certificate_id}/copies",
    auth=Bearer(),
    response={201: CopyOut},
    summary="Make a copy for one purpose",
)
def make_copy(request: HttpRequest, certificate_id: UUID, body: CopyIn) -> Status:
    """Make a signed copy that says for whom and what for, across the sheet, and ends by itself."""
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    made = certificates.make_copy(
        actor=actor,
        certificate_id=certificate_id,
        purpose=body.purpose,
        receiver=body.receiver,
        days=body.days,
        at=at,
    )
    found = certificates.get_certificate(actor, certificate_id)
    [copy] = [each for each in certificates.copies_of(actor, found, at=at) if each.id == made.pk]
    return Status(201, _copy_out(copy))


@router.get(
    "/desk/certificates",
    auth=Bearer(),
    response=list[CertificateOut],
    summary="Certificates of my unit",
)
def find(
    request: HttpRequest, q: str = "", status: str = "", kind: str = "", page: int = 1
) -> list[dict[str, Any]]:
    """Search the certificates that the actor's unit issued, twenty a page."""
    found = certificates.find_certificates(
        request.actor,  # type: ignore[attr-defined]
        words=q,
        status=status,
        type_key=kind,
        at=now(),
        page=max(1, page),
    )
    return [{**_out(row.certificate), "fields": {}} for row in found.items]


@router.post(
    "/certificates/{certificate_id}/acts",
    auth=Bearer(),
    response=ActOut,
    summary="Suspend, revoke, renew ...",
)
def act(request: HttpRequest, certificate_id: UUID, body: ActIn) -> dict[str, Any]:
    """Do what needs no second look, or open the proceeding in which a second officer must agree.

    The proceeding goes on with its task: complete it with the act as outcome, then the second officer completes the next.
    """
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    found = certificates.get_certificate(actor, certificate_id)
    if not certificates.needs_second_look(found.status_on(local_date(at)), body.act):
        done = certificates.act_at_once(
            actor=actor,
            certificate_id=certificate_id,
            act=body.act,
            grounds=certificates.Grounds.given(body.reason, body.legal_basis),
            at=at,
        )
        return {"status": done.status, "done": True}
    case, task = certificates.open_proceeding(
        actor=actor,
        certificate_id=certificate_id,
        act=body.act,
        changes={key: value.dict() for key, value in body.changes.items()},
        at=at,
    )
    return {"status": found.status, "done": False, "case": case.number, "task": task.id}


def _copy_out(copy: Any) -> dict[str, Any]:
    return {
        "id": copy.id,
        "receiver": copy.receiver,
        "purpose": copy.purpose,
        "made_at": copy.made_at,
        "valid_to": copy.valid_to,
        "verify_code": copy.verify_code,
        "status": copy.status,
    }


def _out(certificate: Any) -> dict[str, Any]:
    return {
        "id": certificate.pk,
        "type": certificate.type.key,
        "name": certificate.type.name.as_json(),
        "number": certificate.number,
        "version": certificate.version,
        "identifier": certificate.identifier,
        "holder_name": certificate.holder_name,
        "co_holders": certificate.names[1:],
        "issued_on": local_date(certificate.issued_at),
        "valid_from": certificate.valid_from,
        "valid_to": certificate.valid_to,
        "suspended_to": certificate.suspended_to,
        "status": certificate.status_on(local_date(now())),
        "verify_code": certificate.verify_code,
        "fields": certificate.data,
    }
