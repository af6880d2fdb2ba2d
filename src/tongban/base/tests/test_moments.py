"""Moments come from the database as Django would have given them, only sooner."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import DataError, connection
from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from hypothesis import given
from hypothesis import strategies as st

from tongban.base.moments import MomentLoader


def read(text):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamptz", [text])
        return cursor.fetchone()[0]


class InUtc(BaseTzLoader):
    timezone = UTC


def test_the_connection_reads_with_it(db):
    with connection.cursor() as cursor:
        kept = cursor.connection.adapters.get_loader(
            psycopg.adapters.types["timestamptz"].oid, psycopg.pq.Format.TEXT
        )
    assert kept is MomentLoader


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23 08:00:00+08",
        "2026-11-23 08:00:00.5+08",
        "2026-11-23 08:00:00.000001+05:30",
        "1900-01-01 00:00:00+08:05:43",
        "0001-01-01 00:00:00+00",
        "9999-12-31 23:59:59.999999+00",
    ],
)
def test_what_was_put_in_comes_out_in_utc(db, text):
    moment = read(text)
    assert moment.tzinfo is UTC
    assert moment == datetime.fromisoformat(text)


def test_in_another_zone_it_is_read_as_django_reads_it(db):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'Asia/Shanghai'")
        cursor.execute("SELECT '2026-11-23 00:00:00+00'::timestamptz")
        moment = cursor.fetchone()[0]
        beside = InUtc(0, cursor.connection).load(b"2026-11-23 08:00:00+08")
    assert moment == beside


@pytest.mark.parametrize(
    "text", ["infinity", "-infinity", "0044-03-15 12:00:00+00 BC", "20261-01-01 00:00:00+00"]
)
def test_what_python_has_no_moment_for_is_refused(db, text):
    with pytest.raises((DataError, psycopg.DataError)):
        read(text)


@given(st.datetimes(min_value=datetime(1, 1, 2), timezones=st.just(UTC)), st.integers(0, 6))
def test_it_reads_what_django_reads(moment, places):
    moment = moment.replace(microsecond=moment.microsecond // 10 ** (6 - places) * 10 ** (6 - places))
    text = moment.strftime("%Y-%m-%d %H:%M:%S").rjust(19, "0")
    if moment.microsecond:
        text += f".{moment.microsecond:06d}".rstrip("0")
    assert MomentLoader(0).load(f"{text}+00".encode()) == InUtc(0).load(f"{text}+00".encode()) == moment


def test_arrays_of_moments_too(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT ARRAY[now(), now() + interval '1 day']")
        first, second = cursor.fetchone()[0]
    assert second - first == timedelta(days=1)
    assert first.tzinfo is UTC
