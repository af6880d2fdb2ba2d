"""The API of certificates: mine, the PDF, and the public check."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

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
    identifier: str
    holder_name: str
    issued_on: date
    valid_to: date | None
    status: str
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
    }


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


def _out(certificate: Any) -> dict[str, Any]:
    return {
        "id": certificate.pk,
        "type": certificate.type.key,
        "name": certificate.type.name.as_json(),
        "number": certificate.number,
        "identifier": certificate.identifier,
        "holder_name": certificate.holder_name,
        "issued_on": certificate.valid_from,
        "valid_to": certificate.valid_to,
        "status": certificate.status_on(local_date(now())),
        "verify_code": certificate.verify_code,
        "fields": certificate.data,
    }
