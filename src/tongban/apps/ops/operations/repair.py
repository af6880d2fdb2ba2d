"""Putting right what the machine could not do: by a named person, on record."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages

__all__ = ["DUTY", "make_paper_again", "send_again"]

DUTY = "admin.system"
"""The duty that runs the machines. It reads nothing of what a case contains."""


@transaction.atomic
def make_paper_again(*, actor: Actor, paper_id: UUID, at: datetime) -> None:
    """Order the PDF of a paper that had failed once more. Raises Forbidden, PaperNotFound."""
    identity.require_duty(actor, DUTY)
    instruments.render_again(paper_id=paper_id, at=at)
    ledger.record(actor=actor, verb="ops.make_paper_again", subject=Ref.to("paper", paper_id), at=at)


@transaction.atomic
def send_again(*, actor: Actor, delivery_id: int, at: datetime) -> None:
    """Start again with a message that did not get through. Raises Forbidden; one that isn't failed (any more) is left alone."""
    identity.require_duty(actor, DUTY)
    if delivery_id not in {row.id for row in messages.failed_deliveries()}:
        return
    messages.retry(delivery_id=delivery_id)
    ledger.record(actor=actor, verb="ops.send_again", subject=Ref.to("delivery", delivery_id), at=at)
