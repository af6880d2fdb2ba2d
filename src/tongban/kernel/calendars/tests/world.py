"""The published calendars of 2024-2026 for tests, and the demo county's pack with its region."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tongban.base.packs import Pack
from tongban.kernel.calendars.packs import BUILTIN, read_days
from tongban.kernel.calendars.rules import Calendar

PACK = Pack(Path(__file__).resolve().parents[5] / "packs" / "chengxi")


def published() -> Calendar:
    """Return the calendar known until the end of 2026."""
    days = [day for year in (2024, 2025, 2026) for day in read_days(BUILTIN.csv(f"calendar/{year}.csv"))]
    return Calendar(
        off=frozenset(d.day for d in days if d.is_off),
        work=frozenset(d.day for d in days if not d.is_off),
        known_until=date(2026, 12, 31),
        names={d.day: (d.name.zh, d.name.en) for d in days},
    )
