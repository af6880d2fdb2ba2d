"""Building many cases: which templates, how many copies of each, and the loading itself."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected

from tongban.apps.docking import service as docking
from tongban.base.packs import Pack
from tongban.kernel.ledger import service as ledger
from tongban.main import history
from tongban.main.bulk.copies import Copier
from tongban.main.bulk.shapes import shapes_of
from tongban.main.bulk.templates import Template, make_holders, walk

__all__ = ["Built", "build", "people_before", "shares"]

Result = TypeVar("Result")
EACH = 10
"""Cases of one applicant."""
OPEN, OPEN_ELSEWHERE = 0.03, 0.015
"""Which part of all cases is still in somebody's hands, in the bureaus of the past and elsewhere: in a county's records of
many years few are."""
TRIES = 20
"""How often it is tried again after somebody who works after all, a worker say, stood in the way and the other way round."""
WITHOUT_INDEXES = 3_000
"""From so many cases on it is quicker to make the indexes anew at the end, unless as many are there already."""


@dataclass(frozen=True, slots=True)
class Built:
    """What came, and how long each part took."""

    cases: int
    people: int
    rows: int
    open: int
    seconds: Mapping[str, float]

    def as_json(self) -> dict[str, Any]:
        """Return it for a file."""
        return asdict(self)


def build(
    *, pack: Pack, cases: int, at: datetime, tell: Callable[[str], object], still_open: float = OPEN
) -> Built:
    """Add so many cases to the demo county, with their people; all of them or none. As the owner, while nobody works.

    ``still_open`` is the part that lies open in the bureaus of the past, below 0.98.

    The acts are sealed at the end, in transactions of their own. What was built is written to ``TONGBAN_HOME/bench/cases.json``.
    """
    watch = _Watch(tell)
    usernames, shapes = history.usernames_of(pack), shapes_of(pack)
    make_holders(shapes, usernames=usernames, now=at)
    templates = [_patiently(partial(walk, shape, usernames=usernames, now=at)) for shape in shapes]
    watch.part("walk")
    with transaction.atomic():
        copier = Copier(templates)
        many = cases >= max(WITHOUT_INDEXES, _cases_before())
        with _without_indexes(_tables(templates)) if many else _as_it_is():
            made = _copy(copier, shares([form.template for form in copier.forms], cases, still_open), watch)
        _tell_nobody(at)
    watch.part("indexes and keys")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")  # now, and not while somebody measures
    watch.part("vacuum")
    ledger.seal(at=at)
    watch.part("seal")
    built = Built(cases=cases, people=made.people, rows=copier.rows, open=made.open, seconds=watch.seconds)
    directory = Path(settings.TONGBAN_HOME) / "bench"
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "cases.json").write_text(json.dumps(built.as_json(), indent=2) + "\n", encoding="utf-8")
    return built


def shares(templates: Sequence[Template], cases: int, still_open: float = OPEN) -> list[int]:
    """Return how many copies of each template make so many cases: by weight, those that are ``still_open`` together that part.

    What rounding leaves goes to the heaviest of those that are closed.
    """
    kinds = [(t.is_open, t.is_elsewhere) for t in templates]
    weights = {
        kind: sum(t.weight for t, k in zip(templates, kinds, strict=True) if k == kind) for kind in set(kinds)
    }
    open_parts = {kind: OPEN_ELSEWHERE if kind[1] else still_open for kind in weights if kind[0]}
    closed = sum(weight for (is_open, _), weight in weights.items() if not is_open)
    rest = 1 - sum(open_parts.values())
    parts = {
        kind: open_parts[kind] if kind[0] else rest * weight / closed for kind, weight in weights.items()
    }
    if not closed:
        parts = {kind: part / sum(parts.values()) for kind, part in parts.items()}
    copies = [
        int(cases * parts[kind] * t.weight / weights[kind]) for t, kind in zip(templates, kinds, strict=True)
    ]
    heaviest = max(range(len(templates)), key=lambda n: (not templates[n].is_open, templates[n].weight))
    copies[heaviest] += cases - sum(copies)
    return copies


def _tell_nobody(at: datetime) -> None:
    """Keep what was made up to ourselves: no upper platform is told of it."""
    last = ledger.own_place()
    if last is not None:
        docking.pass_by(xid=last[0], last_act=last[1], at=at)


@dataclass(frozen=True, slots=True)
class _Made:
    people: int
    open: int


def _copy(copier: Copier, copies_of: Sequence[int], watch: _Watch) -> _Made:
    first = came = people_before()
    ready = still_open = 0
    gc.disable()
    for form, copies in zip(copier.forms, copies_of, strict=True):
        came += copier.copy(
            form,
            copies,
            each=EACH,
            first_person=came,
            done=partial(watch.progress, ready, of=sum(copies_of)),
        )
        ready += copies
        still_open += copies if form.template.is_open else 0
    gc.enable()
    watch.part("copy")
    return _Made(people=came - first, open=still_open)


def people_before() -> int:
    """Return how many people came with earlier cases."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(substr(username, 2)::int) + 1, 0) FROM identity_account WHERE username ~ '^b[0-9]{7}$'"
        )
        return int(cursor.fetchone()[0])


def _cases_before() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cases_case")
        return int(cursor.fetchone()[0])


def _tables(templates: Sequence[Template]) -> list[str]:
    return sorted({block.table for t in templates for block in (*t.people, *t.case)})


@contextmanager
def _as_it_is() -> Iterator[None]:
    yield


@contextmanager
def _without_indexes(tables: Sequence[str]) -> Iterator[None]:
    """Let the tables be without foreign keys and indexes (but for primary keys) for a while; in the caller's transaction."""
    _patiently(partial(_take, tables))
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
              WHERE (contype = 'f' OR contype = 'u') AND conrelid::regclass::text = ANY(%s)
              ORDER BY contype DESC""",
            [list(tables)],
        )
        constraints = cursor.fetchall()
        for table, name, _ in constraints:
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
        cursor.execute(
            """SELECT i.indexrelid::regclass::text, replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON ') FROM pg_index i
              WHERE NOT i.indisprimary AND i.indrelid::regclass::text = ANY(%s)
              AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)""",
            [list(tables)],
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for _, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in constraints:
            cursor.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}')


@transaction.atomic
def _take(tables: Sequence[str]) -> None:
    """Have the tables for oneself until the transaction ends."""
    names = ", ".join(f'"{table}"' for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")


def _patiently(work: Callable[[], Result]) -> Result:
    """Do what is taken back when it fails; again when the database broke it off because two waited for each other."""
    for _ in range(TRIES):
        try:
            return work()
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected):
                raise
    return work()


class _Watch:
    """Says how far it is, and notes how long each part took."""

    def __init__(self, tell: Callable[[str], object]) -> None:
        self.tell = tell
        self._began = self._told = time.monotonic()
        self.seconds: dict[str, float] = {}

    def part(self, name: str) -> None:
        """Note the end of a part."""
        now = time.monotonic()
        self.seconds[name] = round(now - self._began, 1)
        self._began = now
        self.tell(f"{name}: {self.seconds[name]} s")

    def progress(self, before: int, done: int, *, of: int) -> None:
        """Say every ten seconds how many cases there are."""
        if time.monotonic() - self._told > 10:
            self._told = time.monotonic()
            self.tell(f"{before + done} of {of} cases")
