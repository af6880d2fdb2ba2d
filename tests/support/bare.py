"""A county with an empty catalogue, running: it has an organisation and people; of papers, forms, words and calendar only what
the program brings itself, no register, no item, no process and no certificate type.

Its database is a copy of the migrated one of the tests, its web server and worker are processes of their own, so it stands
within seconds and takes nothing from the installation that the other journeys share.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import ProxyHandler, build_opener

import yaml
from django.db import connections
from django.test import override_settings

from tests.support.county import PACK, wrapper_of
from tests.support.database import clean_environment
from tests.support.installation import ROOT, eventually, free_port, open_directory
from tongban.base import builtin, packs, time

__all__ = ["bare_county", "write_bare_pack"]

LEFT_OUT = (
    "calendar",
    "docking.yaml",
    "guidance",
    "hall.yaml",
    "history.yaml",
    "items",
    "letters",
    "messages.yaml",
    "papers",
    "processes",
    "registers.yaml",
    "sources",
    "synonyms.yaml",
    "tables",
    "tasks",
)
"""What of the demo county is content of its jobs or its own choice: left are the organisation, its people and its name."""
ACCOUNTS = ("citizen", "window", "chief", "studio1", "studio2")
_direct = build_opener(ProxyHandler({}))


def write_bare_pack(target: Path) -> Path:
    """Write the demo county without its catalogue, with the few accounts that a test needs."""
    shutil.copytree(PACK, target, ignore=lambda where, names: set(LEFT_OUT) & set(names))
    file = target / "accounts.yaml"
    rows = yaml.load(file.read_text(encoding="utf-8"), packs.SAFE_LOADER)["accounts"]  # noqa: S506 - it is the safe one
    kept = [row for row in rows if row["username"] in ACCOUNTS]
    file.write_text(yaml.safe_dump({"accounts": kept}, allow_unicode=True), encoding="utf-8")
    return target


@contextlib.contextmanager
def bare_county() -> Iterator[str]:
    """Run the county; yield its address. Needs the test database to be made and not in use."""
    connections["default"].close()
    template = str(connections["default"].settings_dict["NAME"])
    name = f"{template}_bare"
    server = wrapper_of("postgres", as_app=False)
    with open_directory() as directory, contextlib.closing(server), server.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            _install(name, write_bare_pack(directory / "pack"))
            with _running(directory / "home", name) as address:
                yield address
        finally:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _install(name: str, pack: Path) -> None:
    """Install the pack as the owner, with passwords that the web server can check."""
    wrapper = wrapper_of(name, as_app=False)
    original = connections["default"]
    connections["default"] = wrapper
    try:
        with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"]):
            builtin.bring(at=time.now())  # the tables may have been emptied since they were made
            packs.install(pack, at=time.now())
    finally:
        connections["default"] = original
        wrapper.close()


@contextlib.contextmanager
def _running(home: Path, database: str) -> Iterator[str]:
    """Start web and worker on a database; end them, whatever happens."""
    from django.conf import settings

    port = free_port()
    address = f"http://127.0.0.1:{port}"
    for each in ("run/metrics", "logs", "files", "secrets"):
        (home / each).mkdir(parents=True)
    variables = {
        **clean_environment(),
        "DATABASE_URL": urlparse(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl(),
        "TONGBAN_DATABASE_ROLE": "app",
        "TONGBAN_HOME": str(home),
        "TONGBAN_PUBLIC_URL": address,
        "TONGBAN_SECRET_KEY": settings.SECRET_KEY,
        "TONGBAN_BLIND_KEY": settings.TONGBAN_BLIND_KEY,
        "TONGBAN_DATA_KEYS": ",".join(f"{n}:{key}" for n, key in settings.TONGBAN_DATA_KEYS.items()),
        "PROMETHEUS_MULTIPROC_DIR": str(home / "run" / "metrics"),
    }
    web = [
        "granian",
        "--interface",
        "wsgi",
        "--http",
        "1",
        "--no-ws",
        "--port",
        str(port),
        "--blocking-threads",
        "4",
    ]
    programs = [[*web, "--log-level", "warning", "tongban.main.wsgi:application"], ["tongban", "worker"]]
    running = []
    with (home / "logs" / "all.log").open("ab") as log:
        try:
            for program in programs:
                command = [sys.executable, "-m", *program]
                running.append(
                    subprocess.Popen(
                        command, cwd=ROOT, env=variables, stdout=log, stderr=log, start_new_session=True
                    )
                )
            eventually(lambda: _is_well(address), 240)
            yield address
        finally:
            for process in running:
                process.terminate()
            for process in running:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(10)
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)  # what it started too


def _is_well(address: str) -> bool:
    try:
        with _direct.open(f"{address}/healthz", timeout=5) as answer:
            return bool(json.load(answer)["ok"])
    except OSError:
        return False
