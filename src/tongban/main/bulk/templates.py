"""Templates: a past case is walked through the doors, its rows are read, and the walk is taken back.

Nothing is known here of cases, clocks or papers: a template is every row that a walk left behind, whatever its table. So
that each place where a row names another one can be found in plain text, the walk is made with marked numbers: while it
lasts all sequences and counters count from values that occur nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from tongban.base import outbox
from tongban.base.models import Event
from tongban.base.ref import Ref
from tongban.base.time import freeze
from tongban.kernel.cases import service as cases
from tongban.kernel.identity import service as identity
from tongban.kernel.instruments import service as instruments
from tongban.kernel.registers import service as registers
from tongban.main import history
from tongban.main.bulk.shapes import Shape

__all__ = [
    "Applicant",
    "Block",
    "Template",
    "begin",
    "make_holders",
    "rows_since",
    "sequences",
    "walk",
    "walked",
]

MARK = 8_000_000_000_000_000
"""From here on ids are given during a walk: sixteen digits, still exact in JSON."""
TABLE = 1_000_000_000
"""How far the marks of two tables lie apart."""
COUNTER = 1_700_000_000
NUMBER = 1_600_000_001
"""From here on papers and cases are numbered during a walk: ten digits that fit a 32-bit column."""

GIVEN = {"ledger_act": {"xid", "recorded_at", "salt"}}
"""Columns that the database fills itself."""
ELSEWHERE = ("base_counter", "base_stamp", "procrastinate_", "django_")
"""Tables that are no part of a case: its counters are moved on, its jobs are done within the walk."""
MINE = """pg_xact_status(((pg_current_xact_id()::text::bigint >> 32 << 32) + t.xmin::text::bigint)::text::xid8)
  = 'in progress'"""
"""What a transaction sees of others is committed, so a row of one that is under way is its own: a sealer may be at work."""
TOUCHED = """SELECT coalesce(whole.relname, s.relname) FROM pg_stat_xact_user_tables s
  LEFT JOIN pg_class whole ON whole.oid = pg_partition_root(s.relid)
  WHERE s.schemaname = 'public' AND s.n_tup_ins + s.n_tup_upd > 0"""
"""The tables that the transaction wrote in."""
APPLICANT = {
    "identity_person": "t.id = %(person)s",
    "identity_legalentity": "t.id = %(entity)s",
    "identity_account": "t.person_id = %(person)s AND t.kind = 'citizen'",
    "identity_mandate": "t.person_id = %(person)s AND t.entity_id = %(entity)s",
    "identity_holder": "(t.kind, t.key) IN (('person', %(person)s::text), ('entity', %(entity)s::text))",
    "reg_population": "t.rec_blind_citizen_id = %(blind)s",
    "reg_population_history": "t.rec_blind_citizen_id = %(blind)s",
    "reg_entities": "t.uscc = %(uscc)s",
    "reg_entities_history": "t.uscc = %(uscc)s",
}
"""Where somebody stands who applies for an entity."""


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one table in the text format of COPY."""

    table: str
    columns: tuple[str, ...]
    lines: tuple[str, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applies in a story, by everything that names them in a row."""

    person: str
    name: str
    name_sort: str
    citizen_id: str
    phone: str
    username: str
    entity: str
    entity_name: str
    entity_sort: str
    uscc: str

    @property
    def born(self) -> str:
        """The day of birth that stands in the identity number."""
        return f"{self.citizen_id[6:10]}-{self.citizen_id[10:12]}-{self.citizen_id[12:14]}"


@dataclass(frozen=True, slots=True)
class Template:
    """One walked case: the rows of its applicant, its own rows, and rows that must be there once."""

    key: str
    is_open: bool
    is_elsewhere: bool
    """Not of the bureaus that handle what people apply for in the county's past."""
    weight: int
    applicant: Applicant
    people: tuple[Block, ...]
    case: tuple[Block, ...]
    once: tuple[Block, ...]
    counters: Mapping[str, tuple[int, ...]]
    """The counters from which it took numbers, with the marked numbers that it got."""


def walk(shape: Shape, *, usernames: Mapping[str, str], now: datetime) -> Template:
    """Walk a story, read what it left, and take it back. For the owner's role; nobody else may be at work."""
    with walked(shape, usernames=usernames, now=now) as template:
        return template


@contextmanager
def walked(shape: Shape, *, usernames: Mapping[str, str], now: datetime) -> Iterator[Template]:
    """Walk a story; within the block its rows are there, afterwards they are gone."""
    story = history.Story(shape.row, shape.is_letter)
    with _in_charge(shape.unit, shape.row.get("item", "")), transaction.atomic():
        start = begin()
        applicant = _applicant(shape, usernames)
        first = _mark_numbers()
        people = _rows_of(applicant)
        with history.all_or_nothing(), instruments.printed_on_demand():
            history.play([story], usernames=usernames, now=now)
            _tell_everybody(now)
        case, once = rows_since(start, but={key for block in people for key in block.keys})
        yield Template(
            key=shape.key,
            is_open=cases.case_of(Ref.to("case", story.case_id)).closed_at is None,
            is_elsewhere=bool(shape.unit) or shape.is_letter,
            weight=shape.weight,
            applicant=applicant,
            people=people,
            case=case,
            once=once,
            counters=_taken(first),
        )
        transaction.set_rollback(True)


@transaction.atomic
def make_holders(shapes: Sequence[Shape], *, usernames: Mapping[str, str], now: datetime) -> None:
    """Let everybody who takes part be known as a holder of rights: they are no part of a case, so no walk may make them."""
    for name in sorted({step["by"] for shape in shapes for step in shape.row["steps"] if "by" in step}):
        if name not in ("applicant", "writer"):
            account = history.account_of(name)
            for post in identity.posts_of(account, now):
                identity.actor_for(account, at=now, channel="desk", post_id=post.post_id)
    for person in sorted({str(shape.row["person"]) for shape in shapes}):
        identity.actor_for(history.account_of(usernames[person]), at=now, channel="web")


@contextmanager
def _in_charge(unit: str, item: str) -> Iterator[None]:
    """Put a unit in charge of an item for a while, outside of what a walk is seen to change."""
    with transaction.atomic():
        if unit:
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE services_item SET unit_id = (SELECT id FROM identity_unit WHERE code = %s) WHERE key = %s",
                    [unit, item],
                )
        yield
        transaction.set_rollback(True)


def begin() -> int:
    """Return from where on rows are of this transaction (or savepoint) and of what follows in it."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SEQUENCE IF EXISTS pg_temp.marked_counter")
        cursor.execute("CREATE TEMPORARY SEQUENCE marked_counter")
    [(start,)] = _all(
        "SELECT xmin::text::bigint FROM pg_class WHERE oid = 'pg_temp.marked_counter'::regclass"
    )
    return int(start)


def rows_since(
    start: int, *, but: AbstractSet[str] = frozenset()
) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """Return the rows that this transaction added and, apart, those with a name instead of a number of their own.

    ``but`` are keys of rows that were only changed. Raises RuntimeError when a walk changed another row that was there
    before: a copy could not do the same.
    """
    mine, once = [], []
    touched = {name for (name,) in _all(TOUCHED)}
    for table in _tables():
        if table.name not in touched:
            continue
        block = _read(table, f"t.xmin::text::bigint >= {start} AND {MINE}")
        kept = [(line, key) for line, key in zip(block.lines, block.keys, strict=True) if key not in but]
        if not kept:
            continue
        lines, keys = zip(*kept, strict=True)
        block = Block(table.name, block.columns, lines, keys)
        if table.key_type not in ("bigint", "integer", "uuid"):
            once.append(block)
        elif table.key_type != "uuid" and any(int(key) < MARK for key in keys):
            raise RuntimeError(f"a case changed a row of {table.name} that was there before")
        else:
            mine.append(block)
    return tuple(mine), tuple(once)


# --- marked numbers ----------------------------------------------------------------------------------------------


def sequences() -> list[tuple[str, str, str]]:
    """Return the sequences of all tables: name, table, column."""
    return _all(
        """SELECT s.relname, t.relname, a.attname FROM pg_class s
          JOIN pg_depend d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
          JOIN pg_class t ON t.oid = d.refobjid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
          WHERE s.relkind = 'S' AND a.atttypid = 'bigint'::regtype AND s.relnamespace = 'public'::regnamespace ORDER BY 1"""
    )


def _mark_numbers() -> dict[str, int]:
    """Let everything be numbered with marks until the transaction is taken back; return where known counters begin."""
    marks = [
        f'ALTER SEQUENCE "{name}" RESTART WITH {MARK + index * TABLE + 1}'
        for index, (name, _, _) in enumerate(sequences())
    ]
    with connection.cursor() as cursor:
        cursor.execute("; ".join(marks))
        cursor.execute(f"ALTER SEQUENCE base_case_number RESTART WITH {NUMBER}")
        cursor.execute(f"UPDATE base_counter SET last = {COUNTER} + 1000 * nextval('marked_counter')")
        cursor.execute(
            f"""CREATE OR REPLACE FUNCTION pg_temp.mark_counter() RETURNS trigger LANGUAGE plpgsql AS
              $$BEGIN NEW.last := {COUNTER + 1} + 1000 * nextval('marked_counter'); RETURN NEW; END$$"""
        )
        cursor.execute(
            """CREATE OR REPLACE TRIGGER mark_counter BEFORE INSERT ON base_counter FOR EACH ROW WHEN (NEW.last = 1)
              EXECUTE FUNCTION pg_temp.mark_counter()"""
        )
    return dict(_all("SELECT key, last FROM base_counter"))


def _taken(first: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    """Return the marked numbers that were taken of each counter."""
    taken = {}
    for key, last in _all("SELECT key, last FROM base_counter ORDER BY key"):
        before = first.get(key, COUNTER + (last - COUNTER) // 1000 * 1000)
        if last > before:
            taken[key] = tuple(range(before + 1, last + 1))
    return taken


# --- the applicant ---------------------------------------------------------------------------------------------


def _applicant(shape: Shape, usernames: Mapping[str, str]) -> Applicant:
    citizen_id = str(shape.row["person"])
    person, entity = identity.get_person(citizen_id), identity.get_entity(shape.entity)
    identity.holder_ids([("person", str(person.pk)), ("entity", str(entity.pk))])
    return Applicant(
        person=str(person.pk),
        name=person.name,
        name_sort=person.name_sort,
        citizen_id=person.citizen_id or "",
        phone=person.phone,
        username=usernames[citizen_id],
        entity=str(entity.pk),
        entity_name=entity.name,
        entity_sort=entity.name_sort,
        uscc=entity.uscc,
    )


def _rows_of(applicant: Applicant) -> tuple[Block, ...]:
    """Give the applicant's rows marked numbers and return them."""
    values: dict[str, Any] = {name: getattr(applicant, name) for name in ("person", "entity", "uscc")}
    here = {"citizen_id": applicant.citizen_id}
    values["blind"] = registers.sealer("population")(here)["rec_blind_citizen_id"]
    numbered = {table: (name, column) for name, table, column in sequences()}
    blocks = []
    for table in _tables():
        if table.name not in APPLICANT:
            continue
        name, column = numbered.get(table.name, ("", ""))
        if column in table.columns:
            with connection.cursor() as cursor:
                cursor.execute(
                    f'UPDATE "{table.name}" t SET "{column}" = nextval(\'"{name}"\') WHERE {APPLICANT[table.name]}',
                    values,
                )
        blocks.append(_read(table, APPLICANT[table.name], values))
    return tuple(blocks)


# --- the rest ------------------------------------------------------------------------------------------------


def _tell_everybody(now: datetime) -> None:
    """Let everybody hear of what happened, each event at its time, as the worker would."""
    while waiting := list(Event.objects.filter(done_at=None, pk__gte=MARK).order_by("pk")):
        for event in waiting:
            with freeze(event.created_at) as at:
                outbox.dispatch(event, at=at)


class _Table(NamedTuple):
    name: str
    columns: tuple[str, ...]
    key: str
    key_type: str


def _tables() -> list[_Table]:
    """Return the tables in which a case or its applicant may have rows."""
    found = _all(
        """SELECT c.relname, array_agg(a.attname ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '' AND a.attidentity <> 'a'),
            min(a.attname) FILTER (WHERE a.attnum = i.indkey[0]),
            min(format_type(a.atttypid, NULL)) FILTER (WHERE a.attnum = i.indkey[0])
          FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
          GROUP BY c.relname ORDER BY c.relname"""
    )
    return [
        _Table(name, tuple(c for c in columns if c not in GIVEN.get(name, ())), key, key_type)
        for name, columns, key, key_type in found
        if not name.startswith(ELSEWHERE)
    ]


def _read(table: _Table, condition: str, values: Mapping[str, Any] | None = None) -> Block:
    """Return rows in the text format of COPY, in the order of their keys."""
    columns = ", ".join(f't."{column}"' for column in (table.key, *table.columns))
    copy = (
        f'COPY (SELECT {columns} FROM "{table.name}" t WHERE {condition} ORDER BY t."{table.key}") TO STDOUT'
    )
    with connection.cursor() as cursor, cursor.copy(copy, values) if values else cursor.copy(copy) as out:
        text = b"".join(bytes(part) for part in out).decode()
    rows = [line.split("\t", 1) for line in text.split("\n")[:-1]]
    return Block(table.name, table.columns, tuple(line for _, line in rows), tuple(key for key, _ in rows))


def _all(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()
