"""Pure decisions on certificates: numbers, identifiers, validity, codes, and what may become of one. No Django."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from string import Formatter
from typing import Any

__all__ = [
    "ACTS",
    "CODE_ALPHABET",
    "FORCE",
    "LONGEST_COPY",
    "STATUSES",
    "TRANSITIONS",
    "WORKED_OUT",
    "Validity",
    "acts_from",
    "after",
    "clean_code",
    "copy_status",
    "due_on",
    "end_of_validity",
    "format_number",
    "identifier",
    "is_reminder",
    "last_day",
    "last_day_of_copy",
    "may_renew",
    "needs_second_look",
    "new_code",
    "renewed",
    "status_on",
    "takes_from_holder",
    "type_faults",
]

CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without I, O, 0 and 1, which people confuse when they type a code from paper."""
CODE_LENGTH = 16
ROOT = "1.2.156.3005.2"
"""The object identifier under which GB/T 36904 certificate identifiers hang."""

# --- what may become of a certificate -----------------------------------------------------------------------------

STATUSES = ("valid", "suspended", "revoked", "forfeited", "cancelled", "expired", "replaced")
"""有效 暂扣 撤销 吊销 注销 过期失效 已换新版本, in the words that certificate systems exchange."""
FORCE = frozenset({"valid", "suspended"})
"""In these a certificate still is one: it may come to its end."""

TRANSITIONS: Mapping[tuple[str, str], str] = {
    ("valid", "suspend"): "suspended",
    ("suspended", "resume"): "valid",
    ("valid", "revoke"): "revoked",
    ("suspended", "revoke"): "revoked",
    ("valid", "forfeit"): "forfeited",
    ("suspended", "forfeit"): "forfeited",
    # Administrative Licensing Law art. 70: what expired, was revoked or forfeited is cancelled afterwards.
    ("valid", "cancel"): "cancelled",
    ("suspended", "cancel"): "cancelled",
    ("expired", "cancel"): "cancelled",
    ("revoked", "cancel"): "cancelled",
    ("forfeited", "cancel"): "cancelled",
    ("valid", "expire"): "expired",
    ("suspended", "expire"): "expired",
    # A new version takes the place of this one. Art. 50: the decision on a renewal asked for in time may come late.
    ("valid", "renew"): "replaced",
    ("expired", "renew"): "replaced",
    ("valid", "change"): "replaced",
}
"""Every (status, act) that is allowed, with the status after it. Whatever is not here is refused."""

ACTS = ("suspend", "resume", "revoke", "forfeit", "cancel", "renew", "change", "expire")


def after(status: str, act: str) -> str | None:
    """Return the status that an act leads to; None when it is not allowed.

    >>> after("valid", "suspend"), after("revoked", "resume")
    ('suspended', None)
    """
    return TRANSITIONS.get((status, act))


def acts_from(status: str) -> list[str]:
    """Return what people may do with a certificate of this status, in the order in which it is offered."""
    return [act for act in ACTS if act != "expire" and (status, act) in TRANSITIONS]


def takes_from_holder(status: str, act: str) -> bool:
    """Say whether an act takes something from the holder: then a paper is served that says why and what can be done."""
    return status in FORCE and act in {"suspend", "revoke", "forfeit", "cancel"}


def needs_second_look(status: str, act: str) -> bool:
    """Say whether a second officer must agree: whenever it takes something from the holder or makes a new certificate."""
    return takes_from_holder(status, act) or act in {"renew", "change"}


# --- time -----------------------------------------------------------------------------------------------------------


def status_on(status: str, day: date, *, valid_to: date | None, suspended_to: date | None = None) -> str:
    """Return the status on a day, also where the nightly job has not yet written it down.

    >>> status_on("valid", date(2027, 1, 1), valid_to=date(2026, 12, 31))
    'expired'
    >>> status_on("suspended", date(2026, 7, 1), valid_to=None, suspended_to=date(2026, 6, 30))
    'valid'
    """
    if status in FORCE and valid_to is not None and day > valid_to:
        return "expired"
    if status == "suspended" and suspended_to is not None and day > suspended_to:
        return "valid"
    return status


def due_on(
    status: str,
    looked_on: date,
    *,
    valid_to: date | None,
    suspended_to: date | None = None,
    reminders: Iterable[int] = (),
) -> date | None:
    """Return the next day after ``looked_on`` on which something happens by itself; None when nothing ever will.

    That is the end of a suspension, a reminder so many days before the end, or the day after the last one.
    """
    if status not in FORCE:
        return None
    days: set[date] = set()
    if status == "suspended" and suspended_to is not None:
        days.add(suspended_to + timedelta(days=1))
    if valid_to is not None:
        days.add(valid_to + timedelta(days=1))
        days |= {valid_to - timedelta(days=n) for n in reminders}
    return min((day for day in days if day > looked_on), default=None)


def is_reminder(day: date, *, valid_to: date | None, reminders: Iterable[int], looked_on: date) -> bool:
    """Say whether a reminder fell due after ``looked_on`` and up to ``day`` (a machine that slept reminds once)."""
    if valid_to is None or day > valid_to:
        return False
    return any(looked_on < valid_to - timedelta(days=n) <= day for n in reminders)


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


@dataclass(frozen=True, slots=True)
class Validity:
    """First and last day; no last day means for ever."""

    first: date
    last: date | None


def may_renew(valid_to: date | None, applied_on: date) -> bool:
    """Say whether a renewal asked for on that day was asked for in time: while the certificate was valid.

    The law wants it 30 days before the end (art. 50), but that is an order to the holder, not the end of the right.
    """
    return valid_to is not None and applied_on <= valid_to


def renewed(valid_to: date, decided_on: date, years: int) -> Validity:
    """Return the validity of a renewed certificate: it goes on where the old one ends, however early it was decided."""
    first = valid_to + timedelta(days=1)
    return Validity(min(first, decided_on), end_of_validity(first, years))


# --- copies ---------------------------------------------------------------------------------------------------------

LONGEST_COPY = 180
"""Days for which a copy may be made: it is for one purpose, not a second certificate."""


def last_day_of_copy(day: date, days: int, valid_to: date | None) -> date:
    """Return the last day of a copy made on ``day`` for ``days`` days: never longer than the certificate itself."""
    last = day + timedelta(days=min(max(days, 1), LONGEST_COPY) - 1)
    return min(last, valid_to) if valid_to is not None else last


def copy_status(certificate_status: str, day: date, *, valid_to: date, is_ended: bool) -> str:
    """Return the status of a copy: "valid", "ended" by itself or by its maker, or what became of the certificate."""
    if certificate_status != "valid":
        return certificate_status
    return "ended" if is_ended or day > valid_to else "valid"


# --- numbers and codes ----------------------------------------------------------------------------------------------


def new_code() -> str:
    """Return a fresh verification code: 16 characters, 80 bits, so nobody finds one by trying."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def clean_code(typed: str) -> str:
    """Return a code as stored from what somebody typed or scanned: capitals, no blanks or dashes."""
    return "".join(c for c in typed.upper() if c in CODE_ALPHABET)[:CODE_LENGTH]


def format_number(
    rule: Mapping[str, Any],
    *,
    year: int,
    n: int,
    area: str,
    answers: Mapping[str, Any],
    holder_id: str = "",
    worked_out: Mapping[str, Any] | None = None,
) -> str:
    """Return a certificate number by the rule of its type.

    ``rule["format"]`` may use {year}, {n}, {area}, {uscc} (the credit code that the case gave), {holder_id} (the holder's ID
    number), {format_digit}, which ``rule["digits"]`` looks up by the answer "format" (kind of business), and each of
    ``rule["places"]``: a name for what a decision table worked out of what officials found. Nothing in the result was typed by
    an applicant.

    >>> rule = {"format": "{holder_id}{kind}{grade}", "places": {"kind": "calculation.kind", "grade": "calculation.grade"}}
    >>> found = {"kind": "4", "grade": "2"}
    >>> format_number(rule, year=2026, n=1, area="", answers={}, holder_id="53239919430411128X", worked_out=found)
    '53239919430411128X42'
    """
    digits = rule.get("digits") or {}
    digit = digits.get(answers.get("format"), "0")
    places = {
        name: str((worked_out or {}).get(source.removeprefix(WORKED_OUT), ""))
        for name, source in (rule.get("places") or {}).items()
    }
    return str(rule["format"]).format(
        **places,
        year=year,
        n=n,
        area=area,
        format_digit=digit,
        uscc=answers.get("uscc", ""),
        holder_id=holder_id,
    )


def identifier(type_code: str, organ: str, serial: str, version: int) -> str:
    """Return a certificate identifier of GB/T 36904 without its check character: root, type, organ, serial, version.

    >>> identifier("11530000MB0143028R032", "11532399MB0C000369", "202600000007", 2)
    '1.2.156.3005.2.11530000MB0143028R032.11532399MB0C000369.202600000007.002'
    """
    return ".".join([ROOT, type_code, organ, serial, f"{version:03d}"])


# --- types ----------------------------------------------------------------------------------------------------------

TypeFault = tuple[str, tuple[str, str]]
"""A place in the content of a type, and what is wrong there in Chinese and English."""
_MISSING = ("没有填", "Missing")


def type_faults(content: Mapping[str, Any]) -> list[TypeFault]:
    """Return what is wrong with the content of a type of certificate; nothing when it can be used.

    >>> type_faults({"key": "x"})[0]
    ('unit', ('没有填', 'Missing'))
    """
    faults: list[TypeFault] = [(key, _MISSING) for key in ("key", "unit") if not content.get(key)]
    name = content.get("name")
    if not (name.get("zh") if isinstance(name, Mapping) else name):
        faults.append(("name", _MISSING))
    code = content.get("type_code")
    if not isinstance(code, str) or not re.fullmatch(r"[0-9A-Z]{18,21}", code):
        faults.append(
            ("type_code", ("证照类型代码是 18 到 21 位数字和大写字母", "18 to 21 digits and capital letters"))
        )
    years = _mapping(content.get("validity")).get("years")
    if not isinstance(years, int) or isinstance(years, bool) or not 0 <= years <= 99:
        faults.append(
            (
                "validity.years",
                ("有效年数是 0 到 99 的整数，0 是长期", "A whole number from 0 (no end) to 99"),
            )
        )
    faults += _number_faults(_mapping(content.get("number")))
    faults += _field_faults(content.get("fields") or [])
    days = content.get("reminders", [])
    if not isinstance(days, list) or not all(type(day) is int and 0 < day < 3_000 for day in days):
        faults.append(("reminders", ("提前几天提醒，是整数的列表", "A list of whole numbers of days")))
    return faults


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


WORKED_OUT = "calculation."
"""Before what a decision table worked out, where a rule names it."""
_KNOWN = frozenset({"year", "n", "area", "format_digit", "uscc", "holder_id"})
_PLACES_WRONG = (
    "证号的各位写成 名称: calculation.输出项",
    "Places of a number are written as name: calculation.output",
)


def _number_faults(rule: Mapping[str, Any]) -> list[TypeFault]:
    faults: list[TypeFault] = [] if rule.get("counter") else [("number.counter", _MISSING)]
    wrong = (
        "编号格式里要有 {n}、{uscc} 或者 {holder_id}，另外只能用 {year} {area} {format_digit} 和 places 里写的",
        "It needs {n}, {uscc} or {holder_id}; {year}, {area}, {format_digit} and what places names may be used",
    )
    places = rule.get("places") or {}
    if not isinstance(places, Mapping) or not all(
        str(name).isidentifier() and name not in _KNOWN and str(source).startswith(WORKED_OUT)
        for name, source in places.items()
    ):
        return [*faults, ("number.places", _PLACES_WRONG)]
    try:
        named = {name for _, name, _, _ in Formatter().parse(rule["format"]) if name is not None}
        if not named <= _KNOWN | set(places):
            return [*faults, ("number.format", wrong)]
        numbers = [
            format_number(
                rule,
                year=2026,
                n=n,
                area="532399",
                answers={"uscc": f"92532399MA1{n}"},
                holder_id=f"53239919850101{n}",
            )
            for n in (1, 2)
        ]
    except (KeyError, IndexError, ValueError, AttributeError, TypeError):
        return [*faults, ("number.format", wrong)]
    return faults if numbers[0] != numbers[1] else [*faults, ("number.format", wrong)]


def _field_faults(fields: Any) -> list[TypeFault]:
    if not isinstance(fields, list) or not fields:
        return [("fields", ("照面上至少要有一项", "The face needs at least one field"))]
    faults: list[TypeFault] = []
    seen: set[str] = set()
    for index, field in enumerate(fields):
        if not isinstance(field, Mapping):
            faults.append((f"fields[{index}]", _MISSING))
            continue
        faults += [
            (f"fields[{index}].{key}", _MISSING) for key in ("key", "label", "from") if not field.get(key)
        ]
        if field.get("key") in seen:
            faults.append((f"fields[{index}].key", ("重复", "Given twice")))
        seen.add(str(field.get("key")))
    return faults
