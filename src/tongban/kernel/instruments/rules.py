"""Numbers, codes and contents of papers. Pure: no Django here."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from string import Formatter
from typing import Any

__all__ = [
    "CODE_ALPHABET",
    "clean_code",
    "counter_key",
    "format_code",
    "format_number",
    "is_number_format",
    "is_within_case",
    "missing_fields",
    "new_code",
    "served_on_all",
    "snapshot",
]

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without 0 O 1 I L U: a code is read out and typed in by hand. 16 of 30 signs are 78 bits."""
CODE_LENGTH = 16
CASE_NUMBER = "case_number"
"""The field of a paper that states its case's number, and the place of it in a format."""
DEFAULT_NUMBER = "{prefix}{kind}〔{year}〕{n}号"


def format_number(
    number_format: str, *, prefix: str, kind: str, year: int, n: int, case_number: str = ""
) -> str:
    """Return a paper's number: by default with brackets 〔〕 (U+3014/3015) and without 第 (条例 and GB/T 9704-2012, 7.2.5).

    >>> format_number(DEFAULT_NUMBER, prefix="澄市监", kind="受", year=2026, n=7)
    '澄市监受〔2026〕7号'
    """
    return number_format.format(prefix=prefix, kind=kind, year=year, n=n, case_number=case_number)


def is_within_case(number_format: str) -> bool:
    """True when papers are counted within their case and not within the organ and year: the number names the case.

    >>> is_within_case("{case_number}-{kind}{n}")
    True
    """
    return CASE_NUMBER in _names(number_format)


def is_number_format(number_format: str, *, kind: str, fields: Iterable[Mapping[str, Any]]) -> bool:
    """True when numbers can be made by it, and each is another.

    Within a case the word tells the kinds of paper apart, and the paper must state the case's number.

    >>> is_number_format(DEFAULT_NUMBER, kind="受", fields=[])
    True
    >>> is_number_format("{case_number}-{kind}{n}", kind="收", fields=[])
    False
    """
    try:
        names = _names(number_format)
        sample = format_number(number_format, prefix="甲", kind=kind, year=2026, n=1, case_number="甲")
    except (KeyError, IndexError, ValueError, AttributeError):
        return False
    states_it = any(field.get("key") == CASE_NUMBER and field.get("required") for field in fields)
    within = CASE_NUMBER not in names or ("kind" in names and states_it)
    return within and "1" in sample.replace("2026", "")


def _names(number_format: str) -> set[str]:
    """Return what a format speaks of. Raises ValueError when it is none."""
    return {name for _, name, _, _ in Formatter().parse(number_format) if name}


def counter_key(*, prefix: str, kind: str, year: int) -> str:
    """Return the key of the counter: every organ counts each kind of paper anew each year."""
    return f"paper:{prefix}:{kind}:{year}"


def new_code() -> str:
    """Return a verification code that cannot be guessed."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def format_code(code: str) -> str:
    """Return the code in groups of four, as it is printed."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def clean_code(typed: str) -> str:
    """Return what was typed as a code would be: capitals without separators.

    >>> clean_code(" k7qf-m2xw 9trc-4hnb ")
    'K7QFM2XW9TRC4HNB'
    """
    return "".join(c for c in typed.upper() if c in CODE_ALPHABET)[:CODE_LENGTH]


def missing_fields(fields: Iterable[Mapping[str, Any]], data: Mapping[str, Any]) -> list[str]:
    """Return the required fields for which there is nothing to print. ``False`` and 0 are something."""
    return [f["key"] for f in fields if f.get("required") and data.get(f["key"]) in (None, "", [], {})]


def snapshot(fields: Iterable[Mapping[str, Any]], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return only what the template declares: a paper keeps nothing that it does not say."""
    return {f["key"]: data[f["key"]] for f in fields if f["key"] in data}


def served_on_all(
    services: Iterable[tuple[str, str, datetime, datetime | None]],
) -> datetime | None:
    """Return since when a paper is served on everybody it was sent to; None while somebody has not got it, and for nobody.

    ``services`` are (recipient, method, served, received). Electronically a paper is served when it is in the box (Electronic
    Signature Law art. 11), in person when it is handed over, by post on the day of receipt. Of several ways to one
    recipient the first that arrived counts.
    """
    arrived: dict[str, list[datetime]] = {}
    for recipient, method, served_at, received_at in services:
        moments = arrived.setdefault(recipient, [])
        effective = received_at if method == "post" else served_at
        if effective is not None:
            moments.append(effective)
    if not arrived or not all(arrived.values()):
        return None
    return max(min(moments) for moments in arrived.values())
