"""What happens by itself: reminders, the end of a validity, of a suspension, of a copy. Rows are taken by their due day."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import QuerySet

from tongban.apps.certificates import rules
from tongban.apps.certificates.models import Certificate, Copy
from tongban.apps.certificates.operations.copies import finish
from tongban.apps.certificates.operations.making import next_due, reminders_of
from tongban.apps.certificates.operations.status import ITSELF, catch_up
from tongban.apps.certificates.operations.telling import tell
from tongban.base.time import local_date
from tongban.kernel.calendars import service as calendars

__all__ = ["end_copies", "look_at_due"]

log = structlog.get_logger(__name__)


def look_at_due(*, at: datetime) -> int:
    """Look at every certificate whose day has come, each in its own short transaction; return how many.

    Several workers share the rows (SKIP LOCKED); one that fails is told in the log and does not hold up the others.
    """
    day, count, failed = local_date(at), 0, set[UUID]()
    while True:
        with transaction.atomic():
            row = _next(Certificate.objects.filter(due_on__lte=day).exclude(pk__in=failed).order_by("due_on"))
            if row is None:
                return count
            try:
                with transaction.atomic():
                    _look(row, day, at=at)
            except Exception as error:
                failed.add(row.pk)
                log.error("certificates.watch_failed", certificate=str(row.pk), error=type(error).__name__)
            count += 1


def _next(rows: QuerySet[Certificate]) -> Certificate | None:
    return rows.select_for_update(of=("self",), skip_locked=True).select_related("type__unit", "case").first()


def _look(row: Certificate, day: date, *, at: datetime) -> None:
    looked_on = row.looked_on or date.min
    if not catch_up(row, at=at) and row.file_id is not None and row.valid_to is not None:
        reminders = reminders_of(row)
        if rules.is_reminder(day, valid_to=row.valid_to, reminders=reminders, looked_on=looked_on):
            tell(row, "remind", at=at, until=calendars.day_text(row.valid_to))
    row.looked_on = day
    row.due_on = next_due(row, day=day)
    row.save(update_fields=["looked_on", "due_on"])


def end_copies(*, at: datetime) -> int:
    """End the copies whose last day is over and forget their files; return how many."""
    day, count = local_date(at), 0
    while True:
        with transaction.atomic():
            batch = list(
                Copy.objects.select_for_update(of=("self",), skip_locked=True)
                .select_related("certificate")
                .filter(ended_at__isnull=True, valid_to__lt=day)
                .order_by("valid_to")[:100]
            )
            for copy in batch:
                finish(copy, actor=ITSELF, at=at)
        count += len(batch)
        if not batch:
            return count
