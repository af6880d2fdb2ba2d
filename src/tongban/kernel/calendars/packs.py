"""The national years that the program brings, and the calendar of a pack: ``calendar/years.yaml`` names the published years,
``<year>.csv`` holds their days, ``<year>.<division code>.csv`` those of a region.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Set
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tongban.base.actor import Actor
from tongban.base.builtin import ACTOR
from tongban.base.packs import Pack, section
from tongban.base.text import LocalizedText
from tongban.kernel.calendars.models import CalendarChange
from tongban.kernel.calendars.operations.recompute import run_recompute
from tongban.kernel.calendars.operations.years import SpecialDay, import_year
from tongban.kernel.calendars.rules import NATIONAL

__all__ = ["BUILTIN", "bring_national", "load_calendar", "read_days"]

BUILTIN = Pack(Path(__file__).parent / "builtin")
"""The years that the State Council has published: facts of the whole country, so no county must bring them."""


@section("calendar", order=30)
def load_calendar(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Import every listed year: its days where it has a ``notice``, and under ``regions`` those of regions with holidays of
    their own. The national years of the program come first: no clock can be right without them.

    What the keeper of the calendar has changed since is the office's own: a pack that is installed again leaves it.
    """
    own = list(pack.yaml("calendar/years.yaml", "years"))
    bring_national(at=at, besides=[int(entry["year"]) for entry in own if "notice" in entry])
    _import(pack, own, kept=_kept_by_hand(), actor=actor, at=at)


def bring_national(*, at: datetime, besides: Collection[int] = ()) -> None:
    """Import the years of the program that nobody else has brought or changed, ``besides`` those that a pack has itself."""
    others = CalendarChange.objects.exclude(actor__name=ACTOR.name)
    kept = set(others.values_list("year", "layer").distinct()) | {(year, NATIONAL) for year in besides}
    _import(BUILTIN, BUILTIN.yaml("calendar/years.yaml", "years"), kept=kept, actor=ACTOR, at=at)


def _import(
    pack: Pack,
    entries: Iterable[Mapping[str, Any]],
    *,
    kept: Set[tuple[int, str]],
    actor: Actor,
    at: datetime,
) -> None:
    change = None
    for entry in entries:
        year = int(entry["year"])
        layers = [(NATIONAL, f"calendar/{year}.csv", entry["notice"])] if "notice" in entry else []
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
