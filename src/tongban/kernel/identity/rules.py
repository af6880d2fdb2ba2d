"""Decisions of identity that need no database.

Periods, the three administrators, sorting by pinyin, lock-out, the tree of units.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Protocol

from tongban.base.text import LocalizedText

__all__ = [
    "ADMIN_DUTIES",
    "BELOW_ITSELF",
    "Failures",
    "Fault",
    "after_failure",
    "basis_faults",
    "clashing_duties",
    "free_code",
    "initials",
    "is_below",
    "is_locked",
    "is_within",
    "pinyin_key",
    "unit_faults",
]

ADMIN_DUTIES = frozenset({"admin.system", "admin.security", "admin.audit"})
"""The three administrators (GB/T 22239-2019 8.1.4.2): no person may hold two of these duties."""


def is_within(at: datetime, since: datetime, until: datetime | None) -> bool:
    """True when ``at`` lies in the half-open period: an end takes effect at its very moment."""
    return since <= at and (until is None or at < until)


def clashing_duties(duties: Iterable[str]) -> frozenset[str]:
    """Return the administrator duties when there are two or more among ``duties``, else nothing."""
    found = ADMIN_DUTIES & set(duties)
    return found if len(found) > 1 else frozenset()


@lru_cache(maxsize=4096)
def pinyin_key(name: str) -> str:
    """Return the key by which a name sorts in Chinese order.

    Syllables with tone numbers, then the name itself.

    Code point order would put 张 before 李; the name at the end keeps the order of homophones stable.
    """
    from pypinyin import (
        Style,
        lazy_pinyin,
    )  # its dictionaries are large, so only when a name is really written

    syllables = lazy_pinyin(name, style=Style.TONE3, neutral_tone_with_five=True)
    return " ".join([*(syllable.casefold() for syllable in syllables), name])[:200]


@dataclass(frozen=True, slots=True)
class Failures:
    """How often signing in failed under one key, since when, and until when it is locked."""

    count: int
    since: datetime
    locked_until: datetime | None = None


WINDOW = timedelta(minutes=15)
LOCK = timedelta(minutes=15)


def after_failure(before: Failures | None, *, limit: int, at: datetime) -> Failures:
    """Return the state after one more failure at ``at``.

    Failures older than the window count no longer; the ``limit``-th failure within it locks for a quarter of
    an hour.
    """
    if before is None or at - before.since > WINDOW:
        before = Failures(0, at)
    count = before.count + 1
    return Failures(count, before.since, at + LOCK if count >= limit else None)


def is_locked(state: Failures | None, at: datetime) -> bool:
    """True while signing in is locked."""
    return state is not None and state.locked_until is not None and at < state.locked_until


# --- units -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field of a form."""

    field: str
    zh: str
    en: str

    def as_error(self) -> dict[str, Any]:
        """Return the shape in which refusals carry it."""
        return {"field": self.field, "message": {"zh": self.zh, "en": self.en}}


class Unitlike(Protocol):
    """What is looked at of a unit that is to be written."""

    @property
    def name(self) -> LocalizedText: ...
    @property
    def division_code(self) -> str: ...
    @property
    def uscc(self) -> str: ...


BELOW_ITSELF = ("不能放到自己或者自己的下级机构下面", "A unit cannot be put below itself")
CODE = re.compile(r"[a-z][a-z0-9-]{0,59}")
DIVISION = re.compile(r"[0-9]{12}")
USCC = re.compile(r"[0-9A-HJ-NP-RT-Y]{18}")


def unit_faults(
    facts: Unitlike, *, basis: str, code: str = "", taken: Collection[str] = frozenset()
) -> list[Fault]:
    """Return everything that is wrong with what is to be written of a unit."""
    faults = basis_faults(basis)
    if not facts.name.zh.strip():
        faults.append(Fault("name_zh", "请填名称", "Give the name"))
    if not DIVISION.fullmatch(facts.division_code):
        faults.append(
            Fault("division_code", "行政区划代码是十二位数字", "The division code has twelve digits")
        )
    if facts.uscc and not USCC.fullmatch(facts.uscc):
        faults.append(
            Fault(
                "uscc",
                "统一社会信用代码是十八位数字和大写字母",
                "The credit code has eighteen digits and letters",
            )
        )
    if code and not CODE.fullmatch(code):
        faults.append(
            Fault(
                "code",
                "代号用小写字母开头，只用小写字母、数字和短横线",
                "Use small letters, digits and hyphens",
            )
        )
    elif code in taken:
        faults.append(Fault("code", "这个代号已经有了", "Another unit has this code"))
    return faults


def basis_faults(basis: str) -> list[Fault]:
    """Every change of the organisation names the document that orders it."""
    if basis.strip():
        return []
    return [Fault("basis", "请写依据，如 澄编发〔2026〕3号", "Give the document that orders it")]


def is_below(unit: int | None, above: int, parents: Mapping[int, int | None]) -> bool:
    """True when ``unit`` is ``above`` or stands somewhere below it in the tree that ``parents`` is."""
    seen: set[int] = set()
    while unit is not None and unit not in seen:
        if unit == above:
            return True
        seen.add(unit)
        unit = parents.get(unit)
    return False


def initials(name: str) -> str:
    """Return a code for a name: the first letters of its syllables, 市场监管局 gives ``scjgj``."""
    from pypinyin import Style, lazy_pinyin

    letters = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()
    return re.sub(r"[^a-z0-9]", "", letters).lstrip("0123456789")[:40] or "unit"


def free_code(wanted: str, taken: Collection[str]) -> str:
    """Return ``wanted``, or with the lowest number from 2 that makes it free."""
    if wanted not in taken:
        return wanted
    return next(code for n in range(2, len(taken) + 3) if (code := f"{wanted}-{n}") not in taken)
