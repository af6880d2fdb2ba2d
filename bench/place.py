"""The installation that is measured: ``tongban up`` in a home that stays, with many cases; and the bare server beside it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from bench import bare
from tests.support.installation import Installation, eventually, free_port
from tongban.main import secrets
from tongban.main.supervisor import embedded
from tongban.main.supervisor.postgres import SUPERUSER, programs

__all__ = ["Place", "answers", "cold_start"]

WEB = (
    "--workers",
    "2",
    "--blocking-threads",
    "8",
    "--backlog",
    "1024",
    "--backpressure",
    "256",
    "--log-level",
    "warning",
)
"""How the product's own web server is started."""
PATIENCE = 3600
LARGE = 100_000
OPEN_OF_LARGE = 30_000
"""So many open cases lie with the bureau of the clerk whose pages are measured, in an installation that is not small."""
QUOTA = "10000000"
"""Requests are counted as ever, but a few programs from one address shall not come to the end of what they may ask."""


class Place:
    """An installation with so many cases; made when it is not there yet."""

    def __init__(self, directory: Path, cases: int) -> None:
        self.cases = cases
        self.home = directory / f"home-{cases}"
        self.home.parent.mkdir(parents=True, exist_ok=True)
        self.installation = Installation(self.home)

    @property
    def port(self) -> int:
        """Where its web server listens."""
        return self.installation.port

    def start(self) -> float:
        """Start it; return after how many seconds it was well."""
        began = time.monotonic()
        self.installation.start(TONGBAN_WEB_WORKERS="2", TONGBAN_REQUESTS_PER_MINUTE=QUOTA)
        self.installation.wait_until_well(PATIENCE)
        return time.monotonic() - began

    def stop(self) -> None:
        """Stop it."""
        self.installation.stop()

    @property
    def is_full(self) -> bool:
        """Tell whether it has its cases."""
        return (self.home / "bench" / "cases.json").exists()

    def fill(self) -> None:
        """Add what is missing of the cases; it must be running."""
        if not self.is_full:
            command = [sys.executable, "-m", "tongban", "demo", "cases", str(self.cases)]
            if self.cases >= LARGE:
                command += ["--open", str(OPEN_OF_LARGE / self.cases)]
            subprocess.run(command, env=self.installation.environment(), check=True)

    @contextlib.contextmanager
    def at_rest(self) -> Iterator[None]:
        """Let the worker stand still, between two transactions: a walk reads what it left by the order of transactions."""
        worker = self.installation.children()["worker"]
        eventually(lambda: _stands_still(worker), PATIENCE)
        try:
            yield
        finally:
            os.kill(worker, signal.SIGCONT)

    def settle(self) -> None:
        """Wait until upper platforms were told what came before, and people of limits that were over before: a figure that was
        taken beside a backlog is none.
        """
        eventually(_has_told_all, PATIENCE)
        _tidy_up()

    def memory_mb(self) -> float:
        """Return the memory of all its processes: what they share counts once."""
        assert self.installation.process is not None
        kilobytes = 0
        for pid in {self.installation.process.pid, *self.installation.descendants()}:
            with contextlib.suppress(OSError):
                found = re.search(
                    r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE
                )
                kilobytes += int(found[1]) if found else 0
        return kilobytes / 1024

    def be_django(self) -> None:
        """Let this process work with the installation's database, as its owner."""
        described = self.installation.environment()
        for name in [name for name in os.environ if name.startswith(("TONGBAN_", "DATABASE_"))]:
            del os.environ[name]
        os.environ.update({name: value for name, value in described.items() if name.startswith("TONGBAN_")})
        os.environ.update(DJANGO_SETTINGS_MODULE="tongban.main.settings", TONGBAN_DATABASE_ROLE="owner")
        import django

        django.setup()

    # baselines

    @contextlib.contextmanager
    def bare_server(self) -> Iterator[int]:
        """Run the bare view under the same server beside the installation; give its port."""
        from django.db import connection

        port = free_port()
        with connection.cursor() as cursor:
            cursor.execute(bare.NO_TABLES)
            cursor.execute(bare.TABLES)
        command = [
            sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws",
            "--host", "127.0.0.1", "--port", str(port), *WEB, "bench.bare:application",
        ]  # fmt: skip
        environment = {**self.installation.environment(), "TONGBAN_BENCH_BARE": "1"}
        process = subprocess.Popen(command, env=environment, cwd=Path(__file__).resolve().parents[1])
        try:
            eventually(lambda: answers(port))
            yield port
        finally:
            process.terminate()
            process.wait(30)
            with connection.cursor() as cursor:
                cursor.execute(bare.NO_TABLES)

    def pgbench(self, seconds: int) -> float:
        """Return how many of the baseline's transactions the database alone does in a second, for eight clients."""
        from django.db import connection

        cluster = embedded.locate(self.home)
        with connection.cursor() as cursor:
            cursor.execute(bare.NO_TABLES)
            cursor.execute(bare.TABLES)
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(bare.PGBENCH)
            script.flush()
            url = cluster.url(SUPERUSER, secrets.obtain(self.home, SUPERUSER), "tongban")
            command = [
                str(programs() / "pgbench"), "--no-vacuum", "--client", "8", "--jobs", "2",
                "--time", str(seconds), "--file", script.name, url,
            ]  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True, check=True)
        with connection.cursor() as cursor:
            cursor.execute(bare.NO_TABLES)
        found = re.search(r"tps = ([\d.]+)", done.stdout)
        assert found is not None, done.stdout
        return float(found[1])


NOT_TOLD = "SELECT 1 FROM calendars_clock WHERE state = 'running' AND warn_at <= now() LIMIT 1"
"""Limits of copied cases come to their horizons all at once; 500 a minute are told of."""
UNDONE = """
    SELECT 1 FROM docking_record WHERE state IN ('waiting', 'sending', 'sent')
    UNION ALL
    SELECT 1 FROM docking_destination d WHERE d.is_active AND EXISTS (
      SELECT 1 FROM ledger_act a WHERE (a.xid, a.id) > (d.at_xid, d.at_act)
      AND NOT EXISTS (SELECT 1 FROM docking_passed p WHERE p.xid = a.xid))
    LIMIT 1
"""
"""What is still to be told to upper platforms, and what they have not answered."""


def _tidy_up() -> None:
    """Do now what the database does by itself after a load, and not while somebody measures."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def _has_told_all() -> bool:
    from bench.checks import rows

    return not rows(UNDONE) and not rows(NOT_TOLD)


def _stands_still(worker: int) -> bool:
    """Stop a worker and tell whether nothing of the database is in its hands; let it go on otherwise."""
    from bench.checks import rows

    os.kill(worker, signal.SIGSTOP)
    busy = rows(
        """SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
          AND xact_start IS NOT NULL AND backend_type = 'client backend'"""
    )
    if busy:
        os.kill(worker, signal.SIGCONT)
    return not busy


def cold_start(directory: Path) -> float:
    """Return the seconds in which an empty home becomes a county that answers: database, migrations, pack, static files."""
    with tempfile.TemporaryDirectory(prefix="cold-", dir=directory) as name:
        Path(name).chmod(0o755)
        place = Place(Path(name), 0)
        try:
            return place.start()
        finally:
            place.stop()


def answers(port: int) -> bool:
    """Tell whether a web server answers there, whatever."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/none", timeout=2):
            return True
    except URLError as error:
        return getattr(error, "code", None) is not None
    except OSError:
        return False
