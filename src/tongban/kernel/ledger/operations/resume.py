"""Going on after the database was restored from a dump into another server, where the numbers of transactions begin anew."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from tongban.kernel.ledger import rows
from tongban.kernel.ledger.models import Era
from tongban.kernel.ledger.operations.seal import LOCK

__all__ = ["resume"]


@transaction.atomic
def resume(*, at: datetime, restored: bool = False) -> int:
    """Count transactions on from the last sealed one; return by how much they are shifted, 0 when nothing was amiss.

    Sealing goes by the number of the transaction, and a new server counts from the beginning: its acts would seem older
    than what is sealed. From now on the database adds the shift; acts that came since the move, which no batch holds, get it too.
    ``restored`` says that the database came from a dump just now, so that acts which nobody had sealed yet count as well: where
    that is not known, acts of transactions that never began are a finding, not a move.
    Owner's role.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute("LOCK TABLE ledger_act IN EXCLUSIVE MODE")
        place = rows.sealed_until()
        cursor.execute("SELECT coalesce((SELECT shift FROM ledger_era ORDER BY id DESC LIMIT 1), 0)")
        old = int(cursor.fetchone()[0])
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        next_xid = int(cursor.fetchone()[0])
        cursor.execute("SELECT coalesce(max(xid), 0) FROM ledger_act")
        highest = max(int(cursor.fetchone()[0]), place[0])
        if next_xid + old > (highest if restored else place[0]):
            return 0
        shift = highest + 1
        # Acts since the move: their numbers are this server's, and no batch knows them.
        cursor.execute(
            """UPDATE ledger_act a SET xid = a.xid - %s + %s WHERE a.xid < %s AND NOT EXISTS (
              SELECT 1 FROM ledger_batch b WHERE a.id = ANY(b.acts))""",
            [old, shift, next_xid + old],
        )
        cursor.execute(
            f"ALTER TABLE ledger_act ALTER COLUMN xid SET DEFAULT (pg_current_xact_id()::text::bigint + {shift:d})"
        )
    Era.objects.create(shift=shift, since=at)
    return shift
