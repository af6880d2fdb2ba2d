"""The official's lists: to do, doing, done, copied to me. What they hold, in pages and counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast

from tongban.base.actor import Actor
from tongban.base.statements import Statement
from tongban.base.text import LocalizedText
from tongban.base.time import local_date
from tongban.design.paging import Page, paginate
from tongban.design.rules import mask_name
from tongban.kernel.calendars import service as calendars
from tongban.kernel.cases.kinds import kind_of, kinds
from tongban.kernel.cases.models import Case, Origin, Party
from tongban.kernel.cases.queries.mine import (
    Queue,
    Who,
    cases_of,
    clocks_of_list,
    first_in_progress,
    midnight,
    tasks_of_actor,
    unread_readings,
    who,
    with_due,
)

__all__ = [
    "MARKS",
    "VIEWS",
    "Group",
    "InboxRow",
    "Overview",
    "called",
    "channel_label",
    "inbox",
    "my_tasks",
    "overview",
]

PAGE_SIZE = 20
OVERVIEW_LIMIT = 500
VIEWS = ("todo", "doing", "done", "copied")
MARKS = ("overdue", "soon", "paused", "returned", "today", "unread")
CHANNELS = {
    "web": LocalizedText(zh="网上", en="Online"),
    "api": LocalizedText(zh="接口", en="Interface"),
    "desk": LocalizedText(zh="窗口", en="Counter"),
    "command": LocalizedText(zh="导入", en="Import"),
    "system": LocalizedText(zh="系统", en="System"),
    "import": LocalizedText(zh="原系统", en="Earlier system"),
}
RETURNED = Q(facts__corrections__gt=0) | Q(facts__returns__gt=0)


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One line of a list: the case, the step it is at for me, and its nearest clock.

    ``name`` is what the official recognises it by, ``item`` what it is; ``who`` came with it (masked). ``came_back`` is
    "corrected", "returned" or "".
    """

    number: str
    title: LocalizedText
    name: LocalizedText
    item: LocalizedText
    kind: str
    kind_label: LocalizedText
    state_label: LocalizedText
    tone: str
    step: LocalizedText
    task_id: int | None
    claimed_by: str
    applicant_name: str
    applicant_is_entity: bool
    who: str
    channel: str
    channel_label: LocalizedText
    arrived_at: datetime | None
    clock: Any | None
    came_back: str
    is_unread: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The cases of a list that are about the same: a kind, or one item of a kind. ``key`` filters by it."""

    key: str
    label: LocalizedText
    count: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What a list holds, counted over its first cases; ``is_bounded`` when it holds more than were counted.

    ``first`` are the ids of those cases in the order of their due dates, and of one more when the list holds more: so
    ``inbox`` need not put the list in order again.
    """

    total: int
    is_bounded: bool
    groups: list[Group]
    overdue: int
    soon: int
    due_today: int
    paused: int
    returned: int
    first: tuple[UUID, ...] = ()


def inbox(
    actor: Actor,
    *,
    view: str = "todo",
    kind: str = "",
    group: str = "",
    mark: str = "",
    query: str = "",
    sort: str = "due",
    page: int = 1,
    at: datetime,
    calendar: calendars.Calendar | None = None,
    first: Sequence[UUID] = (),
) -> Page[InboxRow]:
    """Return a page of one of the lists (``VIEWS``, and ``mine.BROUGHT`` for the search).

    ``kind`` and ``group`` (the key of a ``Group``) say of what, ``mark`` is one of ``MARKS``: "overdue", "soon" (due within a
    working day), "paused", "returned" (came back corrected or from another unit), "today" (I did a step of it today);
    ``query`` looks at number (any part), title, applicant and the number that it had elsewhere (all of it). ``sort`` is "new"
    (the last to come first) or anything else for the list's own order: what is due first, of "done" what I did last. Three
    statements, whatever the page holds: cases, tasks, clocks.
    """
    calendar = calendar or calendars.current_calendar()
    if sort != "new" and view != "copied" and not (kind or group or mark or query):
        keys = _keys(actor, view, first, page)
        if keys is not None:
            shown = _rows(actor, _ready(keys[:PAGE_SIZE], view), view, calendar, at=at)
            return Page(items=shown, number=page, has_next=len(keys) > PAGE_SIZE)
    since = midnight(at) if mark == "today" else None
    cases = with_due(cases_of(actor, view, since=since), view)
    if kind:
        cases = cases.filter(kind=kind)
    if group:
        cases = cases.filter(_in_group(group))
    if query:
        cases = cases.filter(
            Q(number__icontains=query)
            | Q(title__zh__icontains=query)
            | Q(applicant_name__icontains=query)
            | Q(pk__in=Origin.objects.filter(number=query).values("case_id"))
        )
    if mark == "overdue":
        cases = cases.filter(due__lt=at)
    elif mark == "soon":
        cases = cases.filter(due__gte=at, due__lte=calendars.warning_horizon(at, calendar))
    elif mark == "paused":
        cases = cases.filter(is_paused=True)
    elif mark == "returned":
        cases = cases.filter(RETURNED)
    order = _order(sort, view)
    if view == "copied":
        cases = cases.annotate(is_unread=Exists(unread_readings(actor).filter(case=OuterRef("pk"))))
        cases = cases.filter(is_unread=True) if mark == "unread" else cases
        order = ["-is_unread", *order]
    found = paginate(_with_row(cases, view).order_by(*order), number=page, size=PAGE_SIZE)
    return Page(
        items=_rows(actor, list(found), view, calendar, at=at), number=found.number, has_next=found.has_next
    )


def overview(
    actor: Actor,
    *,
    view: str = "todo",
    at: datetime,
    calendar: calendars.Calendar | None = None,
) -> Overview:
    """Count what a list holds by kind and by what is urgent, in one statement over its first ``OVERVIEW_LIMIT`` cases."""
    wanted = OVERVIEW_LIMIT + 1
    if view == "todo":
        rows = [_Counted._make(row) for row in _FIRST.rows(actor, wanted)]
    elif view == "done":  # nothing of it is due to me
        rows = [_Counted._make((*row, False, None)) for row in _FIRST_DONE.rows(actor, wanted)]
    else:
        first = first_in_progress(actor, wanted) if view == "doing" else None
        cases = with_due(cases_of(actor, view) if first is None else Case.objects.filter(pk__in=first), view)
        cases = cases.annotate(came_back=RETURNED, heading=_HEADING, is_paused=_paused_clock(view))
        fields = cases.order_by(*_order("due", view)).values_list(*_COUNTED)
        rows = [_Counted._make(row) for row in fields[:wanted]]
    counted = rows[:OVERVIEW_LIMIT]
    groups: dict[str, Group] = {}
    for (kind, subject, heading), count in Counter(
        (row.kind, row.subject_id, row.heading) for row in counted
    ).items():
        key, label = _group_of(kind, subject, heading)
        groups[key] = Group(key, label, groups[key].count + count if key in groups else count)
    dues = [row.due for row in counted if row.due is not None]
    horizon = calendars.warning_horizon(at, calendar)
    soon = [due for due in dues if at <= due <= horizon]
    return Overview(
        total=len(counted),
        is_bounded=len(rows) > len(counted),
        groups=sorted(groups.values(), key=lambda group: -group.count),
        overdue=sum(due < at for due in dues),
        soon=len(soon),
        due_today=sum(local_date(due) == local_date(at) for due in soon),
        paused=sum(bool(row.is_paused) for row in counted),
        returned=sum(bool(row.came_back) for row in counted),
        first=tuple(row.pk for row in rows),
    )


class _Counted(NamedTuple):
    """What is counted of a case; ``heading`` is its title as it is stored, read once for each group."""

    pk: UUID
    kind: str
    subject_id: str
    heading: str
    came_back: bool | None
    is_paused: bool | int | None
    due: datetime | None


_COUNTED = _Counted._fields
_HEADING = Cast("title", TextField())


def _paused_clock(view: str) -> Subquery:
    """A paused clock of the case, or none.

    Not only whether there is one: to answer that the planner reads the clocks of all cases.
    """
    return Subquery(clocks_of_list(view).filter(clock__state="paused").values("pk")[:1])


_FIRST = Queue(
    "todo",
    *_COUNTED[:-1],
    "turn",
    came_back=lambda: RETURNED,
    heading=lambda: _HEADING,
    is_paused=lambda: Exists(clocks_of_list("todo").filter(clock__state="paused")),
)
_FIRST_DONE = Queue("done", *_COUNTED[:-2], came_back=lambda: RETURNED, heading=lambda: _HEADING)
_KEYS = {view: Queue(view, "pk") for view in ("todo", "done")}


def _keys(actor: Actor, view: str, first: Sequence[UUID], page: int) -> Sequence[UUID] | None:
    """Return the ids of the cases on a page of the plain list, and of one more when it goes on; None when they are not known.

    A list of which more than is counted was found goes on behind ``first``; a shorter one is known whole.
    """
    begin, end = (page - 1) * PAGE_SIZE, page * PAGE_SIZE
    if end < len(first) or begin < len(first) <= OVERVIEW_LIMIT:
        return first[begin : end + 1]
    return [key for (key,) in _KEYS[view].rows(actor, PAGE_SIZE + 1, begin)] if view in _KEYS else None


def my_tasks(actor: Actor, *, kind: str = "", page: int = 1) -> list[tuple[int, str]]:
    """Return a page of the tasks that wait for the actor with the numbers of their cases, the most urgent case first."""
    cases = cases_of(actor, "todo")
    if kind:
        cases = cases.filter(kind=kind)
    found = list(paginate(cases.order_by(*_order("due", "todo")), number=page, size=PAGE_SIZE))
    tasks = _tasks_by_instance(actor, found)
    return [(task.pk, case.number or "") for case in found for task in tasks.get(case.instance_id, [])]


def called(case: Case, *, masked: bool = True) -> tuple[LocalizedText, LocalizedText]:
    """Return what an official recognises a case by, and what it is: 李记米线店, 食品经营许可; the title of a letter, 来信."""
    kind = kind_of(case)
    if kind.named_by_applicant and case.applicant_name:
        hidden = masked and not case.applicant_is_entity
        return LocalizedText(mask_name(case.applicant_name) if hidden else case.applicant_name), case.title
    return case.title, kind.label


def channel_label(channel: str) -> LocalizedText:
    """Return how a case came, in words."""
    return CHANNELS.get(channel, LocalizedText(channel))


def _order(sort: str, view: str) -> list[Any]:
    """What is due at one moment comes in the order in which it came."""
    if sort == "new":
        return ["-submitted_at", "pk"]
    if view == "todo":
        return [F("turn").asc(nulls_last=True), "step"]
    return ["-finished", "-step"] if view == "done" else [F("place").asc(nulls_last=True), "pk"]


def _group_of(kind: str, subject: str, heading: str) -> tuple[str, LocalizedText]:
    known = kinds.get(kind)
    if not known.named_by_applicant:
        return kind, known.label
    return f"{kind}/{subject}", LocalizedText.of(json.loads(heading))


def _in_group(key: str) -> Q:
    kind, _, subject = key.partition("/")
    return Q(kind=kind, subject_id=subject) if subject else Q(kind=kind)


def _rows(
    actor: Actor, cases: list[Any], view: str, calendar: calendars.Calendar, *, at: datetime
) -> list[InboxRow]:
    tasks = _tasks_by_instance(actor, cases) if view == "todo" else {}
    clocks = calendars.views([case.clock_id for case in cases if case.clock_id], at=at, calendar=calendar)
    rows = []
    for case in cases:
        mine = tasks.get(case.instance_id, [])
        task = mine[0] if mine else None
        kind = kind_of(case)
        state = kind.state(case.state)
        name, item = called(case)
        rows.append(
            InboxRow(
                number=case.number or "",
                title=case.title,
                name=name,
                item=item,
                kind=case.kind,
                kind_label=kind.label,
                state_label=state.label,
                tone=state.tone,
                step=_steps(mine) if mine else state.label,
                task_id=task.pk if task else None,
                claimed_by=task.claimed_name if task else "",
                applicant_name=case.applicant_name,
                applicant_is_entity=case.applicant_is_entity,
                who=_who(case),
                channel=case.channel,
                channel_label=channel_label(case.channel),
                arrived_at=task.opened_at if task else case.submitted_at,
                clock=clocks.get(case.clock_id),
                came_back=_came_back(case),
                is_unread=getattr(case, "is_unread", False),
            )
        )
    return rows


def _with_row(cases: QuerySet[Any], view: str) -> QuerySet[Any]:
    """Tell of each case also who came for a firm (``agent``) and the clock that matters most now (``clock_id``).

    That is the running one that is due first.
    """
    agents = Party.objects.filter(case=OuterRef("pk"), role="agent").exclude(name="").order_by("-pk")
    clocks = clocks_of_list(view).exclude(clock__state="stopped")
    nearest = clocks.order_by(F("clock__due_at").asc(nulls_last=True), "-clock_id")
    return cases.annotate(
        agent=Subquery(agents.values("name")[:1]), clock_id=Subquery(nearest.values("clock_id")[:1])
    )


def _ready(keys: Sequence[UUID], view: str) -> list[Any]:
    """Return these cases with what a row tells, in the order of the keys."""
    ready = _ROWS_TO_DO if view == "todo" else _ROWS_OF_OTHERS
    found = {case.pk: case for case in ready.all(keys=list(keys))}
    return [found[key] for key in keys if key in found]


def _who(case: Any) -> str:
    if not case.applicant_is_entity:
        return mask_name(case.applicant_name)
    return mask_name(case.agent) if case.agent else case.applicant_name


def _came_back(case: Case) -> str:
    if case.facts.get("corrections"):
        return "corrected"
    return "returned" if case.facts.get("returns") else ""


def _tasks_by_instance(actor: Actor, cases: Iterable[Case]) -> Mapping[Any, list[Any]]:
    """Return my open tasks by instance, oldest first: of steps that run in parallel I may have several."""
    found: dict[Any, list[Any]] = {}
    instances = [case.instance_id for case in cases]
    if not instances:
        return found
    instances += instances[-1:] * (PAGE_SIZE - len(instances))  # always as many, so that it is one text
    for task in _TASKS.all(instances=tuple(instances), **who(actor)):
        found.setdefault(task.instance_id, []).append(task)
    return found


def _steps(tasks: list[Any]) -> LocalizedText:
    return LocalizedText(
        zh="、".join(task.name.zh for task in tasks), en=", ".join(task.name.en for task in tasks)
    )


_ROWS_TO_DO = Statement(lambda keys: _with_row(Case.objects.filter(pk__in=keys), "todo"), keys="uuid[]")
_ROWS_OF_OTHERS = Statement(lambda keys: _with_row(Case.objects.filter(pk__in=keys), "done"), keys="uuid[]")
_TASKS = Statement(  # a kept plan reads all that a holder has, of a million cases 43 ms instead of 2
    lambda instances, **of: tasks_of_actor(Who(**of)).filter(instance_id__in=instances).order_by("pk"),
    keeps_plan=False,
)
