"""The facts drawn on the examples page. All people and cases are invented."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tongban.design.paging import Page

__all__ = ["context"]

_START = date(2026, 11, 19)
_KINDS = ("start", "counted", "off", "off", "due")


def context() -> dict[str, Any]:
    """Return what ``gallery.html`` draws."""
    return {
        "icons": _ICONS.split(),
        "days": [(_START + timedelta(days=n), kind, "") for n, kind in enumerate(_KINDS)],
        "today": _START + timedelta(days=1),
        "page": Page(items=range(20), number=2, has_next=True),
        "tags": ["", "blue", "green", "amber", "red", "red-soft", "line", "violet"],
    }


_ICONS = """
archive arrow baby bell bowl calendar camera candle chart chat check check-c clock close copy data doc
dots down download elder error external eye filter flag gear globe hand help home house idcard image
inbox info job land left link lock mail med menu mic pause pencil phone pin plus print progress qr retire
right rings rss scale school search send shield shield-plus shop sort stamp star stop stroller textsize
trash truck undo upload user users volume warn yuan
"""
