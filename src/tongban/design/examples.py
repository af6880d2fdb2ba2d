"""The facts drawn on the examples page. All people and cases are invented."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from tongban.base.text import LocalizedText
from tongban.design.paging import Page

__all__ = ["context"]

_TOO_LARGE = LocalizedText(
    "62 平方米超过了小餐饮的上限 50 平方米", "62 m² is over the 50 m² limit for small catering"
)
_START = date(2026, 11, 19)
_KINDS = ("start", "count", "off", "off", "due")


def context() -> dict[str, Any]:
    """Return what ``gallery.html`` draws."""
    return {
        "icons": _ICONS.split(),
        "days": [(_START + timedelta(days=n), kind) for n, kind in enumerate(_KINDS)],
        "today": _START + timedelta(days=1),
        "page": Page(items=range(20), number=2, has_next=True),
        "tags": ["", "blue", "green", "amber", "red", "red-soft", "line", "violet"],
        "errors": [{"field": "area", "message": _TOO_LARGE}],
        "options": [("electronic", _("电子证")), ("paper", _("到大厅领纸质证"), _("带上身份证"))],
        "kinds": [("noodles", _("米线、面条")), ("breakfast", _("早点")), ("barbecue", _("烧烤"))],
        "towns": [("", _("请选择")), ("chengguan", _("城关镇")), ("qingxi", _("清溪镇"))],
        "sample": {
            "sign": "李记小锅米线",
            "name": "李秀英",
            "id": "532399198808081027",
            "kinds": ["noodles"],
        },
    }


_ICONS = """
archive arrow baby bell bowl calendar camera candle chart chat check check-c clock close copy data doc
dots down download elder error external eye filter flag gear globe hand help home house idcard image
inbox info job land left link lock mail med menu mic pause pencil phone pin plus print progress qr retire
right rings rss scale school search send shield shield-plus shop sort stamp star stop stroller textsize
trash truck undo upload user users volume warn yuan
"""
