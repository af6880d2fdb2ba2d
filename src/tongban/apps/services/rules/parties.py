"""Pure decisions about who stands in an application beside its applicant. No Django."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tongban.base.text import LocalizedText as T

__all__ = ["AGENCIES", "BASES", "MOST_APPLICANTS", "WAYS", "Needs", "OnBehalf", "needs_of", "standing_of"]

BASES = {
    "guardian": T("监护人", "Guardian"),
    "entrusted": T("受委托人", "Entrusted agent"),
    "village": T("村（社区）帮办代办员", "Village agent"),
    "counter": T("窗口代录", "Entered at the counter"),
    "joint": T("共同申请人", "Co-applicant"),
}
"""On what ground somebody applies for another, or that several apply together."""

AGENCIES = frozenset({"guardian", "entrusted", "village"})
"""Grounds on which the filer acts for the applicant as long as the consent runs."""

WAYS = {
    "account": T("本人登录确认", "Confirmed in the own space"),
    "form": T("书面同意书", "Signed form"),
    "present": T("当面确认", "In person at the counter"),
}

MOST_APPLICANTS = 9
"""How many may apply together, the first included."""


@dataclass(frozen=True, slots=True)
class OnBehalf:
    """For whom somebody applies, and on what ground. Name and number are those of the represented person."""

    basis: str
    name: str
    citizen_id: str


@dataclass(frozen=True, slots=True)
class Needs:
    """What an agency must show by file: a ``proof`` of the ground, a signed ``form`` of consent."""

    proof: bool
    form: bool


def needs_of(basis: str, *, has_account: bool) -> Needs:
    """Return what must be uploaded for a ground.

    An entrusted agent shows the letter of entrustment and a guardian the proof of guardianship. Who has an account consents
    there; for anybody else a signed form is shown, except for a ward, who cannot consent: there the proof stands for it.
    """
    return Needs(
        proof=basis in ("guardian", "entrusted"),
        form=not has_account and basis in ("entrusted", "village", "joint"),
    )


def standing_of(given_at: datetime | None, ended_at: datetime | None) -> str:
    """Return how a consent stands: asked, given, declined (ended before it was given) or ended."""
    if ended_at is not None:
        return "declined" if given_at is None else "ended"
    return "asked" if given_at is None else "given"
