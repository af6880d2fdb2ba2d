"""The door of calendars: working days, limits, clocks.

A time limit is data and its due date comes with a derivation that a person can read. Nobody outside computes
a date or composes a sentence about one.
"""

from tongban.kernel.calendars.derive import current_calendar
from tongban.kernel.calendars.operations.clocks import (
    extend_clock,
    pause_clock,
    resume_clock,
    start_clock,
    stop_clock,
    void_clock,
)
from tongban.kernel.calendars.operations.years import SpecialDay, import_year, recompute_all
from tongban.kernel.calendars.queries import (
    CellView,
    ClockView,
    add_limit,
    clocks_of,
    views,
    warning_horizon,
)
from tongban.kernel.calendars.rules import (
    Calendar,
    Derivation,
    Interval,
    Limit,
    due_on,
    is_working_day,
)
from tongban.kernel.calendars.sentences import day_text, describe, limit_text

__all__ = [
    "Calendar",
    "CellView",
    "ClockView",
    "Derivation",
    "Interval",
    "Limit",
    "SpecialDay",
    "add_limit",
    "clocks_of",
    "current_calendar",
    "day_text",
    "describe",
    "due_on",
    "extend_clock",
    "import_year",
    "is_working_day",
    "limit_text",
    "pause_clock",
    "recompute_all",
    "resume_clock",
    "start_clock",
    "stop_clock",
    "views",
    "void_clock",
    "warning_horizon",
]
