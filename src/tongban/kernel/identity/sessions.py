"""A session at the edge of the web: when it is over, what its bearer owes before anything else, which browser it is.

Ages are measured by the machine's own clock, never by the demo's.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth import login, logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from tongban.base.time import now
from tongban.kernel.identity import rules
from tongban.kernel.identity.models import Account
from tongban.kernel.identity.operations.presence import forget_presence, note_presence, see_again
from tongban.kernel.identity.signing_rules import sign_in_rules

__all__ = ["FACTOR", "begin", "clock", "end", "keep_alive", "living", "owes"]

BACKEND = "tongban.kernel.identity.backends.AccountBackend"
SINCE, SEEN, FACTOR = "since", "seen", "factor"
AT_MOST_EVERY = 60
"""Seconds between two notes that a session is still used: a page that only reads writes nothing in between."""
BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def clock() -> datetime:
    """Return the machine's time."""
    return datetime.now(UTC)


def begin(request: HttpRequest, account: Account, *, factor: str = "") -> None:
    """Sign an account in within this browser and write down that it did; ``factor`` is the second one that was shown."""
    at = clock()
    login(request, account, backend=BACKEND)
    request.session[SINCE] = request.session[SEEN] = at.timestamp()
    request.session[FACTOR] = factor
    note_presence(
        account_id=account.pk,
        session_key=request.session.session_key or "",
        address=request.META.get("REMOTE_ADDR", ""),
        agent=_agent(request.META.get("HTTP_USER_AGENT", "")),
        factor=factor,
        at=at,
    )


def end(request: HttpRequest) -> None:
    """Sign out of this browser."""
    forget_presence(request.session.session_key)
    logout(request)


def living(request: HttpRequest, user: Account | AnonymousUser) -> Account | AnonymousUser:
    """Return who is signed in, nobody when the session was idle too long or is too old: it ends here."""
    if not isinstance(user, Account):
        return user
    moment, session = clock().timestamp(), request.session
    since, seen = session.get(SINCE, moment), session.get(SEEN, moment)
    if rules.is_session_over(sign_in_rules(user.kind), since=since, seen=seen, now=moment):
        forget_presence(session.session_key)
        session.flush()
        return AnonymousUser()
    return user


def owes(request: HttpRequest, account: Account) -> str:
    """Return what must be done before this session may do anything: "password" when that is too old, "" for nothing."""
    set_at = account.password_set_at or account.created_at
    if rules.is_password_old(sign_in_rules(account.kind), set_at, now()):
        return "password"
    return ""


def keep_alive(request: HttpRequest) -> None:
    """Note that the session was used, at most once a minute."""
    at = clock()
    session = request.session
    if SEEN in session and at.timestamp() - session[SEEN] > AT_MOST_EVERY:
        session[SEEN] = at.timestamp()
        see_again(session.session_key or "", at)


def _agent(text: str) -> str:
    """Return browser and system in two words; the whole text would tell more of a person than is needed."""
    browser = next((name for mark, name in BROWSERS if mark in text), "")
    system = next((name for mark, name in SYSTEMS if mark in text), "")
    return ", ".join(part for part in (browser, system) if part)
