"""A real installation for tests: ``tongban up`` in a home of its own, asked and ended like an operator would."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

from tests.support.database import clean_environment

__all__ = ["ROOT", "Installation", "alive", "eventually", "free_port", "open_directory"]

ROOT = Path(__file__).resolve().parents[2]
_direct = build_opener(ProxyHandler({}))


@contextlib.contextmanager
def open_directory() -> Iterator[Path]:
    """Make a directory that other users can enter, unlike pytest's own, and remove it."""
    directory = Path(tempfile.mkdtemp(prefix="tongban-installation-"))
    directory.chmod(0o755)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(condition: Callable[[], Any], patience: float = 90) -> Any:
    """Return the first true answer; fail when there is none in time."""
    end = time.monotonic() + patience
    while not (answer := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {patience:.0f} s")
        time.sleep(0.1)
    return answer


def alive(pid: int) -> bool:
    """Tell whether a process exists (a zombie does not count)."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


class Installation:
    """One ``tongban up``; ``options`` are those of ``subprocess.Popen`` (another user).

    ``local`` is the directory of this machine where several share a home.
    """

    def __init__(
        self, home: Path, python: str = sys.executable, local: Path | None = None, **options: Any
    ) -> None:
        self.home, self.python, self.options = home, python, options
        self.local = local or home
        self.port = free_port()
        self.output = self.local.parent / f"{self.local.name}.out"
        self.process: subprocess.Popen[bytes] | None = None
        self.database: dict[str, str] = {}

    def environment(self, **more: str) -> dict[str, str]:
        """Return the variables that this installation's commands run with."""
        return {
            **clean_environment(),
            "TONGBAN_HOME": str(self.home),
            **({"TONGBAN_LOCAL": str(self.local)} if self.local != self.home else {}),
            "TONGBAN_PORT": str(self.port),
            "TONGBAN_WEB_WORKERS": "1",
            "TONGBAN_REQUESTS_PER_MINUTE": "1000000",  # counted as ever, but tests and benches ask faster than people
            "TONGBAN_LETTERS_PER_QUARTER": "0",
            "TONGBAN_DEMO_PAST": "0",
            **self.database,
            **more,
        }

    def start(self, only: str = "", **more: str) -> Installation:
        """Start it, or one part of it; its words go to ``output``. Its commands then know its database too."""
        self.database |= {name: value for name, value in more.items() if name.startswith("DATABASE_")}
        command = [self.python, "-m", "tongban", "up", *(["--only", only] if only else [])]
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment(**more), stdout=output, stderr=output, **self.options
            )
        return self

    def command(
        self, *arguments: str, patience: float = 120, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Run another ``tongban`` command for this installation."""
        command = [self.python, "-m", "tongban", *arguments]
        return subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=patience,
            **self.options,
        )

    def said(self) -> str:
        """Return what it told the operator."""
        return self.output.read_text(errors="replace")

    def log(self, name: str) -> str:
        """Return the log of one of its parts."""
        return (self.local / "logs" / f"{name}.log").read_text(errors="replace")

    def health(self) -> dict[str, Any]:
        """Return what /healthz answers, with its status; {} when nobody answers."""
        try:
            with _direct.open(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return {"status": answer.status, **json.load(answer)}
        except HTTPError as error:
            return {"status": error.code, **json.load(error)}
        except (URLError, OSError):
            return {}

    def wait_until_well(self, patience: float = 480) -> Installation:
        """Wait for a 200 from /healthz."""

        def well() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, self.said()
            return self.health().get("status") == 200

        eventually(well, patience)
        return self

    def children(self) -> dict[str, int]:
        """Return the supervisor's children by name: postgres, web, worker."""
        found: dict[str, int] = {}
        for line in (self.local / "logs" / "supervisor.log").read_text().splitlines():
            entry = json.loads(line)
            name, _, rest = entry["event"].partition(" ")
            if rest.startswith("started again"):
                found[name] = int(rest.rsplit(" ", 1)[1].rstrip(")"))
            elif rest == "started":
                found[name] = entry["pid"]
        return found

    def descendants(self) -> set[int]:
        """Return every process that descends from the supervisor."""
        assert self.process is not None
        parents: dict[int, int] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                parents[int(stat.parent.name)] = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        found: set[int] = set()
        for pid in parents:
            above = pid
            while above in parents and above != self.process.pid:
                above = parents[above]
            if above == self.process.pid and pid != above:
                found.add(pid)
        return found

    def stop(self, number: signal.Signals = signal.SIGTERM, patience: float = 60) -> int:
        """Send a signal and wait for the end; return the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            os.kill(self.process.pid, number)
        return self.process.wait(patience)
