"""Signing an application: read it as it will be kept, confirm who you are, sign, hand in."""

from __future__ import annotations

import contextlib
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tongban.apps.services import rules
from tongban.apps.services.errors import (
    NotYetComplete,
    PresenceUnconfirmed,
    SignatureOutdated,
    SignatureRefused,
)
from tongban.apps.services.operations import signing as operations
from tongban.apps.services.queries import application as reading
from tongban.apps.services.queries import parties as people
from tongban.apps.services.queries import signing as looking
from tongban.apps.services.views.frame import at_counter, frame_of, signed_in
from tongban.base.errors import TongbanError
from tongban.base.text import LocalizedText as T
from tongban.base.time import now
from tongban.kernel.files.errors import (
    FileDamaged,
    FileDangerous,
    FileEmpty,
    FileTooLarge,
    FileTypeRefused,
)
from tongban.kernel.forms import service as forms
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.errors import (
    FactorRefused,
    IdentityNotConfirmed,
    NothingToConfirmWith,
    TooManyAttempts,
)

__all__ = ["form_file", "mail_code", "sign"]


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
    """Show what is signed and take the signature; then it is handed in at once. A clerk takes that of who is present."""
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    case = reading.get_application(actor, case_id)
    item = reading.item_of(case)
    if case.state not in rules.EDITABLE:
        return redirect("services:submitted", case_id=case.pk)
    if not item.needs_signature or reading.faults(case, item, actor=actor, at=at):
        return redirect("services:check", case_id=case.pk)
    is_counter = at_counter(actor, case)
    means = identity.Means() if is_counter else identity.means_to_confirm(actor=actor, at=now())
    errors: list[dict[str, Any]] = []
    if request.method == "POST":
        try:
            handed_in, code = _sign(request, case, is_counter=is_counter)
        except NotYetComplete:
            return redirect("services:check", case_id=case.pk)
        except REFUSALS as refusal:
            shown = "password" if means.password else "code" if means.factor else "mailed"
            errors = _in_words(refusal, shown="paper" if is_counter else shown)
        else:
            if code:
                request.session[f"code:{handed_in.pk}"] = code
            if is_counter:
                return redirect("services:counter-receipt", case_id=handed_in.pk)
            if not code:
                return redirect("cases:track", number=handed_in.number)
            return redirect("services:submitted", case_id=handed_in.pk)
    context = {
        **frame_of(request, case, item, forms.form_of(case.entry), "check"),
        "digest": looking.digest_of(case, item, at=at),
        "consent": looking.CONSENT,
        "is_correction": case.state == "correction",
        "errors": errors,
        "error_of": {e["field"]: e["message"] for e in errors},
    }
    if is_counter:
        _, signer = people.present_at_counter(actor, case)
        context |= {"signer": signer, "weight": looking.WEIGHT_AT_COUNTER}
    else:
        context |= {
            "signer": identity.get_person(actor.person_id).name,
            "weight": looking.WEIGHT,
            "means": means,
            "question": identity.ask_for_key(request, means.keys),
            "was_mailed": request.GET.get("mailed") == "1",
            "minutes": identity.MAILED_LASTS,
        }
    return render(request, "services/sign.html", context, status=422 if errors else 200)


def _sign(request: HttpRequest, case: Any, *, is_counter: bool) -> tuple[Any, str]:
    """Sign with what was sent, and hand in."""
    actor, said = request.actor, request.POST  # type: ignore[attr-defined]
    both: dict[str, Any] = {
        "actor": actor,
        "case_id": case.pk,
        "digest": said.get("digest", ""),
        "strokes": said.get("strokes", ""),
        "consents": bool(said.get("consents")),
        "at": now(),
    }
    if is_counter:
        return operations.sign_at_counter_and_hand_in(
            paper=request.FILES.get("paper"), seen=said.get("seen") == "true", **both
        )
    return operations.sign_and_hand_in(
        password=said.get("password", ""),
        code=said.get("code", ""),
        mailed=said.get("mailed", ""),
        key=identity.key_answer(request, actor.account_id),
        typed_name=said.get("name", ""),
        clock=identity.clock(),
        **both,
    )


REFUSALS = (
    SignatureRefused,
    SignatureOutdated,
    PresenceUnconfirmed,
    IdentityNotConfirmed,
    NothingToConfirmWith,
    TooManyAttempts,
    FactorRefused,
    FileTooLarge,
    FileEmpty,
    FileTypeRefused,
    FileDamaged,
    FileDangerous,
)


def _in_words(refusal: TongbanError, *, shown: str) -> list[dict[str, Any]]:
    """Return what the page says of a refusal, each at the field that it is about; ``shown`` is the one to confirm with."""
    if isinstance(refusal, SignatureRefused):
        rows = refusal.data.get("errors", [])
        return [{**each, "message": T.of(each["message"])} for each in rows] or [
            {"field": "consents", "message": refusal.title}
        ]
    field = {
        SignatureOutdated: "consents",
        PresenceUnconfirmed: "seen",
        FactorRefused: "code",
    }.get(type(refusal), shown)
    return [{"field": field, "message": refusal.detail or refusal.title}]


@signed_in
@require_POST
def mail_code(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Send a code to the mailbox of an account that has nothing else to confirm the signature with."""
    with contextlib.suppress(TooManyAttempts):  # the page says that the one before has to do
        operations.mail_signing_code(
            actor=request.actor,  # type: ignore[attr-defined]
            case_id=case_id,
            at=now(),
            clock=identity.clock(),
        )
    return redirect(f"{reverse('services:sign', args=[case_id])}?mailed=1")
