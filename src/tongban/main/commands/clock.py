"""``tongban clock due``: the due date of a time limit, with its derivation."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from tongban.main.commands import session

if TYPE_CHECKING:
    from tongban.kernel.calendars.service import Calendar, Limit

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """Compute due dates by the installation's calendar (by the national one when no database is running)."""
    parser = argparse.ArgumentParser("tongban clock", description=run.__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    due = verbs.add_parser("due", help="the last day of a limit, and how it comes about")
    due.add_argument(
        "--start", required=True, help="the day of the event: 2026-02-06 (for hours: 2026-02-06T09:30)"
    )
    due.add_argument("--limit", required=True, help="20wd (working days), 15d (calendar days) or 24h (hours)")
    due.add_argument(
        "--language", choices=["zh", "en"], default=session.language(), help="by default the terminal's"
    )
    wanted = parser.parse_args(arguments)
    session.start()
    from tongban.kernel.calendars import service as calendars

    try:
        start = _start(wanted.start)
        derivation = calendars.due_on(start, _limit(wanted.limit), _calendar())
    except ValueError as error:
        sys.stderr.write(f"tongban: {error}\n")
        return 1
    if derivation.due_on is None:
        sys.stderr.write("tongban: this limit has no end\n")
        return 1
    moment = derivation.due_at or derivation.due_on
    words = {"zh": "（暂定）", "en": " (provisional)"}[wanted.language] if derivation.provisional else ""
    print(f"{moment.isoformat()}{words}")
    print(calendars.describe(derivation).in_language(wanted.language))
    return 0


def _start(text: str) -> date | datetime:
    from tongban.base.time import LOCAL

    if "T" in text:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)
    return date.fromisoformat(text)


def _limit(text: str) -> Limit:
    from tongban.kernel.calendars import service as calendars

    return calendars.Limit.parse(text)


def _calendar() -> Calendar:
    from django.db.utils import OperationalError, ProgrammingError

    from tongban.kernel.calendars import service as calendars

    try:
        found = calendars.current_calendar()
        if found.known_until.year > 1:
            return found
        why = "the database has no calendar"
    except (OperationalError, ProgrammingError):
        why = "no database is running"
    sys.stderr.write(f"tongban: {why}; using the national calendar\n")
    return _national_calendar()


def _national_calendar() -> Calendar:
    from tongban.kernel.calendars.packs import BUILTIN, read_days
    from tongban.kernel.calendars.service import Calendar

    years = [int(entry["year"]) for entry in BUILTIN.yaml("calendar/years.yaml", "years")]
    days = [day for year in years for day in read_days(BUILTIN.csv(f"calendar/{year}.csv"))]
    return Calendar(
        off=frozenset(day.day for day in days if day.is_off),
        work=frozenset(day.day for day in days if not day.is_off),
        known_until=date(max(years), 12, 31),
        names={day.day: (day.name.zh, day.name.en) for day in days},
    )
