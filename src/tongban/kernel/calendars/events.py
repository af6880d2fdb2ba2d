"""What calendars announces through the outbox."""

CALENDAR_CHANGED = "calendars.calendar_changed"
"""A year was imported or a day corrected. Subject: ("calendar_year", year); data: layer, change. Whoever keeps due
times of its own works them out anew.
"""

CLOCKS_MOVED = "calendars.clocks_moved"
"""All clocks have followed a change of the calendar. Subject: ("calendar_change", id); data: moved, how many."""
