"""Inspectors read cases of all units. Opening one is an act with a reason, before anything is shown, and it closes by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from tongban.apps.oversight.duties import INSPECT
from tongban.apps.oversight.errors import CannotInspect, ReasonMissing
from tongban.apps.oversight.models import Inspection
from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import CaseNotFound
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = ["OPEN_FOR", "RIGHT", "end_inspections", "inspect_case"]

RIGHT = "inspect"
"""The right by which an inspector sees a case: to read it inside, never to act in it."""

OPEN_FOR = timedelta(days=7)
LONGEST_REASON = 300
AT_ONCE = 200


@work.unit()
def inspect_case(*, actor: Actor, number: str, reason: str, at: datetime) -> str:
    """Open a case of any unit to the inspector's post for a week and return its number. The reason goes into the ledger, where
    the people whom the case is about find it too.

    Raises DutyMissing, ReasonMissing, CannotInspect (also for an office's own housekeeping).
    """
    identity.require_duty(actor, INSPECT)
    reason = reason.strip()[:LONGEST_REASON]
    if len(reason) < 2:
        raise ReasonMissing(errors=[{"field": "reason", "message": ReasonMissing.title.as_json()}])
    try:
        found = cases.find_by_number(number.strip().upper())
    except CaseNotFound:
        raise CannotInspect from None
    if not (cases.kind_of(found).is_public or found.kind == "oversight-card"):
        raise CannotInspect
    case = cases.locked_case(found.ref)
    about = [
        key for party in case.parties.all() for key in identity.keys_of(party.person_id, party.entity_id)
    ]
    holder = identity.holder_id("post", actor.post_id)
    Inspection.objects.create(
        case=case, holder_id=holder, person_id=actor.person_id, reason=reason, at=at, until=at + OPEN_FOR
    )
    cases.give_access(case=case, holder_id=holder, right=RIGHT, at=at)
    ledger.record(
        actor=actor,
        verb="oversight.inspect",
        subject=case.ref,
        case=str(case.ref),
        reason=reason,
        about=about,
        at=at,
    )
    ledger.record_read(
        actor=actor, subject=case.ref, about=about, purpose=reason, fields=["application"], at=at
    )
    return case.number or ""


def end_inspections(*, at: datetime) -> int:
    """Close to inspectors what they opened a week ago and not again since; return how many cases were closed."""
    over = Inspection.objects.filter(until__lte=at, ended_at=None).order_by("until")
    ended = 0
    for pk, case_id in list(over.values_list("pk", "case_id")[:AT_ONCE]):
        with transaction.atomic():
            case = cases.locked_case(Ref.to("case", case_id))
            row = Inspection.objects.select_for_update().get(pk=pk)
            again = Inspection.objects.filter(case=case, holder=row.holder_id, until__gt=at, ended_at=None)
            if not again.exists():
                cases.end_access(case=case, holder_id=row.holder_id, right=RIGHT)
            row.ended_at = at
            row.save(update_fields=["ended_at"])
            ended += 1
    return ended
