"""The worker's view of the queue: the tasks of all modules, run over connections of its own."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import procrastinate
from django.conf import settings
from django.db import InterfaceError, OperationalError
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job
from procrastinate.manager import JobManager

from tongban.base.jobs import AT_LEISURE
from tongban.main.database import session_parameters
from tongban.main.observation import watch_job

__all__ = ["Considerate", "Outliving", "Processors", "give_way", "working_app"]

GONE = (OperationalError, InterfaceError, ConnectorException)
"""What is raised when the database went away, restarts or chose this transaction as the victim of a deadlock."""


class Outliving(procrastinate.BaseRetryStrategy):
    """A task's own way of retrying, and beside it: a job that the database left in the lurch is tried again, whatever it is.

    A fault of the database says nothing about the job, so a task without retries has them for this, and one with few keeps them
    for its own faults. Bells (jobs with a queueing lock) are left out: whoever rings them rings again.
    """

    PAUSE, MOST = 5, 50

    def __init__(self, own: procrastinate.BaseRetryStrategy | None) -> None:
        self.own = own

    def get_retry_decision(self, *, exception: BaseException, job: Any) -> procrastinate.RetryDecision | None:
        """Say whether and when to try again."""
        if isinstance(exception, GONE) and job.queueing_lock is None and job.attempts < self.MOST:
            return procrastinate.RetryDecision(retry_in={"seconds": self.PAUSE})
        return self.own.get_retry_decision(exception=exception, job=job) if self.own else None


NICENESS = 5
"""A third of the weight of others: enough to be felt, too little to starve on a machine that has much else to do."""


def give_way() -> None:
    """Let those who wait for a page go first.

    Linux weighs sessions against each other before it looks at the processes in them, so the session is told too.
    """
    os.nice(NICENESS)
    with contextlib.suppress(OSError):  # no Linux, or one without groups of sessions
        Path("/proc/self/autogroup").write_text(str(NICENESS), encoding="ascii")


class Processors:
    """Tells what share of the processors of this machine others use, the database and the web among them."""

    def __init__(self) -> None:
        self._seen, self._share = self._ticks(), 0.0

    def used_by_others(self) -> float:
        """Return the share of the last half second or more, 0 to 1; 0 where the machine does not tell (no Linux)."""
        ticks = self._ticks()
        total, idle, own = (now - then for now, then in zip(ticks, self._seen, strict=True))
        if total >= self._worth_it:
            self._seen, self._share = ticks, max(0.0, (total - idle - own) / total)
        return self._share

    @property
    def _worth_it(self) -> float:
        return 0.5 * os.sysconf("SC_CLK_TCK") * (os.cpu_count() or 1)

    @staticmethod
    def _ticks() -> tuple[float, float, float]:
        """Return ticks of all processors, those in which they had nothing to do, and ours."""
        try:
            with Path("/proc/stat").open(encoding="ascii") as file:
                told = [int(value) for value in file.readline().split()[1:9]]
        except OSError:
            return 0, 0, 0
        spent = os.times()
        return sum(told), told[3] + told[4], (spent.user + spent.system) * os.sysconf("SC_CLK_TCK")


class Considerate(JobManager):
    """Leaves the jobs that have time (``base.jobs.AT_LEISURE``) alone while others want the processors.

    One of them is taken each second all the same, so they get done on a machine that is never at rest. Niceness alone does not
    do this: who hands in waits for the database again and again, and in each of these moments a drawing gets a processor.
    """

    BUSY = 0.5
    AT_LEAST_EVERY = 1.0

    def __init__(
        self, connector: procrastinate.BaseConnector, *, queues: Iterable[str], share: Callable[[], float]
    ) -> None:
        super().__init__(connector)
        self._pressing = sorted({*queues} - {AT_LEISURE})
        self._share, self._taken = share, 0.0

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        """Take the next job, or the next pressing one."""
        now = time.monotonic()
        must_wait = now - self._taken < self.AT_LEAST_EVERY and self._share() > self.BUSY
        job = await super().fetch_job(self._pressing if queues is None and must_wait else queues, worker_id)
        if job is not None and job.queue == AT_LEISURE:
            self._taken = now
        return job


def working_app() -> procrastinate.App:
    """Return the app that a worker runs.

    It fetches and finishes jobs over its own pool. The tasks stay bound to Django's app, so what a task defers is written by
    the task's own connection, in its transaction: a job is seen when what it is about is seen, or never. (Replacing the
    connector of the one app, procrastinate's usual way, would let other workers see such a job before its row is committed,
    and after its transaction failed.)
    """
    app.perform_import_paths()
    working = procrastinate.App(
        connector=_own_connector(),
        worker_defaults={
            **app.worker_defaults,
            "task_middleware": [*app.worker_defaults.get("task_middleware", []), watch_job],
        },
        periodic_defaults=app.periodic_defaults,
    )
    working.tasks, working.periodic_registry = app.tasks, app.periodic_registry
    queues = {task.queue for task in app.tasks.values()}
    working.job_manager = Considerate(working.connector, queues=queues, share=Processors().used_by_others)
    for task in app.tasks.values():
        if not isinstance(task.retry_strategy, Outliving):
            task.retry_strategy = Outliving(task.retry_strategy)
    return working


def _own_connector() -> procrastinate.BaseConnector:
    """Return what the queue is read by: sessions that listen, so past a pooler that lends them for one transaction only."""
    if not settings.TONGBAN_DATABASE_DIRECT_URL:
        return app.connector.get_worker_connector()  # type: ignore[attr-defined,no-any-return]
    return procrastinate.PsycopgConnector(kwargs=session_parameters(settings.TONGBAN_DATABASE_DIRECT_URL))
