"""After each run of work: has every case what belongs to it? When not, there is no figure."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

__all__ = ["Unfinished", "change", "clean_ledger", "lived", "rows", "submitted", "wait_for_jobs"]

PATIENCE = 1200
OF_ALL = """
    c.number IS NOT NULL
    AND EXISTS (SELECT 1 FROM cases_caseclock k WHERE k.case_id = c.id)
    AND EXISTS (SELECT 1 FROM messages_message m WHERE m.occasion_kind = 'case' AND m.occasion_id = c.id::text)
    AND EXISTS (SELECT 1 FROM ledger_act a WHERE a."case" = 'case:' || c.id::text AND a.verb = 'cases.submit')
"""
SUBMITTED = f"""{OF_ALL}
    AND EXISTS (SELECT 1 FROM processes_task t WHERE t.instance_id = c.instance_id AND t.state = 'open')
    AND EXISTS (SELECT 1 FROM instruments_paper p WHERE p.subject_kind = 'case' AND p.subject_id = c.id::text)
"""
LIVED = f"""{OF_ALL}
    AND c.closed_at IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM cases_caseclock k JOIN calendars_clock d ON d.id = k.clock_id
                    WHERE k.case_id = c.id AND d.state <> 'stopped')
    AND (SELECT array_agg(t.node ORDER BY t.node) FROM processes_task t
         WHERE t.instance_id = c.instance_id AND t.state = 'done')
        = ARRAY['decide', 'document_review', 'inspect', 'inspect_sign', 'receive']::varchar[]
    AND (SELECT count(DISTINCT t.completed_by) FROM processes_task t
         WHERE t.instance_id = c.instance_id AND t.node IN ('inspect', 'inspect_sign')) = 2
    AND (SELECT count(*) FROM ledger_act a
         WHERE a."case" = 'case:' || c.id::text AND a.verb = 'cases.complete_task') = 5
    AND (SELECT count(*) FROM instruments_paper p WHERE p.subject_kind = 'case' AND p.subject_id = c.id::text) >= 3
    AND (SELECT count(*) FROM certificates_certificate z WHERE z.case_id = c.id) = 1
"""


class Unfinished(RuntimeError):
    """Work was not done whole."""


def rows(query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Return what the database says."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def change(*statements: str) -> None:
    """Carry out statements as the owner of the database."""
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def submitted(cases: Sequence[str]) -> None:
    """See that each case has number, clock, act, message, paper and an open step. Raises Unfinished."""
    _every(cases, SUBMITTED)


def lived(cases: Sequence[str]) -> None:
    """See that each case went to its end: its steps done, clocks stopped, papers, one certificate. Raises Unfinished."""
    _every(cases, LIVED)


def _every(cases: Sequence[str], condition: str) -> None:
    if missing := rows(
        f"SELECT c.id FROM cases_case c WHERE c.id = ANY(%s::uuid[]) AND NOT ({condition})", [list(cases)]
    ):
        raise Unfinished(f"{len(missing)} of {len(cases)} cases lack something, the first {missing[0][0]}")


def wait_for_jobs(patience: float = PATIENCE) -> None:
    """Wait until the worker has done what waits (bells that ring now and then do not count). Raises Unfinished."""
    end = time.monotonic() + patience
    query = """SELECT count(*) FROM procrastinate_jobs
      WHERE status IN ('todo', 'doing') AND scheduled_at IS NULL AND queueing_lock IS NULL"""
    while rows(query)[0][0]:
        if time.monotonic() > end:
            raise Unfinished("the worker has not done its jobs in time")
        time.sleep(0.5)


def clean_ledger() -> float:
    """Go through the whole ledger and compare it with the data; return acts a second. Raises Unfinished when it is not clean."""
    from tongban.base.time import now
    from tongban.kernel.ledger import service as ledger

    ledger.seal(at=now())
    began = time.perf_counter()
    report = ledger.verify(data=False)
    seconds = time.perf_counter() - began
    if report.is_clean:
        report = ledger.verify(data=True)
    if not report.is_clean:
        raise Unfinished(f"the ledger is not clean: {report.faults[:3]}")
    return float(report.acts / seconds)
