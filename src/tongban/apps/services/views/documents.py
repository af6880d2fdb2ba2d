"""The documents of an application: uploaded, taken from the vault, taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from tongban.apps.services.errors import ApplicationNotFound
from tongban.apps.services.operations import apply as operations
from tongban.apps.services.operations import choosing
from tongban.apps.services.queries import application as reading
from tongban.apps.services.queries import keeping
from tongban.apps.services.views.frame import case_and_item, frame_of, signed_in
from tongban.base.errors import Conflict, Invalid
from tongban.base.time import now
from tongban.kernel.forms import service as forms

__all__ = ["materials"]


@signed_in
def materials(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Upload what the government doesn't hold; take a file back; go on."""
    case, item = case_and_item(request, case_id)
    errors: list[Any] = []
    if request.method == "POST":
        actor = request.actor  # type: ignore[attr-defined]
        if "remove" in request.POST:
            try:
                file_id = UUID(request.POST["remove"])
            except ValueError:
                raise ApplicationNotFound from None
            operations.remove_material(actor=actor, case_id=case.pk, file_id=file_id, at=now())
            return redirect("services:materials", case_id=case.pk)
        if "take" in request.POST:
            errors = _choose(request, case)
            if not errors:
                return redirect("services:materials", case_id=case.pk)
        else:
            errors = _store_uploads(request, case)
        if not errors and "next" in request.POST:
            missing = [m for m in reading.materials_of(case, item, at=now()) if m.is_missing]
            if not missing:
                return redirect("services:check", case_id=case.pk)
            errors = [{"field": m.key, "message": reading.missing_text(m)} for m in missing]
        elif not errors:
            return redirect("services:materials", case_id=case.pk)
    form = forms.form_of(case.entry)
    at = now()
    found = reading.materials_of(case, item, at=at)
    offers = keeping.offers_for(request.actor, case, item, found, at=at)  # type: ignore[attr-defined]
    sources = keeping.sources_of(case, item, found, at=at)
    asked = reading.corrections_of(case)
    context = {
        **frame_of(request, case, item, form, "materials"),
        "materials": [
            {
                "m": m,
                "files": [(file, sources.get(file.id)) for file in m.files],
                "offers": offers.get(m.key, []),
                "is_asked": m.name in asked,
            }
            for m in found
        ],
        "asked": asked,
        "to_upload": any(m.is_upload for m in found),
        "some_held": any(not m.is_upload for m in found),
        "errors": errors,
        "error_of": {e["field"]: e["message"] for e in errors},
        "back": reverse("services:page", args=[case.pk, form.pages[-1].key]),
    }
    return render(request, "services/materials.html", context, status=422 if errors else 200)


def _choose(request: HttpRequest, case: Any) -> list[dict[str, Any]]:
    """Use what was chosen from the vault ("<material>:<offer>")."""
    key, _, offer_id = request.POST["take"].partition(":")
    try:
        choosing.choose_material(
            actor=request.actor,  # type: ignore[attr-defined]
            case_id=case.pk,
            key=key,
            offer_id=offer_id,
            at=now(),
        )
    except Conflict as refusal:
        return [{"field": key, "message": refusal.detail or refusal.title}]
    return []


def _store_uploads(request: HttpRequest, case: Any) -> list[dict[str, Any]]:
    errors: list[dict[str, Any]] = []
    for name, uploads in request.FILES.lists():
        for upload in uploads:
            try:
                operations.put_material(
                    actor=request.actor,  # type: ignore[attr-defined]
                    case_id=case.pk,
                    key=name.removeprefix("material-"),
                    upload=upload,
                    at=now(),
                )
            except Invalid as refusal:
                errors.append(
                    {"field": name.removeprefix("material-"), "message": refusal.detail or refusal.title}
                )
    return errors
