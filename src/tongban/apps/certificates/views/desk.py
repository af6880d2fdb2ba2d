"""The issuing organ's pages: find a certificate, see everything about it, begin something with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from tongban.apps.certificates import queries
from tongban.apps.certificates import service as certificates
from tongban.apps.certificates.errors import ActNotAllowed, CertificateNotFound
from tongban.apps.certificates.kind import NAMES
from tongban.apps.certificates.words import STATUS, face_rows
from tongban.base.errors import Conflict, Invalid
from tongban.base.text import LocalizedText as T
from tongban.base.time import local_date, now
from tongban.design.paging import page_number
from tongban.kernel.identity import service as identity

__all__ = ["desk_act", "desk_list", "desk_one"]

FILTERS = ("", "valid", "ending", "suspended", "expired", "cancelled", "revoked", "forfeited", "replaced")
FILTER_WORDS = {**STATUS, "": T("全部", "All"), "ending": T("60 天内到期", "Ends within 60 days")}


@identity.official_only
@require_safe
def desk_list(request: HttpRequest) -> HttpResponse:
    """Find certificates of the actor's unit."""
    actor = request.actor  # type: ignore[attr-defined]
    words, status = request.GET.get("q", "").strip()[:100], request.GET.get("status", "")
    status = status if status in FILTERS else ""
    kind = request.GET.get("type", "")
    page = queries.find_certificates(
        actor,
        words=words,
        status=status,
        type_key=kind,
        at=now(),
        page=page_number(request.GET.get("page")),
    )
    context = {
        "page": page,
        "query": words,
        "status": status,
        "kind": kind,
        "types": [("", T("全部类型", "All types")), *queries.types_of(actor)],
        "filters": [
            {"label": FILTER_WORDS[key], "url": _with(request, status=key), "is_current": key == status}
            for key in FILTERS
        ],
    }
    return render(request, "certificates/desk_list.html", context)


def _with(request: HttpRequest, **chosen: str) -> str:
    asked = request.GET.copy()
    asked.pop("page", None)
    for key, value in chosen.items():
        asked[key] = value
    kept = "&".join(part for part in asked.urlencode().split("&") if not part.endswith("="))
    return f"?{kept}" if kept else request.path


@identity.official_only
@require_safe
def desk_one(request: HttpRequest, certificate_id: UUID) -> HttpResponse:
    """Show one certificate with its versions, its history, and what may be done with it."""
    context = queries.desk_page(request.actor, certificate_id, at=now())  # type: ignore[attr-defined]
    return render(request, "certificates/desk_one.html", dict(context))


@identity.official_only
def desk_act(request: HttpRequest, certificate_id: UUID, act: str) -> HttpResponse:
    """Begin something: say what will happen, ask what is needed first, then open the proceeding or do it at once."""
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    certificate = queries.get_certificate(actor, certificate_id)
    wanted = next((each for each in queries.acts_on(actor, certificate, at=at) if each.key == act), None)
    if wanted is None:
        if act not in NAMES or not queries.acts_on(actor, certificate, at=at):
            raise CertificateNotFound
        raise ActNotAllowed(act=act, status=certificate.status_on(local_date(at)))
    errors: list[dict[str, Any]] = []
    refusal: Conflict | None = None
    if request.method == "POST":
        try:
            return _begin(request, certificate, wanted)
        except Invalid as invalid:
            errors = [{**e, "message": T.of(e["message"])} for e in invalid.data.get("errors", [])]
        except Conflict as conflict:
            refusal = conflict
    context = {
        "certificate": certificate,
        "row": queries.row_of(certificate, local_date(at)),
        "act": wanted,
        "face": [
            {
                **row,
                "zh": request.POST.get(f"{row['key']}.zh", row["value"].zh),
                "en": request.POST.get(f"{row['key']}.en", row["value"].en),
            }
            for row in face_rows(certificate)
        ]
        if act == "change"
        else [],
        "typed": {
            "reason": request.POST.get("reason", ""),
            "legal_basis": request.POST.get("legal_basis", ""),
        },
        "errors": errors,
        "error_of": {e["field"]: e["message"] for e in errors},
        "refusal": refusal,
    }
    status = 409 if refusal else 422 if errors else 200
    return render(request, "certificates/desk_act.html", context, status=status)


def _begin(request: HttpRequest, certificate: Any, wanted: queries.ActView) -> HttpResponse:
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    if not wanted.second_look:
        certificates.act_at_once(
            actor=actor,
            certificate_id=certificate.pk,
            act=wanted.key,
            grounds=certificates.Grounds.given(
                request.POST.get("reason", ""), request.POST.get("legal_basis", "")
            ),
            at=at,
        )
        return redirect("certificates:desk-one", certificate_id=certificate.pk)
    changes = {
        key: {"zh": zh, "en": request.POST.get(f"{key}.en", "").strip()[:300] or zh}
        for key in certificate.data
        if (zh := request.POST.get(f"{key}.zh", "").strip()[:300])
    }
    _, task = certificates.open_proceeding(
        actor=actor,
        certificate_id=certificate.pk,
        act=wanted.key,
        changes=changes if wanted.key == "change" else None,
        at=at,
    )
    return redirect("cases:outcome", task_id=task.id, outcome=wanted.key)
