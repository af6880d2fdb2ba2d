"""Template tags that draw a clock. They print what a ClockView holds and compute nothing."""

from __future__ import annotations

from django import template

from tongban.kernel.calendars.queries import ClockView

register = template.Library()


@register.inclusion_tag("calendars/days.html")
def clock_days(view: ClockView) -> dict[str, object]:
    """Draw the days of a clock, at most twelve cells."""
    return {"view": view}


@register.inclusion_tag("calendars/line.html")
def clock_line(view: ClockView) -> dict[str, object]:
    """Print the due date large, the sentence and the legal source."""
    return {"view": view}


@register.inclusion_tag("calendars/clock.html")
def clock_full(view: ClockView) -> dict[str, object]:
    """Print the line and draw the days: everything there is to know about one clock."""
    return {"view": view}
