"""Receipts: what the other side says of a record. The first definite answer counts; whatever comes after is written down."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from tongban.apps.docking import rules
from tongban.apps.docking.models import Destination, Record, Trace
from tongban.apps.docking.transports import Receipt, TransportFailed, transport_of

__all__ = ["apply_receipt", "give_up_waiting", "take_receipts"]

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
            for receipt in found[first : first + AT_ONCE]:
                apply_receipt(destination=destination, receipt=receipt, at=at)
    transport.settle()
    return len(found)


def apply_receipt(*, destination: Destination, receipt: Receipt, at: datetime) -> None:
    """Apply one receipt in the caller's transaction. One for a key that is not ours, or for other content, changes nothing."""
    record = (
        Record.objects.select_for_update().filter(destination=destination, idempotency=receipt.key).first()
    )
    if record is None:
        log.warning("docking.receipt_for_nothing", destination=destination.key)
        return
    if receipt.digest and receipt.digest != record.digest:
        Trace.objects.create(record=record, at=at, what="mismatch", text=receipt.digest)
        return
    state, what = rules.after_receipt(record.state, receipt.said)
    if what == "taken":
        record.state, record.answered_at, record.receipt = state, at, receipt.number
        record.reason = receipt.reason if state == rules.REFUSED else ""
        record.claimed_until, record.sent_at = None, record.sent_at or at
        record.save(update_fields=["state", "answered_at", "receipt", "reason", "claimed_until", "sent_at"])
        what = state
    text = " ".join(part for part in (receipt.number, receipt.reason) if part)
    Trace.objects.create(record=record, at=at, what=what, text=text[:300])


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
