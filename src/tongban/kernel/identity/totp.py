"""One-time codes of an authenticator app (RFC 6238 over RFC 4226): pure arithmetic, no database."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
from urllib.parse import quote, urlencode

__all__ = ["STEP", "address", "code_at", "matching_step", "new_secret", "readable"]

STEP = 30
"""Seconds a code lasts."""
DRIFT = 1
"""How many steps the telephone's clock may be ahead or behind."""
DIGITS = 6


def new_secret() -> bytes:
    """Return twenty random bytes, as RFC 4226 asks."""
    return secrets.token_bytes(20)


def code_at(secret: bytes, step: int) -> str:
    """Return the six digits of a step (seconds since 1970, divided by ``STEP``)."""
    digest = hmac.new(secret, struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def matching_step(secret: bytes, code: str, *, seconds: float, after: int) -> int | None:
    """Return the step whose code was given, None when there is none; a step up to ``after`` was used and counts no more."""
    typed = "".join(code.split())
    now = int(seconds) // STEP
    found = None
    for step in range(now - DRIFT, now + DRIFT + 1):
        # Every step is compared, so that the time it takes tells nothing.
        if hmac.compare_digest(code_at(secret, step).encode(), typed.encode()) and step > after:
            found = step
    return found


def address(secret: bytes, *, issuer: str, account: str) -> str:
    """Return the ``otpauth://`` address that an authenticator app reads from a QR code."""
    label = quote(f"{issuer}:{account}")
    asked = {"secret": readable(secret), "issuer": issuer, "digits": DIGITS, "period": STEP}
    return f"otpauth://totp/{label}?{urlencode(asked, quote_via=quote)}"


def readable(secret: bytes) -> str:
    """Return the secret as people type it into an app that cannot scan: base32 without padding."""
    return base64.b32encode(secret).decode().rstrip("=")
