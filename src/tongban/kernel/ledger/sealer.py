"""The sealer at work: a thread of the worker that seals every two seconds. Not a job, so that long jobs cannot hold it up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.db import DatabaseError, InterfaceError, connection

from tongban.base.time import now
from tongban.kernel.ledger.operations.seal import seal

__all__ = ["EVERY", "sealing_in_background"]

log = structlog.get_logger(__name__)
EVERY = 2.0
"""Seconds between two sealings; with what a transaction takes, an act is sealed within five."""


@contextmanager
def sealing_in_background() -> Iterator[None]:
    """Seal while the block runs. Any number of workers may; whoever has the lock seals."""
    stop = threading.Event()
    thread = threading.Thread(target=_seal_until, args=(stop,), name="sealer", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=10)


def _seal_until(stop: threading.Event) -> None:
    """Seal again and again. A database that is away, a full disk: said in the log, and tried again."""
    while not stop.wait(EVERY):
        try:
            seal(at=now())
        except Exception as error:  # the sealer must not end while the worker runs
            log.error(
                "ledger.sealing_failed",
                error=type(error).__name__,
                exc_info=not isinstance(error, DatabaseError),
            )
            if isinstance(error, (DatabaseError, InterfaceError)):
                connection.close()
    connection.close()
