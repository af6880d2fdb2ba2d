"""The official's lists: to do, doing, done, copied to me. Each is one indexed join on the actor's holders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, Min, OuterRef, Q, QuerySet, Subquery

from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.design.paging import Page, paginate
from tongban.kernel.calendars import service as calendars
from tongban.kernel.cases.kinds import kind_of, kinds
from tongban.kernel.cases.models import Access, Case, CaseClock
from tongban.kernel.processes import service as processes

__all__ = ["VIEWS", "InboxRow", "count_todo", "inbox", "nearest_clocks"]

PAGE_SIZE = 20
COUNT_LIMIT = 100
VIEWS = ("todo", "doing", "done", "copied")


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One line of a list: the case, the step it is at for me, and its nearest clock."""

    number: str
    title: LocalizedText
    kind: str
    kind_label: LocalizedText
    state_label: LocalizedText
    tone: str
    step: LocalizedText
    task_id: int | None
    claimed_by: str
    applicant_name: str
    applicant_is_entity: bool
    channel: str
    arrived_at: datetime | None
    clock: Any | None
    returned: bool


def inbox(
    actor: Actor,
    *,
    view: str = "todo",
    kind: str = "",
    clock: str = "",
    query: str = "",
    sort: str = "due",
    page: int = 1,
    at: datetime,
) -> Page[InboxRow]:
    """Return a page of one of the lists (``VIEWS``).

    ``kind`` filters by kind of case, ``clock`` by "overdue" or "soon" (due within a day), ``query`` by number (any part),
    title or applicant. ``sort`` is "due" or "new". Queries: at most 6, whatever the page holds.
    """
    cases = _cases_of(actor, view)
    if kind:
        cases = cases.filter(kind=kind)
    if query:
        cases = cases.filter(
            Q(number__icontains=query) | Q(title__zh__icontains=query) | Q(applicant_name__icontains=query)
        )
    running = CaseClock.objects.filter(case=OuterRef("pk"), clock__state__in=["running", "paused"])
    cases = cases.annotate(
        due=Subquery(
            running.filter(clock__state="running").values("case").annotate(d=Min("clock__due_at")).values("d")
        )
    )
    if clock == "overdue":
        cases = cases.filter(due__lt=at)
    elif clock == "soon":
        soon = calendars.warning_horizon(at)
        cases = cases.filter(due__gte=at, due__lte=soon)
    elif clock == "paused":
        cases = cases.filter(Exists(running.filter(clock__state="paused")))
    order = [F("due").asc(nulls_last=True), "pk"] if sort == "due" else ["-submitted_at", "pk"]
    found = paginate(cases.order_by(*order), number=page, size=PAGE_SIZE)
    return Page(items=_rows(actor, list(found), view, at=at), number=found.number, has_next=found.has_next)


def count_todo(actor: Actor) -> int:
    """Return how many tasks wait for this actor, counting no further than 100 ("99+")."""
    if not actor.is_official:
        return 0
    return len(_my_tasks(actor).values_list("pk")[:COUNT_LIMIT])


def _cases_of(actor: Actor, view: str) -> QuerySet[Case]:
    of_case = _my_tasks(actor).filter(instance_id=OuterRef("instance_id"))
    cases = Case.objects.exclude(submitted_at=None)
    if view == "todo":
        return cases.filter(Exists(of_case))
    right = "view" if view == "copied" else "handle"
    seen = Exists(Access.objects.filter(case=OuterRef("pk"), holder_id__in=actor.holders, right=right))
    if view == "doing":
        return cases.filter(seen, closed_at=None).exclude(Exists(of_case))
    if view == "done" and actor.person_id is not None:
        done = processes.done_tasks(actor.person_id).filter(instance_id=OuterRef("instance_id"))
        return cases.filter(Exists(done)).exclude(Exists(of_case))
    return cases.filter(seen)


def _my_tasks(actor: Actor) -> QuerySet[Any]:
    """Open tasks that I may do: held by one of my holders, and not claimed by a colleague."""
    return processes.open_tasks(actor.holders).filter(
        Q(claimed_by=None) | Q(claimed_by=actor.person_id), owner_kind="case"
    )


def _rows(actor: Actor, cases: list[Case], view: str, *, at: datetime) -> list[InboxRow]:
    tasks = _task_by_instance(actor, cases) if view == "todo" else {}
    clocks = nearest_clocks([case.pk for case in cases], at=at)
    rows = []
    for case in cases:
        task = tasks.get(case.instance_id)
        kind = kind_of(case)
        state = kind.state(case.state)
        rows.append(
            InboxRow(
                number=case.number or "",
                title=case.title,
                kind=case.kind,
                kind_label=kind.label,
                state_label=state.label,
                tone=state.tone,
                step=task.name if task else state.label,
                task_id=task.pk if task else None,
                claimed_by=task.claimed_name if task else "",
                applicant_name=case.applicant_name,
                applicant_is_entity=case.applicant_is_entity,
                channel=case.channel,
                arrived_at=task.opened_at if task else case.submitted_at,
                clock=clocks.get(case.pk),
                returned=bool(case.facts.get("corrections") or case.facts.get("returns")),
            )
        )
    return rows


def _task_by_instance(actor: Actor, cases: Iterable[Case]) -> Mapping[Any, Any]:
    return {
        task.instance_id: task
        for task in _my_tasks(actor)
        .filter(instance_id__in=[case.instance_id for case in cases])
        .order_by("-pk")
    }


def nearest_clocks(case_ids: list[Any], *, at: datetime) -> dict[Any, Any]:
    """Return for each case the view of the clock that matters most now: the running one that is due first."""
    ties = (
        CaseClock.objects.filter(case_id__in=case_ids)
        .exclude(clock__state="stopped")
        .order_by("case_id", "-clock__due_at")
        .values_list("case_id", "clock_id")
    )
    nearest = dict(ties)
    views = calendars.views(list(nearest.values()), at=at)
    return {case_id: views[clock_id] for case_id, clock_id in nearest.items() if clock_id in views}


def kinds_for_filter() -> list[tuple[str, LocalizedText]]:
    """Return the kinds of work as filter links."""
    return [(kind.key, kind.label) for kind in kinds]
