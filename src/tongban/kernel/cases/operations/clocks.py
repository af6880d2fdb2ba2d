"""The clocks of a case: started, tied, stopped."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tongban.base.text import LocalizedText
from tongban.kernel.calendars import service as calendars
from tongban.kernel.cases.models import Case, CaseClock

__all__ = ["clock_of", "start_case_clock", "stop_case_clocks"]


def start_case_clock(
    *,
    case: Case,
    role: str,
    label: LocalizedText,
    limit: str,
    started_at: datetime,
    legal_source: LocalizedText,
    confidence: str = "",
    start_event: LocalizedText | str = "",
    at: datetime,
) -> Any:
    """Start a clock ("statutory", "promised", "acceptance", "correction", ...) on a (locked) case and tie it to it.

    ``limit`` is written as in the law's data: "10wd" (working days), "15d" (calendar days), "48h". The day of
    ``started_at`` does not count (Civil Code art. 201).
    """
    clock = calendars.start_clock(
        owner=case.ref,
        key=role,
        label=label,
        limit=calendars.Limit.parse(limit),
        started_at=started_at,
        legal_source=legal_source,
        confidence=confidence,
        start_event=start_event,
        at=at,
    )
    CaseClock.objects.create(case=case, clock=clock, role=role)
    return clock


def clock_of(case: Case, role: str) -> Any | None:
    """Return the newest clock that plays ``role`` in the case, or None."""
    tie = CaseClock.objects.filter(case=case, role=role).select_related("clock").order_by("-pk").first()
    return tie.clock if tie else None


def stop_case_clocks(*, case: Case, at: datetime, roles: tuple[str, ...] = ()) -> None:
    """Stop the running clocks of a case: those of ``roles``, or all."""
    ties = CaseClock.objects.filter(case=case).exclude(clock__state="stopped")
    if roles:
        ties = ties.filter(role__in=roles)
    for clock_id in ties.order_by("clock_id").values_list("clock_id", flat=True):
        calendars.stop_clock(clock_id=clock_id, at=at)
