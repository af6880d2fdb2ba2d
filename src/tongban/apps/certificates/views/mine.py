"""The holder's pages: my certificates, one of them with its history, copies for a purpose."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tongban.apps.certificates import queries
from tongban.apps.certificates import service as certificates
from tongban.apps.certificates.errors import CertificateNotFound, CopyInvalid
from tongban.apps.certificates.policies import is_holder
from tongban.apps.certificates.words import face_rows
from tongban.base.text import LocalizedText as T
from tongban.base.time import local_date, now
from tongban.kernel.files import service as files

__all__ = ["copy", "download", "download_copy", "end_copy", "list_mine", "show_mine"]

PURPOSES = (
    T("投标", "Tender"),
    T("贷款", "Loan"),
    T("入职", "Employment"),
    T("平台入驻", "Joining a platform"),
    T("办理其他事项", "Another application"),
)
"""Offered as suggestions; anything may be written."""


@require_safe
def list_mine(request: HttpRequest) -> HttpResponse:
    """List the certificates of the person and of the entities she represents."""
    actor = request.actor  # type: ignore[attr-defined]
    if actor.account_id is None:
        return redirect(f"{reverse('identity:sign-in')}?next={request.path}")
    today = local_date(now())
    rows = [queries.row_of(each, today) for each in queries.list_certificates_of(actor)]
    return render(request, "certificates/mine.html", {"rows": rows})


@require_safe
def show_mine(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Show one certificate of mine: its face, its versions and history, the copies made of it."""
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    if actor.is_stranger:
        return redirect(f"{reverse('identity:sign-in')}?next={request.path}")
    certificate = _mine(request, certificate_id)
    versions = queries.versions_of(certificate)
    context = {
        "row": queries.row_of(certificate, local_date(at)),
        "certificate": certificate,
        "face": face_rows(certificate),
        "versions": versions,
        "newer": next((each for each in versions if each.version > certificate.version), None),
        "history": queries.history_of(versions),
        "copies": queries.copies_of(actor, certificate, at=at),
    }
    return render(request, "certificates/mine_one.html", context)


def copy(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Make a copy for one purpose: ask whom it is for and what for, show it on the certificate's page."""
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    if actor.is_stranger:
        return redirect(f"{reverse('identity:sign-in')}?next={request.path}")
    certificate = _mine(request, certificate_id)
    typed: dict[str, Any] = {"purpose": "", "receiver": "", "days": "30"}
    errors: list[dict[str, Any]] = []
    if request.method == "POST":
        typed = {key: request.POST.get(key, "") for key in typed}
        try:
            certificates.make_copy(
                actor=actor,
                certificate_id=certificate.pk,
                purpose=typed["purpose"],
                receiver=typed["receiver"],
                days=int(typed["days"]) if typed["days"].isdecimal() and len(typed["days"]) < 5 else 0,
                at=at,
            )
        except CopyInvalid as invalid:
            errors = [{**e, "message": T.of(e["message"])} for e in invalid.data["errors"]]
        else:
            return redirect(reverse("certificates:mine-one", args=[certificate.pk]) + "#copies")
    context = {
        "certificate": certificate,
        "row": queries.row_of(certificate, local_date(at)),
        "typed": typed,
        "errors": errors,
        "error_of": {e["field"]: e["message"] for e in errors},
        "purposes": PURPOSES,
        "days": [
            (str(n), T("当天有效", "Today only") if n == 1 else T(f"{n} 天", f"{n} days"))
            for n in certificates.DAYS
        ],
    }
    return render(request, "certificates/copy.html", context, status=422 if errors else 200)


@require_safe
def download(request: HttpRequest, certificate_id: UUID) -> FileResponse:
    """Give the signed PDF to the holder, to who handled the case, to the issuing organ's officers."""
    certificate = queries.get_certificate(request.actor, certificate_id)  # type: ignore[attr-defined]
    if certificate.file_id is None:
        raise CertificateNotFound
    return files.file_response(certificate.file_id)


@require_safe
def download_copy(request: HttpRequest, copy_id: UUID) -> FileResponse:
    """Give the PDF of a copy to its holder, until it ends."""
    return files.file_response(
        queries.copy_file(request.actor, copy_id, at=now())  # type: ignore[attr-defined]
    )


@require_POST
def end_copy(request: HttpRequest, copy_id: UUID) -> HttpResponse:
    """End a copy before its time."""
    ended = certificates.end_copy(actor=request.actor, copy_id=copy_id, at=now())  # type: ignore[attr-defined]
    return redirect(reverse("certificates:mine-one", args=[ended.certificate_id]) + "#copies")


def _mine(request: HttpRequest, certificate_id: UUID) -> Any:
    actor = request.actor  # type: ignore[attr-defined]
    certificate = queries.get_certificate(actor, certificate_id)
    if not is_holder(actor, certificate):
        raise CertificateNotFound
    return certificate
