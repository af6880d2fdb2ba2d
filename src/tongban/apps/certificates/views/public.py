"""The public check: on line by the code, and in the browser alone by the signature in the QR code."""

from __future__ import annotations

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from tongban.apps.certificates import queries, rules
from tongban.apps.certificates.errors import CertificateNotFound
from tongban.apps.certificates.keys import key_set
from tongban.base.time import now

__all__ = ["keys", "show_verified", "verify_form", "verify_offline"]


def verify_form(request: HttpRequest) -> HttpResponse:
    """Ask for the code that stands under the QR code."""
    code = rules.clean_code(request.GET.get("code", ""))
    if code:
        return redirect("certificates:verify", code=code)
    return render(request, "certificates/verify_form.html", {"errors": []})


def show_verified(request: HttpRequest, code: str) -> HttpResponse:
    """Say whether the certificate or copy with this code is real and valid now; open to everybody."""
    at = now()
    try:
        verified = queries.verify(code, at=at)
    except CertificateNotFound as missing:
        context = {"errors": [{"field": "code", "message": missing.title}], "code": code}
        return render(request, "certificates/verify_form.html", context, status=404)
    return render(request, "certificates/verified.html", {"verified": verified, "keys": _keys()})


@require_safe
def verify_offline(request: HttpRequest) -> HttpResponse:
    """Check the signature of a QR code in the browser: once loaded, the page needs no network and sends nothing."""
    return render(request, "certificates/verify_offline.html", {"keys": _keys()})


@require_safe
def keys(request: HttpRequest) -> JsonResponse:
    """Give the public keys of QR codes, to be kept for checking without a network."""
    answer = JsonResponse(key_set(issuer=settings.TONGBAN_PUBLIC_URL), json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = 'attachment; filename="certificate-keys.json"'
    answer["Cache-Control"] = "public, max-age=3600"
    return answer


def _keys() -> str:
    return json.dumps(key_set(issuer=settings.TONGBAN_PUBLIC_URL))
