"""What clocks tell about themselves to who runs the machines: numbers only."""

from __future__ import annotations

from tongban.base.actor import Actor
from tongban.base.metrics import register_gauge
from tongban.base.time import now
from tongban.kernel.calendars.almanac import missing_year
from tongban.kernel.calendars.moved import clock_figures
from tongban.kernel.calendars.operations.years import DUTY

__all__ = ["count_missing", "register"]


def register() -> None:
    """Register the gauges, once at the start."""
    register_gauge(
        "tongban_clocks", "Time limits that are not stopped, by what they are", _clocks, label="kind"
    )
    register_gauge(
        "tongban_calendar_year_missing",
        "1 from December on while next year's holidays are not imported",
        _missing,
    )


def count_missing(actor: Actor) -> int | None:
    """Return 1, for the navigation, to the keeper of the calendar while next year is missing in December."""
    if DUTY not in actor.duties:
        return None
    return 1 if missing_year(now()) is not None else None


def _clocks() -> dict[str, float]:
    found = clock_figures(at=now())
    return {name: getattr(found, name) for name in found.__slots__}


def _missing() -> float:
    return float(missing_year(now()) is not None)
