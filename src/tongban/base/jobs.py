"""The queue of the workers, looked after: jobs whose worker died run again, jobs that gave up wait for a person.

A worker takes a job with ``FOR UPDATE SKIP LOCKED`` and says every few seconds that it is alive. Jobs run *at least once*: one
whose worker died half-way runs again, so every task must bear repetition.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

__all__ = [
    "AT_LEISURE",
    "FailedJob",
    "QueueFigures",
    "drop_failed",
    "failed_jobs",
    "figures",
    "forget_bells",
    "rescue",
    "run_again",
]

AT_LEISURE = "leisure"
"""The queue of what has time: a worker leaves it while others want the processors (``main.worker.Considerate``)."""
LEISURE_SECONDS = 3600
"""So much later than other jobs these count as waiting."""
MOST_RESCUES = 8
"""A job that took its worker with it so often is given up: it may be what kills them."""


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that gave up: its task, what it is about (ids only) and when that was."""

    id: int
    task: str
    args: dict[str, Any]
    attempts: int
    failed_at: datetime


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """How the queue stands.

    ``oldest`` is the age in seconds of the longest waiting job that is due; what has time is due an hour later.
    """

    waiting: int
    scheduled: int
    running: int
    failed: int
    oldest: float


def rescue(*, silence: float) -> int:
    """Let the jobs of workers that have been silent for so many seconds run again; return how many those were."""
    orphans = """
        SELECT job.id, job.attempts FROM procrastinate_jobs job
        LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
        WHERE job.status = 'doing'
          AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %s))
        ORDER BY job.id FOR UPDATE OF job SKIP LOCKED
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(orphans, [silence])
        found = cursor.fetchall()
        for job_id, attempts in found:
            if attempts >= MOST_RESCUES:
                cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'failed', false)", [job_id])
            else:
                _put_back(job_id)
    return len(found)


def forget_bells() -> int:
    """Drop failed bells (jobs with a queueing lock), but the last one of each periodic task; return how many went.

    A bell says that there is something to do, and what there is to do stands elsewhere: whoever rings it rings again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM procrastinate_jobs old
            WHERE old.status = 'failed' AND old.queueing_lock IS NOT NULL AND (
                NOT old.args ? 'timestamp' OR EXISTS (
                    SELECT 1 FROM procrastinate_jobs young
                    WHERE young.queueing_lock = old.queueing_lock AND young.id > old.id))
            """
        )
        return int(cursor.rowcount)


def run_again(*, job_id: int) -> bool:
    """Put a job that gave up back into the queue; return False when there is none (any more)."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM procrastinate_jobs WHERE id = %s AND status = 'failed' FOR UPDATE", [job_id]
        )
        if cursor.fetchone() is None:
            return False
        _put_back(job_id)
        cursor.execute("UPDATE procrastinate_jobs SET attempts = 0 WHERE id = %s", [job_id])
    return True


def drop_failed(*, job_id: int) -> bool:
    """Take a job that gave up out of the queue for good; return False when there is none (any more)."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s AND status = 'failed'", [job_id])
        return bool(cursor.rowcount)


def failed_jobs(limit: int = 200) -> list[FailedJob]:
    """Return the jobs that gave up, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT job.id, job.task_name, job.args::text, job.attempts, max(event.at)
            FROM procrastinate_jobs job JOIN procrastinate_events event ON event.job_id = job.id
            WHERE job.status = 'failed' GROUP BY job.id ORDER BY job.id LIMIT %s
            """,
            [limit],
        )
        return [FailedJob(pk, task, json.loads(args), n, at) for pk, task, args, n, at in cursor.fetchall()]


def figures() -> QueueFigures:
    """Return how the queue stands now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FILTER (WHERE status = 'todo' AND due), count(*) FILTER (WHERE status = 'todo' AND NOT due),
                   count(*) FILTER (WHERE status = 'doing'), count(*) FILTER (WHERE status = 'failed'),
                   greatest(0, extract(epoch FROM now() - min(since) FILTER (WHERE status = 'todo' AND due)))
            FROM (
                SELECT job.status, coalesce(job.scheduled_at <= now(), true) AS due,
                       coalesce(job.scheduled_at, (
                           SELECT min(event.at) FROM procrastinate_events event WHERE event.job_id = job.id
                       )) + make_interval(secs => CASE job.queue_name WHEN %s THEN %s ELSE 0 END) AS since
                FROM procrastinate_jobs job WHERE job.status IN ('todo', 'doing', 'failed')
            ) jobs
            """,
            [AT_LEISURE, LEISURE_SECONDS],
        )
        waiting, scheduled, running, failed, oldest = cursor.fetchone()
    return QueueFigures(waiting, scheduled, running, failed, float(oldest))


def _put_back(job_id: int) -> None:
    """Make a job wait again; where its like waits already (same queueing lock), that one will do."""
    with connection.cursor() as cursor:
        try:
            with transaction.atomic():
                cursor.execute("SELECT procrastinate_retry_job_v2(%s, now(), NULL, NULL, NULL)", [job_id])
        except IntegrityError:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job_id])
