"""Running jobs, and what a person does with one that gave up: retry or skip."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tongban.base import context, work
from tongban.base.actor import Actor
from tongban.base.outbox import announce
from tongban.base.ref import Ref
from tongban.kernel.identity.service import require_duty
from tongban.kernel.ledger.service import record
from tongban.kernel.processes import events
from tongban.kernel.processes.errors import IncidentNotOpen, InstanceEnded, NotSkippable, ReasonRequired
from tongban.kernel.processes.models import Incident, Instance, Job, Timer
from tongban.kernel.processes.operations.failures import keep_attempt, note_error
from tongban.kernel.processes.operations.move import Move, case_of, fail, lock_instance
from tongban.kernel.processes.registry import lock_owner, operations, why_not_skip
from tongban.kernel.processes.results import Advance
from tongban.kernel.processes.rules import MAX_ATTEMPTS, back_off
from tongban.kernel.processes.tasks import defer_job

__all__ = ["REPAIR", "due_jobs", "retry_job", "retry_jobs", "run_due_jobs", "run_job", "skip_job"]

SYSTEM = Actor.system("job")
LEASE = timedelta(minutes=2)
REPAIR = ("admin.system",)
"""The duties that may put an incident right."""


def run_job(*, job_id: int, at: datetime) -> bool:
    """Run a waiting job that is due; return whether it moved the process on.

    A worker leases the job, runs its operation without holding any lock or transaction, and then makes the move in
    the usual locking order. Two workers never run it at once; when one dies half-way the lease ends and the operation
    runs again, so it must be repeatable. A failure is retried with back-off; after the last attempt it becomes an
    incident.
    """
    if not Job.objects.filter(pk=job_id, state=Job.WAITING, next_at__lte=at).update(next_at=at + LEASE):
        return False
    try:
        job = Job.objects.select_related("instance", "task").get(pk=job_id)
        told = Move(job.instance, actor=SYSTEM, at=at, task=job.task).context(job.token, job.node)
        return _move_on(job, operations.get(job.operation).run(told), at)
    except Exception as error:
        _note_failure(job_id, error, at)
        context.failed()
        return False


def _move_on(job: Job, result: Mapping[str, Any] | None, at: datetime) -> bool:
    """Make the move that follows, unless the job was cancelled while its operation ran."""
    with work.unit():
        lock_owner(job.instance.owner)
        instance = lock_instance(job.instance_id, active=False)
        job = Job.objects.select_for_update(of=("self",)).select_related("task").get(pk=job.pk)
        if job.state != Job.WAITING or instance.status != Instance.ACTIVE:
            return False
        job.state, job.finished_at = Job.DONE, at
        work.change(job, "state", "finished_at")
        move = Move(instance, actor=SYSTEM, at=at, task=job.task)
        move.service_done(job.token, result)
        move.finish()
    return True


def _note_failure(job_id: int, error: Exception, at: datetime) -> None:
    """Try again later; after the last attempt an incident opens.

    Under the usual locks: who ends the process meanwhile either finds the incident or is found, and the log names the case.
    """
    with transaction.atomic():
        found = Job.objects.select_related("instance").get(pk=job_id)
        lock_owner(found.instance.owner)
        line = note_error(f"job {job_id}", error)
        lock_instance(found.instance_id, active=False)
        job = Job.objects.select_for_update(of=("self",)).select_related("instance").get(pk=job_id)
        if job.state != Job.WAITING:
            return
        job.attempts += 1
        job.last_error = line
        keep_attempt(job, line, at)
        job.next_at = at + back_off(job.attempts)
        if job.attempts >= MAX_ATTEMPTS:
            job.state = Job.FAILED
            fail(job, job.last_error, actor=SYSTEM, at=at)
        job.save()


def due_jobs(*, at: datetime) -> list[int]:
    """Return the jobs that should be run at ``at``: not yet begun, to be tried again, or left by a worker that died."""
    waiting = Job.objects.filter(state=Job.WAITING, next_at__lte=at).order_by("next_at", "pk")
    return list(waiting.values_list("pk", flat=True)[:200])


def run_due_jobs(*, at: datetime) -> int:
    """Run all due jobs here and now and return how many succeeded: for loading the past and for tests, not for requests."""
    return sum(run_job(job_id=pk, at=at) for pk in due_jobs(at=at))


def retry_job(*, actor: Actor, job_id: int, reason: str, at: datetime) -> Advance | None:
    """Let a job that gave up try again, after somebody put its cause right.

    Returns the Advance when the step could be made at once, None when a worker will. Raises Forbidden, ReasonRequired,
    IncidentNotOpen.
    """
    with transaction.atomic():
        instance, job = _lock_failed(actor, job_id, reason)
        _resolve(job, instance, "retried", actor=actor, reason=reason, at=at)
        if job.operation:
            job.state, job.attempts, job.next_at = Job.WAITING, 0, at
            job.save()
            defer_job(job.pk)
            return None
        job.state, job.finished_at = Job.DONE, at
        job.save()
        failed = instance.timers.filter(token=job.token, node=job.node, state=Timer.FAILED)
        if failed.update(state=Timer.WAITING, attempts=0, next_at=at):
            return None
        move = Move(instance, actor=actor, at=at)
        move.again(job.token, job.node)
        return move.finish()


def skip_job(*, actor: Actor, job_id: int, reason: str, at: datetime) -> Advance:
    """Go on without the operation. Raises NotSkippable, and as ``retry_job``."""
    with transaction.atomic():
        instance, job = _lock_failed(actor, job_id, reason)
        reason_not = why_not_skip(job)
        if reason_not:
            raise NotSkippable(reason_not)
        _resolve(job, instance, "skipped", actor=actor, reason=reason, at=at)
        job.state, job.finished_at = Job.SKIPPED, at
        job.save()
        move = Move(instance, actor=actor, at=at, task=job.task)
        move.service_done(job.token, None)
        return move.finish()


def retry_jobs(*, actor: Actor, job_ids: Iterable[int], reason: str, at: datetime) -> int:
    """Let several try again, each in a transaction of its own; return how many were still to be tried.

    What somebody else put right meanwhile is passed over. Raises Forbidden, ReasonRequired.
    """
    require_duty(actor, *REPAIR)
    if not reason.strip():
        raise ReasonRequired
    tried = 0
    for job_id in job_ids:
        with suppress(IncidentNotOpen, InstanceEnded):
            retry_job(actor=actor, job_id=job_id, reason=reason, at=at)
            tried += 1
    return tried


def _lock_failed(actor: Actor, job_id: int, reason: str) -> tuple[Instance, Job]:
    require_duty(actor, *REPAIR)
    if not reason.strip():
        raise ReasonRequired
    found = Job.objects.select_related("instance").filter(pk=job_id).first()
    if found is None:
        raise IncidentNotOpen
    lock_owner(found.instance.owner)
    instance = lock_instance(found.instance_id)
    job = Job.objects.select_for_update().get(pk=job_id)
    if job.state != Job.FAILED:
        raise IncidentNotOpen
    return instance, job


def _resolve(
    job: Job, instance: Instance, resolution: str, *, actor: Actor, reason: str, at: datetime
) -> None:
    incident = Incident.objects.get(job=job, resolved_at__isnull=True)
    incident.resolved_at, incident.resolution, incident.reason = at, resolution, reason.strip()
    incident.resolved_by, incident.resolved_name = actor.person_id, actor.name
    incident.save()
    record(
        actor=actor,
        verb=f"processes.{'retry' if resolution == 'retried' else 'skip'}",
        subject=Ref.to("instance", instance.pk),
        case=case_of(instance),
        reason=reason,
        facts={"node": job.node, "operation": job.operation},
        at=at,
    )
    announce(events.INCIDENT_RESOLVED, instance.owner, at=at, incident=incident.pk, resolution=resolution)
