"""What everybody looks after in the own account: the password, the sessions; and the link by which one gets in first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongban.base.errors import Invalid
from tongban.base.time import now
from tongban.kernel.identity import sessions
from tongban.kernel.identity.guards import signed_in_only
from tongban.kernel.identity.models import Account
from tongban.kernel.identity.operations.factors import factors_of, has_factor, recovery_codes_left
from tongban.kernel.identity.operations.invitations import accept_invitation, change_password, find_invitation
from tongban.kernel.identity.operations.presence import end_presence, end_presences_of, list_presences
from tongban.kernel.identity.operations.throttling import throttle
from tongban.kernel.identity.signing_rules import sign_in_rules

__all__ = ["accept", "account", "end_session", "password"]


@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, secret: str) -> HttpResponse:
    """Let the invited set the own password. The link works once."""
    if request.method == "POST":
        throttle("invitation", request=request, limit=30)
    invitation = find_invitation(secret, now())
    errors = []
    if request.method == "POST":
        try:
            account = accept_invitation(
                plain=secret,
                password=request.POST.get("password", ""),
                again=request.POST.get("again", ""),
                at=now(),
            )
            # Who has a second factor shows it: whoever found the link has only the password.
            if has_factor(account.pk):
                return redirect("identity:sign-in")
            sessions.begin(request, account)
            return redirect("identity:account")
        except Invalid as refusal:
            errors = refusal.data["errors"]
    context = {
        "invited": invitation.account,
        "errors": errors,
        "rules": sign_in_rules(invitation.account.kind),
    }
    answer = render(request, "identity/invitation.html", context, status=422 if errors else 200)
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@never_cache
@signed_in_only
@require_safe
def account(request: HttpRequest, account: Account) -> HttpResponse:
    """Show what protects the own account."""
    open_ones = list_presences(at=sessions.clock(), account_id=account.pk)
    here = request.session.session_key
    context = {
        "account": account,
        "presences": [(each, each.session_key == here) for each in open_ones],
        "rules": sign_in_rules(account.kind),
        "factors": factors_of(account.pk),
        "codes_left": recovery_codes_left(account.pk),
        "is_official": account.kind == "official",
    }
    return render(request, "identity/account.html", context)


@never_cache
@sensitive_post_parameters("old", "password", "again")
@signed_in_only
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest, account: Account) -> HttpResponse:
    """Change the own password; all other sessions end by it."""
    errors = []
    if request.method == "POST":
        throttle(f"password:{account.pk}", request=request)
        try:
            changed = change_password(
                account_id=account.pk,
                old=request.POST.get("old", ""),
                password=request.POST.get("password", ""),
                again=request.POST.get("again", ""),
                at=now(),
            )
            factor = request.session.get(sessions.FACTOR, "")
            end_presences_of(account.pk)
            sessions.begin(request, changed, factor=factor)
            return redirect("identity:account")
        except Invalid as refusal:
            errors = refusal.data["errors"]
    context = {
        "errors": errors,
        "rules": sign_in_rules(account.kind),
        "is_old": sessions.owes(request, account) == "password",
    }
    return render(request, "identity/password.html", context, status=422 if errors else 200)


@signed_in_only
@require_POST
def end_session(request: HttpRequest, account: Account, presence_id: int) -> HttpResponse:
    """End one of the own sessions."""
    if not any(each.id == presence_id for each in list_presences(at=sessions.clock(), account_id=account.pk)):
        return redirect("identity:account")
    end_presence(actor=request.actor, presence_id=presence_id, at=now())  # type: ignore[attr-defined]
    return redirect("identity:account")
