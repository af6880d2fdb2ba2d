"""The application's role may do what it needs, and nothing to what is append-only."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction

from tongban.base.models import Counter
from tongban.main import roles

pytestmark = pytest.mark.django_db


def test_the_tests_run_as_the_application() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone()[0] == "tongban_app"


def test_the_application_reads_and_writes_ordinary_tables() -> None:
    Counter.objects.create(key="a", last=1)
    Counter.objects.filter(key="a").update(last=2)
    assert Counter.objects.get(key="a").last == 2
    Counter.objects.filter(key="a").delete()


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE mine (id int)", "DROP TABLE base_counter", "DELETE FROM django_migrations"]
)
def test_the_application_changes_no_structure(statement: str) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_append_only_tables_can_be_neither_changed_nor_emptied() -> None:
    tables = roles.append_only_tables()
    for table in tables:
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


def test_the_owner_is_needed_only_for_a_while(as_owner) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE made_by_owner (id int)")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO made_by_owner VALUES (1)")
        cursor.execute("SELECT current_user")
        assert cursor.fetchone()[0] == "tongban_app"


@pytest.mark.django_db(transaction=True)
def test_a_transactional_test_is_cleaned_up_as_the_owner() -> None:
    Counter.objects.create(key="left behind", last=1)


@pytest.mark.django_db(transaction=True)
def test_nothing_of_the_transactional_test_is_left() -> None:
    assert not Counter.objects.exists()
