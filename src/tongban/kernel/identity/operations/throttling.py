"""Against guessing: attempts are counted under a blind key, and too many lock it for a while.

The threat has two sides. Whoever guesses must soon get nowhere, from one address or from thousands. But a county office, a
service hall or a village share one address, and their people must get in while somebody there, or anywhere, is guessing. So an
attempt counts for the pair of thing and network; for the thing alone and for the network alone only with wide limits; and a
browser in which an account has signed in before has a count of its own (``known``), which no stranger can use up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from tongban.base.time import now
from tongban.kernel.identity import rules
from tongban.kernel.identity.errors import TooManyAttempts
from tongban.kernel.identity.models import Attempts
from tongban.kernel.ledger import service as ledger

__all__ = [
    "attempt_key",
    "count_again",
    "count_attempt",
    "forget_attempts",
    "forget_old_attempts",
    "network_of",
    "refuse_locked",
    "relent",
    "take_back",
    "throttle",
]

OF_EVERYBODY, OF_A_NETWORK = 10, 50
"""How much wider the limit of one thing is over all networks, and that of one network over all things of a kind."""
KEPT = timedelta(days=2)
"""Rows that nobody touched for so long say nothing any more (see ``rules.CALM``)."""


def attempt_key(*parts: str) -> str:
    """Return the blind key under which attempts at something are counted: no name or address is kept."""
    return ledger.blind("attempt|" + "|".join(parts)).hex()


def network_of(address: str) -> str:
    """Return what counts as one place: an IPv4 address, or the /64 of an IPv6 address, of which one machine has all."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    mapped = getattr(parsed, "ipv4_mapped", None)
    if mapped is not None:
        return str(mapped)
    return str(parsed) if parsed.version == 4 else str(ip_network((parsed, 64), strict=False))


def refuse_locked(keys: Iterable[str], at: datetime) -> None:
    """Raise TooManyAttempts while one of the keys is locked."""
    locked = Attempts.objects.filter(key__in=list(keys), locked_until__gt=at).order_by("-locked_until")
    until = locked.values_list("locked_until", flat=True).first()
    if until is not None:
        raise TooManyAttempts(until=until, at=at)


@transaction.atomic
def count_attempt(
    limits: Mapping[str, int],
    at: datetime,
    lock: timedelta = rules.LOCK,
    *,
    grows: bool = False,
    account: str = "",
) -> None:
    """Count one attempt under each key; the one that reaches its limit locks the key for a while.

    Counted before the answer is known (and taken back when it was right), so that a hundred guesses at the same moment are a
    hundred. Raises TooManyAttempts when a key is locked by now; then nothing is counted.
    """
    Attempts.objects.bulk_create(
        [Attempts(key=key, since=at, account=account) for key in sorted(limits)], ignore_conflicts=True
    )
    rows = list(Attempts.objects.select_for_update().filter(key__in=limits).order_by("key"))
    for row in rows:
        if row.locked_until is not None and at < row.locked_until:
            raise TooManyAttempts(until=row.locked_until, at=at)
        before = rules.Failures(row.count, row.since, row.locked_until, row.locks)
        after = rules.after_failure(before, limit=limits[row.key], at=at, lock=lock, grows=grows)
        row.count, row.since, row.locked_until, row.locks = (
            after.count,
            after.since,
            after.locked_until,
            after.locks,
        )
    Attempts.objects.bulk_update(rows, ["count", "since", "locked_until", "locks"])


def forget_attempts(keys: Iterable[str]) -> None:
    """Start counting anew, after a success."""
    Attempts.objects.filter(key__in=list(keys)).delete()


def take_back(keys: Iterable[str]) -> None:
    """Take one attempt back that guessed nothing: it was right, or could not be judged."""
    Attempts.objects.filter(key__in=list(keys), count__gt=0).update(count=F("count") - 1, locked_until=None)


def forget_old_attempts(*, at: datetime) -> int:
    """Drop what counts no longer; return how many rows went."""
    gone, _ = Attempts.objects.filter(since__lt=at - KEPT).exclude(locked_until__gt=at).delete()
    return gone


def throttle(what: str, *, request: HttpRequest, limit: int = 10) -> None:
    """Count an attempt at ``what`` ("code:<number>") from this address. Raises TooManyAttempts.

    For views where something could be guessed: ten attempts in a quarter of an hour, then a quarter of an hour's rest; ten times
    as many from everywhere, fifty times as many of the kind ("code") from one network. Whoever knows the answer is not
    counted: ``relent`` after a success.
    """
    at = now()
    limits = _limits(what, request, limit)
    count_attempt(limits, at)
    _counted(request).append((limits, at))


def relent(what: str, *, request: HttpRequest) -> None:
    """Forget the attempts at ``what`` from this address, because the last one was right."""
    narrow, *wide = _limits(what, request, 1)
    forget_attempts([narrow])
    take_back(wide)
    counted = _counted(request)
    counted[:] = [each for each in counted if narrow not in each[0]]


def count_again(request: HttpRequest) -> None:
    """Count once more what this request tried, because the transaction in which it was counted was rolled back."""
    for limits, at in _counted(request):
        count_attempt(limits, at)


def _counted(request: HttpRequest) -> list[tuple[dict[str, int], datetime]]:
    counted: list[tuple[dict[str, int], datetime]] = request.__dict__.setdefault("counted_attempts", [])
    return counted


def _limits(what: str, request: HttpRequest, limit: int) -> dict[str, int]:
    """Return the three counts of an attempt, the narrow one first."""
    network = network_of(request.META.get("REMOTE_ADDR", ""))
    return {
        attempt_key(what, network): limit,
        attempt_key("everybody", what): limit * OF_EVERYBODY,
        attempt_key("network", what.partition(":")[0], network): limit * OF_A_NETWORK,
    }
