"""The threat: who guesses at an account from everywhere locks it, and its bearer stands before a closed door.

The remedy: a browser in which somebody signed in keeps a signed mark. Attempts from there are counted for that browser alone
(``operations.sign_in``), so nobody else's can use them up. The mark opens nothing; who steals it wins a few guesses.
"""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from tongban.kernel.identity.operations.throttling import attempt_key

__all__ = ["cookie_name", "known_browser", "remember_browser"]

SALT = "tongban.known-browser"
LASTS = 180 * 24 * 3600
MOST = 8
"""Accounts that one browser remembers: a family's, or those of a shared desk."""


def cookie_name() -> str:
    """Return the name of the cookie; over https one that no other host of the domain can plant."""
    return "__Host-known" if settings.SESSION_COOKIE_SECURE else "known"


def known_browser(request: HttpRequest, username: str) -> str:
    """Return a name for this browser when the account has signed in here before, else ""."""
    mark = _mark(request)
    return str(mark["browser"]) if _account(username) in mark["accounts"] else ""


def remember_browser(request: HttpRequest, response: HttpResponse, username: str) -> None:
    """Keep in the browser that this account signed in here."""
    mark, account = _mark(request), _account(username)
    accounts = [account, *(each for each in mark["accounts"] if each != account)][:MOST]
    response.set_cookie(
        cookie_name(),
        signing.dumps({"browser": mark["browser"], "accounts": accounts}, salt=SALT),
        max_age=LASTS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _mark(request: HttpRequest) -> dict[str, Any]:
    try:
        return dict(signing.loads(request.COOKIES.get(cookie_name(), ""), salt=SALT, max_age=LASTS))
    except signing.BadSignature:
        return {"browser": secrets.token_urlsafe(12), "accounts": []}


def _account(username: str) -> str:
    return attempt_key("known", username)[:24]
