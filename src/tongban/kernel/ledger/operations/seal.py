"""Sealing: the next finished acts become a batch, chained to the one before."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.conf import settings
from django.db import connection, transaction

from tongban.kernel.ledger import kept, rows, sealing
from tongban.kernel.ledger.models import Batch

__all__ = ["LARGEST", "LOCK", "seal", "sealing_lag"]

log = structlog.get_logger(__name__)
LARGEST = 5_000
"""Acts of one batch: a backlog of a million is sealed in two hundred short transactions."""
LOCK = 7_310_015
"""The advisory lock that only one sealer holds at a time."""


def seal(*, at: datetime, largest: int = LARGEST) -> int:
    """Seal all finished acts in batches of at most ``largest``, write the new roots to their file, and return how many acts.

    Safe to call from anywhere at any time: another sealer at work means that there is nothing to do. Killed in the
    middle, it leaves whole batches, and the next call goes on. An act is sealed when no transaction that began before
    can still add another before it.
    """
    sealed = 0
    while True:
        count = _seal_batch(at, largest)
        sealed += count
        if count < largest:
            break
    if not sealed and rows.has_moved():
        log.error("ledger.database_moved", remedy="tongban ledger resume")
    kept.keep()
    return sealed


@transaction.atomic
def _seal_batch(at: datetime, largest: int) -> int:
    if not _alone():
        return 0
    after = rows.last_header()
    acts = rows.finished_acts(after.place if after else (0, 0), limit=largest)
    if not acts:
        return 0
    algorithm = settings.TONGBAN_DIGEST
    leaves = [sealing.leaf_hash(act, algorithm) for act in acts]
    header = sealing.Header.over(acts, leaves, after, algorithm, at)
    Batch.objects.create(
        **{**header.as_json(), "sealed_at": at},
        head=header.head,
        acts=[act.id for act in acts],
        leaves=b"".join(leaves),
    )
    return len(acts)


def _alone() -> bool:
    """Take the sealer's lock until the end of the transaction; False when another holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])


def sealing_lag() -> float:
    """Return for how many seconds the oldest act that is not sealed has been waiting, by the database's clock; 0 when
    none waits.
    """
    query = """SELECT coalesce(extract(epoch FROM clock_timestamp() - (
      SELECT recorded_at FROM ledger_act
      WHERE (xid, id) > (coalesce(sealed.xid, 0), coalesce(sealed.last, 0)) ORDER BY xid, id LIMIT 1)), 0)::float
      FROM (SELECT 1) one LEFT JOIN (SELECT xid, last FROM ledger_batch ORDER BY number DESC LIMIT 1) sealed ON true"""
    return max(0.0, float(rows.in_order(query, ())[0][0]))
