"""``tongban up``: starts everything, looks after it, stops everything. With real processes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.support.installation import Installation, alive, eventually, open_directory
from tongban.main.database import OWNER_ROLE, embedded_url

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc").exists(), reason="looks at processes in /proc"),
]


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """One installation for all tests of this file, in their order."""
    with open_directory() as directory:
        running = Installation(directory / "home").start()
        try:
            yield running.wait_until_well()
        finally:
            running.stop()


def test_it_says_where_it_is_and_who_can_sign_in(installation: Installation) -> None:
    said = eventually(lambda: "Ctrl-C" in installation.said() and installation.said())
    assert f"http://127.0.0.1:{installation.port}" in said
    assert "Demo accounts" in said
    assert "citizen" in said


def test_the_passwords_it_made_are_its_own(installation: Installation) -> None:
    secrets = installation.home / "secrets"
    assert secrets.stat().st_mode & 0o777 == 0o700
    for file in secrets.iterdir():
        if file.is_file():
            assert file.stat().st_mode & 0o077 == 0, file.name
    assert "secret-key" in {file.name for file in secrets.iterdir()}


@pytest.mark.parametrize("name", ["worker", "web", "postgres"])
def test_a_killed_child_is_started_again(installation: Installation, name: str) -> None:
    killed = installation.children()[name]
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: installation.children()[name] != killed)
    assert not alive(killed)
    installation.wait_until_well()


def test_a_killed_database_is_back_though_one_of_its_processes_went_on_working(
    installation: Installation,
) -> None:
    working = "DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$"  # for ever
    with psycopg.connect(embedded_url(installation.home, OWNER_ROLE)) as connection:
        backend, server = connection.info.backend_pid, installation.children()["postgres"]
        connection.pgconn.send_query(working.encode())
        time.sleep(0.5)
        os.kill(server, signal.SIGKILL)
        eventually(lambda: installation.children()["postgres"] != server)
        installation.wait_until_well(60)
        assert not alive(backend)
        connection.close()


def test_a_second_supervisor_in_the_same_home_is_refused(installation: Installation) -> None:
    done = installation.command("up")
    assert done.returncode == 1
    assert "another tongban" in done.stdout
    installation.wait_until_well()


def test_the_commands_reach_the_running_database(installation: Installation) -> None:
    due = installation.command("clock", "due", "--start", "2026-02-06", "--limit", "20wd", "--language", "en")
    assert due.returncode == 0, due.stderr
    assert due.stdout.startswith("2026-03-12\n")
    assert due.stderr == ""
    assert installation.command("token", "create", "nobody-of-this-name").returncode == 1
    token = installation.command("token", "create", "citizen")
    assert token.returncode == 0, token.stderr
    assert len(token.stdout.strip()) > 20


def test_the_demo_goes_forward_in_time(installation: Installation) -> None:
    first = installation.command("demo", "advance", "1h")
    later = installation.command("demo", "advance", "3d")
    assert (first.returncode, later.returncode) == (0, 0), first.stderr + later.stderr
    assert later.stdout > first.stdout


def test_when_the_supervisor_is_killed_everything_dies_and_the_next_start_recovers(
    installation: Installation,
) -> None:
    brood = installation.descendants()
    assert len(brood) > 5
    installation.stop(signal.SIGKILL)
    eventually(lambda: not any(alive(pid) for pid in brood))
    began = time.monotonic()
    installation.start().wait_until_well()
    print(f"start after a crash: {time.monotonic() - began:.1f} s")


def test_sigterm_stops_everything_and_the_second_start_is_quick(installation: Installation) -> None:
    brood = installation.descendants()
    assert installation.stop(signal.SIGTERM) == 0
    assert not any(alive(pid) for pid in brood)
    began = time.monotonic()
    installation.start().wait_until_well()
    took = time.monotonic() - began
    print(f"second start: {took:.1f} s")
    assert took < 30  # under 5 s on an idle machine; tests share theirs
    assert "preparing" not in installation.said().rsplit("postgres started", 1)[1]


def test_ctrl_c_stops_everything(installation: Installation) -> None:
    brood = installation.descendants()
    assert installation.stop(signal.SIGINT) == 0
    assert not any(alive(pid) for pid in brood)
    assert installation.health() == {}
