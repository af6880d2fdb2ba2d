"""Where other systems and the browsers they send ask: discovery, keys, the page of consent, tokens, userinfo, signing out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from oauthlib.common import add_params_to_uri
from oauthlib.oauth2.rfc6749.errors import FatalClientError, OAuth2Error

from tongban.apps.federation import keys, rules
from tongban.apps.federation.errors import NotForThisAccount, RequestNotUnderstood
from tongban.apps.federation.models import Consent, Link, Province, System
from tongban.apps.federation.operations.consents import end_consent, give_consent, has_consented
from tongban.apps.federation.operations.tickets import SignedIn
from tongban.apps.federation.provider import Provider, issuer
from tongban.base.time import now
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.errors import TooManyAttempts

__all__ = ["authorize", "discovery", "end_mine", "jwks", "mine", "revoke", "sign_out", "token", "userinfo"]

AFTER = "signed_in_after"
"""Our own word in the address: the sign-in that it waits for must not be older (``prompt=login``, ``max_age``)."""
TOKEN_FAILURES = 30


@require_safe
def discovery(request: HttpRequest) -> HttpResponse:
    """Say where everything is and what is spoken here (OpenID Connect Discovery)."""
    at = issuer()
    document = {
        "issuer": at,
        "authorization_endpoint": at + reverse("federation:authorize"),
        "token_endpoint": at + reverse("federation:token"),
        "userinfo_endpoint": at + reverse("federation:userinfo"),
        "revocation_endpoint": at + reverse("federation:revoke"),
        "end_session_endpoint": at + reverse("federation:sign-out"),
        "jwks_uri": at + reverse("federation:jwks"),
        "scopes_supported": list(rules.SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": list(keys.ALGORITHMS),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": [rules.acr_of(level) for level in (1, 2, 3)],
        "claims_supported": [
            *("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr"),
            *("name", "kind", "locale", "posts", "email", "phone_number", "citizen_id"),
        ],
        "ui_locales_supported": ["zh-CN", "en"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
    }
    return JsonResponse(document)


@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    """Show the public keys with which ID tokens are signed."""
    answer = JsonResponse({"keys": keys.public_keys(at=identity.clock())})
    answer["Cache-Control"] = "public, max-age=3600"
    return answer


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """Let somebody sign in to another system: sign in here if need be, agree once, go back there with a code."""
    provider, uri = Provider(), _secure(request.get_full_path())
    try:
        scopes, asked = provider.validate_authorization_request(uri, "GET", None, {})
    except FatalClientError:
        raise RequestNotUnderstood from None
    except OAuth2Error as error:
        return _back(error.in_uri(error.redirect_uri))
    system = System.objects.get(client_id=asked["client_id"])
    actor = request.actor  # type: ignore[attr-defined]
    prompt = set(asked.get("prompt") or ())
    if "none" in prompt:
        return _code(request, provider, uri, scopes, silently=True)
    if actor.account_id is None or not _is_fresh(request, prompt):
        return _sign_in_first(request)
    if request.user.kind not in system.kinds:  # type: ignore[union-attr]
        raise NotForThisAccount
    if request.method == "POST":
        if request.POST.get("answer") != "agree":
            return _back(add_params_to_uri(asked["redirect_uri"], _denied(asked)))
        give_consent(actor=actor, system=system, scopes=scopes, at=now())
        return _code(request, provider, uri, scopes)
    agreed = has_consented(account_id=actor.account_id, system=system, scopes=scopes)
    if agreed and "consent" not in prompt and AFTER not in request.GET:
        return _code(request, provider, uri, scopes)
    context = {
        "system": system,
        "told": rules.readable(scopes),
        "agreed": agreed and "consent" not in prompt,
        "host": urlsplit(asked["redirect_uri"]).netloc,
        "kind": request.user.kind,  # type: ignore[union-attr]
    }
    answer = render(request, "federation/consent.html", context)
    # A browser follows the answer to this form only to where the policy of the page lets forms lead.
    answer._csp_update = {"form-action": [rules.origin_of(asked["redirect_uri"])]}  # type: ignore[attr-defined]
    return answer


def _is_fresh(request: HttpRequest, prompt: set[str]) -> bool:
    """True when the person signed in recently enough for what the other system wants."""
    since = identity.auth_time(request)
    after = request.GET.get(AFTER, "")
    if after.isascii() and after.isdigit():
        return since >= int(after[:12])
    age = request.GET.get("max_age", "")
    is_old = age.isascii() and age.isdigit() and identity.clock().timestamp() - since > int(age[:9])
    return not is_old and not prompt & {"login", "select_account"}


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    query = request.GET.copy()
    query[AFTER] = str(int(identity.clock().timestamp()))
    back = f"{request.path}?{query.urlencode()}"
    return redirect(f"{reverse('identity:sign-in')}?{urlencode({'next': back})}")


def _denied(asked: dict[str, Any]) -> list[tuple[str, str]]:
    state = [("state", asked["state"])] if asked.get("state") else []
    return [("error", "access_denied"), *state]


def _code(
    request: HttpRequest, provider: Provider, uri: str, scopes: list[str], *, silently: bool = False
) -> HttpResponse:
    """Send the browser back with a code, or with why there is none."""
    actor, account = request.actor, request.user  # type: ignore[attr-defined]
    given: dict[str, Any] = {"asked": actor} if silently else {}
    if actor.account_id is not None:
        given |= {"actor": actor, "user": account}
        given["signed_in"] = SignedIn(
            identity.auth_time(request), actor.assurance, identity.has_shown_factor(request)
        )
    headers, _, _ = provider.create_authorization_response(uri, "GET", None, {}, scopes, given)
    return _back(headers["Location"])


def _back(address: str) -> HttpResponse:
    answer = HttpResponse(status=302)
    answer["Location"] = add_params_to_uri(address, [("iss", issuer())])
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _secure(path: str) -> str:
    """Return the address as the library wants it. Whether it came by TLS is decided by who runs the installation, not by it."""
    parts = urlsplit(issuer())
    return urlunsplit(("https", parts.netloc, *urlsplit(path)[2:]))


@csrf_exempt
@never_cache
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Exchange a code or a refresh token for tokens. For programs, which show their secret."""
    return _answered(request, "create_token_response")


@csrf_exempt
@never_cache
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """End a token, and all that came of the same sign-in (RFC 7009)."""
    return _answered(request, "create_revocation_response")


def _answered(request: HttpRequest, ask: str) -> HttpResponse:
    what = f"oidc:{ask}"
    try:
        identity.throttle(what, request=request, limit=TOKEN_FAILURES)
    except TooManyAttempts:
        return JsonResponse({"error": "temporarily_unavailable"}, status=429)
    try:
        body = request.body.decode()
    except UnicodeDecodeError:
        return JsonResponse({"error": "invalid_request"}, status=400)
    with transaction.atomic():  # also a refusal changes something: what was stolen ends
        headers, text, status = getattr(Provider(), ask)(
            _secure(request.path), "POST", body, _headers(request)
        )
    if status == 200:
        identity.relent(what, request=request)
    return HttpResponse(text or "", status=status, headers={"Content-Type": "application/json", **headers})


def _headers(request: HttpRequest) -> dict[str, str]:
    wanted = ("Authorization", "Content-Type")
    return {name: request.headers[name] for name in wanted if name in request.headers}


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def userinfo(request: HttpRequest) -> HttpResponse:
    """Tell a system what it may know of who signed in. It shows its access token."""
    shown = {"Authorization": request.headers.get("Authorization", "")}
    try:
        headers, text, status = Provider().create_userinfo_response(_secure(request.path), "GET", None, shown)
    except OAuth2Error as refused:
        headers, text, status = refused.headers, refused.json, refused.status_code
    return HttpResponse(text, status=status, headers={"Content-Type": "application/json", **headers})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out here too, when another system asks (OpenID Connect RP-Initiated Logout); then go back there."""
    asked = request.POST if request.method == "POST" else request.GET
    back = _way_back(asked)
    if request.method == "POST" or request.actor.account_id is None:  # type: ignore[attr-defined]
        if request.actor.account_id is not None:  # type: ignore[attr-defined]
            identity.leave(request)
        return _to(back) if back else redirect("/")
    context = {
        "hidden": [
            (name, asked[name])
            for name in ("client_id", "id_token_hint", "post_logout_redirect_uri", "state")
            if asked.get(name)
        ],
        "back": urlsplit(back).netloc if back else "",
    }
    answer = render(request, "federation/sign_out.html", context)
    if back:
        answer._csp_update = {"form-action": [rules.origin_of(back)]}  # type: ignore[attr-defined]
    return answer


def _way_back(asked: Any) -> str:
    """Return where to go afterwards: only where the system that shows one of our ID tokens, or its id, has registered."""
    address = asked.get("post_logout_redirect_uri", "")
    systems = System.objects.filter(is_open=True, logout_uris__contains=[address])
    if client_id := asked.get("client_id"):
        systems = systems.filter(client_id=client_id)
    hint = asked.get("id_token_hint", "")
    for system in systems if address and (client_id or hint) else ():
        if not hint or keys.verify(hint, audience=system.client_id, issuer=issuer()) is not None:
            state = [("state", asked["state"])] if asked.get("state") else []
            return str(add_params_to_uri(address, state))
    return ""


def _to(address: str) -> HttpResponse:
    answer = HttpResponse(status=302)
    answer["Location"] = address
    return answer


@never_cache
@identity.signed_in_only
@require_safe
def mine(request: HttpRequest, account: Any) -> HttpResponse:
    """Show to which systems one agreed to sign in, what they learn, and with which accounts elsewhere one may come in."""
    rows = (
        Consent.objects.filter(account=account, ended_at=None).select_related("system").order_by("given_at")
    )
    linked = {link.province_id: link for link in Link.objects.filter(account=account)}
    context = {
        "rows": [(row, rules.readable(row.scopes)) for row in rows],
        "provinces": [(each, linked.get(each.pk)) for each in Province.objects.filter(is_open=True)],
    }
    return render(request, "federation/mine.html", context)


@identity.signed_in_only
@require_POST
def end_mine(request: HttpRequest, account: Any, system_id: int) -> HttpResponse:
    """Take the consent for one system back."""
    end_consent(actor=request.actor, system_id=system_id, at=now())  # type: ignore[attr-defined]
    return redirect("federation:mine")
