"""A copy of a running installation, brought back: into a home that is thrown away, and into one that then runs."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import s3
from tests.support.campaign import figure
from tests.support.installation import Installation, eventually, open_directory
from tests.support.scenes import Scenes
from tests.support.site import Api, Site

pytestmark = pytest.mark.slow
PASSPHRASE = "a long and quiet sentence\n"


@dataclass(frozen=True)
class Kept:
    """An installation that runs, something in it, and a copy of it."""

    installation: Installation
    directory: Path
    copy: Path
    taken: dict[str, Any]
    token: str
    letter: str

    def command(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self.installation.command(*arguments, patience=600, **more)

    @property
    def words(self) -> Path:
        return self.directory / "words"


@pytest.fixture(scope="module")
def kept() -> Iterator[Kept]:
    """One installation for all tests of this file."""
    with open_directory() as directory:
        installation = Installation(directory / "home").start()
        try:
            scenes = Scenes(Site(installation.wait_until_well()))
            api = scenes.as_("citizen")
            letter = scenes.letter()
            scenes.submitted()
            (directory / "words").write_text(PASSPHRASE)
            done = installation.command(
                "backup", str(directory / "copies"), "--passphrase-file", str(directory / "words"), "--json"
            )
            assert done.returncode == 0, done.stderr
            taken = json.loads(done.stdout)
            yield Kept(installation, directory, Path(taken["copy"]), taken, api.token, letter)
        finally:
            installation.stop()


def test_it_is_taken_while_everything_runs(kept: Kept) -> None:
    assert kept.installation.health()["status"] == 200
    assert kept.taken["tables"]["cases_case"] > 0
    assert kept.taken["files"] > 1
    done = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=kept.copy, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    figure("backup of the demo county: duration", kept.taken["seconds"], "s")
    figure("backup of the demo county: size", round(kept.taken["bytes"] / 2**20, 1), "MB")
    print(f"backup: {kept.taken['seconds']} s, {kept.taken['bytes']} bytes, {kept.taken['files']} files")


def test_the_doctor_finds_no_fault_in_a_running_demo(kept: Kept) -> None:
    """Here because an installation is dear to start: the doctor is for a running one."""
    done = kept.command("doctor", "--json")
    levels = {row["key"]: row["level"] for row in json.loads(done.stdout)}
    assert [key for key, level in levels.items() if level == "fault"] == [], done.stdout
    assert (levels["worker"], levels["roles"], levels["ledger roots"]) == ("ok", "ok", "ok")
    assert done.returncode == 2, "a demo has no mail server"


def test_a_rehearsal_proves_it_and_leaves_nothing(kept: Kept) -> None:
    room = kept.directory / "room"
    room.mkdir(mode=0o755)
    done = kept.command(
        "backup",
        "--rehearse",
        str(kept.copy),
        "--in",
        str(room),
        "--passphrase-file",
        str(kept.words),
        "--json",
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["rows"] == sum(kept.taken["tables"].values())
    assert report["acts"] > 0
    assert report["signed_in"]
    assert report["warnings"] == []
    assert list(room.iterdir()) == []
    figure("restore of the demo county: duration", round(sum(report["seconds"].values()), 1), "s")
    print(f"restore: {report['seconds']}")


def test_a_damaged_copy_and_a_wrong_passphrase_are_refused_and_leave_an_empty_home(kept: Kept) -> None:
    harmed = kept.directory / "harmed"
    shutil.copytree(kept.copy, harmed)
    file = next(path for path in harmed.glob("files/*/*/*"))
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    home = kept.directory / "other"
    given = ("--passphrase-file", str(kept.words))
    done = kept.command("restore", str(harmed), *given, TONGBAN_HOME=str(home))
    assert done.returncode == 1
    assert f"{file} is damaged" in done.stderr
    assert list(home.iterdir()) == []

    wrong = kept.directory / "wrong"
    wrong.write_text("some other sentence\n")
    done = kept.command("restore", str(kept.copy), "--passphrase-file", str(wrong), TONGBAN_HOME=str(home))
    assert (done.returncode, list(home.iterdir())) == (1, [])
    assert "not the passphrase" in done.stderr
    assert kept.command("restore", str(kept.copy), TONGBAN_HOME=str(home)).returncode == 1


def test_it_is_brought_into_an_empty_home_only(kept: Kept) -> None:
    done = kept.command("restore", str(kept.copy), "--passphrase-file", str(kept.words))
    assert done.returncode == 1
    assert "is not empty" in done.stderr
    assert kept.installation.health()["status"] == 200


def test_a_home_in_which_a_restore_was_broken_off_does_not_start(kept: Kept) -> None:
    home = kept.directory / "broken"
    home.mkdir()
    (home / "restore-unfinished").touch()
    done = kept.command("up", TONGBAN_HOME=str(home))
    assert done.returncode == 1
    assert "broken off" in done.stdout


def test_restored_it_runs_and_people_find_their_things(kept: Kept) -> None:
    """The keys came along: the token that was given before still opens the door. And the files went into a bucket."""
    home = kept.directory / "restored"
    began = time.monotonic()
    with s3.serving() as bucket:
        elsewhere = {
            "TONGBAN_FILES_URL": bucket.url, "TONGBAN_FILES_KEY": s3.KEY, "TONGBAN_FILES_SECRET": s3.SECRET,
        }  # fmt: skip
        given = ("--passphrase-file", str(kept.words))
        done = kept.command("restore", str(kept.copy), *given, TONGBAN_HOME=str(home), **elsewhere)
        assert done.returncode == 0, done.stderr
        print(f"restored in {time.monotonic() - began:.1f} s: {done.stdout}")
        assert not (home / "restore-unfinished").exists()
        names = {bucket.path(file.name) for file in kept.copy.glob("files/*/*/*")}
        assert names == set(bucket.objects)
        assert not [file for file in (home / "files").rglob("*") if file.is_file()]
        again = Installation(home).start(**elsewhere)
        try:
            again.wait_until_well()
            api = Api(f"http://127.0.0.1:{again.port}", kept.token)
            assert api.get(f"/cases/{kept.letter}").status == 200
            assert again.command("ledger", "verify", "--data").returncode == 0
            assert again.command("storage", "check", **elsewhere).returncode == 0
            bucket.fails = True
            eventually(lambda: again.health().get("storage") == "FileStoreUnavailable")
            assert again.health()["status"] == 503
        finally:
            again.stop()
