"""What every transport can do, the parcels it takes and the answers it gives. Nothing here knows the database."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

__all__ = [
    "MOST_BYTES",
    "Answer",
    "Parcel",
    "Receipt",
    "Transport",
    "TransportFailed",
    "receipts_in",
    "statement_in",
]

MOST_BYTES = 8 * 1024 * 1024
"""No answer, receipt or list is read further."""
SAID = {"accepted": "accepted", "ok": "accepted", "refused": "refused", "rejected": "refused"}
KEY = re.compile(r"[0-9a-f]{40}")


class TransportFailed(Exception):
    """The other side could not be reached or gave no answer that can be read. The message is a code, never content.

    ``is_away`` when it is the other side as a whole (no connection, a full disk, overload, keys refused) and not this record:
    then nothing else is tried for a while, and it does not count against the record.
    """

    def __init__(self, why: str, retry_after: float | None = None, *, is_away: bool = False) -> None:
        super().__init__(why)
        self.retry_after = retry_after
        self.is_away = is_away


@dataclass(frozen=True, slots=True)
class Parcel:
    """A record ready to go."""

    key: str
    sequence: int
    table: str
    day: str
    digest: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side says of a record. ``said`` is accepted or refused; ``digest`` empty when it names none."""

    key: str
    said: str
    number: str = ""
    reason: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one parcel: it has gone; with a receipt at once, or without one yet."""

    key: str
    receipt: Receipt | None = None


class Transport(Protocol):
    """A way to a destination."""

    one_by_one: bool
    """True when every parcel has an answer of its own, so that the next of the same case waits for it."""

    def send(self, name: str, parcels: Sequence[Parcel]) -> list[Answer]:
        """Hand the parcels over, under the name of the package. Raises TransportFailed: then nobody knows
        whether they arrived.
        """

    def arrived(self, name: str) -> bool:
        """Say whether a package of this name was handed over as a whole, for who died in between and does not know."""

    def receipts(self) -> tuple[list[Receipt], int]:
        """Return the receipts that came meanwhile, and how many pieces could not be read; they are not given again."""

    def settle(self) -> None:
        """Lay the receipts that ``receipts`` returned aside: they have been taken."""

    def statement(self, day: date) -> Mapping[str, Mapping[str, str]] | None:
        """Return what they say they have of a day, ``{key: {"table", "digest"}}``; None when they have said nothing."""


def receipts_in(content: bytes) -> tuple[list[Receipt], int]:
    """Read ``{"receipts": [...]}`` or one receipt. Return what can be read, and how many pieces cannot.

    Raises TransportFailed when nothing can be read at all.
    """
    told = _json(content)
    rows = told.get("receipts") if isinstance(told, dict) and "receipts" in told else [told]
    if not isinstance(rows, list):
        raise TransportFailed("garbage")
    found = [_receipt(row) for row in rows]
    return [one for one in found if one is not None], found.count(None)


def statement_in(content: bytes, day: date) -> dict[str, dict[str, str]]:
    """Read ``{"day": "YYYYMMDD", "records": [{"key", "table", "digest"}]}``. Raises TransportFailed for anything else."""
    told = _json(content)
    if (
        not isinstance(told, dict)
        or told.get("day") != day.strftime("%Y%m%d")
        or not isinstance(told.get("records"), list)
    ):
        raise TransportFailed("garbage")
    found = {}
    for row in told["records"]:
        if not isinstance(row, dict) or not KEY.fullmatch(str(row.get("key", ""))):
            raise TransportFailed("garbage")
        found[row["key"]] = {
            "table": str(row.get("table", ""))[:20],
            "digest": str(row.get("digest", ""))[:80],
        }
    return found


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise TransportFailed("garbage") from None


def _receipt(row: Any) -> Receipt | None:
    if not isinstance(row, dict) or not KEY.fullmatch(str(row.get("key", ""))):
        return None
    said = SAID.get(str(row.get("state", "")))
    if said is None:
        return None
    number, reason, digest = (str(row.get(name) or "") for name in ("number", "reason", "digest"))
    return Receipt(row["key"], said, _line(number, 80), _line(reason, 300), digest[:80])


def _line(text: str, most: int) -> str:
    """Return what the other side wrote as one line without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:most]
