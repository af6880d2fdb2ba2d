"""What is counted of services (``base.figures``): ratings by level; and how items are called in figures."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Concat

from tongban.apps.services.models import Item, Rating
from tongban.base import figures
from tongban.base.text import LocalizedText as T
from tongban.kernel.cases import service as cases

__all__ = ["register"]

LEVELS = {
    1: T("非常满意", "Very satisfied"),
    2: T("满意", "Satisfied"),
    3: T("基本满意", "Fairly satisfied"),
    4: T("不满意", "Dissatisfied"),
    5: T("非常不满意", "Very dissatisfied"),
}
"""GB/T 39046 A.8."""


def _rated(at: datetime, *, level: int) -> QuerySet[Any]:
    """Return the ratings of one level as a measure wants them."""
    return Rating.objects.filter(level=level).annotate(
        of_case=F("case_id"),
        of_unit=F("unit_id"),
        of_item=Concat(Value("item:"), "item_key"),
        of_place=cases.home_of("case_id"),
        of_at=F("at"),
    )


MEASURES = [
    figures.Measure(
        key=f"rated-{level}",
        label=label,
        says=T(
            f"办事人自己评的“{label.zh}”，按评价的时间；没评的不算好评",
            f"Rated “{label.en}” by the applicants themselves, by the moment of rating; silence is no praise",
        ),
        rows=partial(_rated, level=level),
    )
    for level, label in LEVELS.items()
]


def _names(keys: Collection[str]) -> Mapping[str, T]:
    items = Item.objects.filter(key__in=keys).only("key", "content")
    return {item.key: T.of(item.content.get("short_name")) or item.name for item in items}


def register() -> None:
    """Register what is counted, and the names."""
    for measure in MEASURES:
        figures.register_measure(measure)
    figures.name_things("item", _names)
