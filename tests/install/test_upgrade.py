"""An update: this release takes over the database of the one before it. All rows stay, the ledger agrees, people go on working.

The small database lies here as ``tools/upgrade.py`` made it; the campaign makes one with 10,000 cases, and lets this program
start on that installation's home.
"""

from __future__ import annotations

import json
import lzma
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.support.campaign import figure, is_whole
from tests.support.database import ThrowAwayServer, clean_environment
from tests.support.installation import ROOT, Installation, open_directory
from tests.support.site import Forms
from tongban.main.backup.dump import load
from tools import upgrade

LATER = "dd44bc57c3ce22574aacc7333b420c7a9cb5574e"
"""The first revision whose `tongban demo cases` loads thousands on every day; before it an entity could come twice."""
BEFORE = Path(__file__).parent / "upgrade" / "before.dump.xz"
CASES = 10_000


def taken_over(dump: Path) -> dict[str, Any]:
    """Bring a dump into a server of its own, let this release take it over, and return what it found."""
    server = ThrowAwayServer()
    try:
        url = server.start()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE DATABASE county")
        place = conninfo_to_dict(url)
        described = {
            "NAME": "county",
            "USER": place["user"],
            "PASSWORD": place.get("password", ""),
            "HOST": place["host"],
            "PORT": "",
            "OPTIONS": {},
        }
        load(described, dump)
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.upgraded"],
            cwd=ROOT,
            env={
                **clean_environment(),
                "DATABASE_URL": url.replace("/postgres?", "/county?"),
                "TONGBAN_HOME": str(server.cluster.base / "home"),
            },
            capture_output=True,
            text=True,
            timeout=1200,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found
    finally:
        server.stop()


def test_the_release_before_is_taken_over_whole_and_worked_on(tmp_path: Path) -> None:
    assert BEFORE.stat().st_size < 800_000
    dump = tmp_path / "before.dump"
    dump.write_bytes(lzma.decompress(BEFORE.read_bytes()))
    found = taken_over(dump)
    assert found["migrations"]
    assert found["cases"] > 10
    assert (found["lost"], found["faults"]) == ({}, [])
    assert (found["page"], found["named"], found["step"]) == (200, True, "done")


@pytest.mark.slow
@pytest.mark.campaign
@pytest.mark.skipif(not is_whole(), reason="the campaign; the test above is its short form")
def test_ten_thousand_cases_are_taken_over_by_starting_the_program() -> None:
    with open_directory() as directory:
        home, dump = directory / "home", directory / "before.dump"
        upgrade.main(["--from", LATER, "--cases", str(CASES), "--home", str(home), "--dump", str(dump)])
        found = taken_over(dump)
        assert (found["lost"], found["faults"]) == ({}, [])
        assert (found["page"], found["step"]) == (200, "done")
        assert found["cases"] >= CASES
        began = time.monotonic()
        new = Installation(home).start()
        try:
            new.wait_until_well()
            until_well = round(time.monotonic() - began, 1)
            page = Forms(f"http://127.0.0.1:{new.port}").sign_in("window").visit("/desk/")
            assert "/sign-in/" not in page.path
            verified = new.command("ledger", "verify", "--data", patience=600)
            assert verified.returncode == 0, verified.stdout + verified.stderr
        finally:
            new.stop()
    figure("upgrade: cases of the release before", found["cases"], "cases")
    figure("upgrade: migrations", len(found["migrations"]), "migrations")
    figure("upgrade: migrating them", found["seconds"], "s")
    figure("upgrade: longest migration", max(found["migrations"].values(), default=0), "s")
    figure("upgrade: from the start of the new program until it is well", until_well, "s")
