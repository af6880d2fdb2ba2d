"""Receipts: what the other side says of a record. The first definite answer counts; whatever comes after is written down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from tongban.apps.docking import rules
from tongban.apps.docking.models import Destination, Record, Trace
from tongban.apps.docking.transports import Receipt, TransportFailed, transport_of

__all__ = ["apply_receipts", "give_up_waiting", "take_receipts"]

AT_ONCE = 100
"""Receipts applied in one transaction: a long one would hold up the sealing of the ledger."""
log = structlog.get_logger(__name__)


def take_receipts(*, destination_id: int, at: datetime) -> int:
    """Read the receipts that came and apply them; return how many were taken.

    They are laid aside only after they stand in the database: whoever dies in between reads them again, and the
    second time changes nothing.
    """
    destination = Destination.objects.filter(pk=destination_id, is_active=True).first()
    if destination is None:
        return 0
    transport = transport_of(destination)
    is_awaited = Record.objects.filter(destination=destination, state=rules.SENT).exists()
    if transport.one_by_one and not is_awaited:
        return 0
    try:
        found, unreadable = transport.receipts()
    except TransportFailed as failure:
        log.warning("docking.no_receipts", destination=destination.key, why=str(failure))
        return 0
    if unreadable:
        log.warning("docking.receipts_unreadable", destination=destination.key, count=unreadable)
        words = f"receipts-unreadable {unreadable}"
        Destination.objects.filter(pk=destination.pk).update(trouble=words, tried_at=at)
    for first in range(0, len(found), AT_ONCE):
        with transaction.atomic():
            apply_receipts(destination=destination, receipts=found[first : first + AT_ONCE], at=at)
    transport.settle()
    return len(found)


def apply_receipts(*, destination: Destination, receipts: Sequence[Receipt], at: datetime) -> None:
    """Apply receipts in the caller's transaction, in their order, by three statements. One for a key that is not ours, or for
    other content, changes nothing.
    """
    keys = [receipt.key for receipt in receipts]
    locked = Record.objects.select_for_update().filter(destination=destination, idempotency__in=keys)
    records = {one.idempotency: one for one in locked.order_by("sequence")}
    changed: dict[int, Record] = {}
    traces = []
    for receipt in receipts:
        record = records.get(receipt.key)
        if record is None:
            log.warning("docking.receipt_for_nothing", destination=destination.key)
            continue
        if receipt.digest and receipt.digest != record.digest:
            traces.append(Trace(record=record, at=at, what="mismatch", text=receipt.digest))
            continue
        state, what = rules.after_receipt(record.state, receipt.said)
        if what == "taken":
            record.state, record.answered_at, record.receipt = state, at, receipt.number
            record.reason = receipt.reason if state == rules.REFUSED else ""
            record.claimed_until, record.sent_at = None, record.sent_at or at
            changed[record.pk] = record
            what = state
        text = " ".join(part for part in (receipt.number, receipt.reason) if part)
        traces.append(Trace(record=record, at=at, what=what, text=text[:300]))
    fields = ["state", "answered_at", "receipt", "reason", "claimed_until", "sent_at"]
    Record.objects.bulk_update(changed.values(), fields)
    Trace.objects.bulk_create(traces)


def give_up_waiting(*, destination_id: int, at: datetime) -> int:
    """Send again what had no receipt for too long; after all attempts it waits for a person. Return how many."""
    destination = Destination.objects.get(pk=destination_id)
    limit = at - timedelta(hours=destination.setting("receipt_hours"))
    with transaction.atomic():
        overdue = list(
            Record.objects.select_for_update(skip_locked=True)
            .filter(destination=destination, state=rules.SENT, sent_at__lt=limit)
            .order_by("sequence")[:500]
        )
        for one in overdue:
            is_dead = one.attempts >= destination.setting("attempts")
            one.state, one.next_at, one.reason = (rules.DEAD if is_dead else rules.WAITING), at, "no-receipt"
            one.save(update_fields=["state", "next_at", "reason"])
        Trace.objects.bulk_create(
            [Trace(record=one, at=at, what="overdue", text=one.state) for one in overdue]
        )
    return len(overdue)
