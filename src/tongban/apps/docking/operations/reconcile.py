"""Reconciliation: fetch what the other side says it has of a day, confirm what both have, show where the two differ."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from tongban.apps.docking import rules
from tongban.apps.docking.errors import StatementUnavailable
from tongban.apps.docking.models import Destination, Record, Statement, Trace
from tongban.apps.docking.transports import TransportFailed, transport_of

__all__ = ["fetch_statement", "forget_contents"]


def fetch_statement(*, destination: Destination, day: date, at: datetime) -> Statement:
    """Fetch and keep the list of a day. Raises StatementUnavailable when there is none or it cannot be read.

    A record that they have with the same content is accepted, whatever became of its receipt.
    """
    try:
        told = transport_of(destination).statement(day)
    except TransportFailed as failure:
        raise StatementUnavailable(str(failure)) from None
    if told is None:
        raise StatementUnavailable
    with transaction.atomic():
        statement, _ = Statement.objects.update_or_create(
            destination=destination, day=day, defaults={"taken_at": at, "content": dict(told)}
        )
        open_ones = Record.objects.select_for_update().filter(
            destination=destination,
            day=day,
            state__in=[rules.SENT, rules.DEAD, rules.WAITING],
            idempotency__in=list(told),
        )
        for one in open_ones:
            if told[one.idempotency].get("digest") == one.digest:
                one.state, one.answered_at, one.reason = rules.ACCEPTED, at, ""
                one.save(update_fields=["state", "answered_at", "reason"])
                Trace.objects.create(record=one, at=at, what="accepted", text="statement")
    return statement


def forget_contents(*, at: datetime) -> int:
    """Forget the content of records that were accepted or left out long ago (``keep_days``); the digests stay.
    Return how many.
    """
    found = 0
    for destination in Destination.objects.all():
        before = at - timedelta(days=destination.setting("keep_days"))
        old = Record.objects.filter(
            destination=destination, state__in=sorted(rules.OVER), content__isnull=False, made_at__lt=before
        )
        found += old.update(content=None)
    return found
