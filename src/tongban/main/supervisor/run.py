"""The supervisor itself: starts everything in order, looks after it, stops everything in order."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

from tongban.main import secrets
from tongban.main.environment import DEMO, ROOT, Environment, is_loopback
from tongban.main.supervisor import embedded
from tongban.main.supervisor.children import Child
from tongban.main.supervisor.fingerprint import fingerprint
from tongban.main.supervisor.journal import Journal
from tongban.main.supervisor.lock import HomeTaken, take
from tongban.main.supervisor.postgres import SUPERUSER, ClusterError

__all__ = ["up"]

PACKAGE = Path(__file__).resolve().parents[2]
GLANCE = 0.1
"""Seconds between two looks at the children."""


UNFINISHED = "restore-unfinished"
"""A file in a home into which a copy is being brought."""
ASKING = 30.0
"""Seconds between two questions after our health."""


class CannotStart(RuntimeError):
    """Something that the operator must change first; the message says what."""


def up(environment: Environment, only: str = "") -> int:
    """Run the installation (``only`` the web or the worker of it) until it is told to stop. Returns the exit code."""
    _make_home(environment.home, environment.local)
    journal = Journal(environment.local / "logs" / "supervisor.log")
    try:
        with contextlib.closing(take(environment.local)):
            _clear_metrics(environment.local)
            return _Supervisor(environment, journal, only).run()
    except (CannotStart, HomeTaken, ClusterError) as error:
        journal.tell("cannot start", detail=str(error))
        return 1


def _make_home(home: Path, local: Path) -> None:
    """Make the directories: those that all machines of an installation share, and those of this machine."""
    for directory in (home, local):
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "run").mkdir(exist_ok=True)
    for private in (local / "logs", home / "files", home / "secrets"):
        private.mkdir(mode=0o700, exist_ok=True)


def _clear_metrics(local: Path) -> None:
    """Let the measured durations begin anew: files of processes that are gone would be added up for ever."""
    directory = local / "run" / "metrics"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(mode=0o700)


class _Supervisor:
    def __init__(self, environment: Environment, journal: Journal, only: str) -> None:
        self.environment = environment
        self.journal = journal
        self.only = only
        self.children: list[Child] = []
        self.told_to_stop = 0

    def run(self) -> int:
        """Start, watch, stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        began = time.monotonic()
        try:
            self._refuse_what_is_unsafe()
            if not self.is_external:
                self._start_database()
            self._prepare()
            if not self.told_to_stop:
                for part in (self._web, self._worker):
                    if self.only in ("", part.__name__.strip("_")):
                        self._start(part())
                self._watch(began)
        finally:
            self._stop()
        return 0

    @property
    def is_external(self) -> bool:
        """True when the database is somebody else's business."""
        return bool(self.environment.database_url or self.environment.database_app_url)

    def _refuse_what_is_unsafe(self) -> None:
        environment = self.environment
        if self.only and not self.is_external:
            raise CannotStart(
                f"--only {self.only} is for installations on several machines, which share a database: "
                "give DATABASE_URL (or DATABASE_APP_URL)"
            )
        if (environment.home / UNFINISHED).exists():
            raise CannotStart(
                f"a restore into {environment.home} is under way or was broken off; if none runs, "
                "remove that directory and restore again"
            )
        if environment.env == DEMO and not is_loopback(environment.host):
            raise CannotStart(
                f"the demo has well-known passwords, so it listens on this machine only, not on {environment.host}; "
                "set TONGBAN_ENV=production for a real installation"
            )
        if self.only == "worker":
            return
        end = time.monotonic() + 10  # a web server that lost its supervisor may still be leaving
        while (taken := _port_taken(environment.host, environment.port)) and not self.told_to_stop:
            if time.monotonic() > end:
                raise CannotStart(f"{taken}; choose another port with TONGBAN_PORT")
            time.sleep(0.2)

    def _start_database(self) -> None:
        home = self.environment.home
        cluster = embedded.locate(home)
        if not cluster.exists():
            self.journal.tell("making the database", directory=str(cluster.data))
            cluster.initialise(secrets.obtain(home, SUPERUSER))
        child = embedded.server(cluster, self._log("postgres"))
        self._start(child)
        embedded.wait_until_ready(cluster, child)
        embedded.create_database(cluster, home)

    def _prepare(self) -> None:
        """Run ``prepare`` in its own process, unless nothing changed since the last time (only for our own database)."""
        stamp = self.environment.local / "run" / "prepared"
        environment = self.environment
        present = fingerprint([PACKAGE, ROOT / "packs"], environment.env)
        own = not self.is_external and environment.env == DEMO
        if own and stamp.exists() and stamp.read_text() == present:
            return
        self.journal.tell(
            "preparing: migrations, privileges, static files" + (", demo county" if own else "")
        )
        command = [sys.executable, "-m", "tongban.main.supervisor.prepare"]
        # In a group of its own, so that Ctrl-C reaches only the supervisor, which then ends it.
        process = subprocess.Popen(command, env=self._variables("owner"), start_new_session=True)
        while process.poll() is None:
            if self.told_to_stop:
                process.terminate()
                process.wait()
                return
            time.sleep(GLANCE)
        if process.returncode:
            raise CannotStart("preparing failed: see above")
        stamp.write_text(present)

    def _web(self) -> Child:
        environment = self.environment
        command = [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws",
            "--host", environment.host, "--port", str(environment.port),
            "--workers", str(environment.web_workers), "--blocking-threads", "8",
            "--backlog", "1024", "--backpressure", "256",
            "--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "10",
            "--log-level", "warning", "tongban.main.wsgi:application",
        ]  # fmt: skip
        return Child("web", lambda: command, self._log("web"), environment=self._variables("app"))

    def _worker(self) -> Child:
        command = [sys.executable, "-m", "tongban", "worker"]
        return Child("worker", lambda: command, self._log("worker"), environment=self._variables("app"))

    def _variables(self, role: str) -> dict[str, str]:
        environment = self.environment
        return {
            **os.environ,
            "TONGBAN_HOME": str(environment.home),
            "TONGBAN_LOCAL": str(environment.local),
            "TONGBAN_ENV": environment.env,
            "TONGBAN_PUBLIC_URL": environment.public_url,
            "TONGBAN_DATABASE_ROLE": role,
            "PYTHONUNBUFFERED": "1",
            "PROMETHEUS_MULTIPROC_DIR": str(environment.local / "run" / "metrics"),
        }

    def _log(self, name: str) -> Path:
        return self.journal.directory / f"{name}.log"

    def _start(self, child: Child) -> None:
        child.start()
        self.children.append(child)
        self.journal.tell(f"{child.name} started", pid=child.process.pid if child.process else None)

    def _watch(self, began: float) -> None:
        # Asked in a thread of its own: an answer that takes long must not hold up the starting of a child that ended.
        # Without a web there is nobody to ask: whether this worker lives, the webs elsewhere tell.
        if self.only == "worker":
            self.journal.tell(f"ready after {time.monotonic() - began:.1f} s")
        else:
            threading.Thread(target=self._keep_asking, args=(began,), name="health", daemon=True).start()
        while not self.told_to_stop:
            for child in self.children:
                said = child.watch()
                if said:
                    self.journal.tell(said)
            time.sleep(GLANCE)

    def _keep_asking(self, began: float) -> None:
        """Ask after our health: often until all is well, then from time to time, which also winds up the watch of ``ops``."""
        while not self.told_to_stop and not self._healthy():
            time.sleep(2 * GLANCE)
        if not self.told_to_stop:
            self._welcome(time.monotonic() - began)
        well = True
        while not self.told_to_stop:
            time.sleep(ASKING)
            if not self.told_to_stop and self._healthy() != well:
                well = not well
                self.journal.tell("all is well again" if well else "something is not well: see /healthz")

    def _healthy(self) -> bool:
        host = self.environment.host
        shown = f"[{host}]" if ":" in host else {"0.0.0.0": "127.0.0.1"}.get(host, host)  # noqa: S104
        try:
            with _direct.open(f"http://{shown}:{self.environment.port}/healthz", timeout=5) as answer:
                return bool(json.load(answer)["ok"])
        except (HTTPError, URLError, OSError, ValueError):
            return False

    def _welcome(self, seconds: float) -> None:
        self.journal.tell(f"ready after {seconds:.1f} s", address=self.environment.public_url)
        notice = self.environment.home / "run" / "welcome.txt"
        if self.environment.env == DEMO and notice.exists():
            self.journal.show(notice.read_text())
        self.journal.show("Ctrl-C stops everything.\n")

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.told_to_stop += 1
        if self.told_to_stop > 1:
            for child in self.children:
                child.patience = 0.5

    def _stop(self) -> None:
        """Stop the web and the worker together, then the database."""
        if self.children:
            self.journal.tell("stopping")
        for child in self.children:
            if child.name != "postgres":
                child.ask_to_stop()
        for child in reversed(self.children):
            child.stop()
        if self.children:
            self.journal.tell("stopped")


_direct = build_opener(ProxyHandler({}))
"""Asks our own web server, whatever proxy the machine has."""


def _port_taken(host: str, port: int) -> str:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return f"cannot listen on {host}:{port}: {error.strerror}"
    return ""
