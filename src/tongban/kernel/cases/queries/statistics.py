"""Figures that the public sees, and the lists of a party. Every figure is counted from the rows themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.design.paging import Page, paginate
from tongban.kernel.calendars import service as calendars
from tongban.kernel.cases.kinds import kind_of, kinds
from tongban.kernel.cases.models import Access, Case, CaseClock
from tongban.kernel.cases.operations.bring import CHANNEL
from tongban.kernel.cases.operations.clocks import STEP
from tongban.kernel.cases.policies import know_people, with_people

__all__ = ["Figures", "LateCase", "figures", "find_cases", "list_cases_of", "list_late", "list_public_counts"]

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Figures:
    """Cases submitted and closed in a period, and how many of the decided ones kept every limit.

    ``untimed`` were closed in an earlier system: nobody here measured whether they kept theirs.
    """

    submitted: int
    closed: int
    online: int
    on_time: int
    late: int
    untimed: int = 0

    @property
    def on_time_rate(self) -> float | None:
        """Share of the closed cases with limits that kept them, 0 to 100, None when there were none."""
        timed = self.closed - self.untimed
        return 100 * self.on_time / timed if timed else None


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
    untimed = Q(channel=CHANNEL, instance=None)
    counted = closed.aggregate(
        all=Count("pk"), late=Count("pk", filter=Q(is_late=True)), untimed=Count("pk", filter=untimed)
    )
    return Figures(
        submitted=submitted["all"],
        closed=counted["all"],
        online=submitted["online"],
        on_time=counted["all"] - counted["late"] - counted["untimed"],
        late=counted["late"],
        untimed=counted["untimed"],
    )


@dataclass(frozen=True, slots=True)
class LateCase:
    """A case with a limit that is over, without anything about a person: for whoever watches over all units."""

    number: str
    item: LocalizedText
    kind: LocalizedText
    unit: LocalizedText
    state: LocalizedText
    tone: str
    clock: LocalizedText
    due_on: date | None
    over: LocalizedText


def list_late(*, at: datetime, unit_id: int | None = None, page: int = 1) -> Page[LateCase]:
    """Return the cases of all units (or of one) whose own limit is over, the longest first. No policy is asked: it is for who
    has asked whether the caller watches over all units.
    """
    late = CaseClock.objects.filter(
        clock__state="running",
        clock__due_at__lt=at,
        case__closed_at=None,
        case__kind__in=[kind.key for kind in kinds if kind.is_public],
    ).exclude(role=STEP)
    if unit_id is not None:
        late = late.filter(case__unit_id=unit_id)
    rows = late.select_related("case__unit").order_by("clock__due_at", "pk")
    found = paginate(rows, number=page, size=PAGE_SIZE)
    clocks = calendars.views([row.clock_id for row in found], at)
    return Page([_late(row, clocks[row.clock_id]) for row in found], found.number, found.has_next)


def _late(row: CaseClock, clock: calendars.ClockView) -> LateCase:
    case, kind = row.case, kind_of(row.case)
    state = kind.state(case.state)
    return LateCase(
        number=case.number or "",
        item=case.title if kind.named_by_applicant else kind.label,
        kind=kind.label,
        unit=case.unit.short_name or case.unit.name,
        state=state.label,
        tone=state.tone,
        clock=clock.label,
        due_on=clock.due_on,
        over=clock.remaining_text,
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
