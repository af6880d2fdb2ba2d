"""Verification: is every act still what was sealed, and is what was sealed still what was published?

Goes once through the chain in order, a few thousand acts at a time, whatever the ledger's length; reads only, and so may
run beside the sealer and beside itself. What counts as true, in this order: the kept roots that were given, the
installation's own roots file, the batches in the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from tongban.base.text import LocalizedText
from tongban.kernel.ledger import kept, rows
from tongban.kernel.ledger.operations.thin import thinned_without_right
from tongban.kernel.ledger.sealing import Header, Row, leaf_hash

__all__ = ["FAULTS", "Fault", "Report", "verify_chain"]

T = LocalizedText
FAULTS = {
    "altered": T("被改动", "was altered"),
    "removed": T("被删除", "was removed"),
    "inserted": T("是插进来的", "was inserted"),
    "swapped": T("被调换", "was swapped"),
    "truncated": T("起，末尾被截掉", "and everything after it was cut off"),
    "thinned": T("被不当精简", "was thinned without right"),
    "rewritten": T("所在的一批被整批重算", "stands in a batch that was recomputed"),
    "batch": T("所在的一批登记被改动", "stands in a batch whose own entry was altered"),
    "rechained": T("所在的一批被重新接链", "stands in a batch that was chained anew"),
    "unchained": T("所在的一批从链上取掉了", "stands in a batch that was taken out of the chain"),
    "roots": T("所在的一批在根文件里被改动", "stands in a batch whose line in the roots file was altered"),
    "data": T("与数据不一致", "does not agree with the data"),
    "unrecorded": T("没有账", "is not in the ledger"),
    "gone": T("账上有、数据里没有", "is in the ledger but no longer in the data"),
}
"""What can be found, in words that follow the number of the act."""
ACTS_AT_ONCE = 5_000
SWAPS_TRIED = 200
LATE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding. ``act`` is the first act concerned (None when it cannot be named), ``other`` the one it was swapped
    with or the last of a batch.
    """

    kind: str
    batch: int | None
    act: int | None
    other: int | None = None
    subject: str = ""
    detail: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return what is set."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in values.items() if value not in (None, "")}


@dataclass(slots=True)
class Report:
    """What was found, in order. ``late`` are acts that were sealed long after the moment they name: slow transactions,
    or backdating.
    """

    acts: int = 0
    batches: int = 0
    thinned: int = 0
    unsealed: int = 0
    kept: int = 0
    has_moved: bool = False
    head: str = ""
    head_number: int = 0
    faults: list[Fault] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    subjects: dict[str, int] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """True when nothing was found."""
        return not self.faults

    def as_json(self) -> dict[str, Any]:
        """Return the report for machines."""
        counted = {name: getattr(self, name) for name in ("acts", "batches", "thinned", "unsealed", "kept")}
        return {
            "clean": self.is_clean,
            **counted,
            "head": {"number": self.head_number, "head": self.head},
            "first": self.faults[0].as_json() if self.faults else None,
            "faults": [fault.as_json() for fault in self.faults],
            "late": self.late,
            "moved": self.has_moved,
            "subjects": self.subjects,
        }


class _Expected(NamedTuple):
    batch: int
    act: int
    leaf: bytes
    algorithm: str


class _Enough(Exception):
    """So many faults that more would tell nothing."""


def verify_chain(*, against: Path | None = None, limit: int = 20) -> Report:
    """Check every batch and every sealed act; stop after ``limit`` faults.

    ``against`` is a file of kept roots: lines of the public page or of the roots file, ascending; one line is enough to
    fix everything before it. Raises OSError without it, ValueError for a file of another shape.
    """
    report = Report()
    walk = _Walk(report, against, limit)
    with suppress(_Enough):
        walk.run()
    walk.put_in_order()
    return report


class _Roots:
    """The lines of a roots file, asked for in ascending order."""

    def __init__(self, file: Path | None) -> None:
        self._lines = kept.read_roots(file) if file is not None else iter(())
        self._next = next(self._lines, None)
        self.last = 0

    def line(self, number: int) -> kept.Line | None:
        """Return the line of a batch."""
        while self._next is not None and self._next.header.number < number:
            self._advance()
        found = self._next
        return found if found is not None and found.header.number == number else None

    def rest(self, after: int) -> Iterator[int]:
        """Yield the numbers that come after ``after``."""
        while self._next is not None:
            if self._next.header.number > after:
                yield self._next.header.number
            self._advance()

    def _advance(self) -> None:
        self._next = next(self._lines, None)


class _Walk:
    def __init__(self, report: Report, against: Path | None, limit: int) -> None:
        own = kept.directory() / "roots"
        self.report, self.limit = report, limit
        self.given = _Roots(against)
        self.own = _Roots(own if own.exists() else None)
        self.leaves = kept.KeptLeaves(kept.directory() / "leaves")
        self.place, self.previous = (0, 0), ""
        self.newest: datetime | None = None
        self.differing: list[tuple[int, _Expected, Row]] = []
        self.was_rewritten = False
        self.suspected: dict[int, Fault] = {}
        self.unknown: set[int] = set()
        self.reach: list[tuple[tuple[int, int], int]] = []

    def run(self) -> None:
        """Go through the chain, then look at what lies behind its end."""
        last = rows.last_header()
        until, number = (last.number if last else 0), 1
        with closing(self.leaves):
            while number <= until:
                batches = rows.batches_from(number, acts=ACTS_AT_ONCE, until=until)
                following = (
                    batches[-1].header.number + 1 if batches else min(until, number + ACTS_AT_ONCE) + 1
                )
                found = {batch.header.number: batch for batch in batches}
                expected: list[_Expected] = []
                place, self.reach = self.place, []
                for n in range(number, following):
                    batch_expects, place = self._batch(n, found.get(n), place)
                    expected += batch_expects
                    self.reach.append((place, n))
                self._acts(expected, place)
                number = following
            self._cut_off(until)
        self._beyond()

    def _batch(
        self, number: int, batch: rows.Sealed | None, place: tuple[int, int]
    ) -> tuple[list[_Expected], tuple[int, int]]:
        """Check one batch's entry; return the acts that it must hold and up to where it reaches."""
        true = self._kept_header(number)
        if batch is None:
            return self._missing_batch(number, true, place)
        header = batch.header
        self.report.batches += 1
        whole = header.fits(batch.acts, batch.leaves) and header.head == batch.head
        chained = header.previous == self.previous
        self.previous = batch.head
        self.report.head, self.report.head_number = batch.head, number
        if true is not None and (true.root, true.first, true.last, true.count) != (
            header.root, header.first, header.last, header.count,
        ):  # fmt: skip
            self.was_rewritten = True
            self._suspect(Fault("rewritten", number, true.first, other=true.last))
            return self._authentic(true)
        elif not whole:
            self._suspect(Fault("batch", number, header.first, other=header.last))
            if true is not None:
                return self._authentic(true)
            self.unknown.add(number)
            return [], header.place
        elif true is not None and true.head != batch.head and not self.was_rewritten:
            self.was_rewritten = True
            self._fault(Fault("rechained", number, header.first, other=header.last))
        elif not chained and not self.was_rewritten:
            self._fault(Fault("rechained", number, header.first, other=header.last))
        return _expected(header, batch.acts, batch.leaves), header.place

    def _missing_batch(
        self, number: int, true: Header | None, place: tuple[int, int]
    ) -> tuple[list[_Expected], tuple[int, int]]:
        """A batch that others follow is not there: name its acts when something kept knows them."""
        if true is None:
            self._suspect(Fault("unchained", number, None))
            return [], place
        self._suspect(Fault("unchained", number, true.first, other=true.last))
        return self._authentic(true)

    def _authentic(self, true: Header) -> tuple[list[_Expected], tuple[int, int]]:
        """Return what a batch held by the kept leaves, which its kept root vouches for."""
        found = self.leaves.of(true)
        if found is None:
            self.unknown.add(true.number)
            return [], true.place
        return _expected(true, *found), true.place

    def _kept_header(self, number: int) -> Header | None:
        """Return what was published of a batch: given lines count before our own."""
        given, own = self.given.line(number), self.own.line(number)
        for line in (given, own):
            if line is not None:
                self.report.kept += 1
                if not line.holds:
                    self._fault(Fault("roots", number, line.header.first))
        if given is not None and own is not None and given.head != own.head and given.holds:
            self._fault(Fault("roots", number, given.header.first))
        sound = [line.header for line in (given, own) if line is not None and line.holds]
        return sound[0] if sound else None

    def _acts(self, expected: list[_Expected], until: tuple[int, int]) -> None:
        """Compare acts with what they must be, then look for others between them."""
        ids = [each.act for each in expected]
        found = rows.acts_by_id(ids)
        extra = rows.acts_between(self.place, until, but=ids, limit=self.limit) if until > self.place else []
        thinned: list[tuple[_Expected, Row]] = []
        for each in expected:
            row = found.get(each.act)
            self.report.acts += 1
            if row is None:
                self._fault(Fault(self._kind_of_removal(until), each.batch, each.act))
                continue
            if leaf_hash(row, each.algorithm) != each.leaf:
                self._differs(each, row)
                continue
            if row.kept is not None:
                thinned.append((each, row))
            self._note_late(row)
            self.place = max(self.place, row.place)
        wrong = thinned_without_right([row for _, row in thinned]) if thinned else set()
        self.report.thinned += len(thinned)
        for each, row in thinned:
            if row.id in wrong:
                self._fault(Fault("thinned", each.batch, each.act))
        for act, place in extra:
            number = next((n for end, n in self.reach if place <= end), None)
            if number not in self.unknown:
                self._fault(Fault("inserted", number, act))
        self.place = max(self.place, until)
        # An entry that is wrong is told by the act that shows it; where all acts are right, it is the entry itself.
        named = {fault.batch for fault in self.report.faults}
        for number, fault in self.suspected.items():
            if number not in named:
                self._fault(fault)
        self.suspected = {}

    def _kind_of_removal(self, until: tuple[int, int]) -> str:
        """An act is gone: cut off with everything sealed after it, or alone?"""
        last = rows.sealed_until()
        return "removed" if rows.acts_between(self.place, max(last, until), but=[], limit=1) else "truncated"

    def _differs(self, expected: _Expected, row: Row) -> None:
        if len(self.differing) < SWAPS_TRIED:
            self.differing.append((len(self.report.faults), expected, row))
        self._fault(Fault("altered", expected.batch, expected.act))

    def _note_late(self, row: Row) -> None:
        if self.newest is not None and row.recorded_at < self.newest - LATE:
            if len(self.report.late) < self.limit:
                self.report.late.append(row.id)
        elif self.newest is None or row.recorded_at > self.newest:
            self.newest = row.recorded_at

    def _cut_off(self, until: int) -> None:
        """Kept roots know batches after the last: the tail was cut off, batches and all."""
        beyond = sorted({*self._numbers_after(self.given, until), *self._numbers_after(self.own, until)})
        for number, header in beyond[: self.limit]:
            authentic = self.leaves.of(header)
            there = rows.acts_by_id(authentic[0]) if authentic else {}
            gone = [act for act in authentic[0] if act not in there] if authentic else [header.first]
            kind = "truncated" if gone else "unchained"
            self._fault(Fault(kind, number, gone[0] if gone else header.first, other=header.last))

    def _numbers_after(self, roots: _Roots, until: int) -> Iterator[tuple[int, Header]]:
        taken = 0
        for number in roots.rest(until):
            line = roots.line(number)
            if line is None or not line.holds or taken >= self.limit:
                continue
            there = rows.header_at(number)
            if there is None or there.head != line.head:  # else it was sealed while we looked
                taken += 1
                yield number, line.header

    def _beyond(self) -> None:
        for act in rows.unborn_acts(limit=self.limit):
            self._fault(Fault("inserted", None, act))
        self.report.has_moved = rows.has_moved()
        self.report.unsealed = rows.count_after(rows.sealed_until())

    def put_in_order(self) -> None:
        """Name what was swapped, and put the first act of the order of sealing first."""
        named = {fault.batch for fault in self.report.faults}
        self.report.faults += [fault for number, fault in self.suspected.items() if number not in named]
        self._name_swaps()
        self.report.faults.sort(key=lambda fault: fault.batch or 2**63)

    def _name_swaps(self) -> None:
        """Two altered acts of which each is what the other was: they were swapped."""
        named: set[int] = set()
        merged: set[int] = set()
        for at, (index, mine, row) in enumerate(self.differing):
            for other_index, theirs, other in self.differing[at + 1 :]:
                if {index, other_index} & named or not _is(row, theirs, other) or not _is(other, mine, row):
                    continue
                named |= {index, other_index}
                merged.add(other_index)
                self.report.faults[index] = Fault("swapped", mine.batch, mine.act, other=theirs.act)
        self.report.faults = [fault for i, fault in enumerate(self.report.faults) if i not in merged]
        self.differing = []

    def _suspect(self, fault: Fault) -> None:
        self.suspected[fault.batch or 0] = fault

    def _fault(self, fault: Fault) -> None:
        self.report.faults.append(fault)
        if len(self.report.faults) >= self.limit:
            raise _Enough


def _expected(header: Header, acts: list[int], leaves: list[bytes]) -> list[_Expected]:
    return [
        _Expected(header.number, act, leaf, header.algorithm) for act, leaf in zip(acts, leaves, strict=True)
    ]


def _is(row: Row, place: _Expected, there: Row) -> bool:
    """Tell whether a row's content is what stood at another place: with its number, or with all that the database gives."""
    moved = row._replace(id=place.act)
    settled = moved._replace(xid=there.xid, recorded_at=there.recorded_at, salt=there.salt)
    return place.leaf in (leaf_hash(moved, place.algorithm), leaf_hash(settled, place.algorithm))
