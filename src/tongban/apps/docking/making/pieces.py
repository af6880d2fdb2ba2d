"""What the makers of all tables share: the draft, and how values are written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

CITIZEN_ID, CREDIT_CODE = "111", "001"
"""Kinds of document: the citizen ID is 111 in GA/T 2000.156; 001 for the credit code is what platforms use."""
RATED_AT = {"web": "PC端", "mobile": "移动服务端", "desk": "政务大厅其他终端", "kiosk": "政务大厅平板电脑"}
UNITS = {"wd": "工作日", "d": "自然日", "h": "小时"}
PARTY, MACHINE = "当事人", "系统自动"
ITEM_CODES = ("implementation_code", "handling_code", "basic_code")


@dataclass(frozen=True, slots=True)
class Draft:
    """A record that is to be made. ``about`` are the numbers of those of whom it says something."""

    table: str
    key: str
    subject: Ref
    content: dict[str, Any]
    case_number: str = ""
    about: tuple[str, ...] = ()


def of_case(table: str, case: Any, key: str, record: Mapping[str, Any], about: tuple[str, ...] = ()) -> Draft:
    """Return a draft about a case; empty values are left out."""
    return Draft(table, key, case.ref, filled(record), case.number or "", about)


def filled(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record without what is empty."""
    return {code: value for code, value in record.items() if value not in (None, "", [])}


def code_of(item: Mapping[str, Any]) -> str:
    """Return the code of an item, empty when it has none."""
    return str(item.get("implementation_code") or item.get("handling_code") or "")


def unit_of(unit_id: int) -> Any:
    """Return a unit as identity tells it."""
    return identity.get_unit(int(unit_id))


def zh(value: Any) -> str:
    """Return the Chinese of a localized text, trimmed."""
    return as_text(LocalizedText.of(value).zh) if value is not None else ""


def as_text(value: str) -> str:
    """Return a text with plain line ends, trimmed."""
    return value.replace("\r\n", "\n").replace("\r", "\n").strip()


def yes(value: Any) -> str:
    """Return what the standard writes for yes and no."""
    return "1" if value else "0"


def day_of(act: ledger.ActRow) -> date:
    """Return the legal day of an act."""
    return local_date(act.at)
