"""Where the embedded cluster of an installation lies, and its making at the first start: two logins and one database."""

from __future__ import annotations

import hashlib
import json
import signal
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tongban.main import database, secrets
from tongban.main.supervisor import osuser
from tongban.main.supervisor.children import Child
from tongban.main.supervisor.postgres import SUPERUSER, Cluster, ClusterError

__all__ = ["create_database", "locate", "server", "wait_until_ready"]

ELSEWHERE = Path("/var/lib/tongban")
"""For an installation under a directory that PostgreSQL's OS user cannot enter (a root's home)."""


def locate(home: Path) -> Cluster:
    """Return the cluster of the installation in ``home``: the one inside, else the remembered one, else newly placed.

    What lies inside comes first, so that a home that was moved or copied works with its own database, not with the first one's.
    """
    user = osuser.for_database()
    file = database.place_file(home)
    base = home / "postgres"
    if file.exists():
        inside = Cluster(base, user)
        return inside if inside.exists() else Cluster(Path(json.loads(file.read_text())["base"]), user)
    user.own(base)
    if not user.can_enter(base):
        base.rmdir()
        ELSEWHERE.mkdir(parents=True, exist_ok=True)
        base = user.own(ELSEWHERE / hashlib.sha256(str(home).encode()).hexdigest()[:12])
    return Cluster(base, user)


def server(cluster: Cluster, log: Path) -> Child:
    """Return the child that runs the cluster's server. Its stop signal lets clients go at once and ends in order."""
    return Child(
        name="postgres",
        command=cluster.command,
        log=log,
        stop_signal=signal.SIGINT,
        patience=30,
        user=cluster.user,
        directory=cluster.base,
        before=cluster.make_way,
        environment={"LC_ALL": "C", "TZ": "UTC"},
    )


def wait_until_ready(cluster: Cluster, child: Child, patience: float = 60) -> None:
    """Wait until the server takes connections. Raises ClusterError with the end of its log."""
    end = time.monotonic() + patience
    while not cluster.ready():
        ended = child.process is None or child.process.poll() is not None
        if ended or time.monotonic() > end:
            tail = child.log.read_text(errors="replace").splitlines()[-12:]
            raise ClusterError("PostgreSQL did not start:\n" + "\n".join(tail))
        time.sleep(0.02)


def create_database(cluster: Cluster, home: Path) -> None:
    """Make the two logins and the database when absent, and write down where they are. Nothing to do after the first
    start, unless the home was moved.
    """
    file = database.place_file(home)
    place = json.dumps({"base": str(cluster.base), "socket": str(cluster.socket_directory)}) + "\n"
    if file.exists() and file.read_text() == place:
        return
    administrator = cluster.url(SUPERUSER, secrets.obtain(home, SUPERUSER), "postgres")
    with psycopg.connect(administrator, autocommit=True) as connection:
        for login in (database.OWNER_ROLE, database.APP_ROLE):
            verb = "ALTER" if _exists(connection, "pg_roles", "rolname", login) else "CREATE"
            password = sql.Literal(secrets.obtain(home, login))
            statement = sql.SQL(verb + " ROLE {} LOGIN PASSWORD {}")
            connection.execute(statement.format(sql.Identifier(login), password))
        names = [sql.Identifier(name) for name in (database.APP_ROLE, database.OWNER_ROLE)]
        connection.execute(sql.SQL("GRANT {} TO {}").format(*names))
        if not _exists(connection, "pg_database", "datname", database.DATABASE):
            names = [sql.Identifier(name) for name in (database.DATABASE, database.OWNER_ROLE)]
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
    file.parent.mkdir(exist_ok=True)
    file.write_text(place)


def _exists(connection: psycopg.Connection[Any], table: str, column: str, name: str) -> bool:
    query = sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(sql.Identifier(table), sql.Identifier(column))
    return connection.execute(query, [name]).fetchone() is not None
