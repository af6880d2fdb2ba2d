"""The acts and batches as the sealer and the verification read them: plain rows in few statements, whatever their number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from tongban.kernel.ledger.merkle import split
from tongban.kernel.ledger.sealing import Header, Row, as_moment

__all__ = [
    "Sealed",
    "acts_between",
    "acts_by_id",
    "batch_holding",
    "batches_from",
    "batches_holding",
    "count_after",
    "finished_acts",
    "has_moved",
    "header_at",
    "headers_from",
    "in_order",
    "last_header",
    "own_place",
    "sealed_until",
    "unborn_acts",
]

SELECT = """SELECT a.id, a.xid, a.recorded_at, a.at, a.verb, a.role, a.account_id, a.person_id, a.post_id, a.unit_id,
 a.entity_id, a.channel, a.actor_name, a.digest, a.facts::text, a.standing::text, a.subject_kind, a.subject_id, a."case",
 a.reason, a.fields, a.about, a.salt, t.kept
 FROM ledger_act a LEFT JOIN ledger_thinned t ON t.act = a.id """
WHOLE = "SELECT number, previous, first, last, xid, count, root, algorithm, sealed_at, head, acts, leaves FROM ledger_batch "
BRIEF = "SELECT number, previous, first, last, xid, count, root, algorithm, sealed_at FROM ledger_batch "

# Every transaction below this number has ended, and all its rows are seen. A transaction that runs in another database
# of the same server cannot write here, so it holds nothing up, nor does autovacuum (it runs as nobody); where that is not
# certain, it counts.
HORIZON = """(SELECT coalesce((
    SELECT min(running::text::bigint) FROM pg_snapshot_xip(pg_current_snapshot()) AS running WHERE NOT EXISTS (
      SELECT 1 FROM pg_stat_activity s JOIN pg_database d ON d.oid = s.datid
      WHERE s.backend_xid = running::xid AND (d.datname <> current_database() OR s.usesysid IS NULL))),
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
  + coalesce((SELECT shift FROM ledger_era ORDER BY id DESC LIMIT 1), 0))"""


UNSORTED, SORTED = (f"SELECT set_config('enable_sort', '{how}', true)" for how in ("off", "on"))


class Sealed(NamedTuple):
    """A batch as it lies in the database."""

    header: Header
    head: str
    acts: list[int]
    leaves: list[bytes]


def finished_acts(after: tuple[int, int], *, limit: int) -> list[Row]:
    """Return the next acts in the order of sealing, only of transactions that nothing can be added to any more.

    The order is that of (transaction, id). An act that a slow transaction commits late comes after all that is sealed already,
    because everything below the horizon is seen, once and for all.
    """
    query = f"{SELECT} WHERE (a.xid, a.id) > (%s, %s) AND a.xid < {HORIZON} ORDER BY a.xid, a.id LIMIT %s"
    return [Row._make(row) for row in in_order(query, [*after, limit])]


def acts_by_id(ids: Sequence[int]) -> dict[int, Row]:
    """Return these acts by id, as far as they are there."""
    return {row.id: row for row in _rows(f"{SELECT} WHERE a.id = ANY(%s)", [list(ids)])}


def acts_between(
    after: tuple[int, int], until: tuple[int, int], *, but: Sequence[int], limit: int
) -> list[tuple[int, tuple[int, int]]]:
    """Return acts with their places in a stretch of the order of sealing, those ``but`` left out."""
    query = """SELECT id, xid FROM ledger_act WHERE (xid, id) > (%s, %s) AND (xid, id) <= (%s, %s)
      AND NOT EXISTS (SELECT 1 FROM unnest(%s::bigint[]) known WHERE known = id) ORDER BY xid, id LIMIT %s"""
    return [(act, (xid, act)) for act, xid in _all(query, [*after, *until, list(but), limit])]


def unborn_acts(*, limit: int) -> list[int]:
    """Return ids of acts that name a transaction which has not begun: nobody wrote them in the ordinary way."""
    query = """SELECT id FROM ledger_act WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
      + coalesce((SELECT shift FROM ledger_era ORDER BY id DESC LIMIT 1), 0) ORDER BY xid, id LIMIT %s"""
    return [row[0] for row in _all(query, [limit])]


def count_after(place: tuple[int, int]) -> int:
    """Return how many acts lie behind a place in the order of sealing."""
    return int(_all("SELECT count(*) FROM ledger_act WHERE (xid, id) > (%s, %s)", [*place])[0][0])


def own_place() -> tuple[int, int] | None:
    """Return the place of the last act that the caller's transaction has written so far, None when it wrote none."""
    query = """SELECT xid, id FROM ledger_act WHERE xid = pg_current_xact_id()::text::bigint
      + coalesce((SELECT shift FROM ledger_era ORDER BY id DESC LIMIT 1), 0) ORDER BY xid DESC, id DESC LIMIT 1"""
    found = _all(query, [])
    return (int(found[0][0]), int(found[0][1])) if found else None


def has_moved() -> bool:
    """True when what is sealed names transactions that this server has not reached: it was restored from a dump."""
    query = """SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint
      + coalesce((SELECT shift FROM ledger_era ORDER BY id DESC LIMIT 1), 0)
      <= coalesce((SELECT xid FROM ledger_batch ORDER BY number DESC LIMIT 1), 0)"""
    return bool(_all(query, [])[0][0])


def last_header() -> Header | None:
    """Return the newest batch."""
    found = _all(f"{BRIEF} ORDER BY number DESC LIMIT 1", [])
    return _header(found[0]) if found else None


def headers_from(number: int, *, limit: int) -> list[Header]:
    """Return the headers of ``number`` and the batches after it."""
    return [
        _header(row) for row in _all(f"{BRIEF} WHERE number >= %s ORDER BY number LIMIT %s", [number, limit])
    ]


def batches_from(number: int, *, acts: int, until: int) -> list[Sealed]:
    """Return whole batches from ``number`` on, no further than ``until``: about ``acts`` acts, at least one batch."""
    reach = """WHERE number BETWEEN %s AND (SELECT max(number) FROM (
      SELECT number, sum(count) OVER (ORDER BY number) - count AS before FROM ledger_batch
      WHERE number BETWEEN %s AND %s) s WHERE before < %s) ORDER BY number"""
    return [_sealed(row) for row in _all(WHOLE + reach, [number, number, min(until, number + acts), acts])]


def batch_holding(place: tuple[int, int]) -> Sealed | None:
    """Return the batch whose stretch of the order of sealing contains a place."""
    found = _all(f"{WHOLE} WHERE (xid, last) >= (%s, %s) ORDER BY xid, last LIMIT 1", [*place])
    return _sealed(found[0]) if found else None


def batches_holding(places: dict[int, tuple[int, int]]) -> dict[int, int]:
    """Return the number of the batch by act, for those of the given acts that one holds."""
    query = """SELECT wanted.id, b.number FROM unnest(%s::bigint[], %s::bigint[]) AS wanted(id, xid)
      JOIN LATERAL (SELECT number, acts FROM ledger_batch WHERE (xid, last) >= (wanted.xid, wanted.id)
        ORDER BY xid, last LIMIT 1) b ON wanted.id = ANY(b.acts)"""
    return dict(_all(query, [list(places), [xid for xid, _ in places.values()]]))


def header_at(number: int) -> Header | None:
    """Return one batch's header."""
    found = headers_from(number, limit=1)
    return found[0] if found and found[0].number == number else None


def sealed_until() -> tuple[int, int]:
    """Return up to where in the order of sealing everything is sealed."""
    last = last_header()
    return last.place if last else (0, 0)


def in_order(query: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Read acts in the order of an index, whatever the database thinks of it.

    It knows little of the newest acts, takes a backlog of millions for a few, and would put all of them in order for the
    first ones. One round trip; the setting is for this statement alone.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"{UNSORTED}; {query}; {SORTED}", parameters)
        cursor.nextset()
        return cursor.fetchall()


def _rows(query: str, parameters: list[Any]) -> list[Row]:
    return [Row._make(row) for row in _all(query, parameters)]


def _all(query: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def _sealed(row: tuple[Any, ...]) -> Sealed:
    acts, leaves = [int(act) for act in row[10]], list(split(bytes(row[11])))
    return Sealed(_header(row[:9]), row[9], acts, leaves)


def _header(row: tuple[Any, ...]) -> Header:
    return Header(*(*row[:-1], as_moment(row[-1])))
