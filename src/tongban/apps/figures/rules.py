"""Periods and their former ones, shares, numbers too small to be published. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tongban.base.text import LocalizedText as T

__all__ = [
    "SMALL",
    "Period",
    "buckets",
    "change",
    "hidden",
    "month_of",
    "months_before",
    "next_month",
    "period_of",
    "periods",
    "share",
    "whole_months",
    "without",
]

SMALL = 5
"""A number below this, of something that few people do, may let somebody be recognised."""
LONGEST = 1100
"""Days that a chosen period may have: three years."""
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``since`` to before ``until``; ``former`` is what it is compared with."""

    key: str
    label: T
    since: date
    until: date
    former: tuple[date, date]
    compared: T

    @property
    def last(self) -> date:
        """The last day."""
        return self.until - ONE_DAY


def next_month(day: date) -> date:
    """Return the first day of the month after.

    >>> next_month(date(2026, 12, 5))
    datetime.date(2027, 1, 1)
    """
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def month_of(day: date, back: int = 0) -> date:
    """Return the first day of a month, so many months back.

    >>> month_of(date(2026, 3, 31), 4)
    datetime.date(2025, 11, 1)
    """
    number = day.year * 12 + day.month - 1 - back
    return date(number // 12, number % 12 + 1, 1)


def whole_months(since: date, until: date) -> list[date]:
    """Return the first days of the months that lie wholly in [since, until).

    >>> whole_months(date(2025, 12, 2), date(2026, 3, 31))
    [datetime.date(2026, 1, 1), datetime.date(2026, 2, 1)]
    """
    month = since if since.day == 1 else next_month(since)
    found = []
    while next_month(month) <= until:
        found.append(month)
        month = next_month(month)
    return found


def without(since: date, until: date, months: Sequence[date]) -> list[tuple[date, date]]:
    """Return what is left of [since, until) when whole months in it are taken out.

    >>> without(date(2026, 1, 30), date(2026, 3, 2), [date(2026, 2, 1)])
    [(datetime.date(2026, 1, 30), datetime.date(2026, 2, 1)), (datetime.date(2026, 3, 1), datetime.date(2026, 3, 2))]
    """
    left, first = [], since
    for month in sorted(months):
        left.append((first, month))
        first = next_month(month)
    return [span for span in [*left, (first, until)] if span[0] < span[1]]


def months_before(today: date, number: int) -> list[date]:
    """Return the first days of the last months, the present one too, the newest first."""
    return [month_of(today, back) for back in range(number)]


def _as_far(first: date, day: date, of: date) -> date:
    """Return the day of another month that is as far in it as ``day`` in its own, not after its end."""
    return min(of + (day - first), next_month(of))


def periods(today: date) -> list[Period]:
    """Return the periods to choose from. One that runs is compared with the same part of the former one."""
    after = today + ONE_DAY
    monday = today - timedelta(days=today.weekday())
    month, former = month_of(today), month_of(today, 1)
    quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    before = month_of(quarter, 3)
    new_year = date(today.year, 1, 1)
    last_year = date(today.year - 1, 1, 1)
    return [
        Period("today", T("今天", "Today"), today, after, (today - 7 * ONE_DAY, after - 7 * ONE_DAY),
               T("比上周同一天", "than on this day a week ago")),
        Period("week", T("本周", "This week"), monday, after, (monday - 7 * ONE_DAY, after - 7 * ONE_DAY),
               T("比上周同期", "than in the same days of last week")),
        Period("month", T("本月至今", "This month"), month, after, (former, _as_far(month, after, former)),
               T("比上月同期", "than in the same days of last month")),
        Period("last-month", T("上月", "Last month"), former, month, (month_of(today, 2), former),
               T("比前一个月", "than in the month before")),
        Period("quarter", T("本季度", "This quarter"), quarter, after, (before, min(before + (after - quarter), quarter)),
               T("比上季度同期", "than in the same days of last quarter")),
        Period("year", T("今年", "This year"), new_year, after, (last_year, min(last_year + (after - new_year), new_year)),
               T("比去年同期", "than in the same days of last year")),
    ]  # fmt: skip


def period_of(key: str, since: date | None, until: date | None, *, today: date) -> Period:
    """Return the period that was asked for; what makes no sense is the present month. ``until`` is the last day."""
    if since is not None and until is not None and since <= until and (until - since).days < LONGEST:
        length = until - since + ONE_DAY
        compared = T(f"比之前的 {length.days} 天", f"than in the {length.days} days before")
        return Period("", T("自选", "Chosen"), since, until + ONE_DAY, (since - length, since), compared)
    known = {period.key: period for period in periods(today)}
    return known.get(key) or known["month"]


def buckets(today: date, grain: str) -> list[date]:
    """Return the first days of the last twelve weeks or months, the oldest first."""
    if grain == "week":
        monday = today - timedelta(days=today.weekday())
        return [monday - timedelta(weeks=back) for back in range(11, -1, -1)]
    return months_before(today, 12)[::-1]


def change(now: int, former: int) -> float | None:
    """Return by how many percent a number grew; None where the former one was nothing.

    >>> change(110, 100), change(90, 100), change(3, 0)
    (10.0, -10.0, None)
    """
    return round(100 * (now - former) / former, 1) if former else None


def share(part: int, whole: int) -> float | None:
    """Return the share in percent, None of nothing. Only what is whole is called 100.

    >>> share(999, 1000), share(9999, 10000), share(0, 0)
    (99.9, 99.9, None)
    """
    if not whole:
        return None
    return 100.0 if part == whole else min(99.9, round(100 * part / whole, 1))


def hidden(counts: Sequence[Mapping[str, int]], keys: Sequence[str], *, small: int = SMALL) -> list[set[str]]:
    """Return which numbers of each row of a published table are not shown, because somebody might be recognised.

    A number from 1 to ``small`` - 1 is not shown. Where only one number of a column would be missing it could be worked out
    from the total, so the next smallest of that column is not shown either.

    >>> hidden([{"n": 30}, {"n": 3}, {"n": 9}], ["n"])
    [set(), {'n'}, {'n'}]
    >>> hidden([{"n": 30}, {"n": 0}], ["n"])
    [set(), set()]
    """
    found: list[set[str]] = [set() for _ in counts]
    for key in keys:
        gone = [place for place, row in enumerate(counts) if 0 < row.get(key, 0) < small]
        if len(gone) == 1:
            others = [place for place, row in enumerate(counts) if row.get(key, 0) >= small]
            gone += sorted(others, key=lambda place: counts[place][key])[:1]
        for place in gone:
            found[place].add(key)
    return found
