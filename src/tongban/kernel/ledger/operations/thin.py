"""Thinning: what an old act of reading was about is forgotten when its time has come; the act and every proof stay.

Only the owner's role can do this, in a maintenance command; the application's role cannot. It is an act itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.conf import settings
from django.db import connection, transaction

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.ledger import rows
from tongban.kernel.ledger.operations.record import READ, record
from tongban.kernel.ledger.retention import LEAST_YEARS, cutoff
from tongban.kernel.ledger.rules import digest_of
from tongban.kernel.ledger.sealing import Row, private_bytes

__all__ = ["THIN", "thin_reads", "thinned_without_right"]

THIN = "ledger.thin_reads"
AT_ONCE = 2_000
NOTHING = "00000000-0000-0000-0000-000000000000"


def thin_reads(*, at: datetime) -> int:
    """Forget the private part of sealed acts of reading that are older than the retention; return of how many.

    For every act the digest of the private part stays, so that its leaf can be computed as ever. Needs the owner's role.
    """
    before, thinned = cutoff(at), 0
    while found := _thin_some(before, at):
        thinned += found
    return thinned


@transaction.atomic
def _thin_some(before: datetime, at: datetime) -> int:
    query = """SELECT a.id, (SELECT b.algorithm FROM ledger_batch b WHERE (b.xid, b.last) >= (a.xid, a.id)
        ORDER BY b.xid, b.last LIMIT 1)
      FROM ledger_act a WHERE a.verb = %s AND a.at < %s AND (a.xid, a.id) <= (%s, %s)
      AND NOT EXISTS (SELECT 1 FROM ledger_thinned t WHERE t.act = a.id) ORDER BY a.at LIMIT %s FOR UPDATE OF a"""
    with connection.cursor() as cursor:
        cursor.execute(query, [READ, before, *rows.sealed_until(), AT_ONCE])
        algorithms: dict[int, str] = dict(cursor.fetchall())
    if not algorithms:
        return 0
    acts = rows.acts_by_id(list(algorithms))
    by = record(
        actor=Actor.system("retention"),
        verb=THIN,
        subject=Ref("ledger", "reads"),
        facts={
            "before": before.astimezone(UTC).isoformat(),
            "count": len(acts),
            "years": settings.TONGBAN_READS_KEPT_YEARS,
        },
        at=at,
    )
    kept = [(act, digest_of(private_bytes(acts[act]), algorithm)) for act, algorithm in algorithms.items()]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO ledger_thinned (act, kept, by)
              SELECT act, kept, %s FROM unnest(%s::bigint[], %s::text[]) AS t(act, kept)""",
            [by.pk, [act for act, _ in kept], [digest for _, digest in kept]],
        )
        cursor.execute(
            """UPDATE ledger_act SET subject_kind = '', subject_id = '', "case" = '', reason = '', fields = '{}', about = '{}',
              salt = %s WHERE id = ANY(%s)""",
            [NOTHING, list(algorithms)],
        )
    return len(acts)


def thinned_without_right(acts: Sequence[Row]) -> set[int]:
    """Return the ids of those thinned acts that no act of thinning covers, that were not old enough by law, or are not empty."""
    query = """SELECT t.act, a.recorded_at, a.facts->>'before' FROM ledger_thinned t
      JOIN ledger_act a ON a.id = t.by AND a.verb = %s WHERE t.act = ANY(%s)"""
    with connection.cursor() as cursor:
        cursor.execute(query, [THIN, [act.id for act in acts]])
        orders = {act: (recorded_at, before) for act, recorded_at, before in cursor.fetchall()}
    return {
        act.id for act in acts if not (_is_empty(act) and _is_due(act, *orders.get(act.id, (None, None))))
    }


def _is_empty(act: Row) -> bool:
    left = act.subject_id or act.case or act.reason or act.fields or act.about
    return act.verb == READ and not left and str(act.salt) == NOTHING


def _is_due(act: Row, ordered_at: datetime | None, before: str | None) -> bool:
    if ordered_at is None or not before:
        return False
    return act.at < datetime.fromisoformat(before) <= cutoff(ordered_at, years=LEAST_YEARS)
