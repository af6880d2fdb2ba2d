"""``DATABASE_URL``: an own PostgreSQL instead of the embedded one, with web and worker in the application's role."""

from __future__ import annotations

import psycopg
import pytest

from tests.support.database import ThrowAwayServer
from tests.support.installation import Installation, alive, open_directory

pytestmark = pytest.mark.slow


def test_it_runs_on_an_external_database_with_fewer_rights_than_the_owner() -> None:
    server = ThrowAwayServer()
    try:
        administrator = server.start()
        with psycopg.connect(administrator, autocommit=True) as connection:
            connection.execute("CREATE ROLE county LOGIN CREATEROLE PASSWORD 'county'")
            connection.execute("CREATE DATABASE county OWNER county")
        url = server.cluster.url("county", "county", "county")
        with open_directory() as directory:
            running = Installation(directory / "home").start(DATABASE_URL=url)
            try:
                running.wait_until_well()
                assert not (running.home / "postgres").exists()
                assert "postgres" not in running.children()
                brood = running.descendants()
                with psycopg.connect(url) as connection:
                    may = connection.execute(
                        "SELECT has_table_privilege('tongban_app', 'base_event', 'DELETE'),"
                        " has_table_privilege('tongban_app', 'ledger_act', 'DELETE'),"
                        " has_table_privilege('tongban_app', 'ledger_act', 'INSERT'),"
                        " (SELECT rolcanlogin FROM pg_roles WHERE rolname = 'tongban_app')"
                    ).fetchone()
                assert may == (True, False, True, False)
            finally:
                running.stop()
            assert not any(alive(pid) for pid in brood)
    finally:
        server.stop()
