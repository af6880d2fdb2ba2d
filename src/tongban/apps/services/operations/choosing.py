"""Choosing a material from what the applicant keeps, instead of uploading it once more."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tongban.apps.services.errors import ApplicationNotFound
from tongban.apps.services.operations.apply import editable_application
from tongban.apps.services.queries import application as reading
from tongban.apps.services.queries import keeping
from tongban.base import vaults, work
from tongban.base.actor import Actor
from tongban.kernel.ledger import service as ledger

__all__ = ["choose_material"]


@work.unit()
def choose_material(*, actor: Actor, case_id: UUID, key: str, offer_id: str, at: datetime) -> UUID:
    """Use something the applicant keeps as a material of the application; returns the file.

    Raises ApplicationNotFound, NotEditable, and what the vault refuses: not his, not valid any more.
    """
    case = editable_application(actor, case_id)
    wanted = keeping.wanted_of(reading.item_of(case)).get(key)
    vault, owner = vaults.find_vault(), keeping.owner_of(case)
    if wanted is None or vault is None or owner is None:
        raise ApplicationNotFound
    fitting = vault.offers(actor=actor, owner=owner, wanted=[wanted], at=at).get(key, [])
    if offer_id not in {offer.id for offer in fitting}:
        raise ApplicationNotFound
    file_id = vault.take(
        actor=actor,
        owner=owner,
        offer_id=offer_id,
        wanted=wanted,
        case=case.ref,
        role=f"material:{key}",
        at=at,
    )
    ledger.record(
        actor=actor,
        verb="services.choose_material",
        subject=case.ref,
        case=str(case.ref),
        facts={"material": key},
        at=at,
    )
    return file_id
