"""Security keys (W3C WebAuthn level 2): what the browser is asked, and whether its answer is right.

The threat is a page of somebody else that passes our questions on: so the answer must name our own origin, as the browser
saw it, and the question must be the one that this session was given.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    UserVerificationRequirement,
)

__all__ = ["KeyAnswerWrong", "ask_for_key", "ask_for_new_key", "can_use_keys", "read_key", "read_new_key"]


class KeyAnswerWrong(ValueError):
    """The answer of the browser does not verify."""


def can_use_keys(request: HttpRequest) -> bool:
    """True where browsers offer keys at all: under a name, not a bare address, by https or on this machine."""
    host = _host(request)
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return request.is_secure() or host == "localhost" or host.endswith(".localhost")
    return False


def ask_for_new_key(
    request: HttpRequest, *, account_id: int, username: str, known: Sequence[bytes], site: str
) -> tuple[str, dict[str, Any]]:
    """Return what the browser is to be asked (JSON) and what the session must remember of it."""
    options, state = _server(request, site).register_begin(
        PublicKeyCredentialUserEntity(id=str(account_id).encode(), name=username, display_name=username),
        credentials=_credentials(known),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return _json(options), _state(state)


def read_new_key(request: HttpRequest, *, state: dict[str, Any], answer: str) -> tuple[bytes, int]:
    """Return what is to be stored of a new key, and its counter. Raises KeyAnswerWrong."""
    try:
        data = _server(request).register_complete(state, json.loads(answer))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyAnswerWrong from error
    if data.credential_data is None:
        raise KeyAnswerWrong
    return bytes(data.credential_data), data.counter


def ask_for_key(request: HttpRequest, *, known: Sequence[bytes]) -> tuple[str, dict[str, Any]]:
    """Return what the browser is to be asked to show one of the known keys, and what the session must remember."""
    options, state = _server(request).authenticate_begin(
        _credentials(known), user_verification=UserVerificationRequirement.PREFERRED
    )
    return _json(options), _state(state)


def read_key(
    request: HttpRequest, *, state: dict[str, Any], known: Sequence[bytes], answer: str
) -> tuple[bytes, int]:
    """Return which of the known keys signed, and its counter. Raises KeyAnswerWrong."""
    try:
        response = AuthenticationResponse.from_dict(json.loads(answer))
        shown = _server(request).authenticate_complete(state, _credentials(known), response)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyAnswerWrong from error
    return bytes(shown), response.response.authenticator_data.counter


def _server(request: HttpRequest, site: str = "") -> Fido2Server:
    origin = f"{request.scheme}://{request.get_host()}"
    rp = PublicKeyCredentialRpEntity(id=_host(request), name=site or _host(request))
    return Fido2Server(rp, verify_origin=lambda seen: seen == origin)


def _host(request: HttpRequest) -> str:
    host = request.get_host()
    return host if host.endswith("]") else host.rsplit(":", 1)[0] if ":" in host else host


def _credentials(known: Sequence[bytes]) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(stored) for stored in known]


def _json(options: Any) -> str:
    return json.dumps(dict(options)["publicKey"])


def _state(state: Any) -> dict[str, Any]:
    return {name: value and str(getattr(value, "value", value)) for name, value in dict(state).items()}
