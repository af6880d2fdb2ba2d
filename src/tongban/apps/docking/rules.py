"""Pure decisions of docking. No Django."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tongban.base.time import LOCAL

__all__ = [
    "ACCEPTED",
    "DEAD",
    "HOLDING",
    "INVALID",
    "OVER",
    "REFUSED",
    "SENDING",
    "SENT",
    "SKIPPED",
    "TROUBLE",
    "WAITING",
    "Difference",
    "Known",
    "after_failure",
    "after_receipt",
    "compare",
    "moment",
    "region",
]

WAITING, SENDING, SENT, ACCEPTED = "waiting", "sending", "sent", "accepted"
REFUSED, INVALID, DEAD, SKIPPED = "refused", "invalid", "dead", "skipped"
TROUBLE = frozenset({REFUSED, INVALID, DEAD})
"""A record in these waits for a person."""
OVER = frozenset({ACCEPTED, SKIPPED})
HOLDING = frozenset({SENDING, *TROUBLE})
"""While a record is in one of these, later ones about the same thing are held back: the other side needs them in order."""

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=6)


def after_failure(attempts: int, most: int, retry_after: float | None = None) -> timedelta | None:
    """Return how long to wait after so many failed attempts: half a minute, doubled each time, six hours at most.

    None when the attempts are used up. What the other side asked for (``retry_after``, seconds) counts when it is longer.
    """
    if attempts >= most:
        return None
    wait = min(FIRST_WAIT * 2 ** min(attempts - 1, 20), LONGEST_WAIT)
    asked = timedelta(seconds=min(retry_after or 0, LONGEST_WAIT.total_seconds()))
    return max(wait, asked)


def after_receipt(state: str, said: str) -> tuple[str, str]:
    """Return the state of a record after a receipt, and what the receipt was: taken, repeated, contradicted or late.

    The first definite answer counts. An answer to a record that is tried again already (its first answer was lost on the way)
    counts as well; one to a record that a person gave up is written down and changes nothing.
    """
    if state in (SENT, SENDING, WAITING, DEAD):
        return said, "taken"
    if state == said:
        return state, "repeated"
    if state in (SKIPPED, INVALID):
        return state, "late"
    return state, "contradicted"


def moment(at: datetime | None) -> str:
    """Return a moment as the standard writes it, in China's time; empty for none."""
    return at.astimezone(LOCAL).strftime("%Y%m%d%H%M%S") if at else ""


def region(division_code: str) -> str:
    """Return a 12-digit division code as the at most nine digits of the standard: the county's six or the township's nine."""
    return division_code[:6] if division_code[6:].strip("0") == "" else division_code[:9]


@dataclass(frozen=True, slots=True)
class Known:
    """A record as one side knows it."""

    table: str
    digest: str
    state: str = ACCEPTED


@dataclass(frozen=True, slots=True)
class Difference:
    """A record on which the two sides do not agree.

    ``kind``: ``missing`` (we hold it for delivered, they have none), ``unconfirmed`` (they have it, we have no receipt),
    ``different`` (not the same content), ``foreign`` (they have one that we never sent).
    """

    kind: str
    key: str
    table: str


def compare(ours: Mapping[str, Known], theirs: Mapping[str, Known]) -> list[Difference]:
    """Compare what we sent with what they say they have, both by idempotency key."""
    found = []
    for key, mine in ours.items():
        other = theirs.get(key)
        if other is None:
            if mine.state in (ACCEPTED, SENT):
                found.append(Difference("missing", key, mine.table))
        elif other.digest and other.digest != mine.digest:
            found.append(Difference("different", key, mine.table))
        elif mine.state not in OVER:
            found.append(Difference("unconfirmed", key, mine.table))
    found += [Difference("foreign", key, one.table) for key, one in theirs.items() if key not in ours]
    return sorted(found, key=_order)


def _order(one: Difference) -> tuple[int, str, str]:
    return _KINDS.index(one.kind), one.table, one.key


_KINDS = ("missing", "different", "unconfirmed", "foreign")


def count(kinds: Iterable[Difference]) -> dict[str, int]:
    """Return how many differences there are of each kind."""
    found: dict[str, int] = {}
    for one in kinds:
        found[one.kind] = found.get(one.kind, 0) + 1
    return found
