"""How units, items, townships, months and days are called in figures."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from tongban.base import figures
from tongban.base.errors import NotFound
from tongban.base.text import LocalizedText as T
from tongban.kernel.identity import service as identity
from tongban.kernel.registers import service as registers
from tongban.kernel.registers.errors import UnknownField, UnknownRegister

__all__ = ["Names", "day_label", "month_label"]

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
TOWNSHIP = 9


class Names:
    """The names that a page needs, read at once."""

    def __init__(self, items: Collection[str]) -> None:
        self._items = figures.names_of(items)
        self._places = _townships()

    def unit(self, unit_id: int) -> T:
        """Return the short name of a unit."""
        try:
            unit = identity.get_unit(unit_id)
        except NotFound:
            return T(str(unit_id))
        return unit.short_name or unit.name

    def item(self, item: str) -> T:
        """Return the name of an item."""
        return self._items.get(item) or T(item.partition(":")[2])

    def place(self, code: str) -> T:
        """Return the name of a township."""
        return self._places.get(code) or (T("外地", "Elsewhere") if code else T("没有登记", "Not registered"))


def _townships() -> dict[str, T]:
    """Return the names of the county's townships as the register of divisions has them, else as their governments are called."""
    units = {
        u.division_code[:TOWNSHIP]: u.short_name or u.name
        for u in identity.list_units()
        if u.kind == "township"
    }
    try:
        rows = registers.find_records(
            "divisions", {"code": [f"{code}000" for code in units]}, limit=len(units)
        )
    except (UnknownField, UnknownRegister):
        return units
    named = {
        row.values["code"][:TOWNSHIP]: T(row.values["name"], row.values.get("name_en") or "") for row in rows
    }
    return units | named


def month_label(day: date) -> T:
    """Return a month in words: January with its year.

    >>> month_label(date(2026, 1, 1)).zh, month_label(date(2026, 2, 1)).en
    ('2026年1月', 'Feb')
    """
    zh, en = f"{day.month}月", MONTHS[day.month - 1]
    return T(f"{day.year}年{zh}", f"{en} {day.year}") if day.month == 1 else T(zh, en)


def day_label(day: date) -> T:
    """Return the day on which a week begins, in words.

    >>> day_label(date(2026, 11, 2)).en
    '2 Nov'
    """
    return T(f"{day.month}月{day.day}日", f"{day.day} {MONTHS[day.month - 1]}")
