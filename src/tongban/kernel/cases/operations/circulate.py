"""Circulation (传阅): a case is sent to colleagues to read. No token, no task: a Reading, and the right to look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.errors import Forbidden, NotFound
from tongban.kernel.cases.errors import CaseNotFound, ColleagueNotFound, NobodyChosen
from tongban.kernel.cases.models import Case, Reading
from tongban.kernel.cases.operations.follow import locked_case
from tongban.kernel.cases.operations.moves import tell
from tongban.kernel.cases.operations.open import give_access
from tongban.kernel.cases.policies import is_handling, may_see
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.errors import MoveRefused, ReasonRequired

__all__ = ["circulate", "mark_read"]

MOST = 30
"""So many readers at once; whoever wants to tell everybody writes an announcement."""


@work.unit()
def circulate(*, actor: Actor, case_id: UUID, to: Sequence[str], reason: str, at: datetime) -> Case:
    """Send a case to colleagues (keys of ``ColleagueView``) or to whole units (``unit:<id>``) to read.

    They may look at it from now on and get a message; who has not read it yet is not asked twice. For officials who handle the
    case. Raises CaseNotFound, Forbidden, ReasonRequired, NobodyChosen, ColleagueNotFound, MoveRefused (``circulate``).
    """
    case = Case.objects.filter(pk=case_id).first()
    if case is None or actor.person_id is None or not actor.is_official or not may_see(actor, case):
        raise CaseNotFound
    if not is_handling(actor, case):
        raise Forbidden
    if not reason.strip():
        raise ReasonRequired
    keys = list(dict.fromkeys(to))
    if not keys or len(keys) > MOST:
        raise NobodyChosen
    case = locked_case(case.ref)
    if case.instance is not None and not processes.allows(case.instance, "circulate"):
        why = processes.why_not("forbidden")
        raise MoveRefused(why.text, move="circulate", why=why.key)
    people = _send(case, _readers(keys, at), actor, actor.person_id, reason.strip(), at)
    ledger.record(
        actor=actor,
        verb="cases.circulate",
        subject=case.ref,
        case=str(case.ref),
        reason=reason.strip(),
        facts={"count": len(keys)},
        at=at,
    )
    tell(case, "circulate", people, actor=actor, reason=reason, at=at)
    return case


@dataclass(frozen=True, slots=True)
class _Reader:
    """A colleague in a post, or (without a person) a whole unit."""

    holder_id: int
    person_id: UUID | None
    name: str


def _readers(keys: Sequence[str], at: datetime) -> list[_Reader]:
    """Return whom these keys name, all colleagues by one statement. Raises ColleagueNotFound."""
    units = {key: _unit(key) for key in keys if key.startswith("unit:")}
    single = [key for key in keys if key not in units]
    try:
        people = dict(zip(single, identity.get_colleagues(single, at), strict=True))
    except NotFound:
        raise ColleagueNotFound from None
    owned = {key: ("unit", str(units[key].pk)) for key in units}
    owned |= {key: ("post", str(people[key].post_id)) for key in people}
    holders = identity.holder_ids(owned.values())
    return [
        _Reader(holders[owned[key]], None, str(units[key].name.zh))
        if key in units
        else _Reader(holders[owned[key]], people[key].person_id, people[key].name)
        for key in keys
    ]


def _send(
    case: Case, readers: Sequence[_Reader], actor: Actor, by: UUID, note: str, at: datetime
) -> list[UUID]:
    """Make a reading for each who has none unread; return who is to be told."""
    unread = set(Reading.objects.filter(case=case, read_at=None).values_list("holder_id", "person_id"))
    people: list[UUID] = []
    for reader in readers:
        give_access(case=case, holder_id=reader.holder_id, right="view", at=at)
        if (reader.holder_id, reader.person_id) in unread:
            continue
        work.add(
            Reading(
                case=case,
                holder_id=reader.holder_id,
                person_id=reader.person_id,
                name=reader.name,
                by=by,
                by_name=actor.signs_as,
                note=note,
                at=at,
            )
        )
        unread.add((reader.holder_id, reader.person_id))
        people += [reader.person_id] if reader.person_id else identity.people_behind(reader.holder_id, at)
    return people


def _unit(key: str) -> Any:
    try:
        return identity.get_unit(int(key.removeprefix("unit:")))
    except (ValueError, NotFound):
        raise ColleagueNotFound from None


@transaction.atomic
def mark_read(*, actor: Actor, case_id: UUID, at: datetime) -> int:
    """Note that the actor has read what was sent to them of this case; return how many readings that were.

    Again changes nothing.
    """
    if actor.person_id is None:
        return 0
    mine = Reading.objects.select_for_update().filter(
        case_id=case_id, read_at=None, holder_id__in=actor.holders
    )
    count = 0
    for reading in mine.order_by("pk"):
        if reading.person_id is None or reading.person_id in actor.persons:
            reading.read_at, reading.read_by, reading.read_name = at, actor.person_id, actor.name
            reading.save(update_fields=["read_at", "read_by", "read_name"])
            count += 1
    return count
