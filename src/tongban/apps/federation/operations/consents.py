"""What people agree that other systems learn of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from tongban.apps.federation.models import Consent, System, Ticket
from tongban.base.actor import Actor
from tongban.base.errors import Forbidden, NotFound
from tongban.base.ref import Ref
from tongban.kernel.ledger import service as ledger

__all__ = ["end_consent", "give_consent", "has_consented"]


def has_consented(*, account_id: int, system: System, scopes: Iterable[str]) -> bool:
    """True when the account's bearer agreed to all of this before, and did not end it."""
    row = Consent.objects.filter(account_id=account_id, system=system, ended_at=None).first()
    return row is not None and set(scopes) <= set(row.scopes)


@transaction.atomic
def give_consent(*, actor: Actor, system: System, scopes: Iterable[str], at: datetime) -> Consent:
    """Keep that the actor agrees to these scopes, besides those agreed to before."""
    if actor.account_id is None:
        raise Forbidden
    rows = Consent.objects.select_for_update()
    row = rows.filter(account_id=actor.account_id, system=system, ended_at=None).first()
    if row is None:
        row = Consent(account_id=actor.account_id, system=system, scopes=[], given_at=at)
    row.scopes = sorted({*row.scopes, *scopes})
    row.save()
    ledger.record(
        actor=actor,
        verb="federation.give_consent",
        subject=Ref.to("account", actor.account_id),
        at=at,
        facts={"system": system.client_id, "scopes": row.scopes},
    )
    return row


@transaction.atomic
def end_consent(*, actor: Actor, system_id: int, at: datetime) -> None:
    """Take the own consent back: what the system got to go on with stops at once. Raises NotFound."""
    rows = Consent.objects.select_for_update(of=("self",)).select_related("system")
    row = rows.filter(account_id=actor.account_id or 0, system_id=system_id, ended_at=None).first()
    if row is None or actor.account_id is None:
        raise NotFound
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    Ticket.objects.filter(account_id=actor.account_id, system_id=system_id, revoked_at=None).update(
        revoked_at=at
    )
    ledger.record(
        actor=actor,
        verb="federation.end_consent",
        subject=Ref.to("account", actor.account_id),
        at=at,
        facts={"system": row.system.client_id},
    )
