"""Reading personal data of a case in full is an act."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from tongban.base.actor import Actor
from tongban.kernel.cases.errors import CaseNotFound
from tongban.kernel.cases.policies import may_see_inside
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = ["unmask"]


@transaction.atomic
def unmask(*, actor: Actor, case: Any, reason: str, at: datetime) -> None:
    """Record that ``actor`` looks at the parties' full names and numbers, and why; committed before anything is shown."""
    if not may_see_inside(actor, case):
        raise CaseNotFound
    about = [
        key for party in case.parties.all() for key in identity.keys_of(party.person_id, party.entity_id)
    ]
    ledger.record_read(
        actor=actor, subject=case.ref, about=about, purpose=reason, fields=["name", "citizen_id"], at=at
    )
