"""Who may see a case: whoever has an Access row for one of the actor's holders. Nobody else, and no exception."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from tongban.base import work
from tongban.base.actor import Actor
from tongban.kernel.cases.models import Access, Case, Party
from tongban.kernel.identity import service as identity

__all__ = [
    "forget_rights",
    "is_handling",
    "is_party",
    "is_party_task",
    "know_people",
    "may_see",
    "may_see_inside",
    "party_holders",
    "register",
    "rights_of",
    "scope",
    "with_people",
    "with_rights",
]


def scope(actor: Actor) -> Q:
    """Return the SQL scope of the cases that ``actor`` may see: one indexed look-up, no OR over parties and units."""
    if actor.is_system:
        return Q()
    if not actor.holders:
        return Q(pk__in=[])
    return Q(Exists(Access.objects.filter(case=OuterRef("pk"), holder_id__in=actor.holders)))


RIGHTS = """ARRAY(
    SELECT jsonb_build_object('holder', a.holder_id, 'right', a."right") FROM cases_access a
    WHERE a.case_id = cases_case.id)"""
PARTIES = """ARRAY(
    SELECT jsonb_build_object('id', p.id, 'role', p.role, 'person_id', p.person_id, 'entity_id', p.entity_id, 'name', p.name)
    FROM cases_party p WHERE p.case_id = cases_case.id ORDER BY p.id)"""
"""Written by hand, as a part of every statement that locks a case."""


def with_rights(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Let the statement that reads cases also tell who may see each and how, for ``rights_of``."""
    return cases.annotate(told_rights=RawSQL(f"to_jsonb({RIGHTS})::text", []))  # noqa: S611 - a constant


def with_people(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Let the statement that reads cases also tell their parties and rights; each case then goes through ``know_people``."""
    return with_rights(cases).annotate(told_parties=RawSQL(f"to_jsonb({PARTIES})::text", []))  # noqa: S611 - a constant


def know_people(case: Case) -> Case:
    """Fill in ``case.parties`` with what the statement told."""
    case.know_parties([_party(case, row) for row in json.loads(case.__dict__.pop("told_parties"))])
    return case


def _party(case: Case, row: dict[str, Any]) -> Party:
    return Party(case=case, **row | {k: row[k] and UUID(row[k]) for k in ("person_id", "entity_id")})


def rights_of(case: Case) -> set[tuple[int, str]]:
    """Return who may see a case and how, as (holder, right).

    Within a unit of work it is one set, which ``give_access`` extends.
    """
    return work.hold(Access, case.pk, lambda: _rights(case))


def forget_rights(case: Case) -> None:
    """Look again who may see a case, after rights were taken back."""
    case.__dict__.pop("told_rights", None)
    work.let_go(Access, case.pk)


def _rights(case: Case) -> set[tuple[int, str]]:
    if case._state.adding:
        return set()
    told: str | None = case.__dict__.get("told_rights")
    if told is None:
        return set(Access.objects.filter(case=case).values_list("holder_id", "right"))
    return {(pair["holder"], pair["right"]) for pair in json.loads(told)}


def party_holders(case: Case) -> list[int]:
    """Return the holders that are parties of a case."""
    return sorted(holder for holder, right in rights_of(case) if right == "party")


def _has(actor: Actor, case: Case, right: str) -> bool:
    return any(holder in actor.holders for holder, each in rights_of(case) if each == right)


def may_see(actor: Actor, case: Case) -> bool:
    """Return whether this actor may see this case."""
    return actor.is_system or any(holder in actor.holders for holder, _ in rights_of(case))


def may_see_inside(actor: Actor, case: Case) -> bool:
    """Return whether this actor may see how the case is worked on: not an official who only acts for its applicant."""
    if not actor.is_official:
        return may_see(actor, case)
    return any(holder in actor.holders and right != "party" for holder, right in rights_of(case))


def is_party(actor: Actor, case: Case) -> bool:
    """Return whether the actor is the applicant, the writer or acts for one (not an official)."""
    return _has(actor, case, "party")


def is_handling(actor: Actor, case: Case) -> bool:
    """Return whether the actor handles the case as an official, now or earlier."""
    return actor.is_official and _has(actor, case, "handle")


def is_party_task(case: Case, holder_id: int) -> bool:
    """Return whether a task of this holder waits for a party and not for an official."""
    return (holder_id, "party") in rights_of(case)


def register() -> None:
    """Register the policy of cases and of everything that hangs on a case."""
    identity.register_policy(
        "case", scope=scope, can={"read": may_see, "party": is_party, "handle": is_handling}
    )
