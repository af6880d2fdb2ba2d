"""Putting right what the machine could not do: by a named person, on record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongban.apps.ops.errors import JobNotDroppable, JobNotFailed, ReasonMissing
from tongban.base import jobs
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages

__all__ = ["DUTY", "NOT_DROPPABLE", "drop_job", "make_paper_again", "run_job_again", "send_again"]

DUTY = "admin.system"
"""The duty that runs the machines. It reads nothing of what a case contains."""

NOT_DROPPABLE = {
    "base.dispatch_event": LocalizedText(
        "有模块还在等这件事的通知，放弃了它就再也不会知道。请排除原因后重新运行。",
        "Somebody waits to hear of this event and would never know. Put the cause right and run it again.",
    ),
    "instruments.render": LocalizedText(
        "文书已经编号，必须生成。请排除原因后重新运行。",
        "The paper has its number, so it must be made. Put the cause right and run it again.",
    ),
}
"""Why nobody may drop a job of these tasks."""


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


def run_job_again(*, actor: Actor, job_id: int, reason: str, at: datetime) -> None:
    """Put a background job that gave up back into the queue. Raises Forbidden, ReasonMissing, JobNotFailed."""
    with _repair(actor, "ops.run_again", job_id, reason, at):
        if not jobs.run_again(job_id=job_id):
            raise JobNotFailed


def drop_job(*, actor: Actor, job_id: int, reason: str, at: datetime) -> None:
    """Take such a job out of the queue for good. Raises JobNotDroppable, and as ``run_job_again``."""
    with _repair(actor, "ops.drop_job", job_id, reason, at) as job:
        if job.task in NOT_DROPPABLE:
            raise JobNotDroppable(NOT_DROPPABLE[job.task])
        if not jobs.drop_failed(job_id=job_id):
            raise JobNotFailed


@contextmanager
def _repair(actor: Actor, verb: str, job_id: int, reason: str, at: datetime) -> Iterator[jobs.FailedJob]:
    """Check who and why, find the job, and write the act when the block went well."""
    identity.require_duty(actor, DUTY)
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        job = next((job for job in jobs.failed_jobs() if job.id == job_id), None)
        if job is None:
            raise JobNotFailed
        yield job
        ledger.record(
            actor=actor,
            verb=verb,
            subject=Ref.to("job", job_id),
            reason=reason.strip(),
            facts={"task": job.task},
            at=at,
        )
