"""What this installation calls itself: name, address, the marks the law asks of a government website.

The values come from the pack of the government (section ``site``) and live in one row. They change once in
years, so every process keeps them for a minute.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.db import DatabaseError, transaction

from tongban.base.text import LocalizedText
from tongban.design.models import SiteProfile

__all__ = ["Site", "current_site", "put_site"]

_KEEP_SECONDS = 60
_kept: tuple[float, Site] | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """A government's website. ``site_code`` is the 10-digit website identification code (网站标识码)."""

    name: LocalizedText = LocalizedText("通办", "Tongban")
    short_name: LocalizedText = LocalizedText("")
    tagline: LocalizedText = LocalizedText("")
    organiser: LocalizedText = LocalizedText("")
    operator: LocalizedText = LocalizedText("")
    address: LocalizedText = LocalizedText("")
    hours: LocalizedText = LocalizedText("")
    hotline: str = ""
    hotline_note: LocalizedText = LocalizedText("")
    phone: str = ""
    site_code: str = ""
    icp: str = ""
    police: str = ""
    organ_mark: LocalizedText = LocalizedText("")
    source_url: str = ""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Site:
        """Make one from stored values. Raises ValueError for a name it does not know."""
        kinds = {field.name: field.type for field in fields(cls)}
        if unknown := set(values) - set(kinds):
            raise ValueError(f"site: unknown values {sorted(unknown)}; known are {sorted(kinds)}")
        read: dict[str, Any] = {
            name: LocalizedText.of(value) if kinds[name] == "LocalizedText" else str(value)
            for name, value in values.items()
        }
        return cls(**read)


def put_site(values: Mapping[str, Any]) -> Site:
    """Store what the installation calls itself. Idempotent."""
    global _kept
    site = Site.of(values)
    SiteProfile.objects.update_or_create(pk=1, defaults={"values": dict(values)})
    _kept = None
    return site


def current_site() -> Site:
    """Return the values; the product's own name before a pack is installed or when the database is silent."""
    global _kept
    if _kept is None or time.monotonic() - _kept[0] > _KEEP_SECONDS:
        try:
            with transaction.atomic():
                row = SiteProfile.objects.filter(pk=1).first()
        except DatabaseError:
            return Site()
        _kept = (time.monotonic(), Site.of(row.values) if row else Site())
    return _kept[1]


def forget_site() -> None:
    """Read the row again at the next question (tests, and after a rollback)."""
    global _kept
    _kept = None
