"""Against guessing: attempts are counted under a blind key, and too many lock it for a while."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest

from tongban.base.time import now
from tongban.kernel.identity import rules
from tongban.kernel.identity.errors import TooManyAttempts
from tongban.kernel.identity.models import Attempts
from tongban.kernel.ledger import service as ledger

__all__ = ["attempt_key", "count_attempt", "forget_attempts", "refuse_locked", "relent", "throttle"]


def attempt_key(*parts: str) -> str:
    """Return the blind key under which attempts at something are counted: no name or address is kept."""
    return ledger.blind("attempt|" + "|".join(parts)).hex()


def refuse_locked(keys: Iterable[str], at: datetime) -> None:
    """Raise TooManyAttempts while one of the keys is locked."""
    locked = (
        Attempts.objects.filter(key__in=list(keys), locked_until__gt=at).order_by("-locked_until").first()
    )
    if locked is not None:
        raise TooManyAttempts(until=locked.locked_until)


@transaction.atomic
def count_attempt(limits: Mapping[str, int], at: datetime, lock: timedelta = rules.LOCK) -> None:
    """Count one attempt under each key; the one that reaches its limit locks the key for a while."""
    for key, limit in sorted(limits.items()):
        row, is_new = Attempts.objects.select_for_update().get_or_create(key=key, defaults={"since": at})
        before = None if is_new else rules.Failures(row.count, row.since, row.locked_until)
        after = rules.after_failure(before, limit=limit, at=at, lock=lock)
        row.count, row.since, row.locked_until = after.count, after.since, after.locked_until
        row.save()


def forget_attempts(keys: Iterable[str]) -> None:
    """Start counting anew, after a success."""
    Attempts.objects.filter(key__in=list(keys)).delete()


def throttle(what: str, *, request: HttpRequest, limit: int = 10) -> None:
    """Count an attempt at ``what`` ("code:<number>") from this address. Raises TooManyAttempts.

    For views where something could be guessed: ten attempts in a quarter of an hour, then a quarter of an hour's rest.
    Whoever knows the answer is not counted: ``relent`` after a success.
    """
    at = now()
    key = attempt_key(what, request.META.get("REMOTE_ADDR", ""))
    refuse_locked([key], at)
    count_attempt({key: limit}, at)


def relent(what: str, *, request: HttpRequest) -> None:
    """Forget the attempts at ``what`` from this address, because the last one was right."""
    forget_attempts([attempt_key(what, request.META.get("REMOTE_ADDR", ""))])
