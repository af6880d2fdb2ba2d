"""Bringing a copy back into an empty home, and the proof that the installation lives."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tongban.base.datakeys import KEY_FILE
from tongban.main import database, secrets
from tongban.main.backup import keys
from tongban.main.backup.dump import connect, count_rows, is_empty, load
from tongban.main.backup.errors import BackupFault
from tongban.main.backup.form import BLOCK, DUMP, Copy, create, digest_of, fingerprint_of_key, read_copy
from tongban.main.environment import Environment
from tongban.main.supervisor import embedded
from tongban.main.supervisor.lock import HomeTaken, take
from tongban.main.supervisor.postgres import SUPERUSER, ClusterError
from tongban.main.supervisor.run import UNFINISHED

__all__ = ["Restored", "restore"]

RESERVE = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back and proved; ``seconds`` by step."""

    copy: str
    made_at: str
    tables: int
    rows: int
    files: int
    bytes: int
    acts: int
    batches: int
    signed_in: bool
    """False when there is no open account that could be tried."""
    seconds: dict[str, float]
    warnings: list[str]


def restore(
    environment: Environment, directory: Path, *, passphrase: str = "", say: Callable[[str], None]
) -> Restored:
    """Bring the copy in ``directory`` into the empty home and prove it. Raises BackupFault; then the home is empty again."""
    copy, home = read_copy(directory.absolute()), environment.home
    _refuse(environment, copy, passphrase)
    home.mkdir(parents=True, exist_ok=True)
    clock = _Clock(say)
    with _orderly_end():
        try:
            with contextlib.closing(take(home)):
                (home / UNFINISHED).touch()
                with clock("files and keys"):
                    _bring_files(copy, home, passphrase)
                with _database(environment) as described:
                    with clock("database"):
                        _bring_database(copy, described)
                    done = _prove(environment, copy, clock)
                (home / UNFINISHED).unlink()
        except BaseException as error:
            _empty(home)
            raise _told(error, home) from error
    return done


def _refuse(environment: Environment, copy: Copy, passphrase: str) -> None:
    home, manifest = environment.home, copy.manifest
    if home.exists() and any(home.iterdir()):
        raise BackupFault(
            f"{home} is not empty; a copy is only brought into an empty home (TONGBAN_HOME says which)"
        )
    if manifest.keys == "sealed" and not passphrase:
        raise BackupFault("the keys of this copy are sealed: give --passphrase-file")
    from_outside = {"secret-key": environment.secret_key, "blind-key": environment.blind_key}
    from_outside |= {f"{KEY_FILE}{number}": key for number, key in environment.data_keys.items()}
    for name, key in from_outside.items():
        if key and fingerprint_of_key(key) != manifest.key_fingerprints.get(name):
            raise BackupFault(f"the {name} of the environment is not the one of the copy")
    if environment.database_url:
        described = database.settings_for(
            home=home, external=environment.database_url, external_app="", role="owner"
        )
        with connect(described) as connection:
            if not is_empty(connection):
                raise BackupFault("the database of DATABASE_URL is not empty")
    wanted = manifest.bytes + (0 if environment.database_url else manifest.database_bytes) + RESERVE
    place = next(path for path in (home, *home.parents) if path.exists())
    if (free := shutil.disk_usage(place).free) < wanted:
        raise BackupFault(
            f"the disk of {home} has {free // 2**20} MB free; the restore needs {wanted // 2**20} MB"
        )


def _bring_files(copy: Copy, home: Path, passphrase: str) -> None:
    """Copy everything but the dump, comparing each file with its sum on the way."""
    for private in ("logs", "files", "secrets"):
        (home / private).mkdir(mode=0o700)
    files = size = 0
    for total, path in copy.listed():
        source = copy.directory / path
        if not source.is_file() or source.is_symlink():
            raise BackupFault(f"{source} is missing")
        if path == Path(DUMP):
            found, length = digest_of(source)
        elif path == Path(keys.SEALED):
            found, length = digest_of(source)
            if found == total:
                keys.unseal(source.read_bytes(), passphrase, home / "secrets")
        else:
            found, length = _copied(source, home / path)
        if found != total:
            raise BackupFault(f"{source} is damaged: its sum is another")
        files, size = files + 1, size + length
    if (files, size) != (copy.manifest.files, copy.manifest.bytes):
        raise BackupFault(f"{copy.directory} holds {files} files of {size} bytes, not as its manifest says")


def _copied(source: Path, target: Path) -> tuple[str, int]:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    total, size = hashlib.sha256(), 0
    with source.open("rb") as blocks, create(target) as out:
        while block := blocks.read(BLOCK):
            out.write(block)
            total.update(block)
            size += len(block)
    return total.hexdigest(), size


@contextmanager
def _database(environment: Environment) -> Iterator[dict[str, Any]]:
    """Give the empty database that will be filled: that of ``DATABASE_URL``, else a new embedded one, running for the while."""
    home = environment.home
    if environment.database_url:
        yield database.settings_for(
            home=home, external=environment.database_url, external_app="", role="owner"
        )
        return
    cluster = embedded.locate(home)
    cluster.initialise(secrets.obtain(home, SUPERUSER))
    child = embedded.server(cluster, home / "logs" / "postgres.log")
    child.start()
    try:
        embedded.wait_until_ready(cluster, child)
        embedded.create_database(cluster, home)
        yield database.settings_for(home=home, external="", external_app="", role="owner")
    finally:
        _close_connections()
        child.stop()


def _close_connections() -> None:
    if "django.db" in sys.modules:
        from django.db import connections

        with contextlib.suppress(Exception):
            connections.close_all()


def _bring_database(copy: Copy, described: dict[str, Any]) -> None:
    load(described, copy.directory / DUMP)
    with connect(described) as connection:
        found = count_rows(connection)
        connection.execute("ANALYZE")
    if found != copy.manifest.tables:
        other = sorted(
            name
            for name in found.keys() | copy.manifest.tables.keys()
            if found.get(name) != copy.manifest.tables.get(name)
        )
        raise BackupFault(f"the rows of these tables are not those of the copy: {', '.join(other)}")


def _prove(environment: Environment, copy: Copy, clock: _Clock) -> Restored:
    """Bring the database up to this program, then look at files, ledger and signing in, as the running program would."""
    os.environ.update(TONGBAN_HOME=str(environment.home), TONGBAN_DATABASE_ROLE="owner")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.main.settings")
    import django

    django.setup()
    from tongban.main.backup import proof

    warnings = list(proof.foreign_keys(copy.manifest))
    with clock("migrations"):
        proof.settle(copy.manifest)
    if environment.files_url:
        with clock("files into the bucket"):
            proof.put_files()
    with clock("proof"):
        warnings += proof.files(copy.manifest)
        acts, batches = proof.ledger(copy.manifest)
        signed_in = proof.sign_in()
    if not signed_in:
        warnings.append("no open account was there to try a sign-in with")
    if copy.manifest.keys == "none":
        warnings.append("the copy holds no keys: new ones were made, unless the environment gives them")
    return Restored(
        copy=str(copy.directory),
        made_at=copy.manifest.made_at,
        tables=len(copy.manifest.tables),
        rows=sum(copy.manifest.tables.values()),
        files=copy.manifest.files,
        bytes=copy.manifest.bytes,
        acts=acts,
        batches=batches,
        signed_in=signed_in,
        seconds=clock.seconds,
        warnings=warnings,
    )


class _Clock:
    def __init__(self, say: Callable[[str], None]) -> None:
        self.say, self.seconds = say, dict[str, float]()

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        self.say(step)
        began = time.monotonic()
        yield
        self.seconds[step] = round(time.monotonic() - began, 2)


@contextmanager
def _orderly_end() -> Iterator[None]:
    """Let SIGTERM end the restore as Ctrl-C does: the home is emptied and the database stopped."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _empty(home: Path) -> None:
    """Take away what was brought into a home that was empty; its database may lie elsewhere."""
    with contextlib.suppress(Exception):
        shutil.rmtree(embedded.locate(home).base, ignore_errors=True)
    for path in home.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _told(error: BaseException, home: Path) -> BaseException:
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return BackupFault(f"the disk of {home} is full; the home is empty again")
    if isinstance(error, HomeTaken | ClusterError | psycopg.Error | OSError):
        return BackupFault(f"{error}; the home is empty again")
    return error
