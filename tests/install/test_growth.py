"""What several machines need, without any: addresses of several servers, a pooler's past, a database that is away."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest
from django.test import RequestFactory
from psycopg import errors

from tongban.main import database, environment
from tongban.main.away import is_away
from tongban.main.problems import server_error

SERVERS = "postgresql://county:p%40ss@one:5432,two:5433,[::1]:5434/county"


def described(role: str = "app", **more: object) -> dict:
    given = {"home": Path("/nowhere"), "external": SERVERS, "external_app": "", "role": role, **more}
    return database.settings_for(**given)  # type: ignore[arg-type]


def test_of_several_servers_each_connection_looks_for_the_primary_and_does_not_wait_long() -> None:
    found = described()
    assert (found["HOST"], found["PORT"]) == ("one,two,::1", "5432,5433,5434")
    assert (found["USER"], found["PASSWORD"], found["NAME"]) == ("county", "p@ss", "county")
    assert found["OPTIONS"]["target_session_attrs"] == "read-write"
    assert int(found["OPTIONS"]["connect_timeout"]) <= 5
    assert found["OPTIONS"]["options"] == "-c role=tongban_app"


def test_what_the_address_says_itself_counts() -> None:
    found = described(external=SERVERS + "?target_session_attrs=any&connect_timeout=9")
    assert (found["OPTIONS"]["target_session_attrs"], found["OPTIONS"]["connect_timeout"]) == ("any", "9")


def test_an_address_that_cannot_be_read_is_refused_by_the_variable_s_name() -> None:
    with pytest.raises(ValueError, match="DATABASE_APP_URL"):
        described(external_app="postgresql://a:b@c:notaport:/d?nonsense")


def test_through_a_pooler_no_cursor_outlives_its_transaction() -> None:
    pooled = described(external_app="postgresql://web@127.0.0.1:6432/county", is_pooled=True)
    assert pooled["DISABLE_SERVER_SIDE_CURSORS"] is True
    assert "options" not in pooled["OPTIONS"]  # which a pooler would not pass on
    assert described(external_app="postgresql://web@h/county")["DISABLE_SERVER_SIDE_CURSORS"] is False


def test_past_the_pooler_the_queue_is_read_as_the_application() -> None:
    assert database.session_parameters("postgresql://me:x@db:5432/county?sslmode=require") == {
        "dbname": "county",
        "user": "me",
        "password": "x",
        "host": "db",
        "port": "5432",
        "sslmode": "require",
        "options": "-c role=tongban_app",
    }


def test_of_several_replicas_one_that_follows_is_taken_and_nobody_waits_long() -> None:
    found = database.replica_settings(SERVERS)["OPTIONS"]
    assert (found["target_session_attrs"], found["options"]) == (
        "standby",
        "-c default_transaction_read_only=on",
    )
    assert int(found["connect_timeout"]) <= 3


def test_a_machine_with_the_application_s_login_alone_is_enough_for_web_and_worker() -> None:
    assert described(external="", external_app="postgresql://web@h/county")["USER"] == "web"


def test_what_belongs_to_one_machine_lies_in_the_home_unless_told_otherwise() -> None:
    assert environment.read({"TONGBAN_HOME": "/shared"}).local == Path("/shared")
    told = environment.read({"TONGBAN_HOME": "/shared", "TONGBAN_LOCAL": "/here"})
    assert (told.home, told.local) == (Path("/shared"), Path("/here"))


def from_driver(kind: type[Exception], cause: Exception) -> Exception:
    error = kind(str(cause))
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        from_driver(OperationalError, psycopg.OperationalError("connection refused")),
        from_driver(OperationalError, errors.AdminShutdown("terminating connection")),
        from_driver(OperationalError, errors.CannotConnectNow("the database system is starting up")),
        from_driver(InternalError, errors.ReadOnlySqlTransaction("demoted")),
        from_driver(InterfaceError, psycopg.InterfaceError("the connection is closed")),
        errors.ConnectionFailure("lost"),
    ],
    ids=lambda error: f"{type(error).__name__}-{type(error.__cause__).__name__}",
)
def test_a_database_that_is_away_is_answered_with_503_and_when_to_come_back(error: Exception) -> None:
    assert is_away(error)
    for path in ("/api/v1/me", "/"):
        answer = answered(error, path)
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert b'"code": "unavailable"' in answered(error, "/api/v1/me").content


@pytest.mark.parametrize(
    "error",
    [
        from_driver(OperationalError, errors.DeadlockDetected("deadlock")),
        from_driver(OperationalError, errors.QueryCanceled("too slow")),
        from_driver(InternalError, errors.InternalError_("broken page")),
        ValueError("a bug"),
    ],
    ids=lambda error: f"{type(error).__name__}-{type(error.__cause__).__name__}",
)
def test_a_bug_stays_a_bug(error: Exception) -> None:
    assert not is_away(error)
    assert answered(error, "/api/v1/me").status_code == 500


def answered(error: Exception, path: str):
    request: HttpRequest = RequestFactory().get(path)
    try:
        raise error
    except type(error):
        return server_error(request)


def test_the_copy_is_lent_last_so_that_what_counts_and_refuses_before_the_view_asks_the_primary() -> None:
    assert settings.MIDDLEWARE[-1] == "tongban.main.replica.ReplicaMiddleware"
