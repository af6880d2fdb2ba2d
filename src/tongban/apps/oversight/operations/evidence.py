"""Evidence for a plea: files on the card's case, as long as it is pleaded."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from tongban.apps.oversight.errors import CardNotFound, CardNotOpen
from tongban.apps.oversight.models import Card
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.cases import service as cases
from tongban.kernel.files import service as files
from tongban.kernel.ledger import service as ledger
from tongban.kernel.processes import service as processes

__all__ = ["ROLE", "may_add_evidence", "put_evidence"]

ROLE = "oversight.evidence"


def may_add_evidence(actor: Actor, case: object) -> bool:
    """Return whether this actor is who answers the card now: the step of the plea is theirs."""
    instance = getattr(case, "instance_id", None)
    tasks = processes.tasks_of(instance) if instance else []
    return actor.is_official and any(
        task.node == "plea"
        and task.state == "open"
        and task.holder_id in actor.holders
        and task.claimed_by in (None, *actor.persons)
        for task in tasks
    )


@transaction.atomic
def put_evidence(*, actor: Actor, case_id: UUID, upload: UploadedFile, at: datetime) -> None:
    """Keep a file as evidence. Raises CardNotFound, CardNotOpen for who does not (any more) plead, and what the file store
    refuses.
    """
    case = cases.locked_case(Ref.to("case", case_id))
    if not cases.may_see(actor, case) or not Card.objects.filter(pk=case_id).exists():
        raise CardNotFound
    if not may_add_evidence(actor, case):
        raise CardNotOpen
    files.store_upload(actor=actor, upload=upload, use=case.ref, role=ROLE, at=at)
    ledger.record(actor=actor, verb="oversight.put_evidence", subject=case.ref, case=str(case.ref), at=at)
