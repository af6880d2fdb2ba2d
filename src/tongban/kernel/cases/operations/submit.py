"""Submitting a draft: it gets its number and its query code, and its process begins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from tongban.base import outbox
from tongban.base.actor import Actor
from tongban.base.context import note
from tongban.base.numbering import next_in_sequence
from tongban.base.time import local_date
from tongban.kernel.cases import rules
from tongban.kernel.cases.errors import CaseNotFound, NotADraft
from tongban.kernel.cases.kinds import kind_of
from tongban.kernel.cases.models import Case
from tongban.kernel.cases.operations.open import give_access, set_state
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = ["submit_case"]


@transaction.atomic
def submit_case(
    *,
    actor: Actor,
    case_id: UUID,
    definition_key: str,
    vars: Mapping[str, Any],  # noqa: A002 (the word of the engine)
    at: datetime,
) -> tuple[Case, str]:
    """Give a draft its number, start its process and return the case with its query code in clear (it is kept as a digest).

    Raises CaseNotFound for a stranger's draft and NotADraft when it was submitted before (also by the other of two
    requests at the same moment: the row is locked first).
    """
    found = Case.objects.select_for_update(of=("self",)).select_related("unit")
    case = found.filter(pk=case_id).first()
    if case is None:
        raise CaseNotFound
    identity.check(actor, "read", "case", case)
    if case.submitted_at is not None:
        raise NotADraft(number=case.number)
    kind = kind_of(case)
    case.number = rules.format_number(kind.number_prefix, local_date(at), next_in_sequence())
    note(case=case.number)
    code = rules.new_code()
    case.code_digest = rules.code_digest(settings.SECRET_KEY, case.number, code)
    case.submitted_at = at
    case.save(update_fields=["number", "code_digest", "submitted_at"])
    give_access(case=case, holder_id=identity.holder_id("code", str(case.pk)), right="party", at=at)
    set_state(case=case, state="submitted", actor=actor, at=at)
    ledger.record(
        actor=actor,
        verb="cases.submit",
        subject=case.ref,
        case=str(case.ref),
        facts={"number": case.number},
        at=at,
    )
    outbox.announce("cases.submitted", case.ref, at=at, kind=case.kind)
    advance = processes.start_instance(
        definition_key=definition_key,
        owner=case.ref,
        vars={
            "unit": case.unit_id,
            "region": case.unit.division_code,
            "received_at": at.isoformat(),
            **vars,
        },
        actor=actor,
        at=at,
    )
    Case.objects.filter(pk=case.pk).update(instance=advance.instance_id)
    unit = case.unit
    case.refresh_from_db()
    case.unit = unit  # read already, and what starts a clock next asks for its place
    return case, code
