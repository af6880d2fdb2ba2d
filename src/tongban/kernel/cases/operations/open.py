"""Opening a case, as a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.cases.kinds import kinds
from tongban.kernel.cases.models import Access, Case, Party, StateChange
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = ["NewParty", "give_access", "open_case", "set_state"]


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


@transaction.atomic
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
    case = Case.objects.create(
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
    for party in parties:
        Party.objects.create(
            case=case, role=party.role, name=party.name, person_id=party.person_id, entity_id=party.entity_id
        )
    for holder in _holders_of_parties(parties):
        give_access(case=case, holder_id=holder, right="party", at=at)
    StateChange.objects.create(case=case, state=case.state, at=at)
    ledger.record(
        actor=actor,
        verb="cases.open",
        subject=case.ref,
        case=str(case.ref),
        standing=_standing(case),
        at=at,
    )
    return case


def _holders_of_parties(parties: Sequence[NewParty]) -> set[int]:
    """An entity stands for itself: the person who acts for it has no access of his own."""
    holders = set()
    for party in (party for party in parties if party.has_access):
        if party.entity_id is not None:
            holders.add(identity.holder_id("entity", str(party.entity_id)))
        elif party.person_id is not None:
            holders.add(identity.holder_id("person", str(party.person_id)))
    return holders


def give_access(*, case: Case, holder_id: int, right: str, at: datetime) -> None:
    """Give a holder the right ("party", "handle", "view") to see a case. Giving it twice changes nothing."""
    access = Access(case=case, holder_id=holder_id, right=right, since=at)
    Access.objects.bulk_create([access], ignore_conflicts=True)


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
    case.save(update_fields=["state", "result", "closed_at"])
    if changed:
        StateChange.objects.create(case=case, state=state, at=at)
    ledger.record(
        actor=actor or Actor.system("case"),
        verb="cases.change_state",
        subject=case.ref,
        case=str(case.ref),
        standing=_standing(case),
        at=at,
    )


STANDING = "jsonb_build_object('number', number, 'state', state, 'result', result)"
"""What ``_standing`` says, in SQL."""


def _standing(case: Case) -> dict[str, Any]:
    return {"number": case.number, "state": case.state, "result": case.result}
