"""The ledger by year: the table of acts in parts, one a year, by the number of the act.

The number of the first act of a year is the year times 10^12, so a part is a range of numbers and the number of an act stays
unique in the whole ledger. (A primary key must contain what a table is divided by; divided by time, two acts could have one
number, and an inserted act could hide behind a sealed one.) A year begins when its part is there and the sequence is moved up
to it. Until that is done acts go on in the part before, which has room for all: nothing depends on when, or whether, it is
done.

The decision and what was measured: docs/adr/0013-ledger-by-year.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from tongban.base.time import LOCAL

__all__ = ["BEYOND", "SPAN", "Part", "are_years_open", "first_number", "make_part", "open_years", "parts"]

SPAN = 10**12
"""Numbers of acts a year has; with the year before it a number has sixteen digits, still exact in JSON."""
BEYOND = "ledger_act_beyond"
"""What no year's part takes: it is there so that an act can never be refused, and always empty."""
PATIENCE = "5s"
BOUNDS = re.compile(r"FROM \((?:'?(\d+)'?|MINVALUE)\) TO \('?(\d+)'?\)")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the ledger. ``first`` and ``until`` are numbers of acts; None where there is no bound."""

    name: str
    first: int | None
    until: int | None
    acts: int
    bytes: int


def first_number(year: int) -> int:
    """Return the number of the first act that a year may have."""
    return year * SPAN


def parts() -> list[Part]:
    """Return the parts in their order, with how many acts they hold and how large they are."""
    found, behind = [], 0
    with connection.cursor() as cursor:
        for name, first, until, size in _bounds():
            # By number and through the whole: the application may not look into a part by itself.
            cursor.execute(
                "SELECT count(*) FROM ledger_act WHERE id >= %s AND id < %s",
                [behind if first is None else first, until or 2**63 - 1],
            )
            found.append(Part(name, first, until, int(cursor.fetchone()[0]), size))
            behind = until or behind
    return found


def are_years_open(*, at: datetime) -> bool:
    """Tell whether acts get numbers of this year, and the next one has its part. One statement, for any role."""
    year = at.astimezone(LOCAL).year
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_regclass(%s) IS NOT NULL, (SELECT last_value FROM ledger_act_id_seq)",
            [_name(year + 1)],
        )
        has_next, last = cursor.fetchone()
    return bool(has_next) and (last >= first_number(year) or not _has_part(year))


def open_years(*, at: datetime) -> list[str]:
    """Make the parts of this year and the next, and let acts have numbers of this year; return what was made. Owner's role.

    In two steps, each committed: no act may get a number whose part is not there yet. ``at`` is the real time, not the demo's.
    """
    year = at.astimezone(LOCAL).year
    made = []
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            f"SET LOCAL lock_timeout = '{PATIENCE}'"
        )  # a report that reads may hold it; there is a year's time
        cursor.execute("LOCK TABLE ledger_act IN SHARE UPDATE EXCLUSIVE MODE")
        end = max(until or 0 for _, _, until, _ in _bounds())
        for wanted in (year, year + 1):
            if first_number(wanted) >= end:
                make_part(cursor, wanted)
                made.append(_name(wanted))
    if _has_part(year):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval('ledger_act_id_seq', %s, false) FROM ledger_act_id_seq WHERE last_value < %s",
                [first_number(year), first_number(year)],
            )
    return made


def make_part(cursor: Any, year: int) -> None:
    """Make the part of a year. Attached, not created in place: that would wait for everybody who reads or writes the ledger."""
    name, first = _name(year), first_number(year)
    cursor.execute(f"CREATE TABLE {name} (LIKE ledger_act INCLUDING ALL)")
    cursor.execute(
        f"ALTER TABLE ledger_act ATTACH PARTITION {name} FOR VALUES FROM ({first}) TO ({first + SPAN})"
    )
    # New tables are the application's to change by default; this one only to add to, as the whole.
    cursor.execute(
        """SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END
          FROM pg_class c, aclexplode(c.relacl) WHERE c.oid = to_regclass(%s) AND grantee <> c.relowner""",
        [name],
    )
    for (who,) in cursor.fetchall():
        cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {name} FROM {who}")


def _bounds() -> list[tuple[str, int | None, int | None, int]]:
    """Return name, bounds and size of each part, in their order."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname, pg_get_expr(c.relpartbound, c.oid), pg_total_relation_size(c.oid)
              FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'ledger_act'::regclass"""
        )
        for name, bounds, size in cursor.fetchall():
            match = BOUNDS.search(bounds)
            first, until = (int(each) if each else None for each in match.groups()) if match else (None, None)
            found.append((name, first, until, int(size)))
    return sorted(found, key=lambda part: (part[2] is None, part[2]))


def _name(year: int) -> str:
    return f"ledger_act_{year:d}"


def _has_part(year: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [_name(year)])
        return bool(cursor.fetchone()[0])
