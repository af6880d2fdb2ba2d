"""Counting days: every night those that are over, in between those that changed afterwards."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Max, Min, QuerySet, Value
from django.db.models.functions import TruncDate

from tongban.apps.figures import rules
from tongban.apps.figures.models import Counted, DayCount, MonthCount, StaleDay
from tongban.base import figures
from tongban.base.time import LOCAL, local_date

__all__ = [
    "begin_of",
    "cells",
    "check_counts",
    "count_days",
    "count_stale_days",
    "counted_keys",
    "forget_days",
    "grouped",
]

ONE_DAY = timedelta(days=1)
SUMS = """SELECT date_trunc('month', day)::date, 'item', measure, unit_id, item, '', sum(n) FROM figures_daycount
  WHERE day >= %(since)s AND day < %(until)s GROUP BY 1, 2, 3, 4, 5, 6
UNION ALL SELECT date_trunc('month', day)::date, 'place', measure, unit_id, '', place, sum(n) FROM figures_daycount
  WHERE day >= %(since)s AND day < %(until)s GROUP BY 1, 2, 3, 4, 5, 6"""
KEPT = """SELECT month, kind, measure, unit_id, item, place, n FROM figures_monthcount
  WHERE month >= %(since)s AND month < %(until)s"""
BY_MONTH = f"INSERT INTO figures_monthcount (month, kind, measure, unit_id, item, place, n) {SUMS}"
AGREES = f"SELECT NOT EXISTS (({KEPT}) EXCEPT ALL ({SUMS})) AND NOT EXISTS (({SUMS}) EXCEPT ALL ({KEPT}))"
INSERT = "INSERT INTO figures_daycount (day, measure, unit_id, item, place, n) "


def begin_of(day: date) -> datetime:
    """Return the first moment of a day in the county."""
    return datetime.combine(day, time.min, LOCAL)


def cells(measure: figures.Measure, *, at: datetime) -> QuerySet[Any, Any]:
    """Return the rows of a measure grouped by day and everything by which they are counted; the caller bounds ``of_at``."""
    return measure.rows(at).order_by().annotate(day=TruncDate("of_at", tzinfo=LOCAL))


def grouped(rows: QuerySet[Any, Any], measure: figures.Measure) -> QuerySet[Any, Any]:
    """Group the (bounded) rows of a measure, with its key, as they are kept."""
    found = rows.annotate(key=Value(measure.key)).values("day", "key", "of_unit", "of_item", "of_place")
    return found.annotate(n=Count("pk")).values_list("day", "key", "of_unit", "of_item", "of_place", "n")


def counted_keys() -> list[str]:
    """Return the keys of what is counted by day."""
    return sorted([measure.key for measure in figures.measures if not measure.is_now] + figures.sums.keys())


def count_days(*, at: datetime) -> int:
    """Count all days that are over and were not counted yet; the first time, from the first day on. Returns how many days."""
    until = local_date(at)
    with transaction.atomic():
        _lock()
        state = Counted.objects.first() or Counted(until=None, noted=until, at=at)
        is_known = state.keys == counted_keys()
        since = (state.until if is_known else None) or _first_day(at)
        if since is None or since >= until:
            return 0
        if not is_known:
            DayCount.objects.all().delete()
            MonthCount.objects.all().delete()
            state.until, state.keys = None, counted_keys()
        state.noted = until
        state.save()
    with transaction.atomic():
        _lock()
        _count(since, until, at=at)
        _sum_up(since, until)
        Counted.objects.update(until=until, at=at)
    return (until - since).days


@transaction.atomic
def count_stale_days(*, at: datetime, most: int = 400) -> int:
    """Count days anew of which a case changed after they were counted. Returns how many days."""
    _lock()
    days = list(StaleDay.objects.order_by("day").values_list("day", flat=True).distinct()[:most])
    for day in days:
        # What another transaction writes meanwhile has a row of its own and stays: only rows seen here are taken away.
        StaleDay.objects.filter(day=day, pk__lte=_newest()).delete()
        _count(day, day + ONE_DAY, at=at)
    for month in {rules.month_of(day) for day in days}:
        _sum_up(month, month + ONE_DAY)
    return len(days)


@transaction.atomic
def check_counts(*, at: datetime) -> list[date]:
    """Compare what is kept with what it was counted from: months with their days, days with their cases. The newest of both
    and one of each that takes its turn. Days that do not agree are noted, to be counted anew; they are returned.
    """
    _lock()
    ends = DayCount.objects.aggregate(first=Min("day"), last=Max("day"))
    if ends["first"] is None:
        return []
    turn = local_date(at).toordinal()
    first, last = rules.month_of(ends["first"]), ends["last"]
    months = [first, *rules.whole_months(rules.next_month(first), rules.next_month(last))]
    days = {last, ends["first"] + turn % ((last - ends["first"]).days + 1) * ONE_DAY}
    stale = set(StaleDay.objects.values_list("day", flat=True))
    wrong = {month for month in {months[-1], months[turn % len(months)]} if not _is_sum(month)}
    wrong |= {day for day in days - stale if not _agrees(day, at=at)}
    StaleDay.objects.bulk_create(StaleDay(day=day) for day in sorted(wrong))
    return sorted(wrong)


def _is_sum(month: date) -> bool:
    """Tell whether the kept numbers of a month are the sums of its days."""
    with connection.cursor() as cursor:
        cursor.execute(AGREES, {"since": month, "until": rules.next_month(month)})
        return bool(cursor.fetchone()[0])


def _agrees(day: date, *, at: datetime) -> bool:
    """Tell whether the kept numbers of a day are those of its cases."""
    first, last = begin_of(day), begin_of(day + ONE_DAY)
    keys = [measure.key for measure in figures.measures if not measure.is_now]
    kept = DayCount.objects.filter(day=day, measure__in=keys)
    counted = [
        row
        for measure in figures.measures
        if not measure.is_now
        for row in grouped(cells(measure, at=at).filter(of_at__gte=first, of_at__lt=last), measure)
    ]
    return sorted(counted) == sorted(kept.values_list("day", "measure", "unit_id", "item", "place", "n"))


@transaction.atomic
def forget_days() -> None:
    """Let all days be counted anew, after many cases came at once; until then everything is read from the cases."""
    _lock()
    for model in (DayCount, MonthCount, Counted, StaleDay):
        model.objects.all().delete()


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7310021)")


def _newest() -> int:
    newest = StaleDay.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def _first_day(at: datetime) -> date | None:
    moments = [
        measure.rows(at).order_by().aggregate(first=Min("of_at"))["first"]
        for measure in figures.measures
        if not measure.is_now
    ]
    known = [moment for moment in moments if moment is not None]
    return local_date(min(known)) if known else None


def _count(since: date, until: date, *, at: datetime) -> None:
    """Write the counts of the days in [since, until) in the place of what stood there."""
    DayCount.objects.filter(day__gte=since, day__lt=until).delete()
    first, last = begin_of(since), begin_of(until)
    for measure in figures.measures:
        if measure.is_now:
            continue
        rows = cells(measure, at=at).filter(of_at__gte=first, of_at__lt=last)
        sql, values = grouped(rows, measure).query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(INSERT + sql, values)
    DayCount.objects.bulk_create(
        (
            DayCount(day=row.day, measure=row.key, unit_id=row.unit, item=row.item, n=row.value)
            for sums in figures.sums
            for row in sums.work_out(first, last)
        ),
        batch_size=1000,
    )


def _sum_up(since: date, until: date) -> None:
    """Write the sums of the months of these days anew from their days."""
    first, last = rules.month_of(since), rules.next_month(until - ONE_DAY)
    MonthCount.objects.filter(month__gte=first, month__lt=last).delete()
    with connection.cursor() as cursor:
        cursor.execute(BY_MONTH, {"since": first, "until": last})
