"""Units and posts: by id, by code, by duty. Units are kept in memory, there are some dozens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tongban.base import published
from tongban.base.errors import NotFound
from tongban.base.text import LocalizedText
from tongban.kernel.identity.models import Post, Unit

__all__ = ["all_units", "get_unit", "list_units", "post_names", "unit_names", "units_with_duty"]

all_units: published.Kept[None, dict[int, Unit]] = published.Kept(
    ("identity_unit",), lambda _: {unit.pk: unit for unit in Unit.objects.all()}
)
"""All units by id, also those that were merged into others; they are shared."""


def get_unit(key: int | str) -> Unit:
    """Return a unit by id or by code. It is shared, change it only by ``put_unit``. Raises NotFound."""
    units = all_units.get(None)
    found = (
        units.get(key) if isinstance(key, int) else next((u for u in units.values() if u.code == key), None)
    )
    if found is None:
        raise NotFound
    return found


def unit_names(ids: Iterable[int]) -> Mapping[int, LocalizedText]:
    """Return the names of units by id."""
    units = all_units.get(None)
    return {pk: units[pk].name for pk in set(ids) if pk in units}


def post_names(ids: Iterable[int]) -> Mapping[int, LocalizedText]:
    """Return the names of posts by id."""
    return dict(Post.objects.filter(pk__in=set(ids)).values_list("pk", "name"))


def list_units(*, with_closed: bool = False) -> list[Unit]:
    """Return the units in force, in Chinese order; ``with_closed`` also those that were merged into others."""
    units = Unit.objects.order_by("name_sort")
    return list(units if with_closed else units.filter(closed_at=None))


def units_with_duty(duty: str) -> list[Unit]:
    """Return the units that have a post with this duty, in Chinese order. They are shared, change them only by ``put_unit``."""
    return list(_competent.get(duty))


def _load_competent(duty: str) -> list[Unit]:
    having = Post.objects.filter(duties__contains=[duty]).values("unit_id")
    return list(Unit.objects.filter(pk__in=having).order_by("name_sort"))


_competent = published.Kept(("identity_post", "identity_unit"), _load_competent)
