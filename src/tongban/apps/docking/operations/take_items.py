"""Items from above: files that an upper platform lays into ``items/`` of its directory are looked at, then taken in."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tongban.apps.docking import rules
from tongban.apps.docking.errors import ItemsUnreadable
from tongban.apps.docking.models import Destination
from tongban.apps.docking.operations.destinations import DUTY
from tongban.apps.docking.reading import Unreadable, read_items
from tongban.apps.docking.standard import tables, violations
from tongban.apps.docking.transports import TransportFailed
from tongban.apps.docking.transports.drop import read_foreign, root_of
from tongban.base import exchange
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText as T
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = ["Outcome", "can_take", "files_of", "look", "take"]

NAME = re.compile(r"[\w.-]{1,100}\.(json|xml)")
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became, or would become, of a file: counts, and the rows that were given back with their names and reasons."""

    total: int
    added: int
    changed: int
    same: int
    rejected: Sequence[tuple[int, str, T]]


def can_take(destination: Destination) -> bool:
    """Say whether items can come from there: it is a directory, and somebody here takes items."""
    return destination.kind == Destination.DROP and exchange.intake_of("item") is not None


def files_of(destination: Destination) -> list[str]:
    """Return the names of the files that wait, oldest name first."""
    with contextlib.suppress(OSError, TransportFailed):
        place = root_of(destination) / "items"
        return sorted(path.name for path in place.iterdir() if NAME.fullmatch(path.name) and path.is_file())[
            :SHOWN
        ]
    return []


def look(*, actor: Actor, destination: Destination, name: str, at: datetime) -> Outcome:
    """Say what taking a file in would do. Raises Forbidden, ItemsUnreadable."""
    identity.require_duty(actor, DUTY)
    _, rows = _read(destination, name)
    return _take(rows, actor, at, only_look=True)


def take(*, actor: Actor, destination: Destination, name: str, at: datetime) -> Outcome:
    """Take a file in; the same again changes nothing. The file is kept in ``items/done/``. Raises as ``look``."""
    identity.require_duty(actor, DUTY)
    path, rows = _read(destination, name)
    outcome = _take(rows, actor, at, only_look=False)
    facts = {
        "total": outcome.total,
        "new": outcome.added,
        "changed": outcome.changed,
        "rejected": len(outcome.rejected),
    }
    ledger.record(actor=actor, verb="docking.take_items", subject=destination.ref, facts=facts, at=at)
    done = path.parent / "done"
    done.mkdir(exist_ok=True)
    path.replace(done / f"{rules.moment(at)}-{name}")
    return outcome


def _read(destination: Destination, name: str) -> tuple[Path, list[dict[str, Any]]]:
    if not can_take(destination) or name not in files_of(destination):
        raise ItemsUnreadable
    path = root_of(destination) / "items" / name
    try:
        return path, read_items(read_foreign(path))
    except (Unreadable, TransportFailed) as error:
        raise ItemsUnreadable(str(error)) from None


def _take(rows: Sequence[Mapping[str, Any]], actor: Actor, at: datetime, *, only_look: bool) -> Outcome:
    intake = exchange.intake_of("item")
    if intake is None:
        raise ItemsUnreadable
    rejected: list[tuple[int, str, T]] = []
    good: list[tuple[int, Mapping[str, Any]]] = []
    for place, row in enumerate(rows, start=1):
        wrong = violations(tables()["item"], row)
        if wrong:
            words = T(
                "；".join(f"{one.name}{one.message.zh}" for one in wrong),
                "; ".join(f"{one.name} {one.message.en}" for one in wrong),
            )
            rejected.append((place, str(row.get("name", "")), words))
        else:
            good.append((place, row))
    taken = intake([row for _, row in good], actor, at, only_look)
    rejected += [(good[n - 1][0], str(good[n - 1][1].get("name", "")), why) for n, why in taken.rejected]
    return Outcome(
        len(rows), taken.added, taken.changed, taken.same, sorted(rejected, key=lambda one: one[0])
    )
