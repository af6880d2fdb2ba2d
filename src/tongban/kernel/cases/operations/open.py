"""Opening a case, as a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.cases.kinds import kinds
from tongban.kernel.cases.models import Access, Case, Party, StateChange
from tongban.kernel.cases.policies import forget_rights, rights_of
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = [
    "NewParty",
    "add_party",
    "end_access",
    "give_access",
    "holders_of_parties",
    "open_case",
    "set_state",
    "standing_of",
    "void_code",
]


@dataclass(frozen=True, slots=True)
class NewParty:
    """A party to be: a person or an entity (or only a name, for somebody who didn't sign in).

    ``has_access=False`` names an agent who sees the case only through the mandate of the entity that he acts for.
    """

    role: str
    name: str
    person_id: UUID | None = None
    entity_id: UUID | None = None
    has_access: bool = True


@work.unit()
def open_case(
    *,
    actor: Actor,
    kind: str,
    title: LocalizedText,
    subject: Ref,
    unit_id: int,
    parties: Sequence[NewParty],
    entry_id: UUID | None = None,
    facts: Mapping[str, Any] | None = None,
    at: datetime,
) -> Case:
    """Open a draft. The parties get access: an entity through its own holder, so a representative loses it with his mandate.

    Raises UnknownEntry when no application registered ``kind``.
    """
    kinds.get(kind)
    case = Case(
        kind=kind,
        title=title,
        subject_kind=subject.kind,
        subject_id=subject.id,
        unit_id=unit_id,
        channel=actor.channel,
        applicant_name=parties[0].name if parties else "",
        applicant_is_entity=bool(parties) and parties[0].entity_id is not None,
        entry_id=entry_id,
        facts=dict(facts or {}),
        created_at=at,
    )
    work.hold(Case, case.pk, lambda: work.add(case))
    rows = [
        Party(case=case, role=p.role, name=p.name, person_id=p.person_id, entity_id=p.entity_id)
        for p in parties
    ]
    for row in rows:
        work.add(row)
    case.know_parties(rows)
    for holder in holders_of_parties(parties):
        give_access(case=case, holder_id=holder, right="party", at=at)
    work.add(StateChange(case=case, state=case.state, at=at))
    ledger.record(
        actor=actor,
        verb="cases.open",
        subject=case.ref,
        case=str(case.ref),
        standing=standing_of(case),
        at=at,
    )
    return case


def holders_of_parties(parties: Sequence[NewParty]) -> set[int]:
    """Return who gets access. An entity stands for itself: the person who acts for it has no access of his own."""
    holders = set()
    for party in (party for party in parties if party.has_access):
        if party.entity_id is not None:
            holders.add(identity.holder_id("entity", str(party.entity_id)))
        elif party.person_id is not None:
            holders.add(identity.holder_id("person", str(party.person_id)))
    return holders


def give_access(*, case: Case, holder_id: int, right: str, at: datetime) -> None:
    """Give a holder the right ("party", "handle", "view") to see a case. Giving it twice changes nothing."""
    rights = rights_of(case)
    if (holder_id, right) not in rights:
        rights.add((holder_id, right))
        access = Access(case=case, holder_id=holder_id, right=right, since=at)
        work.add(access, ignore_conflicts=True)


def end_access(*, case: Case, holder_id: int, right: str) -> None:
    """Take a right to see a (locked) case back from a holder. Who hasn't got it loses nothing."""
    work.flush()
    Access.objects.filter(case=case, holder_id=holder_id, right=right).delete()
    forget_rights(case)


def void_code(*, case: Case) -> None:
    """Let the query code of a (locked) case open nothing any more: it may be in the hands of somebody whose part has ended."""
    if case.code_digest:
        case.code_digest = ""
        work.change(case, "code_digest")
        end_access(case=case, holder_id=identity.holder_id("code", case.pk), right="party")


def add_party(*, case: Case, party: NewParty, at: datetime) -> Party:
    """Name one party more of a (locked) case, with access unless he has none of his own (see ``NewParty``)."""
    row = Party(
        case=case, role=party.role, name=party.name, person_id=party.person_id, entity_id=party.entity_id
    )
    work.add(row)
    case.know_parties([*case.parties.all(), row])
    for holder in holders_of_parties([party]):
        give_access(case=case, holder_id=holder, right="party", at=at)
    return row


def set_state(*, case: Case, state: str, at: datetime, result: str = "", actor: Actor | None = None) -> None:
    """Bring a (locked) case into a state of its kind and remember when. The same state again is no change.

    The ledger is told how the case stands now, so that nobody changes it behind the ledger's back; ``actor`` is who brought it
    about, the case itself when it only follows.
    """
    if case.state == state and not result:
        return
    changed = case.state != state
    case.state = state
    case.result = result or case.result
    if kinds.get(case.kind).state(state).is_final and case.closed_at is None:
        case.closed_at = at
    work.change(case, "state", "result", "closed_at")
    if changed:
        work.add(StateChange(case=case, state=state, at=at))
    ledger.record(
        actor=actor or Actor.system("case"),
        verb="cases.change_state",
        subject=case.ref,
        case=str(case.ref),
        standing=standing_of(case),
        at=at,
    )


STANDING = "jsonb_build_object('number', number, 'state', state, 'result', result)"
"""What ``standing_of`` says, in SQL."""


def standing_of(case: Case) -> dict[str, Any]:
    """Return how a case stands, as the ledger is told."""
    return {"number": case.number, "state": case.state, "result": case.result}
