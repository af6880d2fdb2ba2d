"""An appointment as an iCalendar file (RFC 5545), which calendars of phones take in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tongban.apps.hall import rules
from tongban.apps.hall.models import Appointment

__all__ = ["calendar_of"]


def calendar_of(found: Appointment, *, host: str, at: datetime) -> str:
    """Return the file. A later one of the same appointment replaces it (``UID``, ``SEQUENCE``); nobody's name is in it."""
    service = found.service
    ends_at = found.starts_at + timedelta(minutes=service.minutes)
    is_over = found.state in (rules.CANCELLED, rules.MISSED)
    lines = [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", "-//Tongban//Hall//ZH"),
        ("METHOD", "PUBLISH"),
        ("BEGIN", "VEVENT"),
        ("UID", f"{found.pk}@{host}"),
        ("SEQUENCE", str(found.sequence)),
        ("DTSTAMP", _utc(at)),
        ("DTSTART", _utc(found.starts_at)),
        ("DTEND", _utc(ends_at)),
        ("SUMMARY", _text(str(service.name))),
        ("LOCATION", _text(f"{service.point.name} {service.point.place}")),
        ("DESCRIPTION", _text(f"{service.bring}\n{service.point.phone}".strip())),
        ("STATUS", "CANCELLED" if is_over else "CONFIRMED"),
        ("BEGIN", "VALARM"),
        ("ACTION", "DISPLAY"),
        ("TRIGGER", "-PT2H"),
        ("DESCRIPTION", _text(str(service.name))),
        ("END", "VALARM"),
        ("END", "VEVENT"),
        ("END", "VCALENDAR"),
    ]
    return "".join(rules.fold(name, value) + "\r\n" for name, value in lines)


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r", ""), ("\n", "\\n")):
        value = value.replace(plain, escaped)
    return value
