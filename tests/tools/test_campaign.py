"""The page of the long proofs: written file by file from what ran and passed at full size."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.support.campaign import figure, size
from tools import campaign

REPORT = """<testsuites><testsuite>
<testcase classname="tests.install.test_crash" name="test_a" time="1200.25"/>
<testcase classname="tests.install.test_crash" name="test_b" time="0.25"/>
<testcase classname="src.tongban.kernel.ledger.tests.test_many_writers" name="test_c" time="61"/>
<testcase classname="tests.main.test_ledger_command" name="test_d" time="0"><skipped/></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def pytest_ends(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Let pytest, instead of running, note a figure and end with a code; the page lies aside."""
    monkeypatch.setattr(campaign, "PAGE", tmp_path / "campaign.md")
    monkeypatch.setattr(campaign, "NOTES", tmp_path / "campaign.json")

    def prepare(code: int, report: str = REPORT, value: int = 1234) -> Path:
        def run(command: list[str], *, env: dict[str, str] | None = None, **_: object) -> Any:
            if env is None:
                return subprocess.CompletedProcess(
                    command, 0, stdout="abc1234\n" if "rev-parse" in command else ""
                )
            target = next(part for part in command if part.startswith("--junitxml=")).partition("=")[2]
            Path(target).write_text(report)
            said = {"file": "tests/install/test_crash.py", "name": "acts", "value": value, "unit": "acts"}
            Path(env["TONGBAN_CAMPAIGN_RESULTS"]).write_text(json.dumps(said) + "\n")
            assert env["TONGBAN_CAMPAIGN"] == "1"
            return subprocess.CompletedProcess(command, code)

        monkeypatch.setattr(campaign.subprocess, "run", run)
        return campaign.PAGE

    return prepare


def test_the_page_names_figures_files_day_and_machine(pytest_ends: Any) -> None:
    page = pytest_ends(0)
    assert campaign.main([]) == 0
    text, today = page.read_text(encoding="utf-8"), date.today().isoformat()
    assert f"| acts | 1,234 acts | {today} |" in text
    assert f"| `tests/install/test_crash.py` | 2 | 1,200 | {today} | abc1234 |" in text
    assert f"| `src/tongban/kernel/ledger/tests/test_many_writers.py` | 1 | 61 | {today} | abc1234 |" in text
    assert "test_ledger_command" not in text
    assert campaign.machine().partition(",")[0] in text


def test_a_run_that_was_broken_off_notes_nothing(pytest_ends: Any) -> None:
    page = pytest_ends(2)
    assert campaign.main([]) == 2
    assert not page.exists()


@pytest.mark.parametrize("mark", ["failure", "error", "skipped"])
def test_a_file_of_which_something_did_not_pass_keeps_its_earlier_note(pytest_ends: Any, mark: str) -> None:
    page = pytest_ends(0)
    campaign.main([])
    spoilt = REPORT.replace('name="test_b" time="0.25"/>', f'name="test_b" time="0.25"><{mark}/></testcase>')
    pytest_ends(1, spoilt.replace('time="61"', 'time="75"'), 5)
    assert campaign.main(["tests/install/test_crash.py"]) == 1
    text = page.read_text(encoding="utf-8")
    assert "| 1,234 acts |" in text
    assert "test_many_writers.py` | 1 | 75 |" in text


def test_a_part_of_a_file_is_not_run_as_if_it_were_the_file(pytest_ends: Any) -> None:
    page = pytest_ends(0)
    with pytest.raises(SystemExit):
        campaign.main(["tests/install/test_crash.py::test_a"])
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
    assert json.loads(results.read_text()) == {
        "file": "tests/tools/test_campaign.py",
        "name": "acts",
        "value": 1,
        "unit": "acts",
    }
