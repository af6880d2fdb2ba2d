"""The ledger in parts, one a year: nothing of what always holds is less true over the turn of a year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from tests.support.database import as_owner as be_owner
from tongban.base.ref import Ref
from tongban.base.time import LOCAL
from tongban.kernel.ledger import service as ledger
from tongban.kernel.ledger.models import Act
from tongban.kernel.ledger.operations.record import READ
from tongban.kernel.ledger.operations.years import BEYOND, first_number
from tongban.kernel.ledger.tests.conftest import CLERK, Ledger

NOW = datetime.now(UTC).astimezone(LOCAL).year
"""The year in which the table of the tests was divided."""
NEXT = NOW + 1
EVE, NEW_YEAR = datetime(NOW, 12, 31, 15, 59, tzinfo=UTC), datetime(NOW, 12, 31, 16, 0, tzinfo=UTC)
PERSON = "110101199003070011"


@pytest.fixture
def book(book: Ledger) -> Iterator[Ledger]:
    """A ledger whose parts are afterwards as they were."""
    before = {part.name for part in ledger.parts()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM ledger_act_id_seq")
        (last,) = cursor.fetchone()
    yield book
    with be_owner(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE ledger_act, ledger_batch")
        for part in ledger.parts():
            if part.name not in before:
                cursor.execute(f"DROP TABLE {part.name}")
        cursor.execute("SELECT setval('ledger_act_id_seq', %s)", [last])


def open_years(at: datetime) -> list[str]:
    with be_owner():
        return ledger.open_years(at=at)


def test_over_the_turn_of_a_year_everything_goes_on(book: Ledger) -> None:
    about = {"verb": READ, "about": [PERSON]}
    old = book.write(4, **about)
    assert max(old) < first_number(NEXT)
    assert book.seal(largest=3) == 4
    assert ledger.are_years_open(at=EVE)
    assert not ledger.are_years_open(at=NEW_YEAR), "the next year but one has no part yet"
    assert open_years(NEW_YEAR) == [f"ledger_act_{NEXT + 1}"]
    assert ledger.are_years_open(at=NEW_YEAR)
    new = book.write(4, **about)
    assert new == [first_number(NEXT) + n for n in range(4)]
    assert book.seal(largest=3) == 4

    counted = {part.name: part.acts for part in ledger.parts()}
    assert counted[f"ledger_act_{NEXT}"] == 4
    assert sum(counted.values()) == 8
    assert counted[BEYOND] == 0
    assert {act.pk for act in Act.objects.filter(verb=READ)} == {*old, *new}
    assert len(ledger.reads_about(PERSON)) == 8
    assert ledger.verify().is_clean
    assert ledger.proof_of(old[0], actor=CLERK).header.number == 1

    book.sql("UPDATE ledger_act SET reason = 'x' WHERE id = %s", [old[2]])
    assert book.first() == ("altered", old[2])


def test_opening_again_changes_nothing_and_no_number_is_given_twice(book: Ledger) -> None:
    open_years(NEW_YEAR)
    (first,) = book.write()
    assert open_years(NEW_YEAR) == []
    assert book.write() == [first + 1]


def test_before_its_part_is_there_a_year_has_no_numbers(book: Ledger) -> None:
    """A job that did not run for years: acts go on where they were, then everything is made up for."""
    (before,) = book.write()
    later = datetime(NOW + 4, 6, 1, tzinfo=UTC)
    assert not ledger.are_years_open(at=later)
    assert open_years(later) == [f"ledger_act_{NOW + 4}", f"ledger_act_{NOW + 5}"]
    assert book.write() == [first_number(NOW + 4)]
    assert before < first_number(NEXT)
    assert ledger.are_years_open(at=later)


def test_a_number_beyond_every_year_is_kept_all_the_same(book: Ledger) -> None:
    (act,) = book.write()
    book.sql("UPDATE ledger_act SET id = %s WHERE id = %s", [first_number(NOW + 500), act])
    assert {part.name: part.acts for part in ledger.parts()}[BEYOND] == 1


def test_two_acts_cannot_have_one_number_whatever_their_year(book: Ledger) -> None:
    old, other = book.write(2)
    with pytest.raises(IntegrityError):
        book.sql("UPDATE ledger_act SET id = %s WHERE id = %s", [old, other])


def test_the_application_can_only_add_also_to_a_new_part(book: Ledger) -> None:
    (part,) = open_years(NEW_YEAR)
    book.write()
    for table in (part, f"ledger_act_{NEXT}"):
        for statement in (f"UPDATE {table} SET reason = ''", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


def test_years_are_opened_by_the_owner_alone(book: Ledger) -> None:
    with pytest.raises(ProgrammingError):
        ledger.open_years(at=NEW_YEAR)
    assert not ledger.are_years_open(at=NEW_YEAR)


@pytest.mark.django_db
def test_a_query_by_number_looks_into_one_part(as_owner: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN SELECT * FROM ledger_act WHERE id = ANY(%s)", [[1, 2]])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert f"ledger_act_until_{NOW}" in plan
    assert f"ledger_act_{NEXT}" not in plan
    assert BEYOND not in plan


@pytest.mark.django_db
def test_a_ledger_that_was_one_table_becomes_the_first_part_without_being_written_anew() -> None:
    """The migration, over a table as releases before had it, in a schema of its own."""
    divide = import_module("tongban.kernel.ledger.migrations.0003_divide_acts_by_year").divide
    with transaction.atomic(), be_owner(), connection.cursor() as cursor:
        run = cursor.execute
        run("CREATE SCHEMA before")
        run("SET LOCAL search_path = before, public")
        run("CREATE TABLE before.ledger_act (LIKE public.ledger_act INCLUDING DEFAULTS INCLUDING INDEXES)")
        run(
            "ALTER TABLE before.ledger_act ALTER id DROP DEFAULT, ALTER id ADD GENERATED BY DEFAULT AS IDENTITY"
        )
        add = """INSERT INTO ledger_act (at, verb, subject_kind, subject_id, "case", role, channel, actor_name, reason,
          digest, fields, facts, about) SELECT now(), 'x', 'thing', g::text, '', '', 'desk', '', '', '', '{}', '{}', '{}'
          FROM generate_series(1, %s) g RETURNING id"""
        run(add, [50])
        run("SELECT relfilenode, reltoastrelid FROM pg_class WHERE oid = 'before.ledger_act'::regclass")
        lies = cursor.fetchone()
        run(
            "SELECT array_agg(indexrelid ORDER BY 1) FROM pg_index WHERE indrelid = 'before.ledger_act'::regclass"
        )
        (indexes,) = cursor.fetchone()

        divide(None, type("Editor", (), {"connection": connection}))

        part = f"before.ledger_act_until_{NOW}"
        run("SELECT relfilenode, reltoastrelid FROM pg_class WHERE oid = %s::regclass", [part])
        assert cursor.fetchone() == lies
        run("SELECT array_agg(indexrelid ORDER BY 1) FROM pg_index WHERE indrelid = %s::regclass", [part])
        assert cursor.fetchone()[0] == indexes, "and its indexes were taken over"
        run("SELECT count(*) FROM pg_index WHERE indrelid = 'before.ledger_act'::regclass AND indisvalid")
        assert cursor.fetchone()[0] == len(indexes)
        run(add, [1])
        assert cursor.fetchone()[0] == 51, "numbers go on"
        run("SELECT pg_get_serial_sequence('ledger_act', 'id')")
        assert cursor.fetchone()[0] == "before.ledger_act_id_seq"
        run("SELECT count(*) FROM ledger_act")
        assert cursor.fetchone()[0] == 51
        transaction.set_rollback(True)


def test_the_subjects_last_act_is_found_over_all_years(book: Ledger) -> None:
    book.write(1, subject=Ref("thing", "1"), standing={"state": "a"})
    open_years(NEW_YEAR)
    (last,) = book.write(1, subject=Ref("thing", "1"), standing={"state": "b"})
    newest = Act.objects.filter(subject_kind="thing", subject_id="1").order_by("-id").first()
    assert newest is not None
    assert (newest.pk, newest.standing) == (last, {"state": "b"})
