"""Circulation (传阅): a case is sent to colleagues to read. No token, no task: a Reading, and the right to look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.errors import Forbidden, NotFound
from tongban.kernel.cases.errors import CaseNotFound, ColleagueNotFound, NobodyChosen
from tongban.kernel.cases.models import Case, Reading
from tongban.kernel.cases.operations.follow import locked_case
from tongban.kernel.cases.operations.moves import colleague, tell
from tongban.kernel.cases.operations.open import give_access
from tongban.kernel.cases.policies import is_handling, may_see
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.errors import MoveRefused, ReasonRequired

__all__ = ["circulate", "mark_read"]

MOST = 30
"""So many readers at once; whoever wants to tell everybody writes an announcement."""


@transaction.atomic
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
    people: list[UUID] = []
    for key in keys:
        people += _send_to(key, case, actor, actor.person_id, reason.strip(), at)
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


def _send_to(key: str, case: Case, actor: Actor, by: UUID, note: str, at: datetime) -> list[UUID]:
    """Make the reading of one reader, if there is none unread; return who is to be told."""
    if key.startswith("unit:"):
        unit = _unit(key)
        holder, person, name = identity.holder_id("unit", unit.pk), None, str(unit.name.zh)
    else:
        reader = colleague(key, at)
        holder, person, name = identity.holder_id("post", reader.post_id), reader.person_id, reader.name
    give_access(case=case, holder_id=holder, right="view", at=at)
    reading = Reading(
        case=case,
        holder_id=holder,
        person_id=person,
        name=name,
        by=by,
        by_name=actor.signs_as,
        note=note,
        at=at,
    )
    if Reading.objects.filter(case=case, holder_id=holder, person_id=person, read_at=None).exists():
        return []
    reading.save()
    return [person] if person else identity.people_behind(holder, at)


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
