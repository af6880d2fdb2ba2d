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

from tongban.base.checks import citizen_id_problem, uscc_problem
from tongban.base.text import LocalizedText

__all__ = [
    "ADMIN_DUTIES",
    "BELOW_ITSELF",
    "INTO_ITSELF",
    "Failures",
    "Fault",
    "SignInRules",
    "account_faults",
    "after_failure",
    "basis_faults",
    "clashing_duties",
    "free_code",
    "initials",
    "is_below",
    "is_factor_required",
    "is_locked",
    "is_password_old",
    "is_session_over",
    "is_within",
    "mandate_faults",
    "mask_mailbox",
    "password_faults",
    "pinyin_key",
    "sign_in_rule_faults",
    "sign_in_rules_of",
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
    """How often signing in failed under one key, since when, until when it is locked, and how often it was locked before."""

    count: int
    since: datetime
    locked_until: datetime | None = None
    locks: int = 0


WINDOW = timedelta(minutes=15)
LOCK = timedelta(minutes=15)
CALM = timedelta(days=1)
"""After so long without a failure, earlier locks no longer make the next one longer."""
LONGEST_LOCK = timedelta(hours=8)
NETWORK_FAILURES = 500
"""Failed sign-ins of one network in a quarter of an hour, whoever's they are: a county office has a few dozen on a bad Monday."""


def after_failure(
    before: Failures | None, *, limit: int, at: datetime, lock: timedelta = LOCK, grows: bool = False
) -> Failures:
    """Return the state after one more failure at ``at``.

    Failures older than the window count no longer; the ``limit``-th failure within it locks for ``lock``. Where it ``grows``,
    each further lock is twice as long as the one before, up to eight hours: guessing slowly does not pay either.
    """
    if before is None or at - before.since > CALM:
        before = Failures(0, at)
    elif at - before.since > WINDOW:
        before = Failures(0, at, locks=before.locks)
    count, locks = before.count + 1, before.locks
    if count < limit:
        return Failures(count, before.since, locks=locks)
    longer = min(lock * 2 ** min(locks, 10), max(lock, LONGEST_LOCK)) if grows else lock
    return Failures(count, before.since, at + longer, locks + 1)


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
INTO_ITSELF = (
    "不能并入自己或者自己的下级机构，先把下级调整出来",
    "A unit cannot be merged into itself or into one below it; move that one first",
)
CODE = re.compile(r"[a-z][a-z0-9-]{0,59}")
DIVISION = re.compile(r"[0-9]{12}")


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
    problem = uscc_problem(facts.uscc) if facts.uscc else None
    if problem is not None:
        faults.append(Fault("uscc", problem.zh, problem.en))
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


# --- accounts and signing in ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SignInRules:
    """How accounts of one kind sign in (GB/T 22239-2019 8.1.4.1); ``password_days`` 0: a password need not change."""

    failures_from_address: int = 5
    failures_of_account: int = 20
    lock_minutes: int = 15
    idle_minutes: int = 60
    session_hours: int = 8
    password_length: int = 10
    password_kinds: int = 3
    password_days: int = 0


SIGN_IN_BOUNDS: Mapping[str, tuple[int, int]] = {
    "failures_from_address": (3, 20),
    "failures_of_account": (5, 200),
    "lock_minutes": (5, 24 * 60),
    "idle_minutes": (5, 8 * 60),
    "session_hours": (1, 24),
    "password_length": (8, 64),
    "password_kinds": (1, 4),
    "password_days": (0, 730),
}
"""What may be set: nobody switches a protection off by a number, and nobody locks everybody out by one."""


def sign_in_rules_of(stored: Mapping[str, Any]) -> SignInRules:
    """Read what is stored; what is missing there is as it is by default."""
    return SignInRules(**{name: int(stored[name]) for name in SIGN_IN_BOUNDS if name in stored})


def sign_in_rule_faults(values: Mapping[str, int | None]) -> list[Fault]:
    """Return every number that is missing or out of bounds."""
    faults = []
    for name, (least, most) in SIGN_IN_BOUNDS.items():
        value = values.get(name)
        if value is None or not least <= value <= most:
            faults.append(Fault(name, f"请填 {least} 到 {most}", f"Give a number from {least} to {most}"))
    return faults


def is_session_over(rules: SignInRules, *, since: float, seen: float, now: float) -> bool:
    """True when a session was idle too long or is too old; moments are seconds since 1970."""
    return now - seen > rules.idle_minutes * 60 or now - since > rules.session_hours * 3600


def is_password_old(rules: SignInRules, set_at: datetime, at: datetime) -> bool:
    """True when the password must be changed."""
    return rules.password_days > 0 and at - set_at > timedelta(days=rules.password_days)


def password_faults(password: str, *, rules: SignInRules, names: Iterable[str]) -> list[Fault]:
    """Return what is wrong with a new password: too short, too few kinds of characters, one of the ``names`` in it."""
    faults = []
    if len(password) < rules.password_length:
        n = rules.password_length
        faults.append(Fault("password", f"密码至少 {n} 个字符", f"A password has at least {n} characters"))
    if len(password) > 200:
        faults.append(Fault("password", "密码太长了", "This password is too long"))
    if _kinds(password) < rules.password_kinds:
        n = rules.password_kinds
        faults.append(
            Fault(
                "password",
                f"大写字母、小写字母、数字、其他符号里至少用 {n} 种",
                f"Use at least {n} of: capital letters, small letters, digits, other characters",
            )
        )
    low = password.casefold()
    if any(len(name) >= 3 and name.casefold() in low for name in names):
        faults.append(Fault("password", "密码里不要有用户名", "Do not put the user name into the password"))
    return faults


def _kinds(password: str) -> int:
    tests = (str.isupper, str.islower, str.isdigit)
    found = sum(any(test(letter) for letter in password) for test in tests)
    return found + any(not letter.isalnum() or not letter.isascii() for letter in password)


USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,39}")


def account_faults(*, name: str, username: str, citizen_id: str, email: str) -> list[Fault]:
    """Return what is wrong with what is said of a person who is to get an account."""
    faults = []
    if not name.strip():
        faults.append(Fault("name", "请填姓名", "Give the name"))
    if not USERNAME.fullmatch(username):
        faults.append(
            Fault(
                "username",
                "用户名 3 到 40 位，小写字母开头，只用小写字母、数字、点和横线",
                "3 to 40 characters: a small letter, then small letters, digits, dots, hyphens",
            )
        )
    problem = citizen_id_problem(citizen_id) if citizen_id else None
    if problem is not None:
        faults.append(Fault("citizen_id", problem.zh, problem.en))
    if email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        faults.append(Fault("email", "电子邮箱不对", "This is no e-mail address"))
    return faults


def mask_mailbox(address: str) -> str:
    """Return an address so that its bearer knows it and nobody else learns it: "l***@example.org", "" for none."""
    name, at, host = address.partition("@")
    return f"{name[:1]}***{at}{host}" if at else ""


def mandate_faults(
    *, name: str, citizen_id: str, basis: str, since: datetime, until: datetime | None
) -> list[Fault]:
    """Return what is wrong with what is said of a mandate."""
    faults = []
    if not name:
        faults.append(Fault("name", "请填姓名", "Give the name"))
    problem = citizen_id_problem(citizen_id)
    if problem is not None:
        faults.append(Fault("citizen_id", problem.zh, problem.en))
    if until is not None and until <= since:
        faults.append(Fault("until", "结束要晚于开始", "It must end after it begins"))
    if not basis:
        faults.append(
            Fault("basis", "请写依据，如 授权委托书", "Give the basis, such as the power of attorney")
        )
    return faults


@dataclass(frozen=True, slots=True)
class FactorDemand:
    """A second factor is required for this duty, in this unit or below it; what is empty means any."""

    duty: str
    unit_id: int | None


def is_factor_required(
    demands: Iterable[FactorDemand],
    posts: Iterable[tuple[int, Collection[str]]],
    parents: Mapping[int, int | None],
) -> bool:
    """True when one of the posts (unit, duties) falls under one of the demands."""
    held = list(posts)
    return any(
        (not demand.duty or demand.duty in duties)
        and (demand.unit_id is None or is_below(unit, demand.unit_id, parents))
        for demand in demands
        for unit, duties in held
    )
