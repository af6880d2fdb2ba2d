"""What the audit refuses."""

from __future__ import annotations

from tongban.base.errors import TongbanError
from tongban.base.text import LocalizedText

__all__ = ["SearchTooWide"]


class SearchTooWide(TongbanError):
    """The search took longer than a page may take."""

    code = "search-too-wide"
    status = 422
    title = LocalizedText(
        zh="查得太宽，几秒钟没有查完。请加上日期、单位或者人再查",
        en="The search is too wide and did not finish within seconds. Add days, a unit or a person",
    )
