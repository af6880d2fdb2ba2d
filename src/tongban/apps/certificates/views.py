"""Pages of certificates: mine, the PDF, and the public check."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from tongban.apps.certificates import queries, rules
from tongban.apps.certificates.errors import CertificateNotFound
from tongban.base.time import local_date, now
from tongban.kernel.files import service as files

__all__ = ["download", "list_mine", "show_verified", "verify_form"]


def verify_form(request: HttpRequest) -> HttpResponse:
    """Ask for the code that stands under the QR code."""
    code = rules.clean_code(request.GET.get("code", ""))
    if code:
        return redirect("certificates:verify", code=code)
    return render(request, "certificates/verify_form.html", {"errors": []})


def show_verified(request: HttpRequest, code: str) -> HttpResponse:
    """Say whether the certificate with this code is real and valid now; open to everybody."""
    at = now()
    try:
        verified = queries.verify(code, at=at)
    except CertificateNotFound as missing:
        context = {"errors": [{"field": "code", "message": missing.title}], "code": code}
        return render(request, "certificates/verify_form.html", context, status=404)
    return render(request, "certificates/verified.html", {"verified": verified})


def download(request: HttpRequest, certificate_id: UUID) -> FileResponse:
    """Give the signed PDF to the holder or to who handled the case."""
    certificate = queries.get_certificate(request.actor, certificate_id)  # type: ignore[attr-defined]
    if certificate.file_id is None:
        raise CertificateNotFound
    return files.file_response(certificate.file_id)


def list_mine(request: HttpRequest) -> HttpResponse:
    """List the certificates of the person and of the entities she represents."""
    actor = request.actor  # type: ignore[attr-defined]
    if actor.account_id is None:
        return redirect(f"{reverse('identity:sign-in')}?next={request.path}")
    today = local_date(now())
    rows: list[dict[str, Any]] = [
        {"certificate": c, "status": (s := c.status_on(today)), "label": queries.STATUS[s]}
        for c in queries.list_certificates_of(actor)
    ]
    return render(request, "certificates/mine.html", {"rows": rows})
