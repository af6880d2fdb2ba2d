"""What calendars announces through the outbox."""

CALENDAR_CHANGED = "calendars.calendar_changed"
"""A year was imported. Subject: ("calendar_year", year). Whoever keeps due times of its own works them out
anew.
"""

CLOCK_MOVED = "calendars.clock_moved"
"""A calendar change moved the due date of a running clock. Subject: the clock's owner; data: clock."""
