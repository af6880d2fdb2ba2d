"""Pure decisions on certificates: numbers, identifiers, validity, codes. No Django."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

__all__ = [
    "CODE_ALPHABET",
    "clean_code",
    "end_of_validity",
    "format_number",
    "identifier",
    "last_day",
    "new_code",
]

CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without I, O, 0 and 1, which people confuse when they type a code from paper."""
CODE_LENGTH = 16
ROOT = "1.2.156.3005.2"
"""The object identifier under which GB/T 36904 certificate identifiers hang."""


def new_code() -> str:
    """Return a fresh verification code: 16 characters, 80 bits, so nobody finds one by trying."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def clean_code(typed: str) -> str:
    """Return a code as stored from what somebody typed or scanned: capitals, no blanks or dashes."""
    return "".join(c for c in typed.upper() if c in CODE_ALPHABET)[:CODE_LENGTH]


def end_of_validity(valid_from: date, years: int) -> date | None:
    """Return the last day of validity: the day before the same date ``years`` later; None when it is valid for ever.

    >>> end_of_validity(date(2026, 11, 20), 5)
    datetime.date(2031, 11, 19)
    >>> end_of_validity(date(2024, 2, 29), 5)
    datetime.date(2029, 2, 28)
    """
    if years == 0:
        return None
    try:
        same_day = valid_from.replace(year=valid_from.year + years)
    except ValueError:  # 29 February
        return valid_from.replace(year=valid_from.year + years, day=28)
    return same_day - timedelta(days=1)


def last_day(validity: Mapping[str, Any], valid_from: date, answers: Mapping[str, Any]) -> date | None:
    """Return the last day by the rule of a type: the date that was applied for (``until``), else so many years.

    >>> last_day({"until": "to"}, date(2026, 6, 1), {"to": "2026-06-30"})
    datetime.date(2026, 6, 30)
    """
    asked = answers.get(validity["until"]) if validity.get("until") else None
    return date.fromisoformat(asked) if asked else end_of_validity(valid_from, validity["years"])


def format_number(
    rule: Mapping[str, Any], *, year: int, n: int, area: str, answers: Mapping[str, Any]
) -> str:
    """Return a certificate number by the rule of its type.

    ``rule["format"]`` may use {year}, {n}, {area}, {uscc} (the credit code that the case gave) and {format_digit}, which
    ``rule["digits"]`` looks up by the answer "format" (kind of business). The result contains nothing typed by an applicant.
    """
    digits = rule.get("digits") or {}
    digit = digits.get(answers.get("format"), "0")
    return str(rule["format"]).format(
        year=year, n=n, area=area, format_digit=digit, uscc=answers.get("uscc", "")
    )


def identifier(type_code: str, organ: str, serial: str, version: str) -> str:
    """Return a certificate identifier of GB/T 36904 without its check character: root, type, organ, serial, version."""
    return ".".join([ROOT, type_code, organ, serial, version])
