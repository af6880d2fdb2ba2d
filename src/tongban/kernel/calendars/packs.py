"""The calendar of a pack: ``calendar/years.yaml`` names the published years, ``<year>.csv`` holds their
days, ``<year>.<division code>.csv`` those of a region.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from tongban.base.actor import Actor
from tongban.base.packs import Pack, section
from tongban.base.text import LocalizedText
from tongban.kernel.calendars.models import CalendarChange
from tongban.kernel.calendars.operations.recompute import run_recompute
from tongban.kernel.calendars.operations.years import SpecialDay, import_year
from tongban.kernel.calendars.rules import NATIONAL

__all__ = ["load_calendar", "read_days"]


@section("calendar", order=30)
def load_calendar(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Import every listed year: the national layer, and under ``regions`` those of regions with holidays of their own.

    What the keeper of the calendar has changed since is the office's own: a pack that is installed again leaves it.
    """
    kept = _kept_by_hand()
    change = None
    for entry in pack.yaml("calendar/years.yaml", "years"):
        year = int(entry["year"])
        layers = [(NATIONAL, f"calendar/{year}.csv", entry["notice"])]
        for region in entry.get("regions") or ():
            code = str(region["code"])
            layers.append((code, f"calendar/{year}.{code}.csv", region["notice"]))
        for layer, file, notice in layers:
            if (year, layer) in kept:
                pack.leave("calendar", f"{year} {layer}".strip())
                continue
            days = read_days(pack.csv(file))
            change = (
                import_year(year=year, notice=notice, days=days, actor=actor, at=at, layer=layer) or change
            )
    if change is not None:
        run_recompute(change_id=change.pk, at=at)


def _kept_by_hand() -> set[tuple[int, str]]:
    """Return the years and layers that an account changed."""
    by_hand = CalendarChange.objects.exclude(actor__account_id=None)
    return set(by_hand.values_list("year", "layer").distinct())


def read_days(rows: Iterable[Mapping[str, str]]) -> list[SpecialDay]:
    """Read rows with the columns date, kind (off or work), name_zh, name_en."""
    return [
        SpecialDay(
            day=date.fromisoformat(row["date"]),
            is_off=row["kind"] == "off",
            name=LocalizedText(zh=row["name_zh"], en=row["name_en"]),
        )
        for row in rows
    ]
