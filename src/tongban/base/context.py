"""What every log line of a request or a job carries: its id, its route or task, who kind of acts, which case it is about.

Ids and kinds only: whoever may read the logs need not be somebody who may read cases.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter
from typing import Any

import structlog
from django.db import connection

from tongban.base.actor import Actor

__all__ = ["Span", "failed", "kind_of", "note", "span"]

NOT_COUNTED = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


class Span:
    """One request or one run of a job: how long it takes, how many statements it sends, whether what it tried failed."""

    def __init__(self) -> None:
        self.began = perf_counter()
        self.statements = 0
        self.has_failed = False

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return perf_counter() - self.began

    def count(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Count a statement and send it."""
        if not str(sql).startswith(NOT_COUNTED):
            self.statements += 1
        return execute(sql, params, many, context)


_present: ContextVar[Span | None] = ContextVar("tongban_span", default=None)


@contextmanager
def span(**facts: Any) -> Iterator[Span]:
    """Bind ``facts`` to all log lines from here on, forget those of before, and count statements meanwhile."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**facts)
    new = Span()
    token = _present.set(new)
    try:
        with connection.execute_wrapper(new.count):
            yield new
    finally:
        _present.reset(token)
        structlog.contextvars.clear_contextvars()


def failed() -> None:
    """Say that what this request or job tried has failed, though it ends in order: its own table says when it is tried again."""
    present = _present.get()
    if present is not None:
        present.has_failed = True


def note(**facts: Any) -> None:
    """Add facts to all further log lines of this request or job: ids and kinds, never anything of a person."""
    structlog.contextvars.bind_contextvars(**facts)


def kind_of(actor: Actor) -> str:
    """Return in what kind of capacity somebody acts, for logs."""
    if actor.is_system:
        return "system"
    if actor.is_official:
        return "official"
    if actor.account_id is None:
        return "code" if actor.holders else "stranger"
    return "entity" if actor.entity_id else "citizen"
