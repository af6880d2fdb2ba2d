"""Three PostgreSQL servers under Patroni with the configuration of ``deploy``, on this machine, and the killing of one of them.

Patroni and etcd come from Debian's packages (patroni, etcd-server, postgresql-15): the product needs neither.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from tests.support.installation import ROOT, eventually, free_port
from tongban.main.supervisor import osuser

__all__ = ["ABSENT", "Patroni", "patroni"]

_direct = build_opener(ProxyHandler({}))
BINARIES = Path("/usr/lib/postgresql/15/bin")
MISSING = [name for name in ("patroni", "etcd") if not shutil.which(name)]
ABSENT = ", ".join([*MISSING, *([] if (BINARIES / "postgres").exists() else ["PostgreSQL 15"])])
"""What is not installed here."""


@dataclass
class Server:
    """One of the database machines."""

    name: str
    directory: Path
    port: int
    rest: int
    configuration: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start Patroni, which starts PostgreSQL."""
        with (self.directory / "patroni.log").open("ab") as log:
            self.process = subprocess.Popen(
                [shutil.which("patroni") or "patroni", str(self.configuration)],
                stdout=log,
                stderr=log,
                cwd=self.directory,
                start_new_session=True,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(self.directory)},
                **osuser.for_database().run_options(),
            )  # type: ignore[call-overload]

    def kill(self) -> None:
        """End everything of it at once, as when the power fails."""
        brood = self._brood()
        for pid in brood:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.process is not None:
            self.process.wait(20)
            self.process = None

    def _brood(self) -> list[int]:
        """Return Patroni's process, the server's (in a session of its own) and those of its sessions."""
        found = [self.process.pid] if self.process is not None else []
        with contextlib.suppress(OSError, ValueError):
            found.append(int((self.directory / "data" / "postmaster.pid").read_text().split("\n", 1)[0]))
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                if int(stat.read_text().rsplit(")", 1)[1].split()[1]) in found[:2]:
                    found.append(int(stat.parent.name))
        return found


@dataclass
class Patroni:
    """The three servers."""

    servers: list[Server]
    etcd: int
    passwords: dict[str, str] = field(default_factory=dict)

    def members(self) -> dict[str, dict[str, Any]]:
        """Return what Patroni says of each server that it knows, by name; {} while nobody answers."""
        for server in self.servers:
            with (
                contextlib.suppress(URLError, OSError, ValueError),
                _direct.open(f"http://127.0.0.1:{server.rest}/cluster", timeout=3) as answer,
            ):
                return {member["name"]: member for member in json.load(answer)["members"]}
        return {}

    def primary(self) -> Server | None:
        """Return the server that takes writes."""
        leading = {name for name, member in self.members().items() if member["role"] == "leader"}
        return next((server for server in self.servers if server.name in leading), None)

    def is_whole(self) -> bool:
        """True when there is a primary, a synchronous standby, and every server follows."""
        members = self.members().values()
        roles = sorted(member["role"] for member in members if member["state"] in ("running", "streaming"))
        return roles == ["leader", "replica", "sync_standby"]

    def url(self, login: str, password: str, database: str) -> str:
        """Return the address that names all servers."""
        hosts = ",".join(f"127.0.0.1:{server.port}" for server in self.servers)
        return f"postgresql://{login}:{password}@{hosts}/{database}?target_session_attrs=read-write"


@contextlib.contextmanager
def patroni(directory: Path) -> Iterator[Patroni]:
    """Start three servers and wait until one is the primary and the others follow; end everything."""
    user = osuser.for_database()
    client, peer = free_port(), free_port()
    with contextlib.ExitStack() as stack:
        here = user.own(directory / "etcd")
        with (directory / "etcd.log").open("ab") as log:
            peers = f"http://127.0.0.1:{peer}"
            etcd = subprocess.Popen(
                ["etcd", "--data-dir", str(here / "data"), "--listen-client-urls", f"http://127.0.0.1:{client}",
                 "--advertise-client-urls", f"http://127.0.0.1:{client}", "--listen-peer-urls", peers,
                 "--initial-advertise-peer-urls", peers, "--initial-cluster", f"default={peers}"],
                stdout=log, stderr=log, cwd=here, **user.run_options(),
            )  # type: ignore[call-overload]  # fmt: skip
        stack.callback(etcd.wait, 20)
        stack.callback(etcd.terminate)
        cluster = Patroni([_server(directory, number, client) for number in (1, 2, 3)], client)
        for server in cluster.servers:
            stack.callback(server.kill)
        cluster.servers[0].start()
        eventually(cluster.primary, 120)
        for server in cluster.servers[1:]:
            server.start()
        eventually(cluster.is_whole, 180)
        yield cluster


def _server(directory: Path, number: int, etcd: int) -> Server:
    user = osuser.for_database()
    place = user.own(directory / f"db{number}")
    server = Server(f"db{number}", place, free_port(), free_port(), place / "patroni.yml")
    text = (ROOT / "deploy/patroni/patroni.yml").read_text()
    for shown, meant in (
        ("name: db1", f"name: {server.name}"),
        ("10.0.0.11:8008", f"127.0.0.1:{server.rest}"),
        ("10.0.0.11:2379,10.0.0.12:2379,10.0.0.13:2379", f"127.0.0.1:{etcd}"),
        ("10.0.0.11:5432", f"127.0.0.1:{server.port}"),
        ("10.0.0.0/24", "127.0.0.1/32"),
        ("/var/lib/postgresql/15/tongban", str(place / "data")),
        ("/usr/lib/postgresql/15/bin", str(BINARIES)),
        ("  authentication:", f"  parameters: {{unix_socket_directories: {place}}}\n  authentication:"),
        (
            "mode: automatic",
            "mode: 'off'",
        ),  # there is no such device for each of three servers of one machine
    ):
        assert shown in text, shown
        text = text.replace(shown, meant)
    server.configuration.write_text(text)
    (place / "patroni.log").touch()
    for file in place.iterdir():
        os.chown(file, user.uid, user.gid)
    return server
