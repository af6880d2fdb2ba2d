"""Reads of an item's versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tongban.apps.services.errors import ItemNotFound
from tongban.apps.services.models import Item, ItemVersion

__all__ = ["get_version", "list_contents", "list_versions"]


def list_contents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield key and content of every item in force."""
    yield from Item.objects.filter(is_in_force=True).values_list("key", "content").iterator(chunk_size=500)


def list_versions(key: str) -> list[ItemVersion]:
    """Return the versions of an item, the newest first; withdrawn or not. Raises ItemNotFound."""
    item = Item.objects.filter(key=key).first()
    if item is None:
        raise ItemNotFound(item=key)
    return list(item.versions.select_related("unit").order_by("-version"))


def get_version(key: str, number: int) -> ItemVersion:
    """Return one version of an item. Raises ItemNotFound."""
    found = ItemVersion.objects.select_related("item", "unit").filter(item__key=key, version=number).first()
    if found is None:
        raise ItemNotFound(item=key, version=number)
    return found
