"""Numbers. Case numbers come from a sequence (gaps allowed); numbers of papers and certificates from a counter row.

A paper that is counted within its case needs neither."""

from __future__ import annotations

from django.db import connection, transaction

from tongban.base import prepared

__all__ = ["next_in_counter", "next_in_sequence"]


def next_in_counter(key: str) -> int:
    """Return the next number for ``key``, without gaps and without doubles.

    Locks the counter row until the transaction ends, so take it *last* in the transaction (lock order: case, instance,
    task, clock, counter). Must be called inside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a number without gaps must be taken inside the transaction that uses it")
    with prepared.cursor(connection) as cursor:
        cursor.execute(
            "INSERT INTO base_counter (key, last) VALUES (%s, 1) "
            "ON CONFLICT (key) DO UPDATE SET last = base_counter.last + 1 RETURNING last",
            [key],
        )
        return int(cursor.fetchone()[0])


def next_in_sequence(name: str = "base_case_number") -> int:
    """Return the next value of a database sequence. Gaps are allowed; nobody waits."""
    with prepared.cursor(connection) as cursor:
        cursor.execute("SELECT nextval(%s::regclass)", [name])
        return int(cursor.fetchone()[0])
