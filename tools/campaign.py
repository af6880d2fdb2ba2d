"""Run every long proof at its full size and write the figures into ``docs/reference/campaign.md``.

    python tools/campaign.py [pytest arguments]

Exits with pytest's code; the page is only written when everything passed.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "campaign.md"
HEAD = """# The long proofs

`make test` runs these proofs shortened; `make campaign` runs them whole and writes this page. Each figure is noted by the
test that measured it (`tests/support/campaign.py`).

"""


def main(arguments: list[str]) -> int:
    """Run the proofs and return pytest's exit code."""
    with tempfile.TemporaryDirectory() as directory:
        results = Path(directory) / "figures.jsonl"
        results.touch()
        began = time.monotonic()
        environment = {**os.environ, "TONGBAN_CAMPAIGN": "1", "TONGBAN_CAMPAIGN_RESULTS": str(results)}
        command = [sys.executable, "-m", "pytest", "-m", "campaign", "-n", "0", *arguments]
        code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        figures = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    for figure in figures:
        sys.stdout.write(f"{figure['name']}: {figure['value']:g} {figure['unit']}\n")
    if code == 0 and not arguments:
        PAGE.write_text(page(figures, time.monotonic() - began), encoding="utf-8")
    return code


def page(figures: list[dict[str, object]], seconds: float) -> str:
    """Return the page with the figures of one run."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    head = f"{HEAD}Last whole run: {date.today().isoformat()}, {seconds / 60:.0f} minutes, {machine}.\n\n"
    rows = [f"| {f['name']} | {f['value']:g} {f['unit']} |" for f in figures]
    return head + "\n".join(["| proof | figure |", "|---|---|", *rows]) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
