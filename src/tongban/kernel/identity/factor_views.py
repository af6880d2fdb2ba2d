"""The second factor: shown after the password, looked after in the own account."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from urllib.parse import urlencode

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongban.base.errors import Conflict, TongbanError, say_when
from tongban.base.time import now
from tongban.design.site import current_site
from tongban.kernel.identity import sessions, totp, webauthn
from tongban.kernel.identity.errors import FactorRefused, TooManyAttempts
from tongban.kernel.identity.factor_rules import is_factor_required_of
from tongban.kernel.identity.guards import signed_in_only
from tongban.kernel.identity.models import Account
from tongban.kernel.identity.operations import factors
from tongban.kernel.identity.operations.sign_in import complete_sign_in
from tongban.kernel.identity.views import enter, next_of

__all__ = [
    "add_app",
    "add_key",
    "ask_for_key",
    "key_answer",
    "list_factors",
    "new_codes",
    "remove",
    "second",
    "step_up",
]

ASKED, SECRET = "webauthn", "totp"
"""Session keys: the question that the browser was asked, the secret of an app that is not confirmed yet."""


# --- showing ---


@never_cache
@sensitive_post_parameters("code", "answer")
@require_http_methods(["GET", "HEAD", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor of whoever just gave the right password."""
    account = sessions.half_of(request)
    if account is None:
        return redirect("identity:sign-in")
    refusal: TongbanError | None = None
    if request.method == "POST":
        try:
            shown = _shown(request, account)
            return enter(request, complete_sign_in(account_id=account.pk, at=now()), factor=shown)
        except (FactorRefused, TooManyAttempts) as error:
            refusal = error
    known = factors.keys_of_account(account.pk)
    question = ask_for_key(request, known)
    context = {
        "question": question,
        "has_app": any(factor.kind == "totp" for factor in factors.factors_of(account.pk)),
        "has_unreachable_key": bool(known) and not question,
        "next": next_of(request),
        "refusal": refusal,
        "locked_until": refusal.data["until"] if isinstance(refusal, TooManyAttempts) else None,
    }
    page = render(request, "identity/second.html", context, status=refusal.status if refusal else 200)
    return say_when(page, refusal)


def _shown(request: HttpRequest, account: Account) -> str:
    """Return which factor was shown. Raises FactorRefused, TooManyAttempts."""
    at = now()
    key = key_answer(request, account.pk)
    if key is None:
        code = request.POST.get("code", "")[:40]
        return factors.check_code(account_id=account.pk, code=code, at=at, clock=sessions.clock())
    credential, counter = key
    return factors.check_key(account_id=account.pk, credential=credential, counter=counter, at=at)


def ask_for_key(request: HttpRequest, known: Sequence[bytes]) -> str:
    """Return what the browser is to be asked to show one of these security keys; "" where it can show none.

    The page puts it into ``data-question`` of a form with ``data-webauthn="get"`` and an input ``answer``, beside the script
    ``identity/webauthn.js``; ``key_answer`` reads what comes back.
    """
    if not known or not webauthn.can_use_keys(request):
        return ""
    question, request.session[ASKED] = webauthn.ask_for_key(request, known=known)
    return question


def key_answer(request: HttpRequest, account_id: int) -> tuple[bytes, int] | None:
    """Return which security key of the account answered the question of this session, and its counter; None for no answer.

    Its counter is still to be looked at (``check_key``). Raises FactorRefused, TooManyAttempts.
    """
    answer = request.POST.get("answer", "")
    if not answer:
        return None
    try:
        return webauthn.read_key(
            request,
            state=request.session.pop(ASKED, {}),
            known=factors.keys_of_account(account_id),
            answer=answer[:20_000],
        )
    except webauthn.KeyAnswerWrong:
        factors.refuse_key(account_id=account_id, at=now())
        raise FactorRefused from None


@never_cache
@signed_in_only
@require_safe
def step_up(request: HttpRequest, account: Account) -> HttpResponse:
    """Lead to where this session shows a second factor: to showing it, or to adding the first one. ``next`` leads back."""
    to = next_of(request)
    query = f"?{urlencode({'next': to})}" if to else ""
    if sessions.has_shown_factor(request):
        return redirect(to or "identity:account")
    if factors.has_factor(account.pk):
        sessions.remember_half(request, account)
        return redirect(reverse("identity:second") + query)
    return redirect(reverse("identity:factors") + query)


# --- the own account ---


@never_cache
@signed_in_only
@require_safe
def list_factors(request: HttpRequest, account: Account) -> HttpResponse:
    """Show the second factors of the own account, and that one is required."""
    return _list(request, account)


def _list(request: HttpRequest, account: Account, refusal: TongbanError | None = None) -> HttpResponse:
    context = {
        "factors": factors.factors_of(account.pk),
        "codes_left": factors.recovery_codes_left(account.pk),
        "is_required": is_factor_required_of(account, now()),
        "owes": sessions.owes(request, account) == "factor",
        "is_weak": _is_weak(request, account),
        "can_use_keys": webauthn.can_use_keys(request),
        "next": next_of(request),
        "refusal": refusal,
    }
    return render(request, "identity/factors.html", context, status=refusal.status if refusal else 200)


def _is_weak(request: HttpRequest, account: Account) -> bool:
    """True for a session that has not shown the factor its account has: it may not add or remove any."""
    return factors.has_factor(account.pk) and not request.session.get(sessions.FACTOR)


def _show_first(request: HttpRequest, account: Account) -> HttpResponse:
    sessions.remember_half(request, account)
    return redirect("identity:second")


@never_cache
@sensitive_post_parameters("code")
@signed_in_only
@require_http_methods(["GET", "HEAD", "POST"])
def add_app(request: HttpRequest, account: Account) -> HttpResponse:
    """Show the QR code for an authenticator app, and take the first code that it shows."""
    if _is_weak(request, account):
        return _show_first(request, account)
    errors = []
    if request.method == "POST" and SECRET in request.session:
        try:
            codes = factors.add_app(
                account_id=account.pk,
                secret=_unread(request.session[SECRET]),
                code=request.POST.get("code", "")[:20],
                name=request.POST.get("name", ""),
                at=now(),
                clock=sessions.clock(),
            )
            del request.session[SECRET]
            return _added(request, account, "totp", codes)
        except FactorRefused as refusal:
            errors = refusal.data["errors"]
    if SECRET not in request.session:
        request.session[SECRET] = totp.readable(totp.new_secret())
    secret = _unread(request.session[SECRET])
    address = totp.address(secret, issuer=str(current_site().name), account=account.username)
    readable = request.session[SECRET]
    context = {
        "errors": errors,
        "qr": segno.make(address, error="m").svg_data_uri(scale=5, border=2),
        "secret": " ".join(readable[i : i + 4] for i in range(0, len(readable), 4)),
        "name": request.POST.get("name", ""),
        "next": next_of(request),
    }
    return render(request, "identity/add_app.html", context, status=422 if errors else 200)


def _unread(readable: str) -> bytes:
    try:
        return base64.b32decode(readable + "=" * (-len(readable) % 8))
    except (binascii.Error, ValueError):
        return totp.new_secret()


@never_cache
@sensitive_post_parameters("answer")
@signed_in_only
@require_http_methods(["GET", "HEAD", "POST"])
def add_key(request: HttpRequest, account: Account) -> HttpResponse:
    """Ask the browser for a new security key and keep its public part."""
    if _is_weak(request, account):
        return _show_first(request, account)
    if not webauthn.can_use_keys(request):
        return redirect("identity:factors")
    is_wrong = False
    if request.method == "POST":
        try:
            credential, counter = webauthn.read_new_key(
                request,
                state=request.session.pop(ASKED, {}),
                answer=request.POST.get("answer", "")[:20_000],
            )
            name = request.POST.get("name", "")
            codes = factors.add_key(
                account_id=account.pk, credential=credential, counter=counter, name=name, at=now()
            )
            return _added(request, account, "key", codes)
        except webauthn.KeyAnswerWrong:
            is_wrong = True
    question, request.session[ASKED] = webauthn.ask_for_new_key(
        request,
        account_id=account.pk,
        username=account.username,
        known=factors.keys_of_account(account.pk),
        site=str(current_site().name),
    )
    context = {"question": question, "is_wrong": is_wrong, "next": next_of(request)}
    return render(request, "identity/add_key.html", context, status=422 if is_wrong else 200)


def _added(request: HttpRequest, account: Account, kind: str, codes: list[str]) -> HttpResponse:
    """Count the factor as shown in this session; show recovery codes, this once, when they are new."""
    request.session[sessions.FACTOR] = kind
    if not codes:
        return redirect("identity:factors")
    return render(request, "identity/codes.html", {"codes": codes, "next": next_of(request)})


@never_cache
@signed_in_only
@require_POST
def new_codes(request: HttpRequest, account: Account) -> HttpResponse:
    """Make new recovery codes and show them, this once."""
    if _is_weak(request, account):
        return _show_first(request, account)
    codes = factors.make_recovery_codes(account_id=account.pk, at=now())
    return render(request, "identity/codes.html", {"codes": codes, "next": ""})


@signed_in_only
@require_POST
def remove(request: HttpRequest, account: Account, factor_id: int) -> HttpResponse:
    """Remove one of the own factors."""
    if _is_weak(request, account):
        return _show_first(request, account)
    try:
        factors.remove_factor(account_id=account.pk, factor_id=factor_id, at=now())
    except Conflict as refusal:
        return _list(request, account, refusal)
    if not factors.has_factor(account.pk):
        request.session[sessions.FACTOR] = ""
    return redirect("identity:factors")
