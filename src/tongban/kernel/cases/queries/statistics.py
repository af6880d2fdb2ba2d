"""Figures that the public sees, and the lists of a party. Every figure is counted from the rows themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from tongban.base.actor import Actor
from tongban.kernel.cases.kinds import kinds
from tongban.kernel.cases.models import Access, Case, CaseClock
from tongban.kernel.cases.policies import know_people, with_people

__all__ = ["Figures", "figures", "find_cases", "list_cases_of", "list_public_counts"]


@dataclass(frozen=True, slots=True)
class Figures:
    """Cases submitted and closed in a period, and how many of the decided ones kept every limit."""

    submitted: int
    closed: int
    online: int
    on_time: int
    late: int

    @property
    def on_time_rate(self) -> float | None:
        """Share of closed cases that kept their limits, 0 to 100, None when nothing was closed."""
        return 100 * self.on_time / self.closed if self.closed else None


def figures(*, since: datetime, until: datetime) -> Figures:
    """Count the cases of all public kinds in a period [since, until). Three queries' worth of counting in one statement each."""
    public = Case.objects.filter(kind__in=[kind.key for kind in kinds if kind.is_public])
    submitted = public.filter(submitted_at__gte=since, submitted_at__lt=until).aggregate(
        all=Count("pk"), online=Count("pk", filter=Q(channel__in=["web", "api"]))
    )
    late = CaseClock.objects.filter(
        case=OuterRef("pk"), role__in=["statutory", "promised", "answer"], clock__met=False
    )
    closed = public.filter(closed_at__gte=since, closed_at__lt=until).annotate(is_late=Exists(late))
    counted = closed.aggregate(all=Count("pk"), late=Count("pk", filter=Q(is_late=True)))
    return Figures(
        submitted=submitted["all"],
        closed=counted["all"],
        online=submitted["online"],
        on_time=counted["all"] - counted["late"],
        late=counted["late"],
    )


def list_public_counts(*, subject_kind: str, since: datetime, limit: int = 8) -> list[tuple[str, int]]:
    """Return the subjects (their ids) with most submitted cases since then, most first."""
    rows = (
        Case.objects.filter(subject_kind=subject_kind, submitted_at__gte=since)
        .values("subject_id")
        .annotate(n=Count("pk"))
        .order_by("-n", "subject_id")[:limit]
    )
    return [(row["subject_id"], row["n"]) for row in rows]


def find_cases(case_ids: Iterable[UUID]) -> list[Case]:
    """Return cases by id with unit, entry and parties. No policy is asked: only for operations and for who checks himself."""
    rows = with_people(Case.objects.filter(pk__in=list(case_ids))).select_related("unit", "entry")
    return [know_people(case) for case in rows]


def list_cases_of(actor: Actor, *, drafts: bool | None = None, limit: int = 50) -> list[Any]:
    """Return the cases in which the actor is a party, newest first; ``drafts`` True or False restricts them."""
    cases = (
        Case.objects.filter(
            Exists(Access.objects.filter(case=OuterRef("pk"), holder_id__in=actor.holders, right="party"))
        )
        .select_related("unit", "entry")
        .prefetch_related("parties")
        .order_by("-created_at")
    )
    if drafts is not None:
        cases = cases.filter(submitted_at__isnull=drafts)
    return list(cases[:limit])
