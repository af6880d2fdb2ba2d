"""Carrying one delivery out, and remembering how it went."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import DatabaseError, transaction
from procrastinate.contrib.django import app

from tongban.kernel.messages.channels import channels
from tongban.kernel.messages.errors import ChannelUnavailable
from tongban.kernel.messages.models import Delivery
from tongban.kernel.messages.rules import state_after_failure, wait_before

__all__ = ["deliver", "retry"]

log = structlog.get_logger(__name__)


def deliver(*, delivery_id: int, at: datetime) -> Delivery | None:
    """Try once; None when there is no such delivery (any more).

    After a failure the state is "retried" and a later job is deferred, or "failed" when it was the last try.
    The row stays unlocked while the channel works: a mail server may take its time. Two workers on one delivery would at worst
    send the same Message-ID twice.
    """
    delivery = Delivery.objects.select_related("message").filter(pk=delivery_id).first()
    if delivery is None:
        log.warning("delivery is gone", delivery=delivery_id)
        return None
    if delivery.state in (Delivery.State.SENT, Delivery.State.FAILED):
        return delivery
    try:
        channels.get(delivery.channel).send(delivery, at=at)
        error = ""
    except ChannelUnavailable as refused:
        error = str(refused)
    except DatabaseError:
        raise  # says nothing about the message; the worker tries the job again
    except Exception as bug:
        # A mail that cannot be composed must not stay "waiting" for ever with nobody knowing.
        log.exception("delivery failed", delivery=delivery_id)
        error = type(bug).__name__
    with transaction.atomic():
        row = Delivery.objects.select_for_update().get(pk=delivery_id)
        row.attempts += 1
        row.last_error = error[:300]
        if error:
            row.state = state_after_failure(row.attempts)
            if row.state == Delivery.State.RETRIED:
                _defer(row, attempt=row.attempts + 1)
        else:
            row.state, row.sent_at = Delivery.State.SENT, at
        row.save()
    return row


def retry(*, delivery_id: int) -> None:
    """Start again with a delivery that had failed (by hand, after the mail server was repaired)."""
    with transaction.atomic():
        row = Delivery.objects.select_for_update().get(pk=delivery_id)
        if row.state == Delivery.State.FAILED:
            row.state, row.attempts = Delivery.State.RETRIED, 0
            row.save()
            _defer(row, attempt=1)


def _defer(row: Delivery, *, attempt: int) -> None:
    wait = {"seconds": int(wait_before(attempt).total_seconds())} if attempt > 1 else None
    app.configure_task("messages.deliver", schedule_in=wait).defer(delivery_id=row.pk)
