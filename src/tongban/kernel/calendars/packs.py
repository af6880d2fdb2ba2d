"""The calendar of a pack: ``calendar/years.yaml`` names the published years, ``<year>.csv`` holds their
days.
"""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path

import yaml

from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.kernel.calendars.operations.years import SpecialDay, import_year

__all__ = ["load_calendar", "read_days"]


def load_calendar(root: Path, *, actor: Actor, at: datetime) -> int:
    """Import every year under ``root``/calendar, national layer and local layer; return how many years were
    read.
    """
    folder = root / "calendar"
    if not folder.is_dir():
        return 0
    listed = yaml.safe_load((folder / "years.yaml").read_text(encoding="utf-8"))["years"]
    for entry in listed:
        year, notice = int(entry["year"]), entry["notice"]
        days = read_days(folder / f"{year}.csv")
        import_year(year=year, notice=notice, days=days, actor=actor, at=at)
        local = folder / f"{year}.local.csv"
        if local.exists():
            import_year(
                year=year, notice=local.name, days=read_days(local), actor=actor, at=at, layer="local"
            )
    return len(listed)


def read_days(path: Path) -> list[SpecialDay]:
    """Read a file with the columns date, kind (off or work), name_zh, name_en."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            SpecialDay(
                day=date.fromisoformat(row["date"]),
                is_off=row["kind"] == "off",
                name=LocalizedText(zh=row["name_zh"], en=row["name_en"]),
            )
            for row in csv.DictReader(file)
        ]
