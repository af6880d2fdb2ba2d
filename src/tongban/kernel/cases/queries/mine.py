"""Which cases are whose, in which order they wait, and the counts that stand in the frame of every page of the workbench.

What waits is read in the order in which it is due: every open step keeps that moment (``processes.Task.turn_at``), so the first
cases of a list are the first rows of one index for each of the actor's holders, however many wait behind them. What somebody has
done is read in the order in which he did it, the last first, by the index of his steps. What is in progress with others is read
in the order of its running clocks (``first_in_progress``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, F, Func, Max, Min, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.expressions import RawSQL

from tongban.base.actor import Actor
from tongban.base.statements import Text
from tongban.base.time import LOCAL, local_date
from tongban.design.counts import Rows, count_together
from tongban.kernel.cases.models import Access, Case, CaseClock, Reading
from tongban.kernel.cases.operations.bring import CHANNEL
from tongban.kernel.cases.operations.clocks import STEP
from tongban.kernel.processes import service as processes

__all__ = [
    "BROUGHT",
    "COUNT_LIMIT",
    "Queue",
    "Who",
    "cases_of",
    "clocks_of_list",
    "count_todo",
    "count_unread",
    "done_today",
    "first_in_progress",
    "midnight",
    "neighbours",
    "tasks_of_actor",
    "unread_by",
    "unread_readings",
    "waiting_for",
    "who",
    "with_due",
]

COUNT_LIMIT = 100
NEAR_LIMIT, NEIGHBOUR_LIMIT = 40, 200
LOOKED_AT = 5000
"""So many of the clocks that are due first are looked at for the first of what is in progress."""
BROUGHT = "brought"
"""What came from an earlier system and I may see: nobody here has done anything in it, so it stands in no other list."""


class Who(NamedTuple):
    """What of an actor the lists depend on: by it a statement that every page sends is put together once."""

    holders: tuple[int, ...]
    persons: tuple[UUID, ...]
    person_id: UUID | None


def who(actor: Actor) -> dict[str, Any]:
    """Return the values of ``Who`` by name, for statements."""
    return Who(tuple(actor.holders), tuple(actor.persons), actor.person_id)._asdict()


# steps and cases


def tasks_of_actor(actor: Actor | Who) -> QuerySet[Any]:
    """Open tasks that I may do: held by one of my holders, not claimed by a colleague, no second signature under my own."""
    return _may_do(processes.open_tasks(actor.holders), actor)


def _may_do(tasks: QuerySet[Any], actor: Actor | Who) -> QuerySet[Any]:
    mine = tasks.filter(Q(claimed_by=None) | Q(claimed_by__in=actor.persons), owner_kind="case").exclude(
        waits_for="before"
    )
    if actor.person_id is None:
        return mine
    first = processes.done_tasks(actor.person_id).filter(
        instance_id=OuterRef("instance_id"), node=OuterRef("separate_from"), is_void=False
    )
    # Asked of those steps only that must not be done twice, and of each by itself: all that I ever did is much to look through.
    # An "exists" the planner would answer from a table of all that; the limit of a subquery it has to keep.
    return mine.alias(own=Subquery(first.values("pk")[:1])).filter(Q(separate_from="") | Q(own=None))


def _one_a_case(tasks: QuerySet[Any], actor: Actor | Who) -> QuerySet[Any]:
    """Of the steps of a case that wait for me only the oldest: asked of each, for who wants the first few of them."""
    of_case = tasks_of_actor(actor).filter(instance_id=OuterRef("instance_id")).values("instance_id")
    return tasks.filter(pk=Subquery(of_case.annotate(oldest=Min("pk")).values("oldest")))


def cases_of(actor: Actor | Who, view: str, *, since: datetime | None = None) -> QuerySet[Any]:
    """Return the cases of a list; ``since`` leaves only those done since then in "done".

    Those of "todo" come with their place in it: ``turn`` (when they are due next) and ``step`` (the oldest that waits); those of
    "done" with ``finished`` and ``step``, the newest step that I did.
    """
    cases = Case.objects.exclude(submitted_at=None)
    if view == "todo":
        oldest = tasks_of_actor(actor).values("instance_id").annotate(one=Min("pk"))
        cases = cases.filter(instance__tasks__in=oldest.values("one"))
        return cases.annotate(turn=F("instance__tasks__turn_at"), step=F("instance__tasks__pk"))
    if view == "copied":
        return cases.filter(Exists(_readings(actor).filter(case=OuterRef("pk"))))
    if view == BROUGHT:
        mine = Access.objects.filter(case=OuterRef("pk"), holder_id__in=actor.holders).exclude(right="party")
        return cases.filter(Exists(mine), channel=CHANNEL)
    of_case = tasks_of_actor(actor).filter(instance_id=OuterRef("instance_id"))
    seen = Exists(Access.objects.filter(case=OuterRef("pk"), holder_id__in=actor.holders, right="handle"))
    if view == "doing":
        return cases.filter(seen, closed_at=None).exclude(Exists(of_case))
    if view == "done":
        if actor.person_id is None:
            return cases.none()
        done = _done_by(actor.person_id)
        if since is not None:
            done = done.filter(completed_at__gte=since)
        newest = done.values("instance_id").annotate(one=Max("pk"))
        cases = cases.filter(instance__tasks__in=newest.values("one")).exclude(Exists(of_case))
        return cases.annotate(finished=F("instance__tasks__completed_at"), step=F("instance__tasks__pk"))
    return cases.filter(seen)


def _done_by(person_id: UUID) -> QuerySet[Any]:
    return processes.done_tasks(person_id).filter(owner_kind="case")


def clocks_of_list(view: str) -> QuerySet[CaseClock]:
    """The clocks that count in a list: a step's limit is for who has the step to do, to others only the case's own count."""
    clocks = CaseClock.objects.filter(case=OuterRef("pk"))
    return clocks if view == "todo" else clocks.exclude(role=STEP)


def with_due(cases: QuerySet[Any], view: str) -> QuerySet[Any]:
    """Tell of each case when its next running clock is due (``due``) and whether a clock is paused (``is_paused``).

    ``place`` is for the order: of two cases that are due at one moment the one whose clock began first. Of "todo" it is ``turn``
    and ``step``.
    """
    clocks = clocks_of_list(view)
    cases = cases.annotate(is_paused=Exists(clocks.filter(clock__state="paused")))
    if view == "todo":
        return cases.annotate(due=F("turn"))
    running = (
        clocks.filter(clock__state="running")
        .exclude(clock__due_at=None)
        .order_by("clock__due_at", "clock_id")
    )
    place = Func(F("clock__due_at"), F("clock_id"), function="ROW", output_field=TextField())
    return cases.annotate(due=Subquery(running.values("clock__due_at")[:1])).alias(
        place=Subquery(running.values(place=place)[:1])
    )


# the order in which they wait


class Queue:
    """The beginning of a list, a row for each case, and what is behind it.

    Of "todo" in the order in which it is due, what is not due comes last; of "done" the last that I did first. ``columns`` are
    the names of what is wanted of a case; ``more`` are annotations for them. "turn" is that by which it is in order. It is not
    sent prepared: a plan that does not know the values is many times slower.
    """

    def __init__(self, view: str, *columns: str, **more: Callable[[], Any]) -> None:
        self._columns, self._more = columns, more
        self._steps, self._order = {
            "todo": (self._waiting, "{0}.turn_at, {0}.id"),
            "done": (self._done, "{0}.turn_at DESC, {0}.id DESC"),
        }[view]
        self._text = Text(self._built)

    def rows(self, actor: Actor, wanted: int, begin: int = 0) -> list[tuple[Any, ...]]:
        """Return so many rows, those after the first ``begin``."""
        try:
            sql, values = self._text.of(wanted=wanted, begin=begin, end=begin + wanted, **who(actor))
        except EmptyResultSet:
            return []
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall()

    def _built(self, wanted: Any, begin: Any, end: Any, **of: Any) -> tuple[str, Sequence[Any]]:
        steps, step_values = self._steps(Who(**of), end)
        case = Case.objects.filter(instance_id=RawSQL("step.instance_id", []), submitted_at__isnull=False)
        case = case.annotate(
            turn=RawSQL("step.turn_at", []), **{name: make() for name, make in self._more.items()}
        )
        # Cut off, so that it is one row for each step and not a join in an order of its own
        found, found_values = case.values_list(*self._columns)[:1].query.sql_with_params()
        return (
            f"SELECT found.* FROM (SELECT mine.* FROM ({steps}) AS mine (id, instance_id, turn_at)"  # noqa: S608 - made by Django
            f" ORDER BY {self._order.format('mine')} LIMIT %s OFFSET %s) AS step (id, instance_id, turn_at)"
            f" CROSS JOIN LATERAL ({found}) AS found ORDER BY {self._order.format('step')}",
            [*step_values, wanted, begin, *found_values],
        )

    @staticmethod
    def _waiting(actor: Who, end: Any) -> tuple[str, Sequence[Any]]:
        """The first steps of each holder."""
        if not actor.holders:
            raise EmptyResultSet
        held = processes.open_tasks_of_holder(RawSQL("held.id", []))
        steps = _one_a_case(_may_do(held, actor), actor).order_by("turn_at", "pk")
        step, values = steps.values_list("pk", "instance_id", "turn_at").query.sql_with_params()
        holders = ", ".join(["(%s::bigint)"] * len(actor.holders))
        return (
            f"SELECT first.* FROM (VALUES {holders}) AS held (id) CROSS JOIN LATERAL ({step} LIMIT %s) AS first",  # noqa: S608 - made by Django
            [*actor.holders, *values, end],
        )

    @staticmethod
    def _done(actor: Who, end: Any) -> tuple[str, Sequence[Any]]:
        """The last steps that I did, of each case that does not wait for me again the newest."""
        if actor.person_id is None:
            raise EmptyResultSet
        own = _done_by(actor.person_id)
        newer = own.filter(instance_id=OuterRef("instance_id"), pk__gt=OuterRef("pk"))
        again = tasks_of_actor(actor).filter(instance_id=OuterRef("instance_id"))
        steps = own.exclude(Exists(newer)).exclude(Exists(again)).order_by("-completed_at", "-pk")
        step, values = steps.values_list("pk", "instance_id", "completed_at").query.sql_with_params()
        return f"{step} LIMIT %s", [*values, end]


def first_in_progress(actor: Actor, wanted: int) -> list[UUID] | None:
    """Return so many of the cases of "doing" in their order; None where they lie too thin among those of the county.

    Of an office with a good part of the county's cases they stand near the beginning of all running clocks: one goes along
    these, and asks of each whether its case is one of them. Who has few finds them sooner by his own rights.
    """
    if not actor.holders:
        return None
    sql, values = _IN_PROGRESS.of(looked_at=LOOKED_AT, wanted=3 * wanted, **who(actor))
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = dict.fromkeys(case for (case,) in cursor.fetchall())  # a case has more than one clock
    return list(found)[:wanted] if len(found) >= wanted else None


def _in_progress(looked_at: Any, wanted: Any, **of: Any) -> tuple[str, Sequence[Any]]:
    actor = Who(**of)
    clocks = CaseClock.objects.exclude(role=STEP).filter(clock__state="running").exclude(clock__due_at=None)
    in_order = clocks.order_by("clock__due_at", "clock_id").values_list(
        "case_id", "clock__due_at", "clock_id"
    )
    clock, clock_values = in_order.query.sql_with_params()
    case = Case.objects.filter(pk=RawSQL("clock.case_id", []), closed_at=None).exclude(submitted_at=None)
    rights = Access.objects.filter(case=OuterRef("pk"), holder_id__in=actor.holders, right="handle")
    of_case = tasks_of_actor(actor).filter(instance_id=OuterRef("instance_id"))
    # Each asked by itself: without the limits of the subqueries the planner compares all with all.
    case = case.alias(seen=Subquery(rights.values("pk")[:1]), waits=Subquery(of_case.values("pk")[:1]))
    found, values = case.exclude(seen=None).filter(waits=None).values_list("pk")[:1].query.sql_with_params()
    return (
        f"SELECT found.id FROM ({clock} LIMIT %s) AS clock (case_id, due_at, id)"  # noqa: S608 - made by Django
        f" CROSS JOIN LATERAL ({found}) AS found (id) ORDER BY clock.due_at, clock.id LIMIT %s",
        [*clock_values, looked_at, *values, wanted],
    )


_IN_PROGRESS = Text(_in_progress)
_NUMBERS = Queue("todo", "number")


def neighbours(actor: Actor, number: str) -> tuple[str, str]:
    """Return the numbers of the cases before and after this one among what is to do, by due date; "" where there is none.

    From a case that is not to be done (any more), or lies far behind, the next one is the first of the list.
    """
    numbers: list[str] = []
    for wanted in (NEAR_LIMIT, NEIGHBOUR_LIMIT):  # as a rule a desk is worked off from above
        numbers = [found for (found,) in _NUMBERS.rows(actor, wanted)]
        if number in numbers[:-1] or len(numbers) < wanted:
            break
    if number not in numbers:
        return "", numbers[0] if numbers else ""
    place = numbers.index(number)
    return numbers[place - 1] if place else "", numbers[place + 1] if place + 1 < len(numbers) else ""


# counts


def midnight(at: datetime) -> datetime:
    """Return the beginning of the day in the county."""
    return datetime.combine(local_date(at), time.min, LOCAL)


def waiting_for(actor: Actor) -> Rows:
    """Return what waits for this actor, to be counted: no further than 100 ("99+")."""
    return _WAITING.of(**who(actor)) if actor.is_official and actor.holders else Case.objects.none()


def count_todo(actor: Actor) -> int:
    """Return how many cases wait for this actor, counting no further than 100."""
    return count_together({"todo": waiting_for(actor)})["todo"]


def done_today(actor: Actor, *, at: datetime) -> Rows:
    """Return the cases that left my desk today because I did a step, to be counted: no further than 100."""
    if actor.person_id is None:
        return Case.objects.none()
    return _DONE_SINCE.of(since=midnight(at), **who(actor))


def unread_by(actor: Actor) -> Rows:
    """Return the circulated cases that this actor has not read, to be counted: no further than 100."""
    return _UNREAD.of(**who(actor)) if actor.holders else Reading.objects.none()


def count_unread(actor: Actor) -> int:
    """Return how many circulated cases this actor has not read."""
    return count_together({"unread": unread_by(actor)})["unread"]


def unread_readings(actor: Actor | Who) -> QuerySet[Reading]:
    """What was circulated to me and I have not read."""
    return _readings(actor).filter(read_at=None)


def _readings(actor: Actor | Who) -> QuerySet[Reading]:
    """What was circulated to me: to my post and meant for me, or to my unit."""
    mine = Reading.objects.filter(holder_id__in=actor.holders)
    return mine.filter(Q(person_id=None) | Q(person_id__in=actor.persons))


def _counted(rows: QuerySet[Any]) -> tuple[str, Sequence[Any]]:
    return rows[:COUNT_LIMIT].query.sql_with_params()


def _waiting(**of: Any) -> tuple[str, Sequence[Any]]:
    actor = Who(**of)
    return _counted(_one_a_case(tasks_of_actor(actor), actor).values_list("instance_id"))


def _done_since(since: Any, **of: Any) -> tuple[str, Sequence[Any]]:
    actor = Who(**of)
    if actor.person_id is None:
        raise EmptyResultSet
    done = _done_by(actor.person_id).filter(completed_at__gte=since)
    of_case = done.filter(instance_id=OuterRef("instance_id")).values("instance_id")
    again = tasks_of_actor(actor).filter(instance_id=OuterRef("instance_id")).values("pk")[:1]
    # Both asked of each step and not joined: the planner knows little of what was done today, and would compare all with all.
    newest = done.filter(pk=Subquery(of_case.annotate(newest=Max("pk")).values("newest")))
    return _counted(newest.alias(again=Subquery(again)).filter(again=None).values_list("pk"))


_WAITING = Text(_waiting)
_UNREAD = Text(lambda **of: _counted(unread_readings(Who(**of)).values_list("case_id").distinct()))
_DONE_SINCE = Text(_done_since)
