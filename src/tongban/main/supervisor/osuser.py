"""The OS user that PostgreSQL runs as: ourselves, or, because it refuses root, an own one when we are root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

__all__ = ["OsUser", "for_database"]

NAME = "tongban"
SUBSTITUTES = ("postgres", "nobody")
"""Users that every system has, for one without ``useradd``."""


@dataclass(frozen=True, slots=True)
class OsUser:
    """A user of the operating system."""

    name: str
    uid: int
    gid: int

    def run_options(self) -> dict[str, object]:
        """Return the arguments of ``subprocess`` that make a child run as this user."""
        if self.uid == os.getuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": [self.gid]}

    def own(self, directory: Path) -> Path:
        """Make a directory that only this user (and root) can enter; its parents are left as they are."""
        directory.mkdir(mode=0o700, exist_ok=True)
        if self.uid != os.getuid():
            os.chown(directory, self.uid, self.gid)
        return directory

    def can_enter(self, directory: Path) -> bool:
        """Tell, by trying, whether this user can reach what lies in ``directory``."""
        return self._try("cd", directory)

    def can_execute(self, program: Path) -> bool:
        """Tell, by trying, whether this user can run ``program``."""
        return self._try("test -x", program)

    def _try(self, what: str, path: Path) -> bool:
        if self.uid == os.getuid():
            return path.exists()
        command = ["/bin/sh", "-c", f'{what} "$1"', "sh", str(path)]
        options = self.run_options()
        return subprocess.run(command, cwd="/", capture_output=True, **options).returncode == 0  # type: ignore[call-overload,no-any-return]


def for_database() -> OsUser:
    """Return the user for PostgreSQL; as root, make the system user ``tongban`` when it is absent."""
    if os.getuid() != 0:
        own = pwd.getpwuid(os.getuid())
        return OsUser(own.pw_name, own.pw_uid, own.pw_gid)
    if _find(NAME) is None and shutil.which("useradd"):
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        subprocess.run([*command, "--shell", "/usr/sbin/nologin", NAME], capture_output=True)
    for name in (NAME, *SUBSTITUTES):
        found = _find(name)
        if found is not None:
            return found
    raise RuntimeError("PostgreSQL does not run as root, and there is no other user: make one named tongban.")


def _find(name: str) -> OsUser | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return OsUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
