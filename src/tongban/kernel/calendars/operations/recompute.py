"""Let the clocks follow a changed calendar, many at a time, and write down which of them moved.

Clocks that began on one day with one limit share one derivation, so a hundred thousand clocks are some hundred
derivations and a few statements a batch. Each batch is a transaction of its own: a worker that is killed leaves the rest
to the next, and nobody waits for a clock longer than one batch takes. A batch waits for nobody: it holds thousands of
clocks while others come to theirs last in the order of locks, so what is locked is left to the next watch, and who keeps due
dates of clocks beside his own rows hears of it by a job.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import F, TextField
from django.db.models.functions import Cast

from tongban.base.outbox import announce
from tongban.base.ref import Ref
from tongban.kernel.calendars.derive import (
    added,
    as_json,
    current_revision,
    derive_from,
    end_of,
    horizons_of,
    interval,
)
from tongban.kernel.calendars.events import CLOCKS_MOVED
from tongban.kernel.calendars.horizons import next_moment
from tongban.kernel.calendars.models import CalendarChange, Clock, Extension, Pause
from tongban.kernel.calendars.operations.years import actor_of
from tongban.kernel.calendars.rules import Calendar, Derivation
from tongban.kernel.calendars.tasks import defer_follow
from tongban.kernel.ledger import service as ledger

__all__ = ["Move", "moves", "recompute_all", "run_recompute"]

BATCH = 5_000

FOUND = """
FROM unnest(%(ids)s::bigint[], %(groups)s::int[]) AS one (id, number)
JOIN unnest(%(numbers)s::int[], %(dues)s::date[], %(ends)s::timestamptz[], %(provisional)s::bool[],
            %(derivations)s::jsonb[], %(warns)s::timestamptz[])
     AS new (number, due_on, due_at, provisional, derivation, warn_at) USING (number)
"""
NOTE = (
    """
INSERT INTO calendars_movedclock (change_id, clock_id, owner_kind, owner_id, due_before, due_after,
                                  provisional_before, provisional_after)
SELECT %(change)s, clock.id, clock.owner_kind, clock.owner_id, clock.due_on, new.due_on, clock.provisional, new.provisional
"""
    + FOUND
    + """
JOIN calendars_clock AS clock ON clock.id = one.id
WHERE (clock.due_on, clock.provisional) IS DISTINCT FROM (new.due_on, new.provisional)
ON CONFLICT DO NOTHING
"""
)
UPDATE = (
    """
UPDATE calendars_clock AS clock
SET due_on = new.due_on, due_at = new.due_at, provisional = new.provisional, derivation = new.derivation,
    warn_at = CASE WHEN clock.warned = 'overdue:' || new.due_on THEN NULL ELSE new.warn_at END,
    revision = %(revision)s
"""
    + FOUND
    + "WHERE clock.id = one.id"
)
LEFT_ALONE = "UPDATE calendars_clock SET revision = %(revision)s WHERE id = ANY(%(ids)s::bigint[])"


class ClockRow(NamedTuple):
    """A clock without its texts and its derivation."""

    pk: int
    owner_kind: str
    owner_id: str
    key: str
    started_on: date
    started_at: datetime
    limit_value: int
    limit_unit: str
    region: str
    due_on: date | None
    due_at: datetime | None
    provisional: bool
    state: str
    warned: str
    revision: int
    terms: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Move:
    """What a calendar does to one clock. ``is_moved`` is False when only its derivation reads differently."""

    clock: Any
    derivation: Derivation
    group: int
    warn_at: datetime | None

    @property
    def is_moved(self) -> bool:
        """True when the due date is another, or is provisional no longer (or now)."""
        was = (self.clock.due_on, self.clock.provisional)
        return was != (self.derivation.due_on, self.derivation.provisional)


def run_recompute(*, change_id: int, at: datetime) -> CalendarChange:
    """Derive every clock that the change may touch and return the change with how many it looked at and moved.

    Calling it again goes on where it stopped, or does nothing. Clocks that somebody holds at the moment are left out: until they
    have followed, the change is not done.
    """
    while _batch(change_id, at):
        pass
    return CalendarChange.objects.get(pk=change_id)


def recompute_all(*, at: datetime) -> int:
    """Finish every change whose clocks have not all followed, and take in clocks that were started meanwhile by a
    transaction which still read the calendar as it was; return how many clocks moved.
    """
    last = CalendarChange.objects.order_by("-pk").first()
    if last is None:
        return 0
    stale = Clock.objects.exclude(state="stopped").filter(revision__lt=last.pk).exists()
    if last.state == CalendarChange.DONE and not stale:
        return 0
    before = last.moved
    return run_recompute(change_id=last.pk, at=at).moved - before


def moves(clocks: Iterable[Any], calendar: Calendar, *, at: datetime) -> Iterator[Move]:
    """Yield for each of these clocks what ``calendar`` makes of it. Two queries for their pauses and extensions."""
    clocks = list(clocks)
    units = {clock.pk: clock.limit_unit for clock in clocks}
    # By their range and not one by one: five thousand parameters take longer to write down than the rows to read.
    span = {"clock_id__gte": min(units, default=0), "clock_id__lte": max(units, default=0)}
    pauses = _by_clock(
        (row for row in Pause.objects.filter(**span).order_by("paused_at") if row.clock_id in units),
        interval,
    )
    extensions = _by_clock(
        (
            row
            for row in Extension.objects.filter(**span).order_by("extended_at", "pk")
            if row.clock_id in units
        ),
        lambda row: added(row, units[row.clock_id]),
    )
    known: dict[Any, tuple[int, Derivation, datetime | None]] = {}
    for clock in clocks:
        stops, more = pauses.get(clock.pk, []), extensions.get(clock.pk, [])
        started = clock.started_at if clock.limit_unit == "h" else clock.started_on
        warnings = clock.terms.get("warnings")
        key = (
            started, clock.limit_value, clock.limit_unit, clock.region, tuple(stops), tuple(more),
            None if warnings is None else tuple(warnings),
        )  # fmt: skip
        if key not in known:
            own = calendar.of(clock.region)
            derivation = derive_from(clock, own, stops, more)
            ahead = horizons_of(clock, derivation, own)
            # All behind us: the clock is overdue now; whoever was told of this date already is left in peace by the statement.
            warn_at = next_moment(ahead, at) or (at if ahead else None)
            known[key] = (len(known), derivation, warn_at)
        number, derivation, warn_at = known[key]
        yield Move(clock, derivation, number, warn_at)


def affected(change: Any, clock: Any) -> bool:
    """May a change of the days from ``change.first`` to ``change.last`` touch this clock?"""
    if clock.limit_unit == "h" or clock.started_on >= change.last:
        return False
    return clock.due_on is None or clock.provisional or clock.due_on >= change.first


def waiting(revision: int) -> Any:
    """Return the clocks that were derived under an older calendar, in the order in which they are locked."""
    return Clock.objects.exclude(state="stopped").filter(revision__lt=revision).order_by("pk")


def rows_of(clocks: Any) -> list[ClockRow]:
    """Return plain rows: models of this size and number take longer than the work on them. The same terms are read once."""
    fields = ClockRow._fields[:-1]
    rows = clocks.annotate(terms_text=Cast("terms", TextField())).values_list(*fields, "terms_text")
    known: dict[str, Any] = {}
    found = []
    for *row, text in rows:
        if text not in known:
            known[text] = json.loads(text)
        found.append(ClockRow._make((*row, known[text])))
    return found


@transaction.atomic
def _batch(change_id: int, at: datetime) -> bool:
    """Let a batch of clocks follow; False when none was left that could be had."""
    change = CalendarChange.objects.select_for_update().get(pk=change_id)
    revision, calendar = current_revision()
    clocks = rows_of(waiting(revision).select_for_update(skip_locked=True)[:BATCH])
    if not clocks:
        if change.state != CalendarChange.DONE and not waiting(revision).exists():
            _finish(revision, at)
        return False
    span = _span(min(clock.revision for clock in clocks))
    found = list(moves([clock for clock in clocks if affected(span, clock)], calendar, at=at))
    moved = [move for move in found if move.is_moved]
    _write(change, found, revision)
    _leave_alone({clock.pk for clock in clocks} - {move.clock.pk for move in found}, revision)
    _record(change, moved, at=at)
    CalendarChange.objects.filter(pk=change.pk).update(
        looked_at=F("looked_at") + len(clocks), moved=F("moved") + len(moved)
    )
    if moved:
        defer_follow([move.clock.pk for move in moved])
    return True


def _span(revision: int) -> Any:
    """The days that changed since ``revision``, taken together."""
    changes = CalendarChange.objects.filter(pk__gt=revision).values_list("first", "last")
    firsts, lasts = zip(*changes, strict=True)
    return SimpleNamespace(first=min(firsts), last=max(lasts))


def _write(change: CalendarChange, found: Sequence[Move], revision: int) -> None:
    """Note for the page which clocks move, then move them; those that only read differently are not noted."""
    if not found:
        return
    groups = {move.group: move for move in found}
    rows: Mapping[str, Any] = {
        "change": change.pk,
        "revision": revision,
        "ids": _array(move.clock.pk for move in found),
        "groups": _array(move.group for move in found),
        "numbers": list(groups),
        "dues": [move.derivation.due_on for move in groups.values()],
        "ends": [end_of(move.derivation) for move in groups.values()],
        "provisional": [move.derivation.provisional for move in groups.values()],
        "derivations": [json.dumps(as_json(move.derivation), ensure_ascii=False) for move in groups.values()],
        "warns": [move.warn_at for move in groups.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTE, rows)
        cursor.execute(UPDATE, rows)


def _leave_alone(ids: set[int], revision: int) -> None:
    """The change does not touch these: they count as derived under it."""
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(LEFT_ALONE, {"revision": revision, "ids": _array(ids)})


def _array(numbers: Iterable[int]) -> str:
    """Whole numbers as PostgreSQL writes an array: the driver would look at each for characters to escape."""
    return "{" + ",".join(map(str, numbers)) + "}"


def _record(change: CalendarChange, moved: Sequence[Move], *, at: datetime) -> None:
    """Write an act on each clock that moved, in the name of who changed the calendar."""
    ledger.record_many(
        actor=actor_of(change),
        verb="calendars.recompute",
        acts=[
            (owner, str(owner) if owner.kind == "case" else "", _facts(change, move))
            for move in moved
            for owner in (Ref(move.clock.owner_kind, move.clock.owner_id),)
        ],
        reason=change.reason,
        at=at,
    )


def _facts(change: CalendarChange, move: Move) -> dict[str, Any]:
    def text(day: date | None) -> str:
        return day.isoformat() if day else ""

    return {
        "change": change.pk,
        "clock": move.clock.pk,
        "before": text(move.clock.due_on),
        "due": text(move.derivation.due_on),
        "provisional": move.derivation.provisional,
    }


def _finish(revision: int, at: datetime) -> None:
    """Every clock has followed: all changes up to this revision are done."""
    open_changes = CalendarChange.objects.filter(pk__lte=revision, state=CalendarChange.RUNNING)
    for change in open_changes.order_by("pk"):
        change.state, change.finished_at = CalendarChange.DONE, max(at, change.at)
        change.save(update_fields=["state", "finished_at"])
        announce(CLOCKS_MOVED, Ref.to("calendar_change", change.pk), at=at, moved=change.moved)


def _by_clock(rows: Iterable[Any], make: Callable[[Any], Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.clock_id, []).append(make(row))
    return found
