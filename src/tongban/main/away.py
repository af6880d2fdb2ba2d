"""A database that is away for a moment, told from a database that says what is wrong."""

from __future__ import annotations

import django.db
import psycopg
from procrastinate.exceptions import ConnectorException

__all__ = ["is_away"]

AWAY = {"57P01", "57P02", "57P03", "57P05", "25006", "53300"}
"""What a server says that shuts down, crashed, starts, was demoted while we were connected, or has no place left."""


def is_away(error: BaseException | None) -> bool:
    """Tell whether an error says that there is no database at the moment (none, restarting, just demoted), not what was wrong."""
    cause = error.__cause__ if isinstance(error, (django.db.Error, ConnectorException)) else error
    if not isinstance(cause, psycopg.Error):
        return False
    code = cause.sqlstate
    if code is None:  # the driver's own words: no connection, or lost in the middle
        return isinstance(cause, (psycopg.OperationalError, psycopg.InterfaceError))
    return code.startswith("08") or code in AWAY
