"""The counter (窗口代录): a window clerk enters an application for somebody who is present, and hands the result over."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile

from tongban.apps.services.errors import (
    ConsentNotFound,
    CounterOnly,
    NotEditable,
    NotHandable,
    PresenceUnconfirmed,
    RecipientUnsigned,
)
from tongban.apps.services.models import Consent, HandOver
from tongban.apps.services.operations.begin import begin, entity_for, item_to_apply_for, require_kind
from tongban.apps.services.operations.parties import end_agency_for, identify
from tongban.apps.services.queries import application as reading
from tongban.apps.services.queries import parties as people
from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.cases import service as cases
from tongban.kernel.files import service as files
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = [
    "agencies_at_counter",
    "end_agency_at_counter",
    "enter_at_counter",
    "hand_result_over",
    "require_counter",
    "take_up_correction",
]

DUTY = "services.counter"
PNG_PREFIX = "data:image/png;base64,"
SIGNATURE_LIMIT = 200_000
"""Characters of a drawn signature as the page sends it; an ordinary one has ten thousand."""


def require_counter(actor: Actor) -> None:
    """Return when the actor stands at the counter. Raises CounterOnly."""
    if DUTY not in actor.duties or actor.post_id is None or actor.person_id is None:
        raise CounterOnly


def enter_at_counter(
    *,
    actor: Actor,
    item_key: str,
    name: str,
    citizen_id: str,
    entity_id: UUID | None = None,
    seen: bool,
    at: datetime,
) -> Any:
    """Begin an application for a person who is present, for herself or for an entity that she may act for.

    ``seen``: the clerk has checked person and identity card. A draft that this post began for the same applicant is given
    back. Raises CounterOnly, PresenceUnconfirmed, ItemNotFound, ItemNotOnline,
    IdentityMismatch, MandateMissing, ApplicantKindRefused, TownshipUnknown.
    """
    require_counter(actor)
    if not seen:
        raise PresenceUnconfirmed
    item = item_to_apply_for(item_key)
    person = identify(actor=actor, name=name, citizen_id=citizen_id, at=at, seen=True)
    return _enter(actor=actor, item=item, person=person, entity_id=entity_id, at=at)


@work.unit()
def _enter(*, actor: Actor, item: Any, person: Any, entity_id: UUID | None, at: datetime) -> Any:
    entity = entity_for(person.pk, entity_id, at=at)
    require_kind(item, "person" if entity is None else "entity")
    existing = reading.draft_of(actor, item, entity_id, person_id=person.pk)
    if existing is not None:
        return existing
    if entity is None:
        parties = [cases.NewParty("applicant", person.name, person_id=person.pk)]
    else:
        parties = [
            cases.NewParty("applicant", entity.name, entity_id=entity.entity_id),
            cases.NewParty("agent", person.name, person_id=person.pk, has_access=False),
        ]
    holder = people.own_holder(actor)
    case = begin(
        actor=actor,
        item=item,
        person=person,
        entity_id=entity_id,
        parties=parties,
        facts={"consents": True, "counter_holders": [holder]},
        at=at,
    )
    cases.give_access(case=case, holder_id=holder, right="party", at=at)
    work.add(
        Consent(
            case_id=case.pk,
            basis="counter",
            person=person,
            by_id=people.own_person(actor),
            by_unit_id=actor.unit_id,
            holder_id=holder,
            way="present",
            asked_at=at,
            given_at=at,
        )
    )
    ledger.record(
        actor=actor,
        verb="services.enter_at_counter",
        subject=case.ref,
        case=str(case.ref),
        about=identity.keys_of(person_id=person.pk, entity_id=entity_id),
        at=at,
    )
    return case


@work.unit()
def take_up_correction(*, actor: Actor, case_id: UUID, seen: bool, at: datetime) -> Any:
    """Enter the correction for the applicant, who is present again: the post acts as a party until it is handed in.

    Raises CounterOnly, PresenceUnconfirmed, ConsentNotFound, NotEditable.
    """
    require_counter(actor)
    if not seen:
        raise PresenceUnconfirmed
    people.counter_case(actor, case_id)
    case = cases.locked_case(Ref.to("case", case_id))
    if case.state != "correction":
        raise NotEditable(number=case.number)
    holder = people.own_holder(actor)
    if holder not in case.facts.get("counter_holders", []):
        case.facts = {**case.facts, "counter_holders": [*case.facts.get("counter_holders", []), holder]}
        work.change(case, "facts")
    cases.give_access(case=case, holder_id=holder, right="party", at=at)
    ledger.record(actor=actor, verb="services.enter_correction", subject=case.ref, case=str(case.ref), at=at)
    return case


def agencies_at_counter(
    *, actor: Actor, name: str, citizen_id: str, seen: bool, at: datetime
) -> list[people.ConsentView]:
    """Return who acts for the person who is present and wants to end it: with or without an account of her own.

    Raises CounterOnly, PresenceUnconfirmed, IdentityMismatch.
    """
    person = _present(actor, name=name, citizen_id=citizen_id, seen=seen, at=at)
    return people.agencies_of(person.pk)


def end_agency_at_counter(
    *, actor: Actor, consent_id: UUID, name: str, citizen_id: str, seen: bool, at: datetime
) -> Any:
    """End an agency for the person represented, who is present: the agent sees the case no longer, and is told.

    Raises CounterOnly, PresenceUnconfirmed, IdentityMismatch, ConsentNotFound for an agency that is not hers, ConsentNotOpen.
    """
    person = _present(actor, name=name, citizen_id=citizen_id, seen=seen, at=at)
    return end_agency_for(actor=actor, consent_id=consent_id, person_id=person.pk, at=at)


def _present(actor: Actor, *, name: str, citizen_id: str, seen: bool, at: datetime) -> Any:
    require_counter(actor)
    if not seen:
        raise PresenceUnconfirmed
    return identify(actor=actor, name=name, citizen_id=citizen_id, at=at, seen=True)


@work.unit()
def hand_result_over(
    *,
    actor: Actor,
    case_id: UUID,
    recipient: str,
    is_applicant: bool,
    seen: bool,
    drawn: str = "",
    typed: bool = False,
    at: datetime,
) -> HandOver:
    """Hand the papers of an ended case to a person at the counter, who signs (``drawn``, a PNG as the page sends it) or
    has the name typed and confirmed (``typed``). The case is one that the post may see.

    Raises CounterOnly, ConsentNotFound, PresenceUnconfirmed, NotHandable, RecipientUnsigned.
    """
    require_counter(actor)
    case: Any = next(iter(cases.find_cases([case_id])), None)
    if case is None or case.kind != "licence" or not cases.may_see_inside(actor, case):
        raise ConsentNotFound
    if not seen:
        raise PresenceUnconfirmed
    case = cases.locked_case(Ref.to("case", case_id))
    if case.closed_at is None or people.get_hand_over(case) is not None:
        raise NotHandable
    recipient = recipient.strip()[:120]
    image = _png(drawn)
    if not recipient or (image is None and not typed):
        raise RecipientUnsigned
    signature = None
    if image is not None:
        upload = SimpleUploadedFile("signature.png", image, content_type="image/png")
        signature = files.store_upload(actor=actor, upload=upload, use=case.ref, role="signature", at=at)
    made = HandOver.objects.create(
        case=case,
        recipient=recipient,
        is_applicant=is_applicant,
        signature_id=signature.pk if signature else None,
        by=people.own_person(actor),
        by_name=actor.signs_as,
        unit_id=actor.unit_id or 0,
        at=at,
    )
    case.facts = {**case.facts, "handed_over": True}
    work.change(case, "facts")
    about = [
        key
        for party in case.parties.all()
        if party.role == "applicant"
        for key in identity.keys_of(person_id=party.person_id, entity_id=party.entity_id)
    ]
    ledger.record(
        actor=actor,
        verb="services.hand_over",
        subject=case.ref,
        case=str(case.ref),
        facts={"way": "drawn" if signature else "typed", "to": "applicant" if is_applicant else "other"},
        about=about,
        at=at,
    )
    return made


def _png(drawn: str) -> bytes | None:
    """Return the bytes of a drawn signature, None for none. Raises RecipientUnsigned for what is no such thing."""
    if not drawn:
        return None
    if not drawn.startswith(PNG_PREFIX) or len(drawn) > SIGNATURE_LIMIT:
        raise RecipientUnsigned
    try:
        return base64.b64decode(drawn.removeprefix(PNG_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise RecipientUnsigned from None
