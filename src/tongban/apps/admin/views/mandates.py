"""Who may act for which organisation: finding one, giving and ending mandates."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from tongban.apps.admin.policies import SYSTEM, for_duties
from tongban.base.errors import Conflict, Invalid
from tongban.base.text import LocalizedText as T
from tongban.base.time import local_date, now
from tongban.design.sheets import Sheet, day_begins, fault, last_day, typed
from tongban.kernel.identity import service as identity

__all__ = ["end", "find", "give", "show"]

ROLES = (
    ("legal_representative", T("法定代表人、经营者", "Legal representative or owner")),
    ("agent", T("经办人", "Agent")),
)


@for_duties(SYSTEM)
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Find an organisation by its credit code or its name."""
    query = request.GET.get("q", "").strip()[:60]
    found = identity.find_entities(query) if query else []
    return render(request, "admin/entities.html", {"query": query, "found": found})


@for_duties(SYSTEM)
@require_safe
def show(request: HttpRequest, entity_id: UUID) -> HttpResponse:
    """Show who may act for an organisation, and who could before."""
    at = now()
    rows = identity.mandates_of(entity_id)
    context = {
        "entity": identity.get_entity(entity_id),
        "rows": [(row, _role(row.role)) for row in rows if row.is_open(at)],
        "former": [(row, _role(row.role)) for row in rows if not row.is_open(at)],
        "now": at,
    }
    return render(request, "admin/entity.html", context)


@for_duties(SYSTEM)
@require_http_methods(["GET", "HEAD", "POST"])
def give(request: HttpRequest, entity_id: UUID) -> HttpResponse:
    """Let a person, named by ID number, act for an organisation."""
    at = now()
    entity = identity.get_entity(entity_id)
    names = ("name", "citizen_id", "role", "since", "until", "basis")
    sheet = Sheet({**dict.fromkeys(names, ""), "role": "agent", "since": local_date(at).isoformat()})
    if request.method == "POST":
        sheet = Sheet(typed(request, *names))
        try:
            if sheet.values["role"] not in dict(ROLES):
                raise fault("role", "请选一种身份", "Choose a role")
            identity.give_mandate_to(
                actor=request.actor,  # type: ignore[attr-defined]
                entity_id=entity_id,
                name=sheet.values["name"],
                citizen_id=sheet.values["citizen_id"],
                role=sheet.values["role"],
                valid_from=day_begins(sheet.values["since"], "since", at=at),
                valid_to=last_day(sheet.values["until"], "until"),
                basis=sheet.values["basis"],
                at=at,
            )
            return redirect("admin:entity", entity_id)
        except (Invalid, Conflict) as refusal:
            sheet.refuse(refusal)
    context = {"entity": entity, "sheet": sheet, "roles": ROLES}
    return render(request, "admin/mandate_form.html", context, status=sheet.status)


@for_duties(SYSTEM)
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, mandate_id: int) -> HttpResponse:
    """End a mandate at once, with the reason."""
    at = now()
    row = identity.get_mandate(mandate_id, at)
    sheet = Sheet({"reason": ""})
    if request.method == "POST":
        sheet = Sheet(typed(request, "reason"))
        try:
            if not sheet.values["reason"]:
                raise fault("reason", "请写理由", "Give the reason")
            identity.end_mandate(
                actor=request.actor,  # type: ignore[attr-defined]
                mandate_id=mandate_id,
                reason=sheet.values["reason"],
                at=at,
            )
            return redirect("admin:entity", row.entity_id)
        except (Invalid, Conflict) as refusal:
            sheet.refuse(refusal)
    return render(request, "admin/mandate_end.html", {"row": row, "sheet": sheet}, status=sheet.status)


def _role(key: str) -> T:
    return dict(ROLES).get(key, T(key))
