"""PostgreSQL's own programs: a dump of one snapshot, and its way back. They come with the embedded server."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg.conninfo import make_conninfo

from tongban.main.backup.errors import BackupFault
from tongban.main.supervisor.postgres import ClusterError, programs

__all__ = ["connect", "count_rows", "dump", "is_empty", "load"]

BLOCK = 1024 * 1024
HEAD = 200
"""Lines of a dump within which its settings stand."""
OF_THE_DRIVER = ("pool", "prepare_threshold")
"""Options that are psycopg's, which the database's own programs do not know."""
SINCE_17 = b"SET transaction_timeout"


def connect(described: Mapping[str, Any]) -> psycopg.Connection[Any]:
    """Return a connection of our own to a database as Django describes it."""
    password = described["PASSWORD"] or None
    return psycopg.connect(_conninfo(described), password=password, autocommit=True)


def count_rows(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Return how many rows each table has, as this connection sees them."""
    tables = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
        "AND NOT relispartition ORDER BY relname"
    ).fetchall()
    found = {}
    for (name,) in tables:
        query = psycopg.sql.SQL("SELECT count(*) FROM {}").format(psycopg.sql.Identifier("public", name))
        (found[name],) = connection.execute(query).fetchone()  # type: ignore[misc]
    return found


def is_empty(connection: psycopg.Connection[Any]) -> bool:
    """Tell whether there is no table yet."""
    query = "SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') LIMIT 1"
    return connection.execute(query).fetchone() is None


def dump(described: Mapping[str, Any], snapshot: str) -> _Dump:
    """Return the dump of a snapshot as a stream of bytes, to be used with ``with``."""
    return _Dump(described, snapshot)


class _Dump:
    def __init__(self, described: Mapping[str, Any], snapshot: str) -> None:
        self._command = [
            _program("pg_dump"), "--format=custom", "--no-password", f"--snapshot={snapshot}",
            f"--dbname={_conninfo(described)}",
        ]  # fmt: skip
        self._environment = _environment(described)

    def blocks(self) -> Iterator[bytes]:
        """Yield it. Raises BackupFault when pg_dump fails, also half-way."""
        with _started(self._command, self._environment, stdout=subprocess.PIPE) as process:
            while block := _pipe(process.stdout).read(BLOCK):
                yield block
            _finish(process, "pg_dump")


def load(described: Mapping[str, Any], file: Path) -> None:
    """Bring a dump into an empty database, whole or not at all. Raises BackupFault.

    By way of a script, because an older server does not know every setting that newer tools make.
    """
    conninfo, environment = _conninfo(described), _environment(described)
    with connect(described) as connection:
        old = connection.info.server_version < 170000
    unpack = [_program("pg_restore"), "--no-owner", "--no-privileges", "--no-comments", "--file=-", str(file)]
    play = [
        _program("psql"), "--no-psqlrc", "--no-password", "--quiet", "--single-transaction", "--output=/dev/null",
        "--set=ON_ERROR_STOP=1", f"--dbname={conninfo}",
    ]  # fmt: skip
    with (
        _started(unpack, environment, stdout=subprocess.PIPE) as source,
        _started(play, environment, stdin=subprocess.PIPE) as target,
    ):
        script, entry = _pipe(source.stdout), _pipe(target.stdin)
        try:
            for _ in range(HEAD):
                line = script.readline()
                if not (old and line.startswith(SINCE_17)):
                    entry.write(line)
            while block := script.read(BLOCK):
                entry.write(block)
            if source.wait():  # before the end is told: psql commits at the end of its input
                target.kill()
                _finish(source, "pg_restore")
            entry.close()
        except BrokenPipeError:
            with suppress(BrokenPipeError):
                entry.close()
            source.kill()
        _finish(target, "psql")


def _program(name: str) -> str:
    try:
        return str(programs() / name)
    except ClusterError as error:
        raise BackupFault(str(error)) from None


def _conninfo(described: Mapping[str, Any]) -> str:
    options = {name: value for name, value in described["OPTIONS"].items() if name not in OF_THE_DRIVER}
    return make_conninfo(
        "",
        dbname=described["NAME"],
        user=described["USER"] or None,
        host=described["HOST"] or None,
        port=described["PORT"] or None,
        **options,
    )


def _environment(described: Mapping[str, Any]) -> dict[str, str]:
    password = {"PGPASSWORD": described["PASSWORD"]} if described["PASSWORD"] else {}
    return {**os.environ, "LC_ALL": "C", "PGTZ": "UTC", **password}


@contextmanager
def _started(
    command: list[str], environment: Mapping[str, str], **pipes: int
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, **pipes)  # type: ignore[call-overload] # noqa: S603
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        process.wait()


def _finish(process: subprocess.Popen[bytes], name: str) -> None:
    said = _pipe(process.stderr).read().decode(errors="replace").strip()
    if process.wait():
        raise BackupFault(f"{name} failed:\n{said}")


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101
    return pipe
