"""Signing an application: read it as it will be kept, confirm who you are, sign, hand in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from tongban.apps.services import rules
from tongban.apps.services.errors import NotYetComplete, SignatureOutdated, SignatureRefused
from tongban.apps.services.operations import signing as operations
from tongban.apps.services.queries import application as reading
from tongban.apps.services.queries import signing as looking
from tongban.apps.services.views.application import frame_of, signed_in
from tongban.base.text import LocalizedText as T
from tongban.base.time import now
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.errors import FactorRefused, IdentityNotConfirmed, TooManyAttempts

__all__ = ["form_file", "sign"]


@require_safe
@signed_in
def form_file(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Give the application form as a PDF, made of what the application says now."""
    pdf = operations.form_pdf(actor=request.actor, case_id=case_id, at=now())  # type: ignore[attr-defined]
    return HttpResponse(
        pdf,
        content_type="application/pdf",
        headers={"Content-Disposition": 'inline; filename="application.pdf"', "Cache-Control": "no-store"},
    )


@signed_in
def sign(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Show what is signed and take the signature; then it is handed in at once."""
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    case = reading.get_application(actor, case_id)
    item = reading.item_of(case)
    if case.state not in rules.EDITABLE:
        return redirect("services:submitted", case_id=case.pk)
    if not item.needs_signature or reading.faults(case, item, actor=actor, at=at):
        return redirect("services:check", case_id=case.pk)
    errors: list[dict[str, Any]] = []
    if request.method == "POST":
        try:
            handed_in, code = operations.sign_and_hand_in(
                actor=actor,
                case_id=case.pk,
                digest=request.POST.get("digest", ""),
                password=request.POST.get("password", ""),
                code=request.POST.get("code", ""),
                strokes=request.POST.get("strokes", ""),
                typed_name=request.POST.get("name", ""),
                consents=bool(request.POST.get("consents")),
                at=at,
                clock=identity.clock(),
            )
        except NotYetComplete:
            return redirect("services:check", case_id=case.pk)
        except SignatureRefused as refused:
            errors = [{**each, "message": T.of(each["message"])} for each in refused.data["errors"]]
        except (IdentityNotConfirmed, TooManyAttempts) as refused:
            errors = [{"field": "password", "message": refused.title}]
        except FactorRefused as refused:
            errors = [{"field": "code", "message": refused.title}]
        except SignatureOutdated as refused:
            errors = [{"field": "consents", "message": refused.title}]
        else:
            if not code:
                return redirect("cases:track", number=handed_in.number)
            request.session[f"code:{handed_in.pk}"] = code
            return redirect("services:submitted", case_id=handed_in.pk)
    factors = identity.factors_of(actor.account_id)
    context = {
        **frame_of(request, case, item, forms.form_of(case.entry), "check"),
        "digest": looking.digest_of(case, item, at=at),
        "signer": identity.get_person(actor.person_id).name,
        "has_factor": bool(factors),
        "has_app": any(factor.kind == "totp" for factor in factors),
        "consent": looking.CONSENT,
        "weight": looking.WEIGHT,
        "is_correction": case.state == "correction",
        "errors": errors,
        "error_of": {e["field"]: e["message"] for e in errors},
    }
    return render(request, "services/sign.html", context, status=422 if errors else 200)
