"""Asking the scanner before an upload is kept, and writing down what it found.

A refused upload rolls back the transaction in which it came, and an act written there would go with it. So what was found is
noted beside the request, and written by ``FoundMiddleware`` when the answer is ready.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.files import clamd
from tongban.kernel.files.errors import FileInfected, FileNotScanned
from tongban.kernel.ledger import service as ledger

__all__ = ["VERB", "FoundMiddleware", "is_scanner_well", "judge"]

log = structlog.get_logger(__name__)

VERB = "files.refuse_infected"


@dataclass(frozen=True, slots=True)
class _Found:
    actor: Actor
    use: Ref
    what: str
    digest: str
    at: datetime


_found: ContextVar[list[_Found] | None] = ContextVar("found malware", default=None)


def judge(content: bytes, *, digest: str, actor: Actor, use: Ref, at: datetime) -> None:
    """Return when the scanner finds nothing, or none is set. Raises FileInfected, FileNotScanned."""
    address = settings.TONGBAN_CLAMD
    if not address:
        return
    try:
        what = clamd.scan(content, address)
    except clamd.ScannerAway as away:
        log.error("scanner away", said=str(away))
        if settings.TONGBAN_CLAMD_WHEN_DOWN == "accept":
            return
        raise FileNotScanned(retry_after=60) from away
    if what:
        log.warning("malware refused", what=what, sha256=digest, use=use.kind)
        _note(_Found(actor, use, what, digest, at))
        raise FileInfected


def is_scanner_well() -> bool:
    """True when the scanner answers, or none is set."""
    try:
        if settings.TONGBAN_CLAMD:
            clamd.ping(settings.TONGBAN_CLAMD)
    except clamd.ScannerAway:
        return False
    return True


def _note(found: _Found) -> None:
    noted = _found.get()
    if noted is not None:
        noted.append(found)
    elif not connection.in_atomic_block:
        _write(found)


@transaction.atomic
def _write(found: _Found) -> None:
    ledger.record(
        actor=found.actor,
        verb=VERB,
        subject=found.use,
        at=found.at,
        facts={"found": found.what, "sha256": found.digest},
    )


class FoundMiddleware:
    """Writes what the scanner found during a request, after its transactions are over."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        noted: list[_Found] = []
        token = _found.set(noted)
        try:
            return self.get_response(request)
        finally:
            _found.reset(token)
            for found in noted:
                _write(found)
