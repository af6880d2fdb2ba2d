"""Signing in with another authority's accounts: what we ask of it, and what proves its answer.

The threats: somebody else's answer is slipped into a browser (``state``, ``nonce`` and PKCE, kept in the session), an answer of
another authority (issuer, ``iss``), for another system (audience), forged (signature with a published key), old (expiry); another
address is asked instead, or answers for ever (https, no redirects, bounds on time and size). Whatever is not proved is a failure.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.error import URLError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import jwt
from django.utils.crypto import constant_time_compare

from tongban.apps.federation import rules, vault
from tongban.apps.federation.errors import ProvinceFailed
from tongban.apps.federation.models import Province

__all__ = ["Asked", "Vouched", "begin", "finish"]

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""Signatures with a key pair only: one with our secret would let any system of theirs pose as the authority."""
MOST_BYTES = 256 * 1024
SECONDS = 10
ASK_LASTS = 600
LEEWAY = 60


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, for the session of the browser: the answer must fit."""

    state: str
    nonce: str
    verifier: str
    at: float


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the authority vouches for."""

    subject: str
    name: str
    citizen_id: str


def begin(province: Province, *, back: str, clock: datetime) -> tuple[str, Asked]:
    """Return where to send the browser, and what to keep. Raises ProvinceFailed."""
    about = _about(province)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    asked = Asked(state, nonce, verifier, at=clock.timestamp())
    challenge = base64.urlsafe_b64encode(hashlib.sha256(asked.verifier.encode()).digest()).rstrip(b"=")
    query = {
        "response_type": "code",
        "client_id": province.client_id,
        "redirect_uri": back,
        "scope": province.scopes,
        "state": asked.state,
        "nonce": asked.nonce,
        "code_challenge": challenge.decode(),
        "code_challenge_method": "S256",
    }
    address = about["authorization_endpoint"]
    return address + ("&" if "?" in address else "?") + urlencode(query), asked


def finish(
    province: Province, asked: Asked, answer: dict[str, str], *, back: str, clock: datetime
) -> Vouched:
    """Return whom the authority vouches for in its ``answer``, the query of the way back. Raises ProvinceFailed."""
    is_late = clock.timestamp() - asked.at > ASK_LASTS
    if is_late or not constant_time_compare(answer.get("state", ""), asked.state):
        raise ProvinceFailed("state")
    if answer.get("iss", province.issuer) != province.issuer:
        raise ProvinceFailed("iss")
    if not answer.get("code"):
        raise ProvinceFailed("refused")
    about = _about(province)
    body = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": back,
        "code_verifier": asked.verifier,
    }
    given = _ask(
        about["token_endpoint"], body=body, basic=(province.client_id, vault.secret_of(province.key))
    )
    claims = _proved(province, about, str(given.get("id_token", "")), asked.nonce)
    told = claims
    if about.get("userinfo_endpoint") and not {province.name_claim, province.number_claim} <= claims.keys():
        extra = _ask(about["userinfo_endpoint"], bearer=str(given.get("access_token", "")))
        if extra.get("sub") != claims["sub"]:
            raise ProvinceFailed("userinfo")
        told = {**extra, **claims}
    return Vouched(
        subject=str(claims["sub"])[:255],
        name=str(told.get(province.name_claim, "")).strip()[:120],
        citizen_id=str(told.get(province.number_claim, "")).strip().upper()[:18],
    )


def _proved(province: Province, about: dict[str, Any], id_token: str, nonce: str) -> dict[str, Any]:
    """Return the claims of an ID token that the authority signed for us, now, for this question."""
    try:
        header = jwt.get_unverified_header(id_token)
        keys = jwt.PyJWKSet.from_dict(_ask(about["jwks_uri"])).keys
        fitting = [key for key in keys if header.get("kid") in (None, key.key_id)]
        if len(fitting) != 1 or header.get("alg") not in ALGORITHMS:
            raise ProvinceFailed("key")
        claims: dict[str, Any] = jwt.decode(
            id_token,
            fitting[0].key,
            algorithms=[header["alg"]],
            audience=province.client_id,
            issuer=province.issuer,
            leeway=LEEWAY,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise ProvinceFailed("id_token") from error
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != province.client_id:
        raise ProvinceFailed("azp")
    if not constant_time_compare(str(claims.get("nonce", "")), nonce):
        raise ProvinceFailed("nonce")
    return claims


def _about(province: Province) -> dict[str, Any]:
    """Return what the authority says of itself. Its addresses must be as safe as ours."""
    about = _ask(f"{province.issuer}/.well-known/openid-configuration")
    wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if about.get("issuer") != province.issuer or any(not _is_safe(about.get(name)) for name in wanted):
        raise ProvinceFailed("discovery")
    return about


def _is_safe(address: Any) -> bool:
    return isinstance(address, str) and rules.address_problem(address) is None


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_opener = build_opener(ProxyHandler({}), _NoRedirect)


def _ask(
    address: str,
    *,
    body: dict[str, str] | None = None,
    basic: tuple[str, str] | None = None,
    bearer: str = "",
) -> dict[str, Any]:
    """Return the JSON object at an address. Raises ProvinceFailed for anything else."""
    if not _is_safe(address):
        raise ProvinceFailed("address")
    request = Request(address, headers={"Accept": "application/json"})  # noqa: S310 - looked at above
    if body is not None:
        request.data = urlencode(body).encode()
    if basic is not None:
        pair = ":".join(quote(part, safe="") for part in basic)
        request.add_header("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")
    if bearer:
        request.add_header("Authorization", f"Bearer {bearer}")
    try:
        with _opener.open(request, timeout=SECONDS) as answer:
            found = json.loads(answer.read(MOST_BYTES + 1)[:MOST_BYTES])
    except (URLError, OSError, ValueError) as error:
        raise ProvinceFailed("unreachable") from error
    if not isinstance(found, dict):
        raise ProvinceFailed("shape")
    return found
