"""The page of the long proofs: written from what ran, and only when all of it ran and passed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.campaign import figure, size
from tools import campaign

REPORT = """<testsuites><testsuite>
<testcase classname="tests.install.test_crash" name="test_a" time="1200.25"/>
<testcase classname="tests.install.test_crash" name="test_b" time="0.25"/>
<testcase classname="src.tongban.kernel.ledger.tests.test_many_writers" name="test_c" time="61"/>
<testcase classname="tests.main.test_elsewhere" name="test_d" time="0"><skipped/></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def pytest_ends(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Let pytest, instead of running, note a figure and end with a code; the page lies aside."""
    monkeypatch.setattr(campaign, "PAGE", tmp_path / "campaign.md")

    def prepare(code: int) -> Path:
        def run(command: list[str], *, env: dict[str, str], **_: object) -> Any:
            report = next(part for part in command if part.startswith("--junitxml=")).partition("=")[2]
            Path(report).write_text(REPORT)
            said = json.dumps({"name": "acts", "value": 1234, "unit": "acts"})
            Path(env["TONGBAN_CAMPAIGN_RESULTS"]).write_text(said + "\n")
            assert env["TONGBAN_CAMPAIGN"] == "1"
            return subprocess.CompletedProcess(command, code)

        monkeypatch.setattr(campaign.subprocess, "run", run)
        return campaign.PAGE

    return prepare


def test_the_page_names_figures_files_and_machine(pytest_ends: Any) -> None:
    page = pytest_ends(0)
    assert campaign.main([]) == 0
    text = page.read_text(encoding="utf-8")
    assert "| acts | 1,234 acts |" in text
    assert "| `tests/install/test_crash.py` | 2 | 1,200 |" in text
    assert "| `src/tongban/kernel/ledger/tests/test_many_writers.py` | 1 | 61 |" in text
    assert "test_elsewhere" not in text
    assert campaign.machine().partition(",")[0] in text


@pytest.mark.parametrize(("code", "arguments"), [(1, []), (0, ["-k", "crash"])])
def test_no_page_is_written_of_a_run_that_failed_or_was_not_whole(
    pytest_ends: Any, code: int, arguments: list[str]
) -> None:
    page = pytest_ends(code)
    assert campaign.main(arguments) == code
    assert not page.exists()


def test_a_proof_is_whole_only_in_a_campaign_and_notes_figures_only_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TONGBAN_CAMPAIGN", raising=False)
    monkeypatch.delenv("TONGBAN_CAMPAIGN_RESULTS", raising=False)
    figure("acts", 1, "acts")
    assert size(1, 100) == 1
    results = tmp_path / "figures"
    monkeypatch.setenv("TONGBAN_CAMPAIGN", "1")
    monkeypatch.setenv("TONGBAN_CAMPAIGN_RESULTS", str(results))
    figure("acts", 1, "acts")
    assert size(1, 100) == 100
    assert json.loads(results.read_text()) == {"name": "acts", "value": 1, "unit": "acts"}
