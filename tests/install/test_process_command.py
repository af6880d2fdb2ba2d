"""``tongban process``: what it says of a file, what it refuses, what it writes. A check needs no database (none is marked)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.burden import burden
from tests.support.database import clean_environment
from tests.support.installation import ROOT
from tongban.kernel.processes import service as processes
from tongban.kernel.processes.bpmn import parse
from tongban.kernel.processes.tests.drawn import chain, end, node, start, user
from tongban.kernel.processes.tests.drawn import process as drawn
from tongban.kernel.processes.tests.test_hostile_files import HOSTILE
from tongban.kernel.processes.tests.test_soundness import XOR_INTO_AND
from tongban.kernel.processes.tests.world import AT, SYSTEM
from tongban.main.commands import process

LICENCE = ROOT / "packs" / "chengxi" / "items" / "food-licence" / "process.bpmn"
LINE = drawn(start(), user("a"), end(), chain("start", "a", "end"))


@pytest.fixture(autouse=True)
def _stay_who_we_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command chooses a role and keys for its process; here the process is the tests'."""
    for name, value in {
        "TONGBAN_DATABASE_ROLE": "app",
        "TONGBAN_SECRET_KEY": "k",
        "TONGBAN_BLIND_KEY": "b",
        "TONGBAN_DATA_KEYS": f"1:{'d' * 40}",
    }.items():
        monkeypatch.setenv(name, value)


def check(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = process.run(["check", str(path)])
    return code, json.loads(capsys.readouterr().out)


def written(tmp_path: Path, xml: bytes) -> Path:
    path = tmp_path / "p.bpmn"
    path.write_bytes(xml)
    return path


def test_a_sound_process_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(LICENCE, capsys) == (
        0,
        {"importable": True, "unsupported": [], "problems": [], "soundness": "sound"},
    )


def test_an_unsupported_element_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = check(written(tmp_path, drawn(start(), node("scriptTask", "odd"), end())), capsys)
    assert code == 1
    assert (said["importable"], said["soundness"]) == (False, None)
    (refused,) = said["unsupported"]
    assert (refused["element"], refused["id"]) == ("scriptTask", "odd")
    assert "not supported" in refused["reason"]["en"]


def test_an_unsound_process_is_told_with_place_kind_and_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = check(written(tmp_path, XOR_INTO_AND), capsys)
    assert code == 1
    assert said["importable"] is True
    fault = said["soundness"]
    assert (fault["place"], fault["kind"]) == ("join", "deadlock")
    assert [step["element"] for step in fault["run"]] == ["", "a"]


def test_words_that_publishing_refuses_are_problems(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The verdict is given all the same: who draws first and adds holders later learns early."""
    code, said = check(written(tmp_path, LINE.replace(b"duty:", b"nobody:")), capsys)
    assert code == 1
    assert [problem["id"] for problem in said["problems"]] == ["a"]
    assert said["soundness"] == "sound"


def test_a_file_that_is_not_there_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert process.run(["check", str(tmp_path / "none.bpmn")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1


def test_no_more_is_read_than_a_process_may_be_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[int] = []
    examine = processes.examine
    monkeypatch.setattr(processes, "examine", lambda xml: seen.append(len(xml)) or examine(xml))
    code, said = check(written(tmp_path, b"<a/>" + b" " * 10_000_000), capsys)
    assert (code, said["importable"]) == (1, False)
    assert seen == [processes.MAX_BYTES + 1]


@pytest.mark.parametrize(
    "what", ["a thousand million laughs", "ten thousand nodes", "an expression of ten thousand terms"]
)
def test_a_hostile_file_is_refused_with_a_short_answer(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with burden() as cost:
        code, said = check(written(tmp_path, HOSTILE[what]), capsys)
    assert code == 1
    assert said["unsupported"] or said["problems"]
    assert len(json.dumps(said)) < 10_000
    assert cost.seconds < 3
    assert cost.megabytes < 150


def test_a_look_makes_no_installation(tmp_path: Path) -> None:
    """Neither a database nor a home is needed, and none is left behind."""
    home = tmp_path / "home"
    environment = {**clean_environment(), "TONGBAN_HOME": str(home), "PYTHONPATH": str(ROOT / "src")}
    ran = subprocess.run(
        [sys.executable, "-m", "tongban", "process", "check", str(LICENCE)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        check=False,
    )
    assert (ran.returncode, json.loads(ran.stdout)["soundness"]) == (0, "sound"), ran.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_an_exported_process_imports_as_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = LICENCE.read_bytes()
    second = first.replace("食品经营许可".encode(), "食品许可".encode())
    for xml in (first, second):
        processes.publish(actor=SYSTEM, key="k", xml=xml, at=AT)
    for arguments, published in ((["--version", "1"], first), ([], second)):
        assert process.run(["export", "k", *arguments]) == 0
        exported = capsys.readouterr().out.encode()
        assert parse(exported) == parse(published)
        assert check(written(tmp_path, exported), capsys)[1]["soundness"] == "sound"


@pytest.mark.django_db
def test_a_process_that_nobody_published_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert process.run(["export", "none"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
