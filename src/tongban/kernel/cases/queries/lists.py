"""The official's lists: to do, doing, done, copied to me. Each is one indexed join on the actor's holders."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cache, lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import (
    BooleanField,
    DecimalField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from tongban.base.actor import Actor
from tongban.base.statements import Statement, Text
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL, local_date
from tongban.design.counts import Rows, count_together
from tongban.design.paging import Page, paginate
from tongban.design.rules import mask_name
from tongban.kernel.calendars import service as calendars
from tongban.kernel.cases.kinds import kind_of, kinds
from tongban.kernel.cases.models import Access, Case, CaseClock, Origin, Party, Reading
from tongban.kernel.cases.operations.bring import CHANNEL
from tongban.kernel.cases.operations.clocks import STEP
from tongban.kernel.processes import service as processes

__all__ = [
    "BROUGHT",
    "COUNT_LIMIT",
    "MARKS",
    "VIEWS",
    "Group",
    "InboxRow",
    "Overview",
    "called",
    "channel_label",
    "count_todo",
    "count_unread",
    "done_today",
    "inbox",
    "my_tasks",
    "neighbours",
    "overview",
    "unread_by",
    "waiting_for",
]

PAGE_SIZE = 20
COUNT_LIMIT = 100
OVERVIEW_LIMIT = 500
NEAR_LIMIT, NEIGHBOUR_LIMIT = 40, 200
VIEWS = ("todo", "doing", "done", "copied")
BROUGHT = "brought"
"""What came from an earlier system and I may see: nobody here has done anything in it, so it stands in no other list."""
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
    """Return a page of one of the lists (``VIEWS``, and ``BROUGHT`` for the search).

    ``kind`` and ``group`` (the key of a ``Group``) say of what, ``mark`` is one of ``MARKS``: "overdue", "soon" (due within a
    working day), "paused", "returned" (came back corrected or from another unit), "today" (I did a step of it today);
    ``query`` looks at number (any part), title, applicant and the number that it had elsewhere (all of it). ``sort`` is "due"
    or "new". Three statements, whatever the page holds: cases, tasks, clocks.
    """
    calendar = calendar or calendars.current_calendar()
    # A list of which more than is counted was found goes on behind ``first``; a shorter one is known whole.
    reaches = page * PAGE_SIZE < len(first) or (page - 1) * PAGE_SIZE < len(first) <= OVERVIEW_LIMIT
    if reaches and sort == "due" and view != "copied" and not (kind or group or mark or query):
        wanted = first[(page - 1) * PAGE_SIZE : page * PAGE_SIZE + 1]
        ready = _ready(wanted[:PAGE_SIZE], view)
        return Page(
            items=_rows(actor, ready, view, calendar, at=at), number=page, has_next=len(wanted) > PAGE_SIZE
        )
    cases = _with_due(_cases_of(actor, view, since=_midnight(at) if mark == "today" else None), view)
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
        cases = cases.annotate(is_unread=Exists(_unread(actor).filter(case=OuterRef("pk"))))
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
    is_long: bool = False,
    at: datetime,
    calendar: calendars.Calendar | None = None,
) -> Overview:
    """Count what a list holds by kind and by what is urgent, in one statement over its first ``OVERVIEW_LIMIT`` cases.

    Who knows already that the list holds a hundred or more says so (``is_long``): then its beginning is found without putting
    it in order.
    """
    rows = _begun(actor, OVERVIEW_LIMIT + 1) if view == "todo" and is_long else []
    if not rows:
        cases = _with_due(_cases_of(actor, view), view).annotate(came_back=RETURNED, heading=_HEADING)
        fields = cases.order_by(*_order("due", view)).values_list(*_COUNTED)
        rows = [_Counted(*row) for row in fields[: OVERVIEW_LIMIT + 1]]
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
        paused=sum(row.is_paused for row in counted),
        returned=sum(bool(row.came_back) for row in counted),
        first=tuple(row.pk for row in rows),
    )


class _Counted(NamedTuple):
    """What is counted of a case; ``heading`` is its title as it is stored, read once for each group."""

    pk: UUID
    number: str
    kind: str
    subject_id: str
    heading: str
    came_back: bool | None
    is_paused: bool
    due: datetime | None


_COUNTED = _Counted._fields
_HEADING = Cast("title", TextField())


def _begun(actor: Actor, wanted: int) -> list[_Counted]:
    """Return the ``wanted`` cases that come first in a long to-do list; [] when it is short or its beginning not found quickly.

    To put ten thousand cases in the order of their clocks takes a look at the clocks of each. The clocks themselves lie in that
    order: one statement goes along them, looks at each whether its case waits for me, and ends with the last that is wanted. The
    soonest clock of a case comes first, so it is the one by which the case is due. Where too few are found, because most of what
    waits has no running clock, the whole list is put in order after all.
    """
    sql, values = _beginning(wanted).of(**_of(actor))
    first: dict[UUID, _Counted] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        for row in cursor.fetchall():
            first.setdefault(row[0], _Counted._make((*row[:-1], _moment(row[-1]))))
    return list(first.values())[:wanted] if len(first) >= wanted else []


@lru_cache(maxsize=1000)
def _moment(seconds: float) -> datetime:
    """Hundreds of cases are due at the same few moments: each is made once."""
    return datetime.fromtimestamp(seconds, UTC)


@cache
def _beginning(wanted: int) -> Text:
    """The statement of ``_begun``: it has a row for each clock, and so nothing but going along them in order.

    It is not sent prepared: a plan that does not know the values is fifty times slower.
    """

    def build(**who: Any) -> tuple[str, Sequence[Any]]:
        mine = _my_tasks(_Who(**who))
        enough = 2 * wanted  # some cases wait with two steps
        several = wanted + wanted // 8  # some cases have two running clocks
        waiting, waiting_values = mine.order_by().values("pk")[:enough].query.sql_with_params()
        soonest, soonest_values = calendars.soonest_clocks(16 * wanted).query.sql_with_params()
        # Looked up once for all: few clocks are paused, and they have an index
        is_paused = Q(pk__in=CaseClock.objects.filter(clock__state="paused").values("case"))
        one = (
            Case.objects.filter(
                Exists(mine.filter(instance_id=OuterRef("instance_id"))),
                pk=RawSQL("tie.case_id", []),
                submitted_at__isnull=False,
            )
            .annotate(
                came_back=RETURNED,
                heading=_HEADING,
                is_paused=ExpressionWrapper(is_paused, output_field=BooleanField()),
            )
            .values_list(*_COUNTED[:-1])[:1]
        )
        found, found_values = one.query.sql_with_params()
        return (
            f"SELECT found.*, extract(epoch FROM soonest.due_at)::float8 FROM ({soonest}) AS soonest (id, due_at)"  # noqa: S608 - made by Django
            f" JOIN {CaseClock._meta.db_table} AS tie ON tie.clock_id = soonest.id"
            f" CROSS JOIN LATERAL ({found}) AS found"
            f" WHERE (SELECT count(*) FROM ({waiting}) AS waiting) = {enough:d}"
            f" ORDER BY soonest.due_at, soonest.id LIMIT {several:d}",
            [*soonest_values, *found_values, *waiting_values],
        )

    return Text(build)


def my_tasks(actor: Actor, *, kind: str = "", page: int = 1) -> list[tuple[int, str]]:
    """Return a page of the tasks that wait for the actor with the numbers of their cases, the most urgent case first."""
    cases = _with_due(_cases_of(actor, "todo"), "todo")
    if kind:
        cases = cases.filter(kind=kind)
    found = list(paginate(cases.order_by(*_order("due", "todo")), number=page, size=PAGE_SIZE))
    tasks = _tasks_by_instance(actor, found)
    return [(task.pk, case.number or "") for case in found for task in tasks.get(case.instance_id, [])]


def done_today(actor: Actor, *, at: datetime) -> Rows:
    """Return the cases that left my desk today because I did a step, to be counted: no further than 100."""
    return _DONE_SINCE.of(since=_midnight(at), **_of(actor))


def waiting_for(actor: Actor) -> Rows:
    """Return what waits for this actor, to be counted: no further than 100 ("99+")."""
    return _WAITING.of(**_of(actor)) if actor.is_official and actor.holders else Case.objects.none()


def _waiting(**who: Any) -> Any:
    mine = _my_tasks(_Who(**who))
    # Not DISTINCT, which would look at all of them: a case is counted with the oldest of its steps that wait for me.
    of_case = mine.filter(instance_id=OuterRef("instance_id")).values("instance_id")
    oldest = of_case.annotate(oldest=Min("pk")).values("oldest")
    return mine.filter(pk=Subquery(oldest)).values_list("instance_id")[:COUNT_LIMIT].query.sql_with_params()


def count_todo(actor: Actor) -> int:
    """Return how many cases wait for this actor, counting no further than 100."""
    return count_together({"todo": waiting_for(actor)})["todo"]


def neighbours(actor: Actor, number: str, *, is_long: bool = False) -> tuple[str, str]:
    """Return the numbers of the cases before and after this one among what is to do, by due date; "" where there is none.

    From a case that is not to be done (any more) the next one is the first of the list. ``is_long`` as in ``overview``.
    """
    numbers: list[Any] = []
    for wanted in (NEAR_LIMIT, NEIGHBOUR_LIMIT) if is_long else ():
        numbers = [row.number for row in _begun(actor, wanted)]
        if number in numbers[:-1]:
            break  # as a rule: a desk is worked off from above
    if not numbers:
        cases = _with_due(_cases_of(actor, "todo"), "todo").order_by(*_order("due", "todo"))
        numbers = list(cases.values_list("number", flat=True)[:NEIGHBOUR_LIMIT])
    if number not in numbers:
        return "", numbers[0] if numbers else ""
    place = numbers.index(number)
    return numbers[place - 1] if place else "", numbers[place + 1] if place + 1 < len(numbers) else ""


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


def _midnight(at: datetime) -> datetime:
    """Return the beginning of the day in the county."""
    return datetime.combine(local_date(at), time.min, LOCAL)


def _order(sort: str, view: str) -> list[Any]:
    """What is to do at one moment comes in the order of its clocks: first come, first served, and as the clocks lie."""
    if sort != "due":
        return ["-submitted_at", "pk"]
    return [F("turn" if view == "todo" else "due").asc(nulls_last=True), "pk"]


def _clocks(view: str) -> QuerySet[CaseClock]:
    """The clocks that count in a list: a step's limit is for who has the step to do, to others only the case's own count."""
    clocks = CaseClock.objects.filter(case=OuterRef("pk"))
    return clocks if view == "todo" else clocks.exclude(role=STEP)


def _with_due(cases: QuerySet[Case], view: str) -> QuerySet[Any]:
    """Tell of each case when its next running clock is due (``due``) and whether a clock is paused (``is_paused``)."""
    clocks = _clocks(view)
    next_due = (
        clocks.filter(clock__state="running").values("case").annotate(d=Min("clock__due_at"), t=Min(_TURN))
    )
    cases = cases.annotate(turn=Subquery(next_due.values("t"))) if view == "todo" else cases
    return cases.annotate(
        due=Subquery(next_due.values("d")), is_paused=Exists(clocks.filter(clock__state="paused"))
    )


_TURN = Func(
    "clock__due_at",
    "clock_id",
    template="ARRAY[EXTRACT(EPOCH FROM %(expressions)s]",
    arg_joiner="), ",
    output_field=ArrayField(DecimalField()),
)
"""A clock's place among all: by when it is due, then by when it was started."""


def _group_of(kind: str, subject: str, heading: str) -> tuple[str, LocalizedText]:
    known = kinds.get(kind)
    if not known.named_by_applicant:
        return kind, known.label
    return f"{kind}/{subject}", LocalizedText.of(json.loads(heading))


def _in_group(key: str) -> Q:
    kind, _, subject = key.partition("/")
    return Q(kind=kind, subject_id=subject) if subject else Q(kind=kind)


class _Who(NamedTuple):
    """What of an actor the lists depend on: by it a statement that every page sends is put together once."""

    holders: tuple[int, ...]
    persons: tuple[UUID, ...]
    person_id: UUID | None


def _of(actor: Actor) -> dict[str, Any]:
    return _Who(tuple(actor.holders), tuple(actor.persons), actor.person_id)._asdict()


def _cases_of(actor: Actor | _Who, view: str, *, since: datetime | None = None) -> QuerySet[Case]:
    """Return the cases of a list; ``since`` leaves only those done since then in "done"."""
    of_case = _my_tasks(actor).filter(instance_id=OuterRef("instance_id"))
    cases = Case.objects.exclude(submitted_at=None)
    if view == "todo":
        return cases.filter(Exists(of_case))
    if view == "copied":
        return cases.filter(Exists(_readings(actor).filter(case=OuterRef("pk"))))
    if view == BROUGHT:
        mine = Access.objects.filter(case=OuterRef("pk"), holder_id__in=actor.holders).exclude(right="party")
        return cases.filter(Exists(mine), channel=CHANNEL)
    seen = Exists(Access.objects.filter(case=OuterRef("pk"), holder_id__in=actor.holders, right="handle"))
    if view == "doing":
        return cases.filter(seen, closed_at=None).exclude(Exists(of_case))
    if view == "done":
        if actor.person_id is None:
            return cases.none()
        done = processes.done_tasks(actor.person_id).filter(instance_id=OuterRef("instance_id"))
        if since is not None:
            done = done.filter(completed_at__gte=since)
        return cases.filter(Exists(done)).exclude(Exists(of_case))
    return cases.filter(seen)


def unread_by(actor: Actor) -> Rows:
    """Return the circulated cases that this actor has not read, to be counted: no further than 100."""
    return _UNREAD.of(**_of(actor)) if actor.holders else Reading.objects.none()


def count_unread(actor: Actor) -> int:
    """Return how many circulated cases this actor has not read."""
    return count_together({"unread": unread_by(actor)})["unread"]


def _readings(actor: Actor | _Who) -> QuerySet[Reading]:
    """What was circulated to me: to my post and meant for me, or to my unit."""
    mine = Reading.objects.filter(holder_id__in=actor.holders)
    return mine.filter(Q(person_id=None) | Q(person_id__in=actor.persons))


def _unread(actor: Actor | _Who) -> QuerySet[Reading]:
    return _readings(actor).filter(read_at=None)


def _my_tasks(actor: Actor | _Who) -> QuerySet[Any]:
    """Open tasks that I may do: held by one of my holders, not claimed by a colleague, no second signature under my own."""
    mine = (
        processes.open_tasks(actor.holders)
        .filter(Q(claimed_by=None) | Q(claimed_by__in=actor.persons), owner_kind="case")
        .exclude(waits_for="before")
    )
    if actor.person_id is None:
        return mine
    first = processes.done_tasks(actor.person_id).filter(
        instance_id=OuterRef("instance_id"), node=OuterRef("separate_from"), is_void=False
    )
    # Asked of those steps only that must not be done twice: all that I ever did is much to look through.
    return mine.exclude(~Q(separate_from="") & Exists(first))


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
    clocks = _clocks(view).exclude(clock__state="stopped")
    nearest = clocks.order_by(F("clock__due_at").asc(nulls_last=True), "-clock_id")
    return cases.annotate(
        agent=Subquery(agents.values("name")[:1]), clock_id=Subquery(nearest.values("clock_id")[:1])
    )


def _ready(keys: Sequence[UUID], view: str) -> list[Any]:
    """Return these cases with what a row tells, in the order of the keys."""
    ready = _READY_TODO if view == "todo" else _READY_OTHER
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
    for task in _TASKS.all(instances=tuple(instances), **_of(actor)):
        found.setdefault(task.instance_id, []).append(task)
    return found


def _steps(tasks: list[Any]) -> LocalizedText:
    return LocalizedText(
        zh="、".join(task.name.zh for task in tasks), en=", ".join(task.name.en for task in tasks)
    )


# What every page of the workbench and every to-do list sends, put together once

_WAITING = Text(_waiting)
_UNREAD = Text(
    lambda **who: _unread(_Who(**who)).values_list("case_id").distinct()[:COUNT_LIMIT].query.sql_with_params()
)
_DONE_SINCE = Text(
    lambda since, **who: (
        _cases_of(_Who(**who), "done", since=since).values_list("pk")[:COUNT_LIMIT].query.sql_with_params()
    )
)
_READY_TODO = Statement(lambda keys: _with_row(Case.objects.filter(pk__in=keys), "todo"), keys="uuid[]")
_READY_OTHER = Statement(lambda keys: _with_row(Case.objects.filter(pk__in=keys), "done"), keys="uuid[]")
_TASKS = Statement(
    lambda instances, **who: _my_tasks(_Who(**who)).filter(instance_id__in=instances).order_by("pk")
)
