"""OpenID Connect as oauthlib speaks it: the library keeps the protocol, this says who is who and what was handed out.

Only the authorization code with PKCE (S256) and its renewal exist here; every client has a secret. Answers carry the
issuer (RFC 9207). All times are the machine's.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from django.conf import settings
from django.utils.crypto import constant_time_compare
from oauthlib.common import Request
from oauthlib.oauth2.rfc6749.endpoints import AuthorizationEndpoint, RevocationEndpoint, TokenEndpoint
from oauthlib.oauth2.rfc6749.grant_types.authorization_code import code_challenge_method_s256
from oauthlib.oauth2.rfc6749.tokens import BearerToken
from oauthlib.openid import RequestValidator, UserInfoEndpoint
from oauthlib.openid.connect.core.grant_types import AuthorizationCodeGrant, RefreshTokenGrant

from tongban.apps.federation import keys, rules
from tongban.apps.federation.models import Code, Handed, System, Ticket
from tongban.apps.federation.operations import tickets
from tongban.apps.federation.operations.consents import has_consented
from tongban.apps.federation.operations.systems import digest_of
from tongban.base.actor import Actor
from tongban.base.time import now
from tongban.kernel.identity import service as identity

__all__ = ["ID_TOKEN_SECONDS", "Provider", "issuer", "subject_of"]

ID_TOKEN_SECONDS = 300


def issuer() -> str:
    """Return under which name this installation signs people in."""
    return str(settings.TONGBAN_PUBLIC_URL)


def subject_of(account: Any, system: System) -> str:
    """Return by what a system knows an account: another number for each, so that two of them cannot put their people together."""
    text = f"oidc|{system.client_id}|{account.kind}|{account.person_id or account.pk}"
    return hmac.new(settings.TONGBAN_BLIND_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()[:40]


class Provider(AuthorizationEndpoint, TokenEndpoint, RevocationEndpoint, UserInfoEndpoint):
    """The endpoints: the library's, with the one grant that we want."""

    def __init__(self) -> None:
        validator = Validator()
        grant = AuthorizationCodeGrant(validator)
        grant.proxy_target._code_challenge_methods = {
            "S256": code_challenge_method_s256
        }  # "plain" hides nothing
        bearer = BearerToken(
            validator,
            token_generator=lambda _request: "tba_" + secrets.token_urlsafe(32),
            refresh_token_generator=lambda _request: "tbr_" + secrets.token_urlsafe(32),
            expires_in=tickets.ACCESS_SECONDS,
        )
        AuthorizationEndpoint.__init__(
            self, default_response_type="code", response_types={"code": grant}, default_token_type=bearer
        )
        TokenEndpoint.__init__(
            self,
            default_grant_type="authorization_code",
            grant_types={"authorization_code": grant, "refresh_token": RefreshTokenGrant(validator)},
            default_token_type=bearer,
        )
        RevocationEndpoint.__init__(self, validator)
        UserInfoEndpoint.__init__(self, validator)


class Validator(RequestValidator):
    """The answers to the library's questions. ``request.client`` is a System, ``request.user`` an Account."""

    # --- which system is it ---

    def validate_client_id(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> bool:
        request.client = System.objects.filter(client_id=client_id, is_open=True).first()
        return request.client is not None

    def authenticate_client(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        client_id, secret = _credentials(request)
        system = System.objects.filter(client_id=client_id, is_open=True).first()
        known = bytes(system.secret_digest) if system else bytes(32)
        if not constant_time_compare(digest_of(secret), known) or system is None:
            return False
        request.client = system
        request.client_id = system.client_id
        return True

    def authenticate_client_id(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> bool:
        return False  # no system without a secret

    # --- the request for a code ---

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return redirect_uri in request.client.redirect_uris

    def get_default_redirect_uri(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> None:
        return None  # it is always to be named

    def validate_response_type(
        self, client_id: str, response_type: str, client: System, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return response_type == "code"

    def validate_scopes(
        self,
        client_id: str,
        scopes: Sequence[str],
        client: System,
        request: Request,
        *args: Any,
        **kwargs: Any,
    ) -> bool:
        allowed = rules.wanted_scopes(scopes, client.scopes)
        request.scopes = allowed
        return "openid" in allowed

    def get_default_scopes(self, client_id: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        return ["openid"]

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        return True

    def validate_silent_login(self, request: Request) -> bool:
        asked = getattr(request, "asked", None)
        return not isinstance(asked, Actor) or asked.account_id is not None

    def validate_silent_authorization(self, request: Request) -> bool:
        asked = getattr(request, "asked", None)
        # What the library gives as an attribute may come from the address: only an Actor is ours.
        return not isinstance(asked, Actor) or (
            asked.account_id is not None
            and has_consented(account_id=asked.account_id, system=request.client, scopes=request.scopes)
        )

    def validate_user_match(self, id_token_hint: str, scopes: Any, claims: Any, request: Request) -> bool:
        return True  # the page for consent says as whom one is about to sign in

    def save_authorization_code(
        self, client_id: str, code: dict[str, str], request: Request, *args: Any, **kwargs: Any
    ) -> None:
        person = request.user.person
        tickets.hand_code(
            actor=request.actor,
            system=request.client,
            plain=code["code"],
            redirect_uri=request.redirect_uri,
            scopes=request.scopes,
            nonce=(request.nonce or "")[:300],
            challenge=request.code_challenge,
            signed_in=request.signed_in,
            about=[person.citizen_id] if person is not None and person.citizen_id else [],
            at=now(),
            clock=identity.clock(),
        )

    # --- a code becomes tokens ---

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: System, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return grant_type in ("authorization_code", "refresh_token")

    def validate_code(
        self, client_id: str, code: str, client: System, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        found = tickets.code_of(code, system=client, clock=identity.clock())
        return found is not None and _remember(request, found, found.scopes)

    def confirm_redirect_uri(
        self,
        client_id: str,
        code: str,
        redirect_uri: str,
        client: System,
        request: Request,
        *args: Any,
        **kwargs: Any,
    ) -> bool:
        return redirect_uri == request.source.redirect_uri

    def get_code_challenge(self, code: str, request: Request) -> str:
        return str(request.source.challenge)

    def get_code_challenge_method(self, code: str, request: Request) -> str:
        return "S256"

    def get_authorization_code_nonce(
        self, client_id: str, code: str, redirect_uri: str, request: Request
    ) -> str | None:
        return request.source.nonce or None

    def get_authorization_code_scopes(
        self, client_id: str, code: str, redirect_uri: str, request: Request
    ) -> list[str]:
        return list(request.source.scopes)

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        tickets.use_code(code, clock=identity.clock())

    # --- tokens are renewed, revoked, shown ---

    def validate_refresh_token(
        self, refresh_token: str, client: System, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        found = tickets.ticket_of_refresh(refresh_token, system=client, clock=identity.clock())
        return found is not None and _remember(request, found, found.scopes)

    def get_original_scopes(
        self, refresh_token: str, request: Request, *args: Any, **kwargs: Any
    ) -> list[str]:
        return list(request.source.scopes)

    def refresh_id_token(self, request: Request) -> bool:
        return True

    def save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        tickets.hand_ticket(
            source=request.source,
            access=token["access_token"],
            refresh=token["refresh_token"],
            scopes=request.scopes,
            at=now(),
            clock=identity.clock(),
        )

    def revoke_token(
        self, token: str, token_type_hint: str, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        tickets.revoke(token, system=request.client, at=now(), clock=identity.clock())

    def validate_bearer_token(self, token: str | None, scopes: Sequence[str], request: Request) -> bool:
        found = tickets.ticket_of_access(token or "", clock=identity.clock())
        return found is not None and _remember(request, found, found.scopes)

    # --- what is told ---

    def get_id_token(self, token: Any, token_handler: Any, request: Request) -> None:
        return None  # the library begins it, finalize_id_token ends it

    def finalize_id_token(
        self, id_token: dict[str, Any], token: Any, token_handler: Any, request: Request
    ) -> str:
        source: Code | Ticket = request.source
        clock = identity.clock()
        moment = int(clock.timestamp())
        claims = {
            **id_token,
            "iss": issuer(),
            "aud": source.system.client_id,
            "sub": subject_of(source.account, source.system),
            "iat": moment,
            "exp": moment + ID_TOKEN_SECONDS,
            "auth_time": source.auth_time,
            "acr": rules.acr_of(source.assurance),
            "amr": ["pwd", "mfa"] if source.has_factor else ["pwd"],
        }
        return keys.sign(claims, algorithm=source.system.algorithm, at=clock)

    def get_userinfo_claims(self, request: Request) -> dict[str, Any]:
        return claims_of(request.source, request.scopes, at=now())


def claims_of(handed: Handed, scopes: Sequence[str], *, at: datetime) -> dict[str, Any]:
    """Return what a system is told of an account: nothing besides what it may ask for and what was agreed to."""
    account = handed.account
    person = account.person
    claims: dict[str, Any] = {"sub": subject_of(account, handed.system)}
    if "profile" in scopes:
        claims["name"] = person.name if person else account.username
        claims["kind"] = account.kind
        claims["locale"] = account.language or "zh-hans"
    if "posts" in scopes:
        claims["posts"] = [
            {
                "unit": identity.get_unit(post.unit_id).code,
                "unit_name": post.unit_name.as_json(),
                "post": post.post_id,
                "post_name": post.name.as_json(),
                "is_delegated": post.is_delegated,
            }
            for post in identity.posts_of(account, at)
        ]
    email, phone = account.email or (person.email if person else ""), person.phone if person else ""
    if "email" in scopes and email:
        claims |= {"email": email, "email_verified": False}
    if "phone" in scopes and phone:
        claims |= {"phone_number": phone, "phone_number_verified": False}
    if "citizen_id" in scopes and account.level >= 2 and person is not None and person.citizen_id:
        claims["citizen_id"] = person.citizen_id
    return claims


def _remember(request: Request, source: Code | Ticket, scopes: Sequence[str]) -> bool:
    request.source, request.user, request.client = source, source.account, source.system
    request.scopes = list(scopes)
    return True


def _credentials(request: Request) -> tuple[str, str]:
    """Return id and secret, from the header (RFC 6749 2.3.1) or from the body."""

    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return request.client_id or "", request.client_secret or ""
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote_plus(name), unquote_plus(secret)
