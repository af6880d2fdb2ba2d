"""The watch over due dates: tell in time that a limit comes to its end and that it is over, and end pauses whose told time is.

What is due is found by index (``warn_at``, ``until``), never by looking at every clock. Each horizon is told once for
each due date; the clock remembers it in the transaction of the message, so any number of workers tells it once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from tongban.base.ref import Ref
from tongban.base.time import local_date
from tongban.kernel.calendars.derive import current_calendar, derivation_of, horizons_of
from tongban.kernel.calendars.horizons import next_moment, reached
from tongban.kernel.calendars.models import Clock, Pause
from tongban.kernel.calendars.operations.clocks import resume_clock
from tongban.kernel.calendars.queries import view_of
from tongban.kernel.calendars.registry import owners

__all__ = ["RESUMED", "end_pauses", "give_warnings"]

BATCH = 500
LATER = timedelta(hours=1)
RESUMED = "resumed"
"""The word for a clock that runs again because the time told in the paper is over."""
log = logging.getLogger(__name__)


def give_warnings(*, at: datetime) -> int:
    """Tell of every running clock that has come to one of its horizons; return how many were told of."""
    due = Clock.objects.filter(state="running", warn_at__lte=at).order_by("warn_at", "pk")
    return sum(_carefully(pk, owner, at, _warn) for pk, owner in _with_owners(due))


def end_pauses(*, at: datetime) -> int:
    """Let the clocks run again of whose pause the paper's last day is over; return how many."""
    over = Pause.objects.filter(resumed_at__isnull=True, until__lt=local_date(at)).order_by("until", "pk")
    paused = Clock.objects.filter(
        pk__in=list(over.values_list("clock_id", flat=True)[:BATCH]), state="paused"
    )
    return sum(_carefully(pk, owner, at, _resume) for pk, owner in _with_owners(paused.order_by("pk")))


def _with_owners(clocks: object) -> list[tuple[int, Ref]]:
    rows = clocks.values_list("pk", "owner_kind", "owner_id")[:BATCH]  # type: ignore[attr-defined]
    return [(pk, Ref(kind, owner)) for pk, kind, owner in rows]


def _carefully(pk: int, owner: Ref, at: datetime, act: Callable[[int, Ref, datetime], bool]) -> bool:
    """Act on one clock in a transaction of its own, the owner's lock first. One that fails does not hold up the others."""
    try:
        with transaction.atomic():
            known = owners.find(owner.kind)
            if known is not None:
                known.lock(owner)
            return act(pk, owner, at)
    except Exception:
        log.exception("clock %s could not be told of", pk)
        Clock.objects.filter(pk=pk, warn_at__lte=at).update(warn_at=at + LATER)
        return False


def _warn(pk: int, owner: Ref, at: datetime) -> bool:
    clock = Clock.objects.select_for_update().get(pk=pk)
    if clock.state != "running" or clock.warn_at is None or clock.warn_at > at:
        return False
    calendar = current_calendar().of(clock.region)
    ahead = horizons_of(clock, derivation_of(clock), calendar)
    horizon = reached(ahead, at)
    told = f"{horizon.key}:{clock.due_on}" if horizon else clock.warned
    is_new = told != clock.warned
    clock.warn_at, clock.warned = next_moment(ahead, at), told
    clock.save(update_fields=["warn_at", "warned"])
    known = owners.find(owner.kind)
    if horizon is None or not is_new or known is None:
        return False
    known.warn(owner, view_of(clock, calendar, at), horizon.key, at=at)
    return True


def _resume(pk: int, owner: Ref, at: datetime) -> bool:
    clock = resume_clock(clock_id=pk, at=at)
    known = owners.find(owner.kind)
    if known is not None:
        known.warn(owner, view_of(clock, current_calendar().of(clock.region), at), RESUMED, at=at)
    return True
