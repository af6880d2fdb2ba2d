"""Run every long proof at its full size and write the figures into ``docs/reference/campaign.md``.

    python tools/campaign.py [pytest arguments]

Exits with pytest's code; the page is only written when everything ran and passed.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "campaign.md"
HEAD = """# The long proofs

`make test` runs these proofs shortened; `make campaign` runs them whole and writes this page. Each figure was noted by the
test that measured it (`tests/support/campaign.py`). Where a real installation is needed, the tests start one with its own
embedded PostgreSQL.

"""


@dataclass(frozen=True)
class Proof:
    """A file of tests: how many passed, and how long they took together."""

    file: str
    tests: int
    seconds: float


def main(arguments: list[str]) -> int:
    """Run the proofs and return pytest's exit code."""
    with tempfile.TemporaryDirectory() as directory:
        results, report = Path(directory) / "figures.jsonl", Path(directory) / "report.xml"
        results.touch()
        began, where = time.monotonic(), machine()
        environment = {**os.environ, "TONGBAN_CAMPAIGN": "1", "TONGBAN_CAMPAIGN_RESULTS": str(results)}
        command = [sys.executable, "-m", "pytest", "-m", "campaign", "-n", "0", f"--junitxml={report}"]
        code = subprocess.run([*command, *arguments], cwd=ROOT, env=environment, check=False).returncode
        figures = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
        passed = proofs(report.read_bytes()) if report.exists() else []
    for figure in figures:
        sys.stdout.write(f"{figure['name']}: {amount(figure['value'])} {figure['unit']}\n")
    if code == 0 and not arguments:
        PAGE.write_text(page(figures, passed, time.monotonic() - began, where), encoding="utf-8")
    return code


def machine() -> str:
    """Say on what the proofs run, and beside how much other work."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB of memory, "
        f"Python {platform.python_version()}; load average {os.getloadavg()[0]:.1f} at the beginning"
    )


def proofs(report: bytes) -> list[Proof]:
    """Return what pytest's report says of each file, in its order."""
    found: dict[str, list[float]] = {}
    for case in ElementTree.fromstring(report).iter("testcase"):  # noqa: S314 (pytest's own report)
        if case.find("skipped") is None:
            file = case.get("classname", "").replace(".", "/") + ".py"
            found.setdefault(file, []).append(float(case.get("time", 0)))
    return [Proof(file, len(times), sum(times)) for file, times in found.items()]


def page(figures: Iterable[dict[str, object]], passed: Iterable[Proof], seconds: float, where: str) -> str:
    """Return the page with the figures of one run."""
    head = f"{HEAD}Last whole run: {date.today().isoformat()}, {seconds / 60:.0f} minutes. {where}.\n\n"
    rows = [f"| {f['name']} | {amount(f['value'])} {f['unit']} |\n" for f in figures]
    files = [f"| `{proof.file}` | {proof.tests} | {proof.seconds:,.0f} |\n" for proof in passed]
    return "".join(
        (
            head,
            "| Proof | Figure |\n| --- | --- |\n",
            *rows,
            "\n## What ran\n\n| Tests | Passed | Seconds |\n| --- | ---: | ---: |\n",
            *files,
        )
    )


def amount(value: object) -> str:
    """Write a number as people read it: 12,345 or 0.25."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.10g}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
