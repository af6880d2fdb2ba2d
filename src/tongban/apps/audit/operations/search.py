"""Searching and exporting acts. Searching for a person and exporting are acts, committed before the answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction

from tongban.apps.audit.errors import SearchTooWide
from tongban.base.actor import Actor
from tongban.base.errors import Invalid
from tongban.base.ref import Ref
from tongban.base.spreadsheets import BOM, csv_line
from tongban.base.time import LOCAL
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = ["DUTY", "EXPORT", "MOST", "SEARCH", "announce_search_about", "export_acts", "search"]

DUTY = "admin.audit"
SEARCH, EXPORT = "audit.search", "audit.export"
LEDGER = Ref("ledger", "acts")
PATIENCE = 5_000
"""Milliseconds of one statement."""
AT_ONCE = 1_000
MOST = 100_000
"""Acts of one export."""


def announce_search_about(*, actor: Actor, number: str, reason: str, at: datetime) -> None:
    """Write down that ``actor`` asks for the acts about the holder of a number, and why. Raises Forbidden, Invalid."""
    identity.require_duty(actor, DUTY)
    if not reason.strip():
        message = {"zh": "查某个人要写理由", "en": "Say why you search for this person"}
        raise Invalid(errors=[{"field": "reason", "message": message}])
    ledger.record(
        actor=actor, verb=SEARCH, subject=LEDGER, about=[number], reason=reason.strip()[:500],
        facts={"by": "about"}, at=at,
    )  # fmt: skip


def search(
    *, actor: Actor, wanted: ledger.ActFilter, before: int | None = None, limit: int = 50, at: datetime
) -> list[ledger.ActRow]:
    """Return acts, the newest first; ``before`` continues after an act. Raises Forbidden, SearchTooWide.

    Asking what one official did is written down; for the acts about somebody that was done when the number was given.
    """
    identity.require_duty(actor, DUTY)
    if wanted.account_id is not None:
        facts = {"by": "account", "account": wanted.account_id}
        ledger.record(actor=actor, verb=SEARCH, subject=LEDGER, facts=facts, at=at)
    return _find(wanted, before, limit)


def export_acts(*, actor: Actor, wanted: ledger.ActFilter, at: datetime) -> Iterator[str]:
    """Return the lines of a CSV file with the acts found, at most ``MOST``; the export is on record before the first line."""
    identity.require_duty(actor, DUTY)
    ledger.record(actor=actor, verb=EXPORT, subject=LEDGER, facts={"filter": wanted.as_facts()}, at=at)
    return _lines(wanted)


def _find(wanted: ledger.ActFilter, before: int | None, limit: int) -> list[ledger.ActRow]:
    """Search with the database's patience bounded, until the end of the transaction."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PATIENCE)])
            return ledger.search_acts(wanted, before=before, limit=limit)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == "57014":  # query_canceled
            raise SearchTooWide from error
        raise


HEADER = (
    "act",
    "at",
    "who",
    "unit",
    "post",
    "verb",
    "what",
    "subject",
    "reason",
    "fields",
    "channel",
    "batch",
)


def _lines(wanted: ledger.ActFilter) -> Iterator[str]:
    yield BOM + csv_line(HEADER)
    before, given = None, 0
    while given < MOST:
        rows = _find(wanted, before, min(AT_ONCE, MOST - given))
        for row in rows:
            yield csv_line(_cells(row))
        given += len(rows)
        if len(rows) < AT_ONCE:
            return
        before = rows[-1].id


def _cells(row: ledger.ActRow) -> tuple[Any, ...]:
    moment = row.at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M:%S")
    return (
        row.id, moment, row.who, row.unit, row.post, row.verb, row.label, row.subject,
        row.reason, ", ".join(row.fields), row.channel, row.batch or "",
    )  # fmt: skip
