"""Taking a table of items into the catalogue: look first, then do; the same table again changes nothing.

An imported item has no form: it is announced, can be found and read, and becomes an item that can be applied for when somebody
here gives it a form. From then on no import touches it. What cannot be understood is given back row by row, with the reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Q

from tongban.apps.services.errors import ColumnsUnknown
from tongban.apps.services.models import Item
from tongban.apps.services.operations.items import digest_of, put_item, put_new_items
from tongban.apps.services.queries.checking import faults_of
from tongban.apps.services.rules.importing import (
    COLUMNS,
    NEEDED,
    Draft,
    draft_of,
    find_header,
    guess_mapping,
    same_name,
)
from tongban.apps.services.rules.quality import BLOCKING, UNVERIFIED
from tongban.base import spreadsheets
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText as T
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = ["Choices", "Rejected", "Report", "UnitFound", "import_items", "preview_import", "read_head"]

BATCH = 500
HEAD = 30
SAMPLE = 8
IMPORTED = "imported"
"""The kind, and for their common roof the code, of units that only an imported catalogue knows."""
DIVISION = "000000000000"
ROOF = T("导入目录中的单位", "Units of imported catalogues")

DOUBLE = T("和第 {row} 行重复", "The same as row {row}")
UNIT_UNKNOWN = T("没有“{unit}”这个单位", "There is no unit {unit}")


@dataclass(frozen=True, slots=True)
class Choices:
    """What whoever imports has decided.

    ``mapping``: element -> header or column number from 1, over what was guessed; an empty one leaves the column out.
    ``units``: name in the table -> code of one of our units. ``adopt``: take up units that we do not know, each listed in the
    report; otherwise their rows are given back. ``source``: where the table comes from; with it its limits count as verified.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    adopt: bool = True
    source: T = T("")


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was given back: its number in the file, its cells, why."""

    number: int
    cells: Sequence[str]
    reasons: Sequence[T]


@dataclass(slots=True)
class UnitFound:
    """A body that the table names: how many rows, and which unit it is here (None: none), found by "code", "name", "choice";
    "new" when this import takes it up."""

    name: str
    unit: Any
    by: str
    rows: int = 0


@dataclass(slots=True)
class Report:
    """What an import did, or would do. ``kept`` items can be applied for here already: an import leaves them alone."""

    header: Sequence[str] = ()
    mapping: dict[str, int] = field(default_factory=dict)
    total: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    kept: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    units: dict[str, UnitFound] = field(default_factory=dict)
    sample: list[dict[str, Any]] = field(default_factory=list)

    @property
    def adopted(self) -> list[UnitFound]:
        """The units that are not ours and are taken up by this import, in the order of the table."""
        return [found for found in self.units.values() if found.by == "new"]

    def counts(self) -> dict[str, int]:
        """Return the numbers, as the ledger and programs get them."""
        return {
            "total": self.total,
            "new": self.new,
            "changed": self.changed,
            "same": self.same,
            "kept": self.kept,
            "rejected": len(self.rejected),
        }

    def rejected_table(self) -> Iterator[list[str]]:
        """Yield the rows that were given back, to be corrected and sent again: number, reason, then the row as it was."""
        yield [str(T("行号", "Row")), str(T("原因", "Reason")), *self.header]
        for row in self.rejected:
            yield [str(row.number), "；".join(str(reason) for reason in row.reasons), *row.cells]


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a table: the header, what was guessed of it, and the first rows under it."""

    header: Sequence[str]
    mapping: dict[str, int]
    rows: Sequence[spreadsheets.Row]


def read_head(content: bytes) -> Head:
    """Return the header of a table and some rows, to choose the columns by. Raises SpreadsheetRefused."""
    rows = [row for row in islice(spreadsheets.read_rows(content), HEAD) if not row.is_blank]
    found = find_header(row.cells for row in rows)
    header = rows[found or 0].cells if rows else []
    return Head(header, guess_mapping(header), rows[(found or 0) + 1 :][:SAMPLE])


def preview_import(*, content: bytes, choices: Choices) -> Report:
    """Say what an import would do; nothing is written. Raises SpreadsheetRefused, ColumnsUnknown."""
    work = _Import(content, choices)
    for _ in work.batches():
        pass
    return work.report


def import_items(
    *,
    actor: Actor,
    content: bytes,
    choices: Choices,
    at: datetime,
    progress: Callable[[int], None] = lambda done: None,
) -> Report:
    """Take a table of items into the catalogue. Raises SpreadsheetRefused, ColumnsUnknown.

    Each batch of rows is a transaction of its own: what a broken import has done stays, and doing it again goes on from there.
    """
    work = _Import(content, choices)
    digest = hashlib.sha256(content).hexdigest()
    for batch in work.batches():
        with transaction.atomic():
            work.write(batch, actor=actor, reason=f"import {digest[:16]}", at=at)
        progress(work.report.total)
    ledger.record(
        actor=actor,
        verb="services.import_items",
        subject=Ref.to("import", digest[:40]),
        facts={**work.report.counts(), "units": [found.name for found in work.report.adopted]},
        at=at,
    )
    return work.report


@dataclass(slots=True)
class _Planned:
    """An item of the table beside what we have: None for a new one."""

    draft: Draft
    body: UnitFound
    existing: Item | None = None


class _Import:
    """One run over a table: rows are read, judged and compared with what is there, batch by batch."""

    def __init__(self, content: bytes, choices: Choices) -> None:
        self.choices = choices
        self.report = Report()
        self.rows = spreadsheets.read_rows(content)
        self.seen: dict[str, int] = {}
        units = identity.list_units(with_closed=True)
        self.by_code = {unit.uscc.upper(): unit for unit in units if unit.uscc}
        self.by_key = {unit.code: unit for unit in units}
        self.by_name = {
            same_name(text.zh): unit for unit in units for text in (unit.short_name, unit.name) if text.zh
        }

    def batches(self) -> Iterator[list[_Planned]]:
        """Yield what is to be written, some hundred items at a time; what is to be given back is in the report already."""
        first = self._find_header()
        batch: list[_Planned] = []
        for row in self._after_header(first):
            self.report.total += 1
            planned = self._planned(row)
            if planned is not None:
                batch.append(planned)
            if len(batch) == BATCH:
                yield self._compared(batch)
                batch = []
        if batch:
            yield self._compared(batch)

    def write(self, batch: Sequence[_Planned], *, actor: Actor, reason: str, at: datetime) -> None:
        """Write what is new and what has changed."""
        for planned in batch:
            self._adopt(planned, at)
        fresh = [(self._whole(planned), planned.body.unit) for planned in batch if planned.existing is None]
        put_new_items(actor=actor, contents=fresh, reason=reason, at=at)
        for planned in batch:
            if planned.existing is not None:
                put_item(actor=actor, content=self._whole(planned), at=at)

    # reading

    def _find_header(self) -> list[spreadsheets.Row]:
        """Take the header off; return the rows that were read with it."""
        head = [row for row in islice(self.rows, HEAD) if not row.is_blank]
        found = find_header(row.cells for row in head)
        header = head[found or 0].cells if head else []
        self.report.header = header
        self.report.mapping = self._mapping(header)
        return head[(found or 0) + 1 :]

    def _mapping(self, header: Sequence[str]) -> dict[str, int]:
        mapping = guess_mapping(header)
        columns = {same_name(text): index for index, text in reversed(list(enumerate(header)))}
        for name, column in self.choices.mapping.items():
            index = int(column) - 1 if column.isdecimal() else columns.get(same_name(column), -1)
            if name not in COLUMNS or (column and not 0 <= index < len(header)):
                message = T(f"没有这一列：{name}={column}", f"There is no such column: {name}={column}")
                raise ColumnsUnknown(message, columns=list(header), elements=list(COLUMNS))
            mapping.pop(name, None)
            if column:
                mapping[name] = index
        missing = [COLUMNS[name].label for name in NEEDED if name not in mapping]
        if missing:
            words = T("没有找到这些列：{names}", "These columns were not found: {names}").format(
                names=T("、".join(one.zh for one in missing), ", ".join(one.en for one in missing))
            )
            raise ColumnsUnknown(words, columns=list(header), elements=list(COLUMNS))
        return mapping

    def _after_header(self, first: Sequence[spreadsheets.Row]) -> Iterator[spreadsheets.Row]:
        yield from first
        for row in self.rows:
            if not row.is_blank:
                yield row

    def _planned(self, row: spreadsheets.Row) -> _Planned | None:
        draft = draft_of(row.cells, self.report.mapping, doubts=row.doubts, source=self.choices.source)
        body = None
        if not draft.problems:
            body = self._body(draft)
            if body is None:
                draft.problems.append(UNIT_UNKNOWN.format(unit=draft.unit_name or draft.unit_code))
            draft.content["unit"] = body.unit.code if body is not None and body.unit is not None else IMPORTED
            draft.problems += [
                flaw.message
                for flaw in faults_of(draft.content)
                if flaw.code in BLOCKING or (flaw.code == UNVERIFIED and flaw.is_error)
            ]
        if not draft.problems:
            before = self.seen.setdefault(draft.content["key"], row.number)
            if before != row.number:
                draft.problems.append(DOUBLE.format(row=before))
        if draft.problems:
            self.report.rejected.append(Rejected(row.number, row.cells, draft.problems))
            return None
        assert body is not None  # noqa: S101 - no body is a problem
        body.rows += 1
        return _Planned(draft, body)

    # who implements it

    def _body(self, draft: Draft) -> UnitFound | None:
        name = draft.unit_name or draft.unit_code
        known = self.report.units.get(name)
        if known is not None:
            return known
        found = self._find_unit(name, draft.unit_code)
        if found is None and not self.choices.adopt:
            return None
        body = UnitFound(name, *(found or (None, "new")))
        self.report.units[name] = body
        return body

    def _find_unit(self, name: str, code: str) -> tuple[Any, str] | None:
        chosen = self.by_key.get(self.choices.units.get(name, ""))
        if chosen is not None:
            return _successor(chosen), "choice"
        if code and (unit := self.by_code.get(code)) is not None:
            return _successor(unit), "code"
        if (unit := self.by_name.get(same_name(name))) is not None:
            return _successor(unit), "name"
        return None

    def _adopt(self, planned: _Planned, at: datetime) -> None:
        """Take up a unit that only the table knows, under the common roof of such units; it has no posts and decides nothing."""
        body = planned.body
        if body.unit is None:
            actor = Actor.system("catalogue import")
            if IMPORTED not in self.by_key:
                self.by_key[IMPORTED] = identity.put_unit(
                    actor=actor, code=IMPORTED, name=ROOF, division_code=DIVISION, kind=IMPORTED, at=at
                )
            digest = hashlib.sha256(same_name(body.name).encode()).hexdigest()[:12]
            body.unit = identity.put_unit(
                actor=actor,
                code=f"{IMPORTED}-{digest}",
                name=T(body.name),
                division_code=planned.draft.content.get("division_code", DIVISION),
                parent=IMPORTED,
                kind=IMPORTED,
                at=at,
            )
        planned.draft.content["unit"] = body.unit.code

    # what is there already

    def _compared(self, batch: Sequence[_Planned]) -> list[_Planned]:
        """Return what differs from what is there, with what is there."""
        contents = [planned.draft.content for planned in batch]
        codes = {code: c for c in contents if (code := c.get("handling_code"))}
        known = Item.objects.filter(
            Q(key__in=[c["key"] for c in contents])
            | Q(local_code__in=[c["local_code"] for c in contents])
            | Q(code__in=list(codes))
        ).select_related("unit")
        by = {name: {getattr(item, name): item for item in known} for name in ("key", "local_code", "code")}
        todo = []
        for planned, content in zip(batch, contents, strict=True):
            planned.existing = (
                by["local_code"].get(content["local_code"])
                or by["code"].get(content.get("handling_code") or "-")
                or by["key"].get(content["key"])
            )
            if len(self.report.sample) < SAMPLE:
                self.report.sample.append(content)
            if planned.existing is None:
                self.report.new += 1
            elif not planned.existing.is_announced:
                self.report.kept += 1
                continue
            elif digest_of(self._whole(planned)) == digest_of(planned.existing.content):
                self.report.same += 1
                continue
            else:
                self.report.changed += 1
            todo.append(planned)
        return todo

    def _whole(self, planned: _Planned) -> dict[str, Any]:
        """Return the item as it will be: what the table says over what we have; its key, and what we added, stay."""
        content = planned.draft.content
        if planned.existing is None:
            return content
        old = planned.existing.content
        return {**old, **content, "key": planned.existing.key, "order": old.get("order", 1000)}


def _successor(unit: Any) -> Any:
    """Return the unit that a merged one went into."""
    for _ in range(20):
        if unit.closed_at is None:
            break
        unit = unit.successor
    return unit
