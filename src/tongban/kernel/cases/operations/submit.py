"""Submitting a draft: it gets its number and its query code, and its process begins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from tongban.base import outbox, work
from tongban.base.actor import Actor
from tongban.base.context import note
from tongban.base.numbering import next_in_sequence
from tongban.base.ref import Ref
from tongban.base.time import local_date
from tongban.kernel.cases import rules
from tongban.kernel.cases.errors import CaseNotFound, NotADraft
from tongban.kernel.cases.kinds import kind_of
from tongban.kernel.cases.models import Case
from tongban.kernel.cases.operations.follow import locked_case
from tongban.kernel.cases.operations.open import give_access, set_state
from tongban.kernel.cases.policies import may_see
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = ["submit_case"]


@work.unit()
def submit_case(
    *,
    actor: Actor,
    case_id: UUID,
    definition_key: str,
    vars: Mapping[str, Any],  # noqa: A002 (the word of the engine)
    facts: Mapping[str, Any] | None = None,
    at: datetime,
) -> tuple[Case, str]:
    """Give a draft its number, start its process and return the case with its query code in clear (it is kept as a digest).

    ``facts`` are kept in the act of submitting, beside the number. Raises CaseNotFound for a stranger's draft and NotADraft when
    it was submitted before (also by the other of two requests at the same moment: the row is locked first).
    """
    try:
        case = locked_case(Ref.to("case", case_id))
    except Case.DoesNotExist:
        raise CaseNotFound from None
    if not may_see(actor, case):
        raise CaseNotFound
    if case.submitted_at is not None:
        raise NotADraft(number=case.number)
    kind = kind_of(case)
    case.number = rules.format_number(kind.number_prefix, local_date(at), next_in_sequence())
    note(case=case.number)
    code = rules.new_code()
    case.code_digest = rules.code_digest(settings.SECRET_KEY, case.number, code)
    case.submitted_at = at
    work.change(case, "number", "code_digest", "submitted_at")
    give_access(case=case, holder_id=identity.new_code_holder(case.pk), right="party", at=at)
    set_state(case=case, state="submitted", actor=actor, at=at)
    ledger.record(
        actor=actor,
        verb="cases.submit",
        subject=case.ref,
        case=str(case.ref),
        facts={"number": case.number, **(facts or {})},
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
    case.instance_id = advance.instance_id
    work.change(case, "instance")
    return case, code
