"""Jobs of ``processes``: the ticking that finds due timers and jobs, and the running of one job.

The rows are the queue and the worker's queue is only a bell: a bell that is lost (a worker was killed) is rung again by the next
tick, one that rings twice finds nothing to do.
"""

from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from tongban.base import work
from tongban.base.time import now

__all__ = ["defer_job", "recompute", "ring_for", "run_job", "tick"]


@app.periodic(cron="* * * * * */5")
@app.task(name="processes.tick", queueing_lock="processes.tick", pass_context=False)
def tick(timestamp: int) -> None:
    """Every five seconds: fire due timers and ring for due jobs. The sixth field of the pattern is the seconds."""
    from tongban.kernel.processes.operations.jobs import due_jobs
    from tongban.kernel.processes.operations.timers import fire_due_timers

    at = now()
    fire_due_timers(at=at)
    for job_id in due_jobs(at=at):
        defer_job(job_id)


@app.periodic(cron="15 * * * *")
@app.task(name="processes.recompute_timers", queueing_lock="processes.recompute_timers", pass_context=False)
def recompute(timestamp: int) -> None:
    """Every hour: take in timers that were set by a transaction which still read the calendar as it was."""
    from tongban.kernel.processes.operations.timers import recompute_timers

    recompute_timers(at=now())


@app.task(name="processes.run_job")
def run_job(job_id: int) -> None:
    """Run one job of a process. Retrying is not the queue's: the row says when it is tried again.

    So for the queue the run has ended in order; logs and figures hear of the failed attempt by ``context.failed``.
    """
    from tongban.kernel.processes.operations import jobs

    jobs.run_job(job_id=job_id, at=now())


def defer_job(job_id: int) -> None:
    """Ring for a job, in the caller's transaction; once is enough."""
    try:
        with transaction.atomic():
            run_job.configure(queueing_lock=_lock(job_id)).defer(job_id=job_id)
    except AlreadyEnqueued:
        pass


def ring_for(job_id: int) -> None:
    """Ring for a job that is new in this unit of work: nobody can have rung before."""
    work.defer("processes.run_job", queueing_lock=_lock(job_id), job_id=job_id)


def _lock(job_id: int) -> str:
    return f"processes.job.{job_id}"
