"""Run the long proofs at their full size and write the figures into ``docs/reference/campaign.md``.

    python tools/campaign.py [files or directories of tests]

A file of proofs is noted when all of it ran and passed, with day, commit and machine; what is not run again keeps its note.
The notes stand in ``docs/reference/campaign.json``, from which the page is written. Exits with pytest's code.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "campaign.md"
NOTES = PAGE.with_suffix(".json")
HEAD = """# The long proofs

`make test` runs these proofs shortened; `make campaign` runs them whole and writes this page. Each figure was noted by the
test that measured it (`tests/support/campaign.py`). Where a real installation is needed, the tests start one with its own
embedded PostgreSQL. A file stands here when every test of it passed at full size; the day says when that was last.

"""
CAME_TO_ITS_END = (0, 1)
"""Codes of pytest; of a run that was broken off the report names only what had ended."""
FAILED = ("failure", "error", "skipped")


@dataclass(frozen=True)
class Proof:
    """A file of tests that passed whole: how many, how long they took together, when, of what, where, with which figures."""

    file: str
    tests: int
    seconds: float
    day: str
    commit: str
    machine: str
    figures: list[dict[str, Any]] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    """Run the proofs and return pytest's exit code. Raises SystemExit for an argument that is no path."""
    strange = [argument for argument in arguments if not (ROOT / argument).exists()]
    if strange:
        raise SystemExit(f"no such file or directory: {', '.join(strange)}")
    with tempfile.TemporaryDirectory() as directory:
        results, report = Path(directory) / "figures.jsonl", Path(directory) / "report.xml"
        results.touch()
        where = machine()
        environment = {**os.environ, "TONGBAN_CAMPAIGN": "1", "TONGBAN_CAMPAIGN_RESULTS": str(results)}
        command = [sys.executable, "-m", "pytest", "-m", "campaign", "-n", "0", f"--junitxml={report}"]
        code = subprocess.run([*command, *arguments], cwd=ROOT, env=environment, check=False).returncode
        figures = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
        passed = proofs(report.read_bytes(), figures, where) if code in CAME_TO_ITS_END else []
    for figure in figures:
        sys.stdout.write(f"{figure['name']}: {amount(figure['value'])} {figure['unit']}\n")
    if passed:
        note(passed)
    return code


def note(passed: Iterable[Proof]) -> None:
    """Put what passed in the place of its earlier notes, and write the page anew."""
    known = json.loads(NOTES.read_text(encoding="utf-8")) if NOTES.exists() else []
    kept = {row["file"]: row for row in known} | {proof.file: asdict(proof) for proof in passed}
    rows = [kept[file] for file in sorted(kept) if (ROOT / file).exists()]
    NOTES.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page([Proof(**row) for row in rows]), encoding="utf-8")


def commit() -> str:
    """Return which version ran; a mark tells of changes that were not committed, other than to these notes."""
    said = [
        subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
        for words in (
            ("rev-parse", "--short", "HEAD"),
            ("status", "--porcelain", "--", ".", ":!docs/reference/campaign.*"),
        )
    ]
    return f"{said[0]}+" if said[1] else said[0]


def machine() -> str:
    """Say on what the proofs run, and beside how much other work."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB of memory, "
        f"Python {platform.python_version()}; load average {os.getloadavg()[0]:.1f} at the beginning"
    )


def proofs(report: bytes, figures: Iterable[dict[str, Any]], where: str) -> list[Proof]:
    """Return the files of which pytest's report says that everything passed."""
    times: dict[str, list[float]] = {}
    spoilt: set[str] = set()
    for case in ElementTree.fromstring(report).iter("testcase"):  # noqa: S314 (pytest's own report)
        file = case.get("classname", "").replace(".", "/") + ".py"
        times.setdefault(file, []).append(float(case.get("time", 0)))
        if any(case.find(mark) is not None for mark in FAILED):
            spoilt.add(file)
    measured: dict[str, list[dict[str, Any]]] = {}
    for figure in figures:
        measured.setdefault(figure["file"], []).append(
            {"name": figure["name"], "value": figure["value"], "unit": figure["unit"]}
        )
    today, version = date.today().isoformat(), commit()
    return [
        Proof(file, len(took), round(sum(took)), today, version, where, measured.get(file, []))
        for file, took in times.items()
        if file not in spoilt
    ]


def page(proven: Iterable[Proof]) -> str:
    """Return the page with the figures of what passed."""
    proven = list(proven)
    figures = [
        f"| {figure['name']} | {amount(figure['value'])} {figure['unit']} | {proof.day} |\n"
        for proof in proven
        for figure in proof.figures
    ]
    files = [
        f"| `{proof.file}` | {proof.tests} | {proof.seconds:,} | {proof.day} | {proof.commit} |\n"
        for proof in proven
    ]
    machines: dict[str, str] = {}
    for proof in proven:
        machines.setdefault(proof.machine, proof.day)
    return "".join(
        (
            HEAD,
            "| Proof | Figure | Day |\n| --- | --- | --- |\n",
            *figures,
            "\n## What ran\n\n| Tests | Passed | Seconds | Day | Version |\n| --- | ---: | ---: | --- | --- |\n",
            *files,
            "\n## Where\n\n",
            *(f"- {day}: {where}\n" for where, day in machines.items()),
        )
    )


def amount(value: object) -> str:
    """Write a number as people read it: 12,345 or 0.25."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.10g}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
