"""Pure rules of what people see: masked names and numbers, dates in words."""

from __future__ import annotations

import re
from datetime import date, datetime

__all__ = ["day_in_words", "mask_id", "mask_mobile", "mask_name", "moment_in_words", "weekday_in_words"]

_WEEKDAYS = {
    "zh": ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HAN_NAME = re.compile(r"[㐀-鿿豈-﫿𠀀-𲎯]+")


def mask_name(name: str) -> str:
    """Hide one character of a Chinese name (李秀英 -> 李*英, 王芳 -> 王*), all but the initials of any other.

    Many names of ethnic groups (迪丽热巴·艾力) and foreign names are longer: hiding one character hides
    nothing.
    """
    name = name.strip()
    if _HAN_NAME.fullmatch(name) and len(name) <= 4:
        hidden = max(1, len(name) - 2)
        return "*" if len(name) == 1 else f"{name[:hidden]}*{name[hidden + 1 :]}"
    return re.sub(r"([^\s·.-])([^\s·.-]*)", lambda part: part[1] + "*" * bool(part[2]), name)


def mask_id(number: str) -> str:
    """Keep the first 6 and the last 4 of an identity number; a shorter number keeps only its last 2."""
    number = number.strip()
    if len(number) > 10:
        return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"
    return "*" * max(0, len(number) - 2) + number[-2:] if len(number) > 2 else "*" * len(number)


def mask_mobile(number: str) -> str:
    """Keep the first 3 and the last 4 of a telephone number; a short one keeps its last 2."""
    number = number.strip()
    if len(number) < 10:
        return mask_id(number)
    return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"


def day_in_words(day: date, language: str, *, with_year: bool = True) -> str:
    """Return 2026年3月5日 or 5 Mar 2026."""
    if language.startswith("en"):
        text = f"{day.day} {_MONTHS[day.month - 1]}"
        return f"{text} {day.year}" if with_year else text
    text = f"{day.month}月{day.day}日"
    return f"{day.year}年{text}" if with_year else text


def moment_in_words(moment: datetime, language: str, *, with_year: bool = True) -> str:
    """Return 2026年3月5日 9:41 or 5 Mar 2026, 9:41. The moment is already in local time."""
    day = day_in_words(moment.date(), language, with_year=with_year)
    comma = "," if language.startswith("en") else ""
    return f"{day}{comma} {moment.hour}:{moment.minute:02d}"


def weekday_in_words(day: date, language: str) -> str:
    """Return 星期四 or Thursday."""
    return _WEEKDAYS["en" if language.startswith("en") else "zh"][day.weekday()]
