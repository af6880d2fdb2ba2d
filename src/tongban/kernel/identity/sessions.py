"""A session at the edge of the web: when it is over, what its bearer owes before anything else, which browser it is.

Ages are measured by the machine's own clock, never by the demo's.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth import login, logout
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from tongban.base.time import now
from tongban.kernel.identity import rules
from tongban.kernel.identity.factor_rules import is_factor_required_of
from tongban.kernel.identity.models import Account
from tongban.kernel.identity.operations.presence import forget_presence, note_presence, see_again
from tongban.kernel.identity.operations.sign_in import record_sign_out
from tongban.kernel.identity.signing_rules import sign_in_rules

__all__ = [
    "FACTOR",
    "HALF",
    "assurance",
    "auth_time",
    "begin",
    "clock",
    "end",
    "half_of",
    "has_shown_factor",
    "keep_alive",
    "leave",
    "living",
    "owes",
    "remember_half",
]

BACKEND = "tongban.kernel.identity.backends.AccountBackend"
SINCE, SEEN, FACTOR = "since", "seen", "factor"
HALF = "half"
HALF_LASTS = 600
"""Seconds between the password and the second factor."""
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
    request.session.pop(HALF, None)
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


def assurance(request: HttpRequest, account: Account) -> int:
    """Return how sure it is who this is: a checked account counts more in a session that showed a second factor."""
    return 3 if account.level == 2 and request.session.get(FACTOR) else account.level


def auth_time(request: HttpRequest) -> int:
    """Return when this browser signed in, in seconds since 1970; 0 when it has not."""
    return int(request.session.get(SINCE, 0))


def has_shown_factor(request: HttpRequest) -> bool:
    """True when this session showed a second factor."""
    return bool(request.session.get(FACTOR))


def remember_half(request: HttpRequest, account: Account) -> None:
    """Keep that this browser gave the right password of an account: it is not signed in until the second factor is shown."""
    request.session.cycle_key()
    request.session[HALF] = {
        "account": account.pk,
        "at": clock().timestamp(),
        "hash": account.get_session_auth_hash(),
    }


def half_of(request: HttpRequest) -> Account | None:
    """Return whose password this browser gave some minutes ago, None when nobody's, or when it was changed since."""
    half = request.session.get(HALF)
    if not half or clock().timestamp() - half["at"] > HALF_LASTS:
        return None
    account = Account.objects.select_related("person").filter(pk=half["account"], is_active=True).first()
    is_same = account is not None and constant_time_compare(half["hash"], account.get_session_auth_hash())
    return account if is_same else None


def end(request: HttpRequest) -> None:
    """Sign out of this browser."""
    forget_presence(request.session.session_key)
    logout(request)


def leave(request: HttpRequest) -> None:
    """Sign out of this browser, which is an act."""
    record_sign_out(actor=request.actor, at=now())  # type: ignore[attr-defined]
    end(request)


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
    """Return what must be done before this session may do anything, "" for nothing.

    "password" when that is too old, "factor" when a rule wants a second factor that this session has not shown.
    """
    set_at = account.password_set_at or account.created_at
    if rules.is_password_old(sign_in_rules(account.kind), set_at, now()):
        return "password"
    if not request.session.get(FACTOR) and is_factor_required_of(account, now()):
        return "factor"
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
