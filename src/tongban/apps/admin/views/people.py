"""People who work for the government: finding them, opening accounts, inviting, closing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongban.apps.admin.policies import ANY, SECURITY, SYSTEM, for_duties, may
from tongban.base.errors import Conflict, Invalid, NotFound
from tongban.base.time import now
from tongban.design.paging import Page, page_number
from tongban.design.sheets import Sheet, fault, typed
from tongban.kernel.identity import service as identity
from tongban.kernel.processes import service as processes

__all__ = ["change", "close", "invite", "list_people", "open_account", "reopen", "reset", "show"]

ON_PAGE = 40


@for_duties(ANY)
@require_safe
def list_people(request: HttpRequest) -> HttpResponse:
    """Show officials, those whom words find, page by page."""
    query, number = request.GET.get("q", "").strip()[:40], page_number(request.GET.get("page"))
    rows = identity.list_officials(at=now(), query=query, limit=ON_PAGE + 1, offset=(number - 1) * ON_PAGE)
    context = {
        "page": Page(rows[:ON_PAGE], number, len(rows) > ON_PAGE),
        "query": query,
        "may_open": may(request.actor, SYSTEM),  # type: ignore[attr-defined]
    }
    return render(request, "admin/people.html", context)


@for_duties(ANY)
@require_safe
def show(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Show a person: posts, account, delegations, sessions, and what is in hands."""
    at = now()
    actor = request.actor  # type: ignore[attr-defined]
    person, row, former = identity.official_page(person_id, at)
    open_sessions: list[identity.PresenceView] = []
    if may(actor, SYSTEM | SECURITY) and row.account is not None:
        open_sessions = identity.list_presences(at=identity.clock(), account_id=row.account.pk)
    context = {
        "person": person,
        "row": row,
        "posts": [(held, held.is_running(at)) for held in row.posts],
        "former": former,
        "given": identity.delegations_from(person_id, at),
        "taken": identity.delegations_to(person_id, at),
        "in_hands": len(processes.tasks_in_hands(person_id)),
        "sessions": open_sessions,
        "factors": identity.factors_of(row.account.pk) if row.account else [],
        "may_reset": may(actor, SECURITY) and row.account is not None and row.account.pk != actor.account_id,
        "is_system": may(actor, SYSTEM),
        "is_security": may(actor, SECURITY),
    }
    return render(request, "admin/person.html", context)


@never_cache
@for_duties(SYSTEM)
@require_http_methods(["GET", "HEAD", "POST"])
def open_account(request: HttpRequest) -> HttpResponse:
    """Record a person and open an account; show the link by which the password is set, this once."""
    names = ("name", "username", "citizen_id", "phone", "email")
    sheet = Sheet(dict.fromkeys(names, ""))
    if request.method == "POST":
        sheet = Sheet(typed(request, *names))
        try:
            account, secret = identity.open_official_account(actor=request.actor, at=now(), **sheet.values)  # type: ignore[attr-defined]
            return _link(request, account.person_id, secret)
        except (Invalid, Conflict) as refusal:
            sheet.refuse(refusal)
    return render(request, "admin/person_form.html", {"sheet": sheet, "person": None}, status=sheet.status)


@for_duties(SYSTEM)
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Correct name, phone and e-mail."""
    person, _, _ = identity.official_page(person_id, now())
    sheet = Sheet({"name": person.name, "phone": person.phone, "email": person.email})
    if request.method == "POST":
        sheet = Sheet(typed(request, "name", "phone", "email"))
        try:
            identity.correct_official(actor=request.actor, person_id=person_id, at=now(), **sheet.values)  # type: ignore[attr-defined]
            return redirect("admin:person", person_id)
        except (Invalid, Conflict) as refusal:
            sheet.refuse(refusal)
    return render(request, "admin/person_form.html", {"sheet": sheet, "person": person}, status=sheet.status)


@never_cache
@for_duties(SYSTEM)
@require_POST
def invite(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Make a new link for setting the password; the one before works no more."""
    account = _account(person_id)
    secret = identity.invite(actor=request.actor, account_id=account.pk, at=now())  # type: ignore[attr-defined]
    return _link(request, person_id, secret)


@for_duties(SYSTEM)
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Close an account: sessions and tokens stop."""
    account = _account(person_id)
    if not account.is_active:
        raise NotFound
    return _with_reason(
        request,
        person_id,
        "admin/account_close.html",
        lambda reason: identity.close_account(
            actor=request.actor,  # type: ignore[attr-defined]
            username=account.username,
            reason=reason,
            at=now(),
        ),
    )


@for_duties(SYSTEM)
@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Open an account again."""
    account = _account(person_id)
    if account.is_active:
        raise NotFound
    return _with_reason(
        request,
        person_id,
        "admin/account_reopen.html",
        lambda reason: identity.reopen_account(
            actor=request.actor,  # type: ignore[attr-defined]
            account_id=account.pk,
            reason=reason,
            at=now(),
        ),
    )


@for_duties(SECURITY)
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Take the second factors from an account whose bearer lost them."""
    account = _account(person_id)
    actor = request.actor  # type: ignore[attr-defined]
    if account.pk == actor.account_id or not identity.factors_of(account.pk):
        raise NotFound
    return _with_reason(
        request,
        person_id,
        "admin/factors_reset.html",
        lambda reason: identity.reset_factors(actor=actor, account_id=account.pk, reason=reason, at=now()),
    )


def _with_reason(request: HttpRequest, person_id: UUID, template: str, act: Any) -> HttpResponse:
    person, row, _ = identity.official_page(person_id, now())
    sheet = Sheet({"reason": ""})
    if request.method == "POST":
        sheet = Sheet(typed(request, "reason"))
        try:
            if not sheet.values["reason"]:
                raise fault("reason", "请写理由", "Give the reason")
            act(sheet.values["reason"])
            return redirect("admin:person", person_id)
        except (Invalid, Conflict) as refusal:
            sheet.refuse(refusal)
    in_hands = len(processes.tasks_in_hands(person_id))
    context = {"person": person, "row": row, "sheet": sheet, "in_hands": in_hands}
    return render(request, template, context, status=sheet.status)


def _account(person_id: UUID) -> Any:
    _, row, _ = identity.official_page(person_id, now())
    if row.account is None:
        raise NotFound
    return row.account


def _link(request: HttpRequest, person_id: UUID | None, secret: str) -> HttpResponse:
    person, row, _ = identity.official_page(person_id, now())  # type: ignore[arg-type]
    link = settings.TONGBAN_PUBLIC_URL.rstrip("/") + reverse("identity:invitation", args=[secret])
    context = {"person": person, "row": row, "link": link, "days": identity.VALID_DAYS}
    return render(request, "admin/person_link.html", context)
