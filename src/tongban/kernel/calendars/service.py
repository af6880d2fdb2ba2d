"""The door of calendars: working days, limits, clocks.

A time limit is data and its due date comes with a derivation that a person can read. Nobody outside computes
a date or composes a sentence about one.
"""

from tongban.kernel.calendars.derive import current_calendar
from tongban.kernel.calendars.operations.clocks import (
    ServedPaper,
    check_extension,
    check_pause,
    extend_clock,
    lock_clocks,
    note_extension_paper,
    pause_along,
    pause_clock,
    resume_clock,
    start_clock,
    stop_clock,
    stop_locked,
    void_clock,
)
from tongban.kernel.calendars.operations.recompute import recompute_all, run_recompute
from tongban.kernel.calendars.operations.watch import RESUMED, end_pauses, give_warnings
from tongban.kernel.calendars.operations.years import SpecialDay, import_year, note_timers, set_day
from tongban.kernel.calendars.queries import (
    CellView,
    ClockView,
    add_limit,
    clocks_of,
    views,
    warning_horizon,
)
from tongban.kernel.calendars.registry import (
    ClockOwner,
    OwnerLink,
    register_follower,
    register_owner,
    register_region_names,
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
from tongban.kernel.calendars.terms import LICENSING_LAW_45, ExtensionRule, PauseRule, Terms

__all__ = [
    "LICENSING_LAW_45",
    "RESUMED",
    "Calendar",
    "CellView",
    "ClockOwner",
    "ClockView",
    "Derivation",
    "ExtensionRule",
    "Interval",
    "Limit",
    "OwnerLink",
    "PauseRule",
    "ServedPaper",
    "SpecialDay",
    "Terms",
    "add_limit",
    "check_extension",
    "check_pause",
    "clocks_of",
    "current_calendar",
    "day_text",
    "describe",
    "due_on",
    "end_pauses",
    "extend_clock",
    "give_warnings",
    "import_year",
    "is_working_day",
    "limit_text",
    "lock_clocks",
    "note_extension_paper",
    "note_timers",
    "pause_along",
    "pause_clock",
    "recompute_all",
    "register_follower",
    "register_owner",
    "register_region_names",
    "resume_clock",
    "run_recompute",
    "set_day",
    "start_clock",
    "stop_clock",
    "stop_locked",
    "views",
    "void_clock",
    "warning_horizon",
]
