"""Statements whose text comes again: the database keeps them read and planned for as long as the session lasts.

Django puts values into the text of each statement, so to the database every one is new: it reads, checks and plans it, which for
the short reads and writes of an act takes longer than to carry them out. Through this cursor a text goes with places and its
values beside it, and from the third time on (in a process) it is prepared in each session that sends it. What comes back and
what stands around it (the wrappers, errors, counted queries) is as with any cursor of Django.

For texts that are few: put together once, or with a shape that returns. A plan takes up to half a megabyte of the session and
the driver keeps the last hundred; a session of a web process ends after a minute (``CONN_MAX_AGE``), also where a migration made
a plan impossible. Where a pooler lends sessions for a transaction only, nothing is prepared (``main.database``); the statements
are the same.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import count
from typing import Any

from psycopg import RawCursor
from psycopg.types.numeric import Int8

__all__ = ["cursor"]

OFTEN = 2
"""So many times a text is sent without being kept: some never come again."""
EIGHT_BYTES = range(-(2**63), 2**63)
"""What somebody asks for beyond them is no row; the database compares it as ``numeric``."""
_PLACE = re.compile("%[s%]")


def cursor(connection: Any, *, keeps: bool = True) -> Any:
    """Return a cursor of Django's connection for a text with ``%s`` places.

    One that does not ``keep`` lets the database plan each time, for the values at hand.
    """
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        kind = _Cursor if keeps else _PlanningCursor
        return connection._prepare_cursor(kind(connection.connection))  # Django 5.2


class _Text:
    """A statement as the database wants it, and how often it was sent."""

    __slots__ = ("seen", "sql")

    def __init__(self, sql: str) -> None:
        places = count(1)
        self.sql = _PLACE.sub(lambda found: f"${next(places)}" if found[0] == "%s" else "%", sql).encode()
        self.seen = 0


@lru_cache(maxsize=1024)
def _text(sql: str) -> _Text:
    return _Text(sql)


class _Cursor(RawCursor[Any]):
    """Takes a text with Django's places. A number is always of eight bytes: a text has one type a place, whatever comes."""

    keeps = True

    def execute(self, query: Any, params: Any = None, **_: Any) -> Any:
        text = _text(query)
        text.seen += 1
        prepare = self.keeps and text.seen > OFTEN and self._conn.prepare_threshold is not None
        values = [
            Int8(value) if type(value) is int and value in EIGHT_BYTES else value for value in params or ()
        ]
        return super().execute(text.sql, values, prepare=prepare)

    def _get_prepared(self, pgq: Any, prepare: bool | None = None) -> Any:
        # Django looks here for what was sent; the driver tells it only of what is not prepared
        self._query = pgq
        return super()._get_prepared(pgq, prepare)


class _PlanningCursor(_Cursor):
    keeps = False
