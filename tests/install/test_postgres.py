"""The embedded PostgreSQL: where it lies, as whom it runs, what it survives."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import psycopg
import pytest

from tests.support.database import PASSWORD, ThrowAwayServer
from tongban.main import database, secrets
from tongban.main.supervisor import embedded, osuser
from tongban.main.supervisor.postgres import LONGEST_SOCKET, SUPERUSER, Cluster

pytestmark = pytest.mark.slow
as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root has another user to run PostgreSQL as")


@pytest.fixture
def server():
    running = ThrowAwayServer()
    try:
        yield running
    finally:
        running.stop()


def test_it_speaks_unicode_by_code_point_and_only_with_a_password(server: ThrowAwayServer) -> None:
    url = server.start()
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT current_setting('server_encoding'), datlocprovider, datlocale, lower('ÀЖ') FROM pg_database"
        ).fetchone()
    assert row == ("UTF8", "b", "C.UTF-8", "àж")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url.replace(PASSWORD, "guess"))


def test_it_is_not_on_the_network(server: ThrowAwayServer) -> None:
    with psycopg.connect(server.start()) as connection:
        (addresses,) = connection.execute("SHOW listen_addresses").fetchone() or ("?",)
    assert addresses == ""


def test_what_the_shell_says_of_another_server_does_not_count(
    server: ThrowAwayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "5433")
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    url = server.start()
    assert (server.cluster.socket_directory / ".s.PGSQL.5432").exists()
    monkeypatch.delenv("PGPORT")
    with psycopg.connect(url) as connection:
        assert connection.info.port == 5432


@as_root
def test_as_root_it_runs_as_its_own_user(server: ThrowAwayServer) -> None:
    server.start()
    assert server.child is not None and server.child.process is not None
    user = server.cluster.user
    assert user.uid != 0
    assert Path(f"/proc/{server.child.process.pid}").stat().st_uid == user.uid
    assert server.cluster.data.stat().st_uid == user.uid


def test_a_path_too_long_for_a_socket_gets_a_short_one(tmp_path: Path) -> None:
    deep = tmp_path / ("a-very-long-name" * 6) / "postgres"
    socket = Cluster(deep, osuser.for_database()).socket_directory
    assert len(os.fsencode(socket / ".s.PGSQL.5432.lock")) <= LONGEST_SOCKET
    assert socket == Cluster(deep, osuser.for_database()).socket_directory
    near = Path("/srv/tongban/postgres")
    assert Cluster(near, osuser.for_database()).socket_directory == near / "run"


def test_a_pid_file_that_a_crash_left_behind_is_no_obstacle(server: ThrowAwayServer) -> None:
    server.start()
    assert server.child is not None
    server.child.stop()
    # The number may by now be another program's: here, our own.
    left = server.cluster.data / "postmaster.pid"
    left.write_text(f"{os.getpid()}\n{server.cluster.data}\n0\n5432\n\n\n\nready\n")
    server.child.start()
    embedded.wait_until_ready(server.cluster, server.child)
    assert f"{os.getpid()}\n" not in left.read_text()


def test_programs_that_its_user_cannot_reach_are_copied(
    server: ThrowAwayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(osuser.OsUser, "can_execute", lambda user, program: False)
    with psycopg.connect(server.start()) as connection:
        (version,) = connection.execute("SHOW server_version").fetchone() or ("",)
    assert version.startswith("18")
    assert str(server.cluster.base) in server.cluster.command()[0]


def test_a_copied_home_has_its_own_database(server: ThrowAwayServer) -> None:
    server.start()
    home = server.cluster.base.parent / "copied"
    (home / "postgres" / "data").mkdir(parents=True)
    (home / "postgres" / "data" / "PG_VERSION").write_text("18\n")
    file = database.place_file(home)
    file.parent.mkdir()
    first = {"base": str(server.cluster.base), "socket": str(server.cluster.socket_directory)}
    file.write_text(json.dumps(first))
    try:
        assert embedded.locate(home).base == home / "postgres"
        (home / "postgres" / "data" / "PG_VERSION").unlink()
        assert embedded.locate(home).base == server.cluster.base
        secrets.obtain(home, SUPERUSER)
        (home / "secrets" / SUPERUSER).write_text(PASSWORD)
        file.write_text(json.dumps({"base": "/gone", "socket": "/gone/run"}))
        embedded.create_database(server.cluster, home)
        assert json.loads(file.read_text()) == first
        with psycopg.connect(database.embedded_url(home, "tongban_owner")) as connection:
            assert connection.info.dbname == "tongban"
    finally:
        shutil.rmtree(home)


@as_root
def test_where_its_user_cannot_enter_it_lies_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "roots" / "home"
    home.mkdir(parents=True)
    home.parent.chmod(0o700)
    elsewhere = Path("/tmp/tongban-elsewhere-test")
    monkeypatch.setattr(embedded, "ELSEWHERE", elsewhere)
    try:
        cluster = embedded.locate(home)
        assert cluster.base.parent == elsewhere
        assert cluster.user.can_enter(cluster.base)
        assert home.parent.stat().st_mode & 0o777 == 0o700
        assert not (home / "postgres").exists()
        assert embedded.locate(home).base == cluster.base
    finally:
        for directory in elsewhere.iterdir():
            directory.rmdir()
        elsewhere.rmdir()
