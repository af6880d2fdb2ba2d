"""Pages from a streaming replica: a stranger may see what was a moment ago, whoever wrote sees what he wrote."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.support.database import PASSWORD, ThrowAwayServer
from tests.support.installation import Installation, eventually, open_directory
from tests.support.site import Forms
from tongban.main import database
from tongban.main.supervisor import embedded, osuser
from tongban.main.supervisor.children import Child
from tongban.main.supervisor.postgres import SUPERUSER, Cluster

pytestmark = pytest.mark.slow

PAGE = "/services/departments/"
NAMES = {
    "short_zh": "县民政局",
    "kind": "department",
    "division_code": "532399000000",
    "basis": "澄编发〔2026〕3号",
}


@dataclass
class Pair:
    """An installation, its primary and the replica."""

    site: Installation
    primary: str
    replica: str
    follower: Child

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.site.port}"

    def on_replica(self, statement: str) -> object:
        with psycopg.connect(self.replica, autocommit=True) as connection:
            row = connection.execute(statement).fetchone()  # type: ignore[call-overload]
            return row[0] if row else None

    def catch_up(self) -> None:
        """Wait until the replica has everything, also what the primary says is done and has not written yet.

        (Servers of tests run with ``synchronous_commit`` off.)
        """
        with psycopg.connect(self.primary) as connection:
            row = connection.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone()
        assert row
        eventually(lambda: self.on_replica(f"SELECT pg_last_wal_replay_lsn() >= '{row[0]}'"), 60)


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    server = ThrowAwayServer()
    with contextlib.ExitStack() as stack:
        stack.callback(server.stop)
        administrator = server.start()
        with psycopg.connect(administrator, autocommit=True) as connection:
            connection.execute("CREATE ROLE county LOGIN CREATEROLE PASSWORD 'county'")
            connection.execute("CREATE DATABASE county OWNER county")
        copy = Cluster(Path(tempfile.mkdtemp(prefix="tongban-test-")), osuser.for_database())
        stack.callback(shutil.rmtree, copy.base, ignore_errors=True)
        follower = follow(server.cluster, administrator, copy)
        stack.callback(follower.stop)
        directory = stack.enter_context(open_directory())
        running = Installation(directory / "home").start(
            DATABASE_URL=server.cluster.url("county", "county", "county"),
            DATABASE_REPLICA_URL=copy.url("county", "county", "county"),
            TONGBAN_PAGE_SECONDS="0",  # a page that is kept would tell of neither
        )
        stack.callback(running.stop)
        running.wait_until_well()
        replica = copy.url(SUPERUSER, PASSWORD, "county")
        yield Pair(running, server.cluster.url(SUPERUSER, PASSWORD, "county"), replica, follower)


def follow(primary: Cluster, administrator: str, copy: Cluster) -> Child:
    """Make a replica of a running server by its own programs and start it."""
    copy.user.own(copy.base)
    command = [
        str(primary._programs() / "pg_basebackup"), "--dbname", administrator, "--pgdata", str(copy.data),
        "--write-recovery-conf", "--wal-method", "stream", "--checkpoint", "fast", "--no-sync",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=copy.base, capture_output=True, text=True, **copy.user.run_options())  # type: ignore[call-overload]
    assert done.returncode == 0, done.stderr
    child = embedded.server(copy, copy.base / "postgres.log")
    child.start()
    embedded.wait_until_ready(copy, child)
    return child


def rename(browser: Forms, name: str) -> None:
    """Rename the civil affairs bureau in the browser, as the system administrator."""
    address = "/desk/admin/units/mzj/change/"
    browser.visit(address).send(address, name_zh=name, name_en="Civil Affairs Bureau", **NAMES)
    assert browser.path == "/desk/admin/units/mzj/", browser.said


def test_who_wrote_reads_it_at_once_and_a_stranger_what_the_replica_has(pair: Pair) -> None:
    administrator, stranger = Forms(pair.base).sign_in("sysadmin"), Forms(pair.base)
    pair.catch_up()
    assert "澄溪县民政局" in stranger.visit(PAGE).said
    pair.on_replica("SELECT pg_wal_replay_pause()")
    eventually(lambda: pair.on_replica("SELECT pg_get_wal_replay_pause_state()") == "paused", 30)
    try:
        rename(administrator, "澄溪县民政新局")
        assert "澄溪县民政新局" in administrator.visit(PAGE).said
        assert "澄溪县民政新局" not in stranger.visit(PAGE).said
        assert "澄溪县民政局" in stranger.said
    finally:
        pair.on_replica("SELECT pg_wal_replay_resume()")
    pair.catch_up()
    assert "澄溪县民政新局" in stranger.visit(PAGE).said
    assert "澄溪县民政新局" in administrator.visit(PAGE).said


def test_a_write_on_the_replica_fails_and_says_so(pair: Pair) -> None:
    described = database.replica_settings(pair.replica)
    with (
        psycopg.connect(pair.replica, options=described["OPTIONS"]["options"]) as connection,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        connection.execute("INSERT INTO base_counter (key, last) VALUES ('x', 1)")


def test_when_the_replica_is_away_the_primary_answers(pair: Pair) -> None:
    stranger = Forms(pair.base)
    assert pair.follower.process is not None
    stranger.visit(PAGE)
    pair.follower.process.send_signal(signal.SIGQUIT)
    pair.follower.process.wait(30)
    assert "澄溪县" in stranger.visit(PAGE).said
    assert "replica.away" in pair.site.log("web")
    assert pair.site.health()["status"] == 200
