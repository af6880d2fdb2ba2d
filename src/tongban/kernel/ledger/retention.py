"""How long it is kept who read about whom. Data with its legal source; the installation may keep it longer, never shorter."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from tongban.base.text import LocalizedText

__all__ = ["LEAST_YEARS", "SOURCE", "cutoff"]

LEAST_YEARS = 3
SOURCE = LocalizedText(
    zh="《个人信息保护法》第十九条、第五十六条：保存期限应当为实现处理目的所必要的最短时间；处理情况记录应当至少保存三年",
    en="Personal Information Protection Law art. 19 and 56: kept no longer than the purpose needs; "
    "records of processing are kept for at least three years",
)
"""Of when a record of reading is forgotten: not before the three years, and not kept for ever."""


def cutoff(at: datetime, *, years: int | None = None) -> datetime:
    """Return the moment before which reads are old enough to be thinned; 29 February counts as 28."""
    back = settings.TONGBAN_READS_KEPT_YEARS if years is None else years
    try:
        return at.replace(year=at.year - back)
    except ValueError:
        return at.replace(year=at.year - back, day=28)
