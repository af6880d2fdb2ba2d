"""Start, pause, resume, extend and stop a clock. Each one derives the due date anew and keeps the
derivation.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.kernel.calendars.derive import derive
from tongban.kernel.calendars.errors import ClockNotFound, ClockNotPaused, ClockNotRunning, PauseWithoutPaper
from tongban.kernel.calendars.models import Clock, Extension, Pause
from tongban.kernel.calendars.rules import Limit
from tongban.kernel.calendars.sentences import START, start_event_text

__all__ = ["extend_clock", "pause_clock", "resume_clock", "start_clock", "stop_clock", "void_clock"]


def start_clock(
    *,
    owner: Ref,
    key: str,
    label: LocalizedText,
    limit: Limit | str,
    started_at: datetime,
    legal_source: LocalizedText,
    confidence: str = "",
    start_event: LocalizedText | str = START,
    at: datetime,
) -> Clock:
    """Start a time limit that began at ``started_at``, which may lie before ``at`` (automatic acceptance:
    day of receipt).

    ``start_event`` says what started it, a key of ``sentences.START_EVENTS`` ("accepted") or words; the
    event day itself does not count.
    """
    limit = Limit.parse(limit) if isinstance(limit, str) else limit
    with transaction.atomic():
        clock = Clock(
            owner_kind=owner.kind,
            owner_id=owner.id,
            key=key,
            label=LocalizedText.of(label),
            limit_value=limit.value,
            limit_unit=limit.unit,
            legal_source=LocalizedText.of(legal_source),
            confidence=confidence,
            start_event=start_event_text(start_event),
            started_on=local_date(started_at),
            started_at=started_at,
        )
        derive(clock)
        clock.save()
    return clock


def pause_clock(
    *,
    clock_id: int,
    reason: LocalizedText,
    legal_source: LocalizedText,
    paper: Ref | None,
    paper_number: str = "",
    at: datetime,
) -> Clock:
    """Stop counting from the day after ``at``. Raises PauseWithoutPaper (Licensing Law art. 45),
    ClockNotRunning.
    """
    if paper is None:
        raise PauseWithoutPaper
    with transaction.atomic():
        clock = _locked(clock_id)
        if clock.state != "running" or clock.limit_unit == "h":
            raise ClockNotRunning
        Pause.objects.create(
            clock=clock,
            reason=LocalizedText.of(reason),
            legal_source=LocalizedText.of(legal_source),
            paper_ref=str(paper),
            paper_number=paper_number,
            paused_at=at,
        )
        clock.state = "paused"
        derive(clock)
        clock.save()
    return clock


def resume_clock(*, clock_id: int, at: datetime) -> Clock:
    """Count again from the day after ``at``; the day of resuming is the last that does not count. Raises
    ClockNotPaused.
    """
    with transaction.atomic():
        clock = _locked(clock_id)
        if clock.state != "paused":
            raise ClockNotPaused
        clock.pauses.filter(resumed_at__isnull=True).update(resumed_at=at)
        clock.state = "running"
        derive(clock)
        clock.save()
    return clock


def extend_clock(
    *,
    clock_id: int,
    limit: Limit | str,
    by: Actor,
    reason: LocalizedText,
    paper: Ref | None,
    legal_source: LocalizedText,
    paper_number: str = "",
    at: datetime,
) -> Clock:
    """Add time (in the clock's own unit). Who may, and how often, is for the caller to decide. Raises
    ClockNotRunning.
    """
    limit = Limit.parse(limit) if isinstance(limit, str) else limit
    with transaction.atomic():
        clock = _locked(clock_id)
        if clock.state == "stopped":
            raise ClockNotRunning
        if limit.unit != clock.limit_unit:
            raise ValueError(
                f"a clock in {clock.limit_unit} is extended in {clock.limit_unit}, not {limit.unit}"
            )
        Extension.objects.create(
            clock=clock,
            limit_value=limit.value,
            reason=LocalizedText.of(reason),
            legal_source=LocalizedText.of(legal_source),
            paper_ref=str(paper) if paper else "",
            paper_number=paper_number,
            by_account=by.account_id,
            by_post=by.post_id,
            extended_at=at,
        )
        derive(clock)
        clock.save()
    return clock


def stop_clock(*, clock_id: int, at: datetime) -> Clock:
    """End the clock and write down whether the limit was met. Stopping a stopped clock changes nothing."""
    with transaction.atomic():
        clock = _locked(clock_id)
        if clock.state == "stopped":
            return clock
        clock.met = clock.due_at is None or at < clock.due_at + timedelta(seconds=1)
        if clock.state == "paused":
            clock.pauses.filter(resumed_at__isnull=True).update(resumed_at=at)
        clock.state, clock.stopped_at = "stopped", at
        clock.save(update_fields=["state", "stopped_at", "met"])
    return clock


def void_clock(*, clock_id: int, at: datetime) -> Clock:
    """End a clock of which nobody shall say that it was met or missed: what it timed was undone."""
    with transaction.atomic():
        clock = stop_clock(clock_id=clock_id, at=at)
        clock.met = None
        clock.save(update_fields=["met"])
    return clock


def _locked(clock_id: int) -> Clock:
    clock = Clock.objects.select_for_update().filter(pk=clock_id).first()
    if clock is None:
        raise ClockNotFound
    return clock
