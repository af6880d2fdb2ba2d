"""Giving a change up before it is published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.apps.studio.models import Draft
from tongban.apps.studio.policies import EDIT
from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.cases import service as cases
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = ["refusal_to_withdraw", "withdraw_change"]

OPEN = ("submitted", "editing", "reviewing", "waiting")


def refusal_to_withdraw(actor: Actor, case: Any) -> LocalizedText | bool | None:
    """Whoever edits in the unit that began the change may give it up until it is published; nobody else is told."""
    if EDIT not in actor.duties or actor.unit_id != case.unit_id or case.state not in OPEN:
        return False
    return None


@work.unit()
def withdraw_change(*, actor: Actor, case_id: UUID, data: Mapping[str, Any], at: datetime) -> None:
    """End a change unpublished. What is published stays; the things it would have changed are free for others."""
    case = cases.locked_case(Ref.to("case", case_id))
    if case.instance_id is not None:
        processes.terminate(
            instance_id=case.instance_id, actor=actor, reason=str(data.get("reason") or "withdrawn"), at=at
        )
    cases.set_state(case=case, state="withdrawn", result="withdrawn", actor=actor, at=at)
    work.update(Draft.objects.filter(change_id=case.pk), is_open=False)
    ledger.record(actor=actor, verb="studio.withdraw", subject=case.ref, case=str(case.ref), at=at)
