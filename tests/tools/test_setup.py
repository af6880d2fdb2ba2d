"""The set-up: each step is done once and again when something it was made from changed; the browser is found or asked for."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tools import browser, setup


@pytest.fixture
def stamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(setup, "TOOLS", tmp_path)
    return tmp_path


def test_a_step_is_done_once_until_its_ground_changes(stamps: Path) -> None:
    made, done = stamps / "made", []

    def make() -> None:
        done.append(True)
        made.touch()

    for fingerprint in ("a", "a", "b", "b"):
        setup.step("thing", fingerprint, made, make)
    assert len(done) == 2
    made.unlink()
    setup.step("thing", "b", made, make)
    assert len(done) == 3


def test_a_step_that_failed_is_done_again(stamps: Path) -> None:
    def fail() -> None:
        raise SystemExit(1)

    with pytest.raises(SystemExit):
        setup.step("thing", "a", stamps, fail)
    assert not (stamps / "stamps" / "thing").exists()


def test_a_fingerprint_tells_content_and_words() -> None:
    file = setup.ROOT / "package.json"
    assert setup.digest([file]) == setup.digest([file])
    assert len({setup.digest([file]), setup.digest([file], "x"), setup.digest([])}) == 3


def test_the_locks_name_no_place_of_one_machine() -> None:
    python = (setup.ROOT / "uv.lock").read_text()
    assert {line for line in python.splitlines() if line.startswith("source = ") and "registry" in line} == {
        'source = { registry = "https://pypi.org/simple" }'
    }
    assert "file://" not in python
    front_end = (setup.ROOT / "package-lock.json").read_text()
    assert "resolved" not in front_end.replace("https://registry.npmjs.org/", "") or "file:" not in front_end


def test_the_browser_that_is_named_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGBAN_CHROMIUM", "/opt/browser")
    assert browser.find() == "/opt/browser"


def test_without_a_browser_and_without_the_right_to_install_one_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("TONGBAN_CHROMIUM", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert browser.main() == 1
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    assert browser.main() == 1
    assert "apt-get install chromium" in capsys.readouterr().err


def test_as_root_debian_s_browser_is_installed_after_an_update(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []

    class Done:
        returncode = 0

    def run(command: list[str], **options: object) -> Done:
        ran.append(command)
        return Done()

    monkeypatch.delenv("TONGBAN_CHROMIUM", raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 0)
    monkeypatch.setattr(
        shutil,
        "which",
        lambda name: (
            f"/usr/bin/{name}" if name == "apt-get" or (name == "chromium" and len(ran) == 2) else None
        ),
    )
    monkeypatch.setattr(browser.subprocess, "run", run)
    assert browser.main() == 0
    assert [command[1] for command in ran] == ["update", "install"]
    assert "chromium" in ran[1]
