"""Reads about who stands in an application beside its applicant: consents, and what they still lack."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.apps.services.errors import ConsentNotFound, SignInNeeded
from tongban.apps.services.models import Consent, HandOver
from tongban.apps.services.rules import parties as rules
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText as T
from tongban.kernel.cases import service as cases
from tongban.kernel.files import service as files
from tongban.kernel.identity import service as identity

__all__ = [
    "ConsentView",
    "agencies_of",
    "asked_of",
    "consents_of",
    "counter_case",
    "faults_of",
    "filed_by",
    "get_consent",
    "get_hand_over",
    "is_asked",
    "is_unchecked",
    "may_end",
    "own_holder",
    "own_person",
    "present_at_counter",
    "running_agents",
    "running_co_applicants",
    "views_of",
]

PEOPLE = "people"
"""The step of an application on which people are named; faults lead there."""


NO_MATTER = T("")


@dataclass(frozen=True, slots=True)
class ConsentView:
    """One consent as pages show it. ``name`` in full is for the parties themselves and for who handles the case."""

    id: UUID
    case_id: UUID
    basis: str
    person_id: UUID
    name: str
    citizen_id: str
    by_name: str
    by_unit: T
    holder_id: int
    standing: str
    way: str
    asked_at: datetime
    given_at: datetime | None
    ended_at: datetime | None
    checked_at: datetime | None
    has_account: bool
    needs: rules.Needs
    proofs: tuple[Any, ...]
    forms: tuple[Any, ...]
    matter: T = NO_MATTER

    @property
    def label(self) -> T:
        """The ground in words."""
        return rules.BASES[self.basis]

    @property
    def way_label(self) -> T:
        """How it was given, in words."""
        return rules.WAYS.get(self.way, T(""))

    @property
    def is_agency(self) -> bool:
        """Whether the filer acts for the person while it runs."""
        return self.basis in rules.AGENCIES

    @property
    def is_open(self) -> bool:
        """Whether the person is still to answer."""
        return self.standing == "asked"

    @property
    def is_unchecked(self) -> bool:
        """Whether it was given on paper that the window has not checked yet."""
        return self.standing == "given" and self.way == "form" and self.checked_at is None


def consents_of(case: Any) -> list[Consent]:
    """Return the consents of a case. Most cases have none, and then nothing is asked of the database."""
    if not case.facts.get("consents"):
        return []
    return list(Consent.objects.filter(case_id=case.pk).select_related("person", "by", "by_unit"))


def views_of(case: Any) -> list[ConsentView]:
    """Return the consents of a case for its pages, with their files."""
    rows = consents_of(case)
    if not rows:
        return []
    by_role: dict[str, list[Any]] = {}
    for stored in files.files_of(case.ref):
        by_role.setdefault(stored.role, []).append(stored)
    return [_view(row, by_role) for row in rows]


def _view(row: Consent, by_role: dict[str, list[Any]]) -> ConsentView:
    has_account = identity.has_account(row.person_id)
    return ConsentView(
        id=row.pk,
        case_id=row.case_id,
        basis=row.basis,
        person_id=row.person_id,
        name=row.person.name,
        citizen_id=row.person.citizen_id or "",
        by_name=row.by.name,
        by_unit=row.by_unit.name if row.by_unit else T(""),
        holder_id=row.holder_id,
        standing=rules.standing_of(row.given_at, row.ended_at),
        way=row.way,
        asked_at=row.asked_at,
        given_at=row.given_at,
        ended_at=row.ended_at,
        checked_at=row.checked_at,
        has_account=has_account,
        needs=rules.needs_of(row.basis, has_account=has_account),
        proofs=tuple(by_role.get(f"proof:{row.pk}", ())),
        forms=tuple(by_role.get(f"consent:{row.pk}", ())),
    )


def get_consent(actor: Actor, consent_id: UUID) -> tuple[Any, ConsentView]:
    """Return a consent with its case to the person asked and to who asked. Raises ConsentNotFound for everybody else."""
    row = (
        Consent.objects.select_related("person", "by", "by_unit").filter(pk=consent_id).first()
        if actor.person_id is not None
        else None
    )
    if row is None or not (is_asked(actor, row) or row.holder_id in actor.holders):
        raise ConsentNotFound
    [case] = cases.find_cases([row.case_id])
    return case, _view(row, {})


def is_asked(actor: Actor, row: Consent) -> bool:
    """Return whether it is this actor, in private, whose consent it is."""
    return not actor.is_official and actor.person_id is not None and row.person_id == actor.person_id


def may_end(actor: Actor, view: ConsentView) -> bool:
    """Return whether this actor may end an agency that runs: the person represented, or the agent."""
    if not view.is_agency or view.standing != "given":
        return False
    own = not actor.is_official and actor.person_id is not None and view.person_id == actor.person_id
    return own or view.holder_id in actor.holders


def asked_of(actor: Actor) -> list[tuple[Any, ConsentView]]:
    """Return what waits for this person's answer, with the case it is about, oldest first."""
    if actor.person_id is None or actor.is_official:
        return []
    rows = list(
        Consent.objects.filter(person_id=actor.person_id, given_at=None, ended_at=None).select_related(
            "person", "by", "by_unit"
        )
    )
    by_id = {case.pk: case for case in cases.find_cases({row.case_id for row in rows})}
    return [(by_id[row.case_id], _view(row, {})) for row in rows]


def filed_by(actor: Actor, bases: frozenset[str], *, limit: int = 30) -> list[tuple[Any, ConsentView]]:
    """Return what this post (or person) filed for others on these grounds, newest first, where the case may still be seen."""
    if actor.is_stranger or not actor.holders:
        return []
    rows = list(
        Consent.objects.filter(holder_id=own_holder(actor), basis__in=bases)
        .select_related("person", "by", "by_unit")
        .order_by("-asked_at")[:limit]
    )
    by_id = {
        case.pk: case
        for case in cases.find_cases({row.case_id for row in rows})
        if cases.may_see(actor, case)
    }
    return [(by_id[row.case_id], _view(row, {})) for row in rows if row.case_id in by_id]


def own_holder(actor: Actor) -> int:
    """Return the holder under which this actor files for others: the post of an official, else the person."""
    if actor.post_id is not None:
        return identity.holder_id("post", actor.post_id)
    return identity.holder_id("person", str(actor.person_id))


def own_person(actor: Actor) -> UUID:
    """Return the person who acts. Raises SignInNeeded for who is nobody known."""
    if actor.person_id is None:
        raise SignInNeeded
    return actor.person_id


def faults_of(case: Any) -> list[tuple[str, T]]:
    """Return what the people of an application still lack, as (id of the consent, in words)."""
    found: list[tuple[str, T]] = []
    named = {party.person_id for party in case.parties.all() if party.role == "co-applicant"}
    for view in views_of(case):
        name = {"name": view.name}
        if view.basis == "joint" and view.person_id not in named:
            continue
        if view.standing == "declined" and view.basis == "joint":
            found.append((str(view.id), DECLINED.format(**name)))
        elif view.standing == "asked" and view.needs.form and not view.forms:
            found.append((str(view.id), NO_FORM.format(**name)))
        elif view.standing == "asked" and (view.has_account or view.needs.form):
            found.append((str(view.id), UNANSWERED.format(**name)))
        if view.standing in ("asked", "given") and view.needs.proof and not view.proofs:
            found.append((str(view.id), NO_PROOF[view.basis]))
    return found


UNANSWERED = T("{name} 还没有确认", "{name} has not confirmed yet")
DECLINED = T("{name} 没有同意，请去掉", "{name} declined; please remove")
NO_FORM = T(
    "{name} 没有账号：请上传他签了字的同意书", "{name} has no account: upload the signed consent form"
)
NO_PROOF = {
    "entrusted": T("请上传授权委托书", "Upload the letter of entrustment"),
    "guardian": T("请上传监护关系证明", "Upload the proof of guardianship"),
}


def is_unchecked(case: Any) -> bool:
    """Return whether a consent was given on a signed form that the window has not checked yet."""
    return any(
        row.given_at is not None and row.ended_at is None and row.way == "form" and row.checked_at is None
        for row in consents_of(case)
    )


def running_agents(case: Any) -> list[UUID]:
    """Return the people who act for the applicant now."""
    return [row.by_id for row in consents_of(case) if row.basis in rules.AGENCIES and _runs(row)]


def running_co_applicants(case: Any) -> list[UUID]:
    """Return the people who have confirmed to apply too."""
    return [row.person_id for row in consents_of(case) if row.basis == "joint" and _runs(row)]


def _runs(row: Consent) -> bool:
    return row.given_at is not None and row.ended_at is None


def counter_case(actor: Actor, case_id: UUID) -> tuple[Any, ConsentView]:
    """Return a case that was entered at the counter, to a counter post that may see it. Raises ConsentNotFound."""
    row = (
        Consent.objects.select_related("person", "by", "by_unit")
        .filter(case_id=case_id, basis="counter")
        .first()
    )
    if row is None or "services.counter" not in actor.duties:
        raise ConsentNotFound
    [case] = cases.find_cases([case_id])
    if not cases.may_see(actor, case):
        raise ConsentNotFound
    return case, _view(row, {})


def agencies_of(person_id: UUID) -> list[ConsentView]:
    """Return the agencies that run for a person, for a clerk who has seen her identity card."""
    rows = Consent.objects.select_related("person", "by", "by_unit", "case").filter(
        person_id=person_id, basis__in=rules.AGENCIES, given_at__isnull=False, ended_at=None
    )
    return [replace(_view(row, {}), matter=row.case.title) for row in rows]


def present_at_counter(actor: Actor, case: Any) -> tuple[UUID, str]:
    """Return who is present when this post enters an application: id and name. Raises ConsentNotFound where it does not."""
    row = Consent.objects.select_related("person").filter(case_id=case.pk, basis="counter").first()
    if row is None or own_holder(actor) not in case.facts.get("counter_holders", []):
        raise ConsentNotFound
    return row.person_id, row.person.name


def get_hand_over(case: Any) -> HandOver | None:
    """Return how the result of a case was handed over, None when it was not."""
    if not case.facts.get("handed_over"):
        return None
    return HandOver.objects.filter(case_id=case.pk).select_related("unit").first()
