"""Bringing a case that another system began: as closed history, or to go on here in the middle of its process.

The past is kept as the other system told it, in the case's own moments. Its one act says that it was brought, from where,
and what was told: no act claims that somebody here received, accepted or decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.context import note
from tongban.base.errors import Conflict
from tongban.base.numbering import next_in_sequence
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.kernel.cases import rules
from tongban.kernel.cases.errors import AlreadyBrought, BroughtInDisorder
from tongban.kernel.cases.kinds import kinds
from tongban.kernel.cases.models import Case, Origin, Party, StateChange
from tongban.kernel.cases.operations.open import NewParty, give_access, holders_of_parties, standing_of
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = ["CHANNEL", "Past", "bring_case", "check_past", "find_brought", "go_on_at", "is_brought"]

CHANNEL = "import"


@dataclass(frozen=True, slots=True)
class Past:
    """What another system told of a case: its name there, and when it came to where it is.

    ``changes`` are the states that it went through with their moments, in order; the last is its state now. ``closed_at`` is None
    for one that goes on.
    """

    source: str
    number: str
    submitted_at: datetime
    changes: Sequence[tuple[str, datetime]]
    accepted_at: datetime | None = None
    decided_at: datetime | None = None
    closed_at: datetime | None = None
    result: str = ""


def is_brought(case: Case) -> bool:
    """Tell whether the case was begun in another system."""
    return case.channel == CHANNEL


def find_brought(source: str, number: str) -> str | None:
    """Return the number here of a case that was brought before, None for one that was not."""
    row = Origin.objects.filter(source=source, number=number).select_related("case").first()
    return row.case.number if row is not None else None


def check_past(kind: str, past: Past, *, at: datetime) -> None:
    """Refuse what cannot be. Raises BroughtInDisorder, and UnknownEntry for a kind that nobody registered."""
    found = kinds.get(kind)
    told = [past.submitted_at, past.accepted_at, past.decided_at, past.closed_at]
    moments = [moment for moment in told if moment is not None]
    if moments != sorted(moments):
        raise BroughtInDisorder(
            LocalizedText(
                zh="时间先后不对：提交、受理、决定、办结要依次",
                en="The order must be: submitted, accepted, decided, closed",
            )
        )
    times = [moment for _, moment in past.changes]
    if max(moments + times) > at:
        raise BroughtInDisorder(LocalizedText(zh="时间在以后", en="A time lies in the future"))
    if not past.changes or times != sorted(times) or times[0] != past.submitted_at:
        raise BroughtInDisorder
    state = past.changes[-1][0]
    if any(key not in found.states for key, _ in past.changes):
        raise BroughtInDisorder(LocalizedText(zh="没有这个状态", en="There is no such state"))
    if found.state(state).is_final != (past.closed_at is not None):
        raise BroughtInDisorder(
            LocalizedText(
                zh="办结的才有办结时间，没办结的没有",
                en="Only what has ended has a time of closing, and it must",
            )
        )


@work.unit()
def bring_case(
    *,
    actor: Actor,
    kind: str,
    title: LocalizedText,
    subject: Ref,
    unit_id: int,
    parties: Sequence[NewParty],
    past: Past,
    viewers: Sequence[int] = (),
    entry_id: UUID | None = None,
    facts: Mapping[str, Any] | None = None,
    at: datetime,
) -> Case:
    """Bring a case with a number of its own here. The parties get access, ``viewers`` (holders) may look.

    It has no query code: nobody was given one. Raises AlreadyBrought, BroughtInDisorder, UnknownEntry, Conflict for an actor who
    is a person: cases come by the machine's hand, never by that of somebody who may gain from one.
    """
    if not actor.is_system:
        raise Conflict
    check_past(kind, past, at=at)
    if (known := find_brought(past.source, past.number)) is not None:
        raise AlreadyBrought(number=known)
    case = Case(
        kind=kind,
        number=rules.format_number(
            kinds.get(kind).number_prefix, local_date(past.submitted_at), next_in_sequence()
        ),
        title=title,
        subject_kind=subject.kind,
        subject_id=subject.id,
        unit_id=unit_id,
        channel=CHANNEL,
        applicant_name=parties[0].name if parties else "",
        applicant_is_entity=bool(parties) and parties[0].entity_id is not None,
        entry_id=entry_id,
        state=past.changes[-1][0],
        result=past.result,
        facts=dict(facts or {}),
        created_at=past.submitted_at,
        submitted_at=past.submitted_at,
        accepted_at=past.accepted_at,
        decided_at=past.decided_at,
        closed_at=past.closed_at,
    )
    note(case=case.number)
    work.hold(Case, case.pk, lambda: work.add(case))
    work.add(Origin(case=case, source=past.source, number=past.number, brought_at=at))
    rows = [
        Party(case=case, role=p.role, name=p.name, person_id=p.person_id, entity_id=p.entity_id)
        for p in parties
    ]
    for row in rows:
        work.add(row)
    case.know_parties(rows)
    for holder in holders_of_parties(parties):
        give_access(case=case, holder_id=holder, right="party", at=at)
    for holder in viewers:
        give_access(case=case, holder_id=holder, right="view", at=at)
    for state, moment in past.changes:
        work.add(StateChange(case=case, state=state, at=moment))
    about = [key for p in parties for key in identity.keys_of(person_id=p.person_id, entity_id=p.entity_id)]
    told = {"submitted": past.submitted_at, "accepted": past.accepted_at, "decided": past.decided_at}
    ledger.record(
        actor=actor,
        verb="cases.bring",
        subject=case.ref,
        case=str(case.ref),
        facts={
            "source": past.source,
            "old_number": past.number,
            "number": case.number,
            "state": case.state,
            **{key: moment.isoformat() for key, moment in told.items() if moment is not None},
        },
        about=about,
        standing=standing_of(case),
        at=at,
    )
    return case


def go_on_at(
    *,
    case: Case,
    definition_key: str,
    steps: Sequence[str],
    vars: Mapping[str, Any],  # noqa: A002 (the word of the engine)
    since: datetime,
    actor: Actor,
    at: datetime,
) -> None:
    """Let a case that was just brought go on at the steps that were open; their limits count from ``since``.

    Raises DefinitionNotFound, EntryRefused.
    """
    advance = processes.enter_instance(
        definition_key=definition_key,
        owner=case.ref,
        steps=steps,
        vars={"unit": case.unit_id, "region": identity.get_unit(case.unit_id).division_code, **vars},
        since=since,
        actor=actor,
        at=at,
    )
    case.instance_id = advance.instance_id
    work.change(case, "instance")
