"""Is the installation well? Three probes: the database answers, a worker is alive, files can be written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import connection

from tongban.kernel.files import service as files

__all__ = ["Probe", "examine"]

log = structlog.get_logger(__name__)

BEATS_MISSED = 3


@dataclass(frozen=True, slots=True)
class Probe:
    """The result of looking at one part; ``fault`` is empty when it is well."""

    name: str
    fault: str


def examine() -> list[Probe]:
    """Look at every part. A probe never raises: what went wrong becomes its fault."""
    return [Probe(name, _attempt(name, probe)) for name, probe in PROBES.items()]


def _attempt(name: str, probe: Callable[[], str]) -> str:
    try:
        return probe()
    except Exception as error:
        # The class only: this page is public, and a message may name hosts and logins. The log has the rest.
        log.warning("probe failed", probe=name, error=str(error))
        return type(error).__name__


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def _worker() -> str:
    """A worker writes its heartbeat from the loop that takes jobs, so a hanging one is noticed too."""
    patience = settings.WORKER_HEARTBEAT_SECONDS * BEATS_MISSED
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)",
            [patience],
        )
        return "" if cursor.fetchone()[0] else f"no worker has been heard for {patience} s"


def _storage() -> str:
    files.storage().probe()
    return ""


PROBES: dict[str, Callable[[], str]] = {"database": _database, "worker": _worker, "storage": _storage}
