"""PgBouncer with the configuration of ``deploy``, between an installation and its database. Debian's package has it."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.support.installation import ROOT, eventually, free_port
from tongban.main.supervisor import osuser

__all__ = ["ABSENT", "pgbouncer"]

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
ABSENT = "" if PROGRAM else "PgBouncer is not installed (Debian's package pgbouncer)"


@contextlib.contextmanager
def pgbouncer(
    directory: Path, database: str, login: str, password: str, host: str, port: int = 5432
) -> Iterator[str]:
    """Run it before ``database`` on ``host`` (a directory for a socket); give the login's URL through it."""
    assert PROGRAM, ABSENT
    user = osuser.for_database()
    place = user.own(directory / "pgbouncer")
    own_port = free_port()
    text = (ROOT / "deploy/pgbouncer/pgbouncer.ini").read_text()
    for shown, meant in (
        (
            "tongban = host=10.0.0.11 port=5432 dbname=tongban",
            f"{database} = host={host} port={port} dbname={database}",
        ),
        ("listen_port = 6432", f"listen_port = {own_port}"),
        ("/etc/pgbouncer/userlist.txt", str(place / "userlist.txt")),
    ):
        assert shown in text
        text = text.replace(shown, meant)
    (place / "pgbouncer.ini").write_text(text)
    (place / "userlist.txt").write_text(f'"{login}" "{password}"\n')
    for file in place.iterdir():
        file.chmod(0o644)
    with (directory / "pgbouncer.log").open("ab") as log:
        running = subprocess.Popen(
            [PROGRAM, str(place / "pgbouncer.ini")], stdout=log, stderr=log, cwd=place, **user.run_options()
        )  # type: ignore[call-overload]
    try:
        eventually(lambda: _listens(own_port), 20)
        yield f"postgresql://{login}:{password}@127.0.0.1:{own_port}/{database}"
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(20)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
