"""What ``tongban up`` refuses before anything listens: an unsafe demo, an unfinished production, a taken port."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.support.installation import Installation, open_directory

pytestmark = pytest.mark.slow


@pytest.fixture
def installation() -> Iterator[Installation]:
    with open_directory() as directory:
        yield Installation(directory / "home")


def test_the_demo_listens_on_this_machine_only(installation: Installation) -> None:
    done = installation.command("up", TONGBAN_HOST="0.0.0.0")
    assert done.returncode == 1
    assert "well-known passwords" in done.stdout
    assert not (installation.home / "postgres").exists()


def test_an_unknown_environment_is_refused(installation: Installation) -> None:
    done = installation.command("up", TONGBAN_ENV="staging")
    assert done.returncode == 1
    assert "TONGBAN_ENV" in done.stderr


def test_a_taken_port_is_named(installation: Installation) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", installation.port))
        taken.listen()
        done = installation.command("up")
    assert done.returncode == 1
    assert f"127.0.0.1:{installation.port}" in done.stdout
    assert "TONGBAN_PORT" in done.stdout


def test_production_lists_everything_that_is_missing(installation: Installation) -> None:
    done = installation.command(
        "up", TONGBAN_ENV="production", TONGBAN_DEBUG="1", TONGBAN_SECRET_KEY="demo-only-key"
    )
    assert done.returncode == 1
    for name in ("TONGBAN_DEBUG", "TONGBAN_SECRET_KEY", "TONGBAN_PUBLIC_URL", "TONGBAN_SMTP_URL"):
        assert name in done.stderr
    assert installation.health() == {}


def test_the_demo_s_time_cannot_be_moved_in_production(installation: Installation) -> None:
    done = installation.command("demo", "advance", "1wd", TONGBAN_ENV="production")
    assert done.returncode == 1
    assert "only the demo" in done.stderr
