"""The owner's pages: everything I keep, one of it, adding, copies for a purpose."""

from __future__ import annotations

from datetime import date
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from tongban.apps.vault import queries
from tongban.apps.vault import service as vault
from tongban.apps.vault.errors import CopyRefused, MaterialRefused
from tongban.apps.vault.words import GRADE_MEANS, GRADES, TONES
from tongban.base.errors import Invalid
from tongban.base.text import LocalizedText as T
from tongban.base.time import now
from tongban.design.navigation import address

__all__ = ["add", "copy", "mine", "one", "remove"]

WAYS = [
    ("issued", T("别人给我的（证明、报告、批文……）", "Issued by somebody (certificate, report, approval)")),
    ("own", T("我自己做的（图、清单、制度、说明……）", "Made by myself (plan, list, rules, statement)")),
]


def owners_only(view: Any) -> Any:
    """Send strangers to the sign-in page and officials to their workbench."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        actor = request.actor  # type: ignore[attr-defined]
        if actor.account_id is None:
            return redirect(f"{reverse('identity:sign-in')}?next={request.path}")
        if actor.is_official:
            return redirect(address("desk:inbox") or "/")
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@owners_only
def mine(request: HttpRequest) -> HttpResponse:
    """List what I keep, or what an entity keeps that I represent."""
    page = queries.vault_page(request.actor, chosen=request.GET.get("of", ""), at=now())  # type: ignore[attr-defined]
    grades = [(GRADES[key], TONES[key], GRADE_MEANS[key]) for key in GRADES]
    return render(request, "vault/mine.html", {"page": page, "grades": grades})


@owners_only
def add(request: HttpRequest) -> HttpResponse:
    """Keep a file: what it is, who made it, until when it is valid."""
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    page = queries.vault_page(actor, chosen=request.POST.get("of", request.GET.get("of", "")), at=at)
    typed = {"kind": "", "name": "", "way": "issued", "valid_to": "", "promises": ""}
    errors: list[dict[str, Any]] = []
    if request.method == "POST":
        typed = {key: request.POST.get(key, "") for key in typed}
        try:
            valid_to = _day(typed["valid_to"])
            kept = vault.keep_upload(
                actor=actor,
                owner=page.owner.ref,
                kind=typed["kind"],
                name=typed["name"],
                is_own=typed["way"] == "own",
                promises=bool(typed["promises"]),
                valid_to=valid_to,
                upload=request.FILES.get("upload"),
                at=at,
            )
        except MaterialRefused as refused:
            errors = _errors(refused)
        except Invalid as refused:
            errors = [{"field": "upload", "message": refused.detail or refused.title}]
        else:
            return redirect("vault:one", material_id=kept.pk)
    context = {
        "page": page,
        "typed": typed,
        "errors": errors,
        "error_of": {e["field"]: e["message"] for e in errors},
        "kinds": [("", T("其他", "Something else")), *((k.key, k.name) for k in queries.kind_options())],
        "ways": WAYS,
    }
    return render(request, "vault/add.html", context, status=422 if errors else 200)


@owners_only
def one(request: HttpRequest, material_id: UUID) -> HttpResponse:
    """Show one material: what it is worth, who uses it, who read it, its copies; change name and validity."""
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    found = queries.one_page(actor, material_id, at=at)
    kept = found.row.material
    typed = {"name": kept.name, "valid_to": kept.valid_to.isoformat() if kept.valid_to else ""}
    errors: list[dict[str, Any]] = []
    if request.method == "POST":
        typed = {key: request.POST.get(key, "") for key in typed}
        try:
            vault.change_material(
                actor=actor,
                material_id=material_id,
                name=typed["name"],
                valid_to=_day(typed["valid_to"]),
                at=at,
            )
        except MaterialRefused as refused:
            errors = _errors(refused)
        else:
            return redirect("vault:one", material_id=material_id)
    context = {
        "found": found,
        "typed": typed,
        "errors": errors,
        "error_of": {e["field"]: e["message"] for e in errors},
    }
    return render(request, "vault/one.html", context, status=422 if errors else 200)


@owners_only
def copy(request: HttpRequest, material_id: UUID) -> HttpResponse:
    """Make a copy for one purpose."""
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    material = vault.get_material(actor, material_id, at=at)
    typed = {"purpose": "", "receiver": ""}
    errors: list[dict[str, Any]] = []
    if request.method == "POST":
        typed = {key: request.POST.get(key, "") for key in typed}
        try:
            vault.make_copy(actor=actor, material_id=material_id, at=at, **typed)
        except CopyRefused as refused:
            errors = _errors(refused)
        except Invalid as refused:
            errors = [{"field": "receiver", "message": refused.detail or refused.title}]
        else:
            return redirect(reverse("vault:one", args=[material_id]) + "#copies")
    context = {
        "material": material,
        "typed": typed,
        "errors": errors,
        "error_of": {e["field"]: e["message"] for e in errors},
    }
    return render(request, "vault/copy.html", context, status=422 if errors else 200)


@require_POST
@owners_only
def remove(request: HttpRequest, material_id: UUID) -> HttpResponse:
    """Take a material out of the vault."""
    actor, at = request.actor, now()  # type: ignore[attr-defined]
    owner = vault.get_material(actor, material_id, at=at).owner
    vault.remove_material(actor=actor, material_id=material_id, at=at)
    return redirect(f"{reverse('vault:mine')}?of={owner}")


def _day(typed: str) -> date | None:
    if not typed.strip():
        return None
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        wrong = T("日期写成 2026-12-31 的样子", "Write the date as 2026-12-31")
        raise MaterialRefused(errors=[{"field": "valid_to", "message": wrong.as_json()}]) from None


def _errors(refused: Invalid) -> list[dict[str, Any]]:
    return [{**each, "message": T.of(each["message"])} for each in refused.data["errors"]]
