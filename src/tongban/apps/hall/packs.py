"""The pack section "hall": halls with their hours, services and windows (``hall.yaml``)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Model

from tongban.apps.hall.models import Opening, Point
from tongban.apps.hall.operations.hours import put_hours, put_point
from tongban.base.actor import Actor
from tongban.base.bringing import bring
from tongban.base.packs import Pack, section

__all__ = ["load_halls"]


@section("hall", order=65)
def load_halls(pack: Pack, *, actor: Actor, at: datetime) -> None:
    """Load ``hall.yaml``, when the pack has one. The hours are a thing of their own: halls change them themselves."""
    said = {content["key"]: content for content in pack.yaml("hall.yaml", "points")}

    def put(key: str) -> None:
        put_point(content=said[key], actor=actor, at=at)

    def put_week(key: str) -> None:
        put_hours(content=said[key], actor=actor, at=at)

    halls = {key: {**content, "hours": None} for key, content in said.items()}
    bring(pack, "hall", halls, standing=_halls, put=put, at=at)
    weeks = {key: content["hours"] for key, content in said.items()}
    bring(pack, "hours", weeks, standing=_hours, put=put_week, at=at)


def _halls(keys: Collection[str]) -> dict[str, Any]:
    points = Point.objects.filter(key__in=keys).prefetch_related("services", "windows")
    return {
        point.key: [
            _columns(point),
            sorted((_columns(service, "point_id") for service in point.services.all()), key=str),
            sorted((_columns(window, "point_id") for window in point.windows.all()), key=str),
        ]
        for point in points
    }


def _columns(row: Model, *but: str) -> list[Any]:
    return [getattr(row, f.attname) for f in row._meta.concrete_fields if f.attname not in ("id", *but)]


def _hours(keys: Collection[str]) -> dict[str, Any]:
    weeks: dict[str, list[Any]] = {
        key: [] for key in Point.objects.filter(key__in=keys).values_list("key", flat=True)
    }
    found = Opening.objects.filter(point__key__in=keys).order_by("weekday", "opens")
    for key, *hours in found.values_list("point__key", "weekday", "opens", "closes"):
        weeks[key].append(hours)
    return weeks
