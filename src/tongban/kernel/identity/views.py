"""Signing in and out, and choosing in which capacity one acts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from tongban.base.errors import TongbanError, say_when
from tongban.base.text import LocalizedText
from tongban.base.time import now
from tongban.kernel.identity.errors import EntityNotYours, PostNotYours, SignInRefused, TooManyAttempts
from tongban.kernel.identity.known import known_browser, remember_browser
from tongban.kernel.identity.middleware import ENTITY_KEY, POST_KEY
from tongban.kernel.identity.models import Account
from tongban.kernel.identity.operations.factors import has_factor
from tongban.kernel.identity.operations.sign_in import (
    change_capacity,
    check_credentials,
    choose_demo_account,
    sign_in_by,
)
from tongban.kernel.identity.queries.people import demo_accounts
from tongban.kernel.identity.sessions import begin, leave, owes, remember_half
from tongban.kernel.identity.ways import sign_in_ways

__all__ = ["act_for", "come_in", "enter", "next_of", "sign_in", "sign_out", "switch_post"]


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; in the demo also offer its accounts, one press each. ``next`` leads back."""
    if request.method != "POST":
        owed = _owed(request, request.user)
        return redirect(owed) if owed else _sign_in_page(request)
    try:
        account = _account_of(request)
    except (SignInRefused, TooManyAttempts) as refused:
        return _sign_in_page(request, refused)
    if has_factor(account.pk):
        remember_half(request, account)
        return redirect(_keepingnext_of(request, reverse("identity:second")))
    return enter(request, account)


def come_in(request: HttpRequest, *, account_id: int, by: str, to: str = "") -> HttpResponse:
    """Sign in an account for which another authority has vouched; its second factor is asked for as ever.

    ``to`` is a page of ours where the visitor wanted to go. Raises SignInRefused.
    """
    account = sign_in_by(account_id=account_id, by=by, at=now())
    if has_factor(account.pk):
        remember_half(request, account)
        return redirect(reverse("identity:second") + (f"?{urlencode({'next': to})}" if to else ""))
    return enter(request, account, to=to)


def enter(request: HttpRequest, account: Account, *, factor: str = "", to: str = "") -> HttpResponse:
    """Begin the session and go where the visitor wanted, or must."""
    begin(request, account, factor=factor)
    response = HttpResponseRedirect(_owed(request, account) or next_of(request) or to or _home_of(account))
    remember_browser(request, response, account.username)
    if account.language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            account.language,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
        )
    return response


def _owed(request: HttpRequest, account: Any) -> str:
    """Return where the session must go before anything else, keeping where it wanted to."""
    owed = owes(request, account) if isinstance(account, Account) else ""
    if not owed:
        return ""
    return _keepingnext_of(request, reverse(OWED[owed]))


def _keepingnext_of(request: HttpRequest, address: str) -> str:
    wanted = next_of(request)
    return address + (f"?{urlencode({'next': wanted})}" if wanted else "")


OWED = {"password": "identity:password", "factor": "identity:factors"}


def _account_of(request: HttpRequest) -> Account:
    chosen = request.POST.get("demo", "")
    if chosen:
        return choose_demo_account(username=chosen, at=now())
    username = request.POST.get("username", "").strip()
    return check_credentials(
        username=username,
        password=request.POST.get("password", ""),
        address=request.META.get("REMOTE_ADDR", ""),
        browser=known_browser(request, username),
        at=now(),
    )


def _sign_in_page(request: HttpRequest, refused: TongbanError | None = None) -> HttpResponse:
    errors = []
    if isinstance(refused, TooManyAttempts):
        errors = [{"field": "", "message": refused.title}]
    elif refused is not None:
        errors = [{"field": "username", "message": refused.title}]
    context = {
        "username": request.POST.get("username", ""),
        "next": next_of(request),
        "errors": errors,
        "locked_until": refused.data["until"] if isinstance(refused, TooManyAttempts) else None,
        "ways": sign_in_ways(),
        "demo_accounts": demo_accounts() if settings.TONGBAN_ENV == "demo" else [],
    }
    page = render(request, "identity/sign_in.html", context, status=refused.status if refused else 200)
    return say_when(page, refused)


def next_of(request: HttpRequest) -> str:
    """Return where to go afterwards when it is a page of this installation, else nothing."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return url if safe and not url.startswith(reverse("identity:sign-in")) else ""


def _home_of(account: Account) -> str:
    return _address("desk:inbox") if account.kind == "official" else _address("myspace:home")


def _address(name: str) -> str:
    """Return a page that stands above us, the front page where this installation does not have it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return "/"


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session and go to the front page."""
    leave(request)
    return redirect("/")


@require_POST
def switch_post(request: HttpRequest) -> HttpResponse:
    """Act from now on in another of one's posts. Leads to the inbox: the page before may belong to the old post."""
    account = _signed_in(request)
    try:
        post_id = int(request.POST.get("post", ""))
    except ValueError:
        raise PostNotYours from None
    change_capacity(account=account, post_id=post_id, at=now())
    request.session[POST_KEY] = post_id
    return redirect(_address("desk:inbox"))


@require_POST
def act_for(request: HttpRequest) -> HttpResponse:
    """Act from now on for an entity, or for oneself again ("self")."""
    account = _signed_in(request)
    chosen = request.POST.get("entity", "self")
    try:
        entity_id = None if chosen == "self" else UUID(chosen)
    except ValueError:
        raise EntityNotYours from None
    change_capacity(account=account, entity_id=entity_id, at=now())
    if entity_id is None:
        request.session.pop(ENTITY_KEY, None)
    else:
        request.session[ENTITY_KEY] = str(entity_id)
    return redirect(next_of(request) or _home_of(account))


def _signed_in(request: HttpRequest) -> Account:
    if not isinstance(request.user, Account):
        raise PostNotYours(LocalizedText("请先登录", "Please sign in first"))
    return request.user
