"""Reads of docking, ready for the pages. Nothing personal leaves here uncovered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Min

from tongban.apps.docking import rules, words
from tongban.apps.docking.errors import RecordNotFound
from tongban.apps.docking.models import Destination, Record, Statement
from tongban.apps.docking.operations.destinations import DUTY, find_destination
from tongban.apps.docking.rendering import Envelope, Style, masked, render
from tongban.apps.docking.secret import has_secret
from tongban.apps.docking.standard import Group, Table, tables
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText as T
from tongban.kernel.identity import service as identity

__all__ = [
    "DayRow",
    "DestinationView",
    "RecordRow",
    "RecordView",
    "count_by_state",
    "count_trouble",
    "day_of",
    "days_of",
    "destination_of",
    "destinations",
    "record_of",
    "records_of",
]

ON_PAGE = 50
DAYS = 14


@dataclass(frozen=True, slots=True)
class DestinationView:
    """A destination with how it stands. ``counts`` by state; ``oldest`` is since when something waits."""

    it: Destination
    kind: T
    counts: Mapping[str, int]
    oldest: datetime | None
    trouble: T
    has_secret: bool

    @property
    def troubled(self) -> int:
        """How many records wait for a person."""
        return sum(self.counts.get(state, 0) for state in rules.TROUBLE)

    @property
    def queued(self) -> int:
        """How many have not gone yet."""
        return self.counts.get(rules.WAITING, 0) + self.counts.get(rules.SENDING, 0)

    @property
    def sent(self) -> int:
        """How many have gone without a receipt."""
        return self.counts.get(rules.SENT, 0)

    @property
    def accepted(self) -> int:
        """How many were accepted."""
        return self.counts.get(rules.ACCEPTED, 0)


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record in a list."""

    it: Record
    table: T
    number: int
    state: T
    tone: str
    icon: str
    reason: T


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field of a record as the page shows it: the standard's name and format, the covered value, what is wrong with it."""

    name: str
    format: str
    value: str
    fault: T | None
    is_personal: bool


@dataclass(frozen=True, slots=True)
class RecordView:
    """Everything about one record."""

    row: RecordRow
    destination: Destination
    fields: Sequence[FieldRow]
    faults: Sequence[tuple[str, T]]
    shown: str
    form: str
    traces: Sequence[tuple[T, Any, T]]
    held_by: Record | None
    can_resend: bool
    can_skip: bool


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day in the reconciliation: what we have by state, what they say."""

    day: date
    made: int
    accepted: int
    sent: int
    open: int
    theirs: int | None
    taken_at: datetime | None

    @property
    def agrees(self) -> bool | None:
        """Whether the numbers agree; None while they have said nothing."""
        return (
            None if self.theirs is None else self.theirs == self.accepted and not self.open and not self.sent
        )


@dataclass(frozen=True, slots=True)
class TableRow:
    """A table on one day."""

    table: T
    number: int
    ours: int
    theirs: int
    differences: int


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A difference with our record, when we have one."""

    kind: T
    tone: str
    icon: str
    table: T
    key: str
    record: Record | None
    can_resend: bool


@dataclass(frozen=True, slots=True)
class DayView:
    """The comparison of one day."""

    row: DayRow
    tables: Sequence[TableRow]
    differences: Sequence[DifferenceRow]

    @property
    def can_resend(self) -> bool:
        """Whether something can be sent again."""
        return any(one.can_resend for one in self.differences)


def count_trouble() -> int:
    """Return how many records wait for a person."""
    return Record.objects.filter(state__in=sorted(rules.TROUBLE)).count()


def count_by_state() -> Mapping[str, float]:
    """Return how many records are not over, by state, for the measurements."""
    open_ones = Record.objects.exclude(state__in=sorted(rules.OVER)).order_by()
    return {state: float(n) for state, n in open_ones.values_list("state").annotate(n=Count("pk"))}


def destinations(actor: Actor) -> list[DestinationView]:
    """Return all destinations with how they stand. Raises Forbidden."""
    identity.require_duty(actor, DUTY)
    found = list(Destination.objects.all())
    counts: dict[int, dict[str, int]] = {}
    oldest: dict[int, datetime] = {}
    grouped = (
        Record.objects.order_by()
        .values_list("destination_id", "state")
        .annotate(n=Count("pk"), first=Min("made_at"))
    )
    for destination_id, state, n, first in grouped:
        counts.setdefault(destination_id, {})[state] = n
        if state in (rules.WAITING, rules.SENDING):
            oldest[destination_id] = min(first, oldest.get(destination_id, first))
    return [_view(one, counts.get(one.pk, {}), oldest.get(one.pk)) for one in found]


def destination_of(actor: Actor, key: str) -> DestinationView:
    """Return one destination. Raises Forbidden, DestinationNotFound."""
    identity.require_duty(actor, DUTY)
    found = find_destination(key)
    return next(view for view in destinations(actor) if view.it.pk == found.pk)


def records_of(
    destination: Destination, *, state: str = "", table: str = "", case: str = "", before: int | None = None
) -> tuple[list[RecordRow], int | None]:
    """Return records of a destination, the newest first, and the sequence before which the next page begins."""
    rows = Record.objects.filter(destination=destination).defer("content").order_by("-sequence")
    if state == "trouble":
        rows = rows.filter(state__in=sorted(rules.TROUBLE))
    elif state:
        rows = rows.filter(state=state)
    if table:
        rows = rows.filter(table=table)
    if case:
        rows = rows.filter(case_number=case.strip().upper())
    if before is not None:
        rows = rows.filter(sequence__lt=before)
    found = list(rows[: ON_PAGE + 1])
    held = _holders(destination, [one.subject for one in found[:ON_PAGE] if one.state == rules.WAITING])
    shown = [_row(one, held.get(one.subject)) for one in found[:ON_PAGE]]
    return shown, shown[-1].it.sequence if len(found) > ON_PAGE else None


def record_of(actor: Actor, record_id: int, form: str = "") -> RecordView:
    """Return one record with its fields covered, as JSON or XML. Raises Forbidden, RecordNotFound."""
    identity.require_duty(actor, DUTY)
    found = Record.objects.select_related("destination").filter(pk=record_id).first()
    if found is None:
        raise RecordNotFound
    table = tables().get(found.table)
    style = found.destination.style
    wanted = form if form in ("json", "xml") else style.form
    covered = masked(table, found.content) if table and found.content else {}
    faults = {row["place"]: T.of(row["message"]) for row in found.faults}
    return RecordView(
        row=_row(found),
        destination=found.destination,
        fields=_fields(table, covered, faults, found.destination.setting("widths"))
        if table and found.content
        else [],
        faults=[(row["name"], T.of(row["message"])) for row in found.faults],
        shown=_shown(found, covered, Style(wanted, style.names, style.with_t))
        if table and found.content
        else "",
        form=wanted,
        traces=[
            (words.TRACES.get(one.what, T(one.what)), one, words.label_of_trouble(one.text))
            for one in found.traces.all()
        ],
        held_by=_held_by(found),
        can_resend=found.state in rules.TROUBLE,
        can_skip=found.state in rules.TROUBLE or found.state == rules.WAITING,
    )


def days_of(destination: Destination, *, today: date) -> list[DayRow]:
    """Return the last days, the newest first, with what each side has."""
    since = today - timedelta(days=DAYS - 1)
    ours: dict[date, dict[str, int]] = {}
    grouped = Record.objects.filter(destination=destination, day__gte=since).order_by()
    for day, state, n in grouped.values_list("day", "state").annotate(n=Count("pk")):
        ours.setdefault(day, {})[state] = n
    theirs = {one.day: one for one in Statement.objects.filter(destination=destination, day__gte=since)}
    days = [today - timedelta(days=n) for n in range(DAYS)]
    return [
        _day(day, ours.get(day, {}), theirs.get(day))
        for day in days
        if day in ours or day in theirs or day == today
    ]


def day_of(destination: Destination, day: date) -> DayView:
    """Compare one day."""
    mine = {
        one.idempotency: one
        for one in Record.objects.filter(destination=destination, day=day).defer("content", "faults")
    }
    statement = Statement.objects.filter(destination=destination, day=day).first()
    counts: dict[str, int] = {}
    for one in mine.values():
        counts[one.state] = counts.get(one.state, 0) + 1
    row = _day(day, counts, statement)
    if statement is None:
        return DayView(row, [], [])
    theirs = {key: rules.Known(told["table"], told["digest"]) for key, told in statement.content.items()}
    known = {key: rules.Known(one.table, one.digest, one.state) for key, one in mine.items()}
    found = rules.compare(known, theirs)
    return DayView(row, _by_table(known, theirs, found), [_difference(one, mine) for one in found])


def _by_table(
    ours: Mapping[str, rules.Known], theirs: Mapping[str, rules.Known], found: Sequence[rules.Difference]
) -> list[TableRow]:
    rows = []
    for key, table in tables().items():
        mine = sum(
            1 for one in ours.values() if one.table == key and one.state in (rules.ACCEPTED, rules.SENT)
        )
        other = sum(1 for one in theirs.values() if one.table == key)
        if mine or other:
            rows.append(
                TableRow(table.name, table.number, mine, other, sum(1 for one in found if one.table == key))
            )
    return rows


def _difference(one: rules.Difference, mine: Mapping[str, Record]) -> DifferenceRow:
    label, tone, icon = words.DIFFERENCES[one.kind]
    table = tables().get(one.table)
    record = mine.get(one.key)
    return DifferenceRow(
        label,
        tone,
        icon,
        table.name if table else T(one.table),
        one.key,
        record,
        one.kind == "missing" and record is not None,
    )


def _day(day: date, counts: Mapping[str, int], statement: Statement | None) -> DayRow:
    accepted, sent, skipped = (counts.get(state, 0) for state in (rules.ACCEPTED, rules.SENT, rules.SKIPPED))
    made = sum(counts.values())
    return DayRow(
        day=day,
        made=made,
        accepted=accepted,
        sent=sent,
        open=made - accepted - sent - skipped,
        theirs=len(statement.content) if statement else None,
        taken_at=statement.taken_at if statement else None,
    )


def _view(it: Destination, counts: Mapping[str, int], oldest: datetime | None) -> DestinationView:
    trouble = words.label_of_trouble(it.trouble) if it.trouble else T("")
    return DestinationView(it, words.KINDS[it.kind], counts, oldest, trouble, has_secret(it.key))


def _row(one: Record, held_by: int | None = None) -> RecordRow:
    table = tables().get(one.table)
    label, tone, icon = words.STATES[one.state]
    reason = words.label_of_trouble(one.reason) if one.reason else T("")
    if one.state == rules.WAITING and held_by is not None and held_by < one.sequence:
        reason = T(f"等第 {held_by} 条处理好", f"waits until no. {held_by} is settled")
    if not reason and one.faults and one.state == rules.INVALID:
        first = one.faults[0]
        said = T.of(first["message"])
        reason = T(f"{first['name']}{said.zh}", f"{first['name']} {said.en}") if first["name"] else said
    return RecordRow(
        one,
        table.name if table else T("无法生成", "Cannot be made"),
        table.number if table else 0,
        label,
        tone,
        icon,
        reason,
    )


def _fields(table: Table, covered: Mapping[str, Any], faults: Mapping[str, T], widths: str) -> list[FieldRow]:
    rows = [
        FieldRow(
            f.says or f.name,
            f.format_in(widths).text,
            str(covered.get(f.code) or ""),
            faults.get(f.code),
            bool(f.mask),
        )
        for f in table.fields
        if covered.get(f.code) or f.code in faults
    ]
    if table.group is not None:
        for place, row in enumerate(covered.get(table.group.code) or (), start=1):
            rows.append(_group_row(table.group, place, row, faults))
    return rows


def _group_row(group: Group, place: int, row: Mapping[str, Any], faults: Mapping[str, T]) -> FieldRow:
    """Return one of the repeated parts (a material) as one line."""
    told = [f"{field.name} {row[field.code]}" for field in group.fields if row.get(field.code)]
    wrong = [
        T(f"{field.name}{found.zh}", f"{field.name} {found.en}")
        for field in group.fields
        if (found := faults.get(f"{group.code}.{place}.{field.code}")) is not None
    ]
    fault = T("；".join(one.zh for one in wrong), "; ".join(one.en for one in wrong)) if wrong else None
    return FieldRow(f"{group.name} {place}", "", "　".join(told), fault, False)


def _shown(record: Record, covered: Mapping[str, Any], style: Style) -> str:
    day = record.day.strftime("%Y%m%d")
    envelope = Envelope(record.table, record.idempotency, record.sequence, day, record.digest)
    return render(envelope, covered, style).decode()


def _holders(destination: Destination, subjects: Sequence[str]) -> dict[str, int]:
    """Return the first record that holds back what follows, by what it is about."""
    holding = Record.objects.filter(
        destination=destination, subject__in=set(subjects), state__in=sorted(rules.HOLDING)
    ).order_by()
    return dict(holding.values_list("subject").annotate(first=Min("sequence")))


def _held_by(record: Record) -> Record | None:
    """Return the earlier record about the same thing that holds this one back."""
    if record.state != rules.WAITING:
        return None
    earlier = Record.objects.filter(
        destination_id=record.destination_id,
        subject=record.subject,
        sequence__lt=record.sequence,
        state__in=sorted(rules.HOLDING),
    )
    return earlier.order_by("sequence").first()
