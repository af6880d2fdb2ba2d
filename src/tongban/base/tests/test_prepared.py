"""A text that comes again is prepared, with whatever values; where a pooler lends sessions it is not, and answers the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tongban.base import prepared
from tongban.base.models import Counter
from tongban.main import database

pytestmark = pytest.mark.django_db
VALUES: list[Any] = [
    7, 2**40, None, True, "汉%s'", b"\x00\xff", date(2026, 3, 2), datetime(2026, 3, 2, 9, tzinfo=UTC),
    UUID(int=5), ["a", "b,c"], [], [b"\x01"],
]  # fmt: skip
TYPES = [
    "int",
    "bigint",
    "text",
    "bool",
    "text",
    "bytea",
    "date",
    "timestamptz",
    "uuid",
    "text[]",
    "text[]",
    "bytea[]",
]


@pytest.fixture
def threshold() -> Iterator[None]:
    connection.ensure_connection()
    before = connection.connection.prepare_threshold
    yield
    connection.connection.prepare_threshold = before


def asked(sql: str, *values: Any) -> Any:
    with prepared.cursor(connection) as cursor:
        cursor.execute(sql, list(values))
        return cursor.fetchone()


def kept(mark: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", [f"%{mark}%"])
        return int(cursor.fetchone()[0])


@pytest.mark.usefixtures("threshold")
@pytest.mark.parametrize("pooled", [False, True])
def test_values_of_every_type_come_back_as_by_a_cursor_of_django(pooled: bool) -> None:
    connection.connection.prepare_threshold = None if pooled else 5
    mark = f"pooled{pooled}"
    sql = f"SELECT '100%%' AS {mark}, " + ", ".join(f"%s::{name}" for name in TYPES)
    with connection.cursor() as cursor:
        cursor.execute(sql, VALUES)
        plain = cursor.fetchone()
    answers = [asked(sql, *VALUES) for _ in range(5)]
    assert answers == [plain] * 5
    assert kept(mark) == (not pooled)


@pytest.mark.usefixtures("threshold")
def test_small_and_large_numbers_are_one_statement() -> None:
    connection.connection.prepare_threshold = 5
    for number in (1, 40_000, 2**40, 3, 70_000):
        assert asked("SELECT %s + 0 AS onestatement", number) == (number,)
    assert kept("onestatement") == 1


def test_it_is_counted_and_refused_like_every_statement() -> None:
    for _ in range(5):
        with CaptureQueriesContext(connection) as queries:
            asked("SELECT %s + 1 AS counted", 4)
        assert [query["sql"] for query in queries] == ["SELECT $1 + 1 AS counted"]
    for _ in range(4):
        with pytest.raises(DataError), transaction.atomic():
            asked("SELECT %s / 0 AS refused", 4)
    assert asked("SELECT count(*) FROM base_counter") == (Counter.objects.count(),)


def test_only_sessions_of_ones_own_keep_statements(tmp_path: Path) -> None:
    def options(**more: Any) -> Any:
        told = {"home": tmp_path, "external": "postgresql://a@one/county", "external_app": "", "role": "app"}
        return database.settings_for(**{**told, **more})["OPTIONS"].get("prepare_threshold")

    pooler = "postgresql://web@pooler/county"
    assert options() and options(external="") and options(external_app=pooler)
    assert options(external_app=pooler, is_pooled=True) is None


def test_a_text_that_is_to_be_planned_each_time_is_not_kept() -> None:
    for number in range(6):
        with prepared.cursor(connection, keeps=False) as cursor:
            cursor.execute("SELECT %s + 1 AS planned_each_time", [number])
            assert cursor.fetchone() == (number + 1,)
    assert kept("planned_each_time") == 0
