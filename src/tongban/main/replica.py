"""Pages that are only read, from a copy of the database that follows it (``DATABASE_REPLICA_URL``).

A request for one of ``ROUTES`` is answered from the copy as a whole: while its view runs, the connection that everybody calls
``default`` *is* the copy. So a page never mixes two states, what is kept in memory is compared with the stamps of the
state that is read, and a view that would write fails: the copy refuses it.

Who asks is settled before, by the primary: an account that was blocked or signed out is so at once. **Everybody reads what
he wrote himself**: a request that may have written leaves a cookie with the place in the log of the database (LSN) that was
reached, and the copy is used for this browser only when it has got as far. Where the copy is away, far behind or no copy
(any more), the primary answers.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any, cast

import structlog
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.http import HttpRequest, HttpResponse

from tongban.base import published
from tongban.main.away import is_away

__all__ = ["ALIAS", "COOKIE", "ROUTES", "ReplicaMiddleware"]

log = structlog.get_logger(__name__)

ALIAS = "replica"
ROUTES = frozenset(
    {
        "portal:home",
        "services:search",
        "services:notices",
        "services:catalogue",
        "services:departments",
        "services:limits",
        "services:limits-file",
        "services:item",
        "services:guidance",
        "voice:letters",
        "oversight:extract",
        "oversight:extract-csv",
        "oversight:extract-json",
        "ledger:home",
        "desk:list",
        "desk:export",
    }
)
"""Views that read much and write nothing; a view that records a reading is none of them."""
SAFE = {"GET", "HEAD", "OPTIONS"}
COOKIE = "wrote"
REMEMBERED = 3600
"""Seconds; a copy that is further behind than STALE is not asked anyway."""
STALE = 60
"""Seconds that the copy may be behind."""
PAUSE = 10.0
"""Seconds for which a copy that did not answer is left alone."""
UNKNOWN = "FFFFFFFF/FFFFFFFF"
"""Further than any log: this browser stays with the primary."""
LSN = re.compile(r"[0-9A-F]{1,8}/[0-9A-F]{1,8}")
IS_FIT = f"""
    SELECT pg_is_in_recovery() AND now() - pg_last_xact_replay_timestamp() < interval '{STALE} s'
           AND pg_last_wal_replay_lsn() >= coalesce(%s, '0/0')::pg_lsn
"""

_rests_until = float("-inf")


class ReplicaMiddleware:
    """The innermost: lends the copy to a view and takes it back. Not used without ``DATABASE_REPLICA_URL``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if ALIAS not in settings.DATABASES:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        state = _State()
        request.replica = state  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
        finally:
            state.give_back()
        if state.was_lent and getattr(request, "found_database_away", False):
            # Lost in the middle. Nothing can have been written: the same again from the primary.
            _rest("lost")
            request.found_database_away = False  # type: ignore[attr-defined]
            response = self.get_response(request)
        if request.method not in SAFE:
            _remember(response)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Mapping[str, Any]
    ) -> None:
        """Lend the copy to the view when it is one of ``ROUTES``, and fit for who asks."""
        match = request.resolver_match
        if match is None or match.view_name not in ROUTES or request.method not in SAFE:
            return
        if time.monotonic() < _rests_until:
            return
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            bool(request.actor)  # type: ignore[attr-defined]  # who it is, is asked of the primary
        written = request.COOKIES.get(COOKIE, "")
        if not LSN.fullmatch(written):
            written = ""
        try:
            with connections[ALIAS].cursor() as cursor:
                cursor.execute(IS_FIT, [written or None])
                is_fit = cursor.fetchone()[0]
        except Error as error:
            if not is_away(error):
                raise
            _rest(type(error).__name__)
            return
        if is_fit:
            request.replica.lend()  # type: ignore[attr-defined]


class _State:
    """Which connection is ``default`` for the request at hand."""

    def __init__(self) -> None:
        self.was_lent = False
        self._own: Any = None

    def lend(self) -> None:
        """Make the copy the default connection of this thread."""
        self._own, copy = connections[DEFAULT_DB_ALIAS], cast("Any", connections[ALIAS])
        copy.execute_wrappers = list(self._own.execute_wrappers)  # its statements are counted too
        connections[DEFAULT_DB_ALIAS] = copy
        published.forget()  # the stamps of the copy belong to what is read from it
        self.was_lent = True

    def give_back(self) -> None:
        """Make the primary the default connection again."""
        if self._own is not None:
            connections[DEFAULT_DB_ALIAS].execute_wrappers = []
            connections[DEFAULT_DB_ALIAS], self._own = self._own, None
            published.forget()


def _rest(why: str) -> None:
    """Leave the copy alone for a while."""
    global _rests_until
    _rests_until = time.monotonic() + PAUSE
    connections[ALIAS].close()
    log.warning("replica.away", why=why, seconds=PAUSE)


def _remember(response: HttpResponse) -> None:
    """Note how far the primary's log had come when this browser may have written."""
    try:
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute("SELECT pg_current_wal_insert_lsn()::text")
            reached = cursor.fetchone()[0]
    except Error:
        reached = UNKNOWN  # it went away after the answer was made
    response.set_cookie(
        COOKIE,
        reached,
        max_age=REMEMBERED,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
