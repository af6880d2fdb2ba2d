"""What is counted of cases (``base.figures``), and a case as a line of the list behind a number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Count, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, TruncDate

from tongban.base import figures
from tongban.base.figures import Measure, Sum, Sums
from tongban.base.text import LocalizedText as T
from tongban.base.time import LOCAL
from tongban.kernel.calendars import service as calendars
from tongban.kernel.cases.kinds import kind_of, kinds
from tongban.kernel.cases.models import Case, CaseClock, Home, Party
from tongban.kernel.cases.operations.clocks import STEP
from tongban.kernel.cases.operations.homes import APPLYING

__all__ = ["CaseLine", "case_lines", "home_of", "register"]

LIMITS = ("statutory", "promised", "answer")
"""The limits whose keeping makes a case done on time."""


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case without anything about a person: for whoever watches over units, not over people."""

    number: str
    item: T
    kind: T
    unit: T
    state: T
    tone: str
    submitted_at: datetime | None
    decided_at: datetime | None
    closed_at: datetime | None
    due_on: date | None


def case_lines(ids: Iterable[UUID]) -> dict[UUID, CaseLine]:
    """Return cases as lines, by id, with the nearest date by which they must be done. Two statements. No policy is asked: it is
    for who has asked whether the caller may see figures of their units.
    """
    wanted = list(ids)
    found = Case.objects.filter(pk__in=wanted).select_related("unit").defer("facts")
    running = CaseClock.objects.filter(case__in=wanted, clock__state="running").exclude(role=STEP)
    due: dict[UUID, date] = {}
    for case_id, day in running.order_by("-clock__due_at").values_list("case_id", "clock__due_on"):
        if day is not None:
            due[case_id] = day
    return {case.pk: _line(case, due.get(case.pk)) for case in found}


def _line(case: Case, due: date | None) -> CaseLine:
    kind = kind_of(case)
    state = kind.state(case.state)
    return CaseLine(
        number=case.number or "",
        item=case.title if kind.named_by_applicant else kind.label,
        kind=kind.label,
        unit=case.unit.short_name or case.unit.name,
        state=state.label,
        tone=state.tone,
        submitted_at=case.submitted_at,
        decided_at=case.decided_at,
        closed_at=case.closed_at,
        due_on=due,
    )


def home_of(case: str) -> Any:
    """Return the expression for the township of a case's applicant; ``case`` is the field that names the case."""
    who = (
        Party.objects.filter(case=OuterRef(OuterRef(case)), role__in=APPLYING)
        .annotate(who=Coalesce("person_id", "entity_id"))
        .values("who")
    )
    return Coalesce(Subquery(Home.objects.filter(pk__in=who).values("township")[:1]), Value(""))


def _cases(at: datetime, *, moment: str = "", only: Q | None = None) -> QuerySet[Any]:
    """Return the cases of all public kinds as a measure wants them."""
    rows = Case.objects.filter(kind__in=[kind.key for kind in kinds if kind.is_public])
    rows = rows.filter(only) if only is not None else rows
    rows = rows.annotate(
        of_case=F("pk"),
        of_unit=F("unit_id"),
        of_item=Concat("subject_kind", Value(":"), "subject_id"),
        of_place=home_of("pk"),
    )
    return rows.annotate(of_at=F(moment)) if moment else rows


def _late(at: datetime) -> QuerySet[Any]:
    broken = CaseClock.objects.filter(case=OuterRef("pk"), role__in=LIMITS, clock__met=False)
    return _cases(at, moment="closed_at", only=Q(Exists(broken)))


def _open(at: datetime) -> QuerySet[Any]:
    return _cases(at, only=Q(submitted_at__isnull=False, closed_at=None))


def _due(at: datetime, *, soon: bool) -> QuerySet[Any]:
    """Cases in work with a limit of their own that is over, or (none being over) ends within a working day."""
    over = _with_clocks(due_at__lt=at)
    if not soon:
        return _open(at).filter(pk__in=over)
    horizon = calendars.warning_horizon(at, calendars.current_calendar())
    near = _with_clocks(due_at__gte=at, due_at__lte=horizon)
    return _open(at).filter(pk__in=near).exclude(pk__in=over)


def _with_clocks(**due: datetime) -> QuerySet[Any, Any]:
    """Return the cases with a running limit of their own that is due then.

    The clocks are looked for first, as an array: the database knows how many clocks are due, but not how few of those run, and
    would go through the clocks of all cases that there ever were.
    """
    clocks = CaseClock._meta.get_field("clock").related_model._default_manager.filter(state="running", **due)
    is_one = Func(
        F("clock_id"),
        ArraySubquery(clocks.values("pk")),
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )
    return CaseClock.objects.filter(is_one).exclude(role=STEP).values("case_id")


MEASURES = (
    Measure(
        key="received",
        label=T("收到", "Received"),
        says=T(
            "提交成功、有编号的办件和来信，按提交的时间",
            "Applications and letters submitted, by the moment of submission",
        ),
        rows=partial(_cases, moment="submitted_at"),
    ),
    Measure(
        key="accepted",
        label=T("受理", "Accepted"),
        says=T(
            "决定受理的办件和交办的来信，按受理的时间",
            "Applications accepted and letters assigned, by that moment",
        ),
        rows=partial(_cases, moment="accepted_at"),
    ),
    Measure(
        key="decided",
        label=T("作出决定", "Decided"),
        says=T(
            "作出决定的办件和答复的来信，按最近一次决定的时间",
            "Applications decided and letters answered, by the latest decision",
        ),
        rows=partial(_cases, moment="decided_at"),
    ),
    Measure(
        key="closed",
        label=T("办结", "Closed"),
        says=T("结果已经送达、全部办完的，按办完的时间", "Handed over and finished, by that moment"),
        rows=partial(_cases, moment="closed_at"),
    ),
    Measure(
        key="late",
        label=T("超期办结", "Closed late"),
        says=T(
            "办结的当中，法定、承诺、答复时限有一个没有守住的",
            "Closed ones that broke a statutory, promised or answering limit",
        ),
        rows=_late,
    ),
    Measure(
        key="open",
        label=T("在办", "In work"),
        says=T("已经提交、还没有办结的", "Submitted and not closed yet"),
        rows=_open,
        is_now=True,
    ),
    Measure(
        key="overdue",
        label=T("已超期", "Overdue"),
        says=T("在办的当中，办件的时限已经过了的", "In work, with a limit of the case that is over"),
        rows=partial(_due, soon=False),
        is_now=True,
    ),
    Measure(
        key="soon",
        label=T("快到期", "Due soon"),
        says=T("在办的当中，一个工作日内到期的", "In work, due within a working day"),
        rows=partial(_due, soon=True),
        is_now=True,
    ),
)


def days_used(since: datetime, until: datetime) -> Iterator[Sum]:
    """Yield how many working days decided cases took beside their limits, per day of decision, unit and item.

    Only limits in working days that were never paused: where the clock stood still, used days and limit are not comparable.
    ``used``/``used-limit`` are the sums for the promised limit over ``used-n`` cases, ``law-limit``/``law-n`` those of the law.
    """
    clocks = (
        CaseClock.objects.filter(
            case__decided_at__gte=since,
            case__decided_at__lt=until,
            role__in=("promised", "statutory"),
            clock__state="stopped",
            clock__limit_unit="wd",
            clock__pauses__clock=None,  # by its column: the planner sees an anti-join, and does not take it for one row
        )
        .order_by()
        .annotate(day=TruncDate("case__decided_at", tzinfo=LOCAL), end=TruncDate("clock__stopped_at", tzinfo=LOCAL))
        .values_list(
            "day", "case__unit_id", "case__subject_kind", "case__subject_id", "role", "clock__started_on", "end",
            "clock__limit_value",
        )
        .annotate(n=Count("pk"))
    )  # fmt: skip
    counted: Counter[tuple[str, date, int, str]] = Counter()
    nth = _WorkingDays()
    for day, unit, kind, key, role, start, end, limit, n in clocks.iterator():
        item = f"{kind}:{key}"
        if role == "promised":
            counted["used", day, unit, item] += n * max(0, nth[end] - nth[start])
            counted["used-limit", day, unit, item] += n * limit
            counted["used-n", day, unit, item] += n
        else:
            counted["law-limit", day, unit, item] += n * limit
            counted["law-n", day, unit, item] += n
    for (key, day, unit, item), value in counted.items():
        yield Sum(key, day, unit, item, value)


class _WorkingDays(dict[date, int]):
    """How many working days of the national calendar lie between the beginning of a year and a day, that day included."""

    def __missing__(self, day: date) -> int:
        calendar = calendars.current_calendar()
        number, each = 0, date(2000, 1, 1)
        last = date(day.year, 12, 31)
        if self:
            each = max(self) + timedelta(days=1)
            number = self[max(self)]
        while each <= last:
            number += calendars.is_working_day(calendar, each)
            self[each] = number
            each += timedelta(days=1)
        return self[day]


def register() -> None:
    """Register what is counted of cases."""
    for measure in MEASURES:
        figures.register_measure(measure)
    figures.register_sums(DAYS_USED)


DAYS_USED = Sums(key="days-used", work_out=days_used)
