"""What the services application tells of its things to whoever passes them on (``base.exchange``): items,
applications, ratings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tongban.apps.services.models import Item, Rating
from tongban.apps.services.queries import application as reading
from tongban.apps.services.queries import keeping
from tongban.base import exchange
from tongban.base.time import LOCAL
from tongban.kernel.cases import service as cases

__all__ = ["register"]

WAYS = {"upload": "网上上传", "held": "数据共享", "generated": "系统生成"}
"""How a material came, by the item's ``action``."""


def register() -> None:
    """Say what is told of items, applications and ratings."""
    exchange.register_facts("item", _of_item)
    exchange.register_facts("case-item", _of_case_item)
    exchange.register_facts("application", _of_application)
    exchange.register_facts("rating", _of_rating)
    exchange.register_facts("case-materials", keeping.tell_materials)


def _of_item(key: str) -> Mapping[str, Any] | None:
    """Tell of an item by key: its content in force and the id of its unit. Of one that is only announced here nothing is told."""
    item = Item.objects.filter(key=key, is_in_force=True).first()
    if item is None or item.is_announced:
        return None
    return {"content": item.content, "unit_id": item.unit_id, "name": item.name.zh}


def _of_case_item(case_id: str) -> Mapping[str, Any] | None:
    """Tell of the item of a case, as it was when the case was made."""
    case = next(iter(cases.find_cases([UUID(case_id)])), None)
    return reading.item_of(case).content if case is not None and case.kind == "licence" else None


def _of_application(case_id: str) -> Mapping[str, Any] | None:
    """Tell of an application: the materials that its answers ask for, how each came, how many and since when."""
    case = next(iter(cases.find_cases([UUID(case_id)])), None)
    if case is None or case.kind != "licence" or case.entry is None:
        return None
    item = reading.item_of(case)
    ways = {row["key"]: WAYS.get(row.get("action", "upload"), "其他") for row in item.materials}
    return {
        "materials": [
            {
                "name": material.name.zh,
                "way": ways[material.key],
                "count": len(material.files) if material.is_upload else 1,
                "received": bool(material.files) or not material.is_upload,
                "at": max((file.at for file in material.files), default=case.submitted_at)
                .astimezone(LOCAL)
                .isoformat()
                if case.submitted_at
                else None,
            }
            for material in reading.materials_of(case, item)
        ]
    }


def _of_rating(case_id: str) -> Mapping[str, Any] | None:
    """Tell of the rating of a case: level, text, channel, moment; never who rated."""
    found = Rating.objects.filter(case_id=case_id).values("level", "text", "channel", "at").first()
    return {**found, "at": found["at"].isoformat()} if found else None
