"""Rehearsing a restore: into a home that is thrown away, by a process of its own, with no worker that could send anything."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tongban.main import database
from tongban.main.backup.errors import BackupFault

__all__ = ["rehearse", "words"]


def rehearse(directory: Path, *, within: Path | None, passphrase_file: Path | None) -> dict[str, Any]:
    """Restore, prove, remove; return what was proved. Raises BackupFault with what was wrong."""
    room = Path(tempfile.mkdtemp(prefix="tongban-rehearsal-", dir=within))
    room.chmod(0o711)  # the database's own user must get through when we are root
    home = room / "home"
    command = [sys.executable, "-m", "tongban", "restore", str(directory), "--json"]
    if passphrase_file:
        command += ["--passphrase-file", str(passphrase_file.absolute())]
    # A database and a directory of its own, whatever the installation has.
    elsewhere = {"DATABASE_URL", "DATABASE_APP_URL", "TONGBAN_FILES_URL"}
    variables = {name: value for name, value in os.environ.items() if name not in elsewhere}
    try:
        done = subprocess.run(  # noqa: S603
            command, env={**variables, "TONGBAN_HOME": str(home)}, capture_output=True, text=True
        )
        if done.returncode:
            said = done.stderr.strip().removeprefix("tongban: ")
            raise BackupFault(f"this copy cannot be restored: {said}")
        return dict(json.loads(done.stdout))
    finally:
        _remove(home, room)


def words(report: dict[str, Any]) -> str:
    """Say what was proved."""
    took = ", ".join(f"{step} {seconds:.1f} s" for step, seconds in report["seconds"].items())
    lines = [
        f"made {report['made_at']}: {report['rows']} rows in {report['tables']} tables, {report['files']} files, "
        f"{report['bytes'] / 2**20:.1f} MB",
        f"ledger clean: {report['acts']} acts in {report['batches']} batches",
        "a sign-in works" if report["signed_in"] else "no sign-in was tried",
        took,
        *(f"warning: {each}" for each in report["warnings"]),
    ]
    return "\n".join(lines)


def _remove(home: Path, room: Path) -> None:
    """Remove the room, and the database when it had to lie elsewhere."""
    place = database.place_file(home)
    if place.exists():
        where = json.loads(place.read_text())
        for path in (where["base"], where["socket"]):
            shutil.rmtree(path, ignore_errors=True)
    shutil.rmtree(room, ignore_errors=True)
