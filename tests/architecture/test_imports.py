"""The walls of import-linter stand: tiers, kernel order, independent applications, doors, pure rules, no cycles."""

from __future__ import annotations

import subprocess
import sys

from tests.architecture.house import ROOT


def test_no_import_breaks_a_wall() -> None:
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", "PATH": "", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
