"""Taking a copy while everything runs.

First the database, in one snapshot, then the files: they never change and are removed a day after their last row at the
earliest, so what the snapshot names is still there. Equal files of an earlier copy beside it are linked, not written again.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import psycopg

from tongban import __version__
from tongban.kernel.files.errors import FileStoreUnavailable
from tongban.kernel.files.service import DiskStorage, Storage, Stored
from tongban.main.backup import keys
from tongban.main.backup.dump import connect, count_rows, dump
from tongban.main.backup.errors import BackupFault
from tongban.main.backup.form import (
    BLOCK,
    DUMP,
    NAME,
    PARTIAL,
    SUMS,
    Copy,
    Manifest,
    copies_in,
    create,
    digest_of,
    fingerprint_of_key,
    name_of,
    name_of_stored,
    read_copy,
    sync_directory,
)

__all__ = ["Source", "Writer", "blocks_of", "forget_old", "take"]

RESERVE = 64 * 1024 * 1024
"""Bytes that must stay free on the disk of the copy."""


@dataclass(frozen=True, slots=True)
class Source:
    """The installation that is copied."""

    home: Path
    environment: str
    database: dict[str, Any]
    """As Django describes it, for the owner."""
    keys: dict[str, str]
    """The keys in use, also those that come from the environment."""
    elsewhere: Storage | None = None
    """Where the files lie when not in the home."""

    @property
    def store(self) -> Storage:
        """Where the files lie."""
        return self.elsewhere or DiskStorage(self.home / "files")

    @property
    def installation(self) -> str:
        """Its fingerprint."""
        return fingerprint_of_key(self.keys["blind-key"])


@dataclass(slots=True)
class Writer:
    """Writes files into the unfinished copy and remembers their sums."""

    directory: Path
    sums: IO[str]
    earlier: Path | None
    files: int = 0
    size: int = 0
    damaged: list[str] = field(default_factory=list)

    def write(self, name: str, blocks: Iterator[bytes]) -> str:
        """Write a file and return its sum."""
        target = self.directory / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        total, size = hashlib.sha256(), 0
        try:
            with create(target) as out:
                for block in blocks:
                    out.write(block)
                    total.update(block)
                    size += len(block)
                out.flush()
                os.fsync(out.fileno())
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        self._note(total.hexdigest(), name, size)
        return total.hexdigest()

    def stored(self, stored: Stored, blocks: Iterator[bytes]) -> None:
        """Take a stored file, whose name is its sum: linked from the earlier copy where that has it, else written."""
        name = name_of_stored(stored.sha256)
        if self.earlier is not None:
            before, target = self.earlier / name, self.directory / name
            with contextlib.suppress(OSError):  # not there, or a disk that knows no links
                if before.stat().st_size == stored.size:
                    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                    target.hardlink_to(before)
                    self._note(stored.sha256, name, stored.size)
                    return
        if self.write(name, blocks) != stored.sha256:
            self.damaged.append(stored.sha256)

    def _note(self, total: str, name: str, size: int) -> None:
        self.sums.write(f"{total}  {name}\n")
        self.files += 1
        self.size += size


def take(source: Source, place: Path, *, passphrase: str = "", with_keys: bool = True, at: datetime) -> Copy:
    """Make a copy in ``place`` and return it. Raises BackupFault; then nothing is there that looks like a copy."""
    place = place.absolute()
    for inner in ("files", "secrets", "ledger", "postgres"):
        if place == source.home / inner or source.home / inner in place.parents:
            raise BackupFault(f"{place} lies within what is copied; choose a place on another disk")
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(source.home):
            _clear(place)
            target = _free_name(place, at)
            draft = target.with_name(target.name + PARTIAL)
            draft.mkdir(mode=0o700)
            try:
                with (draft / ".lock").open("w") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX)
                    _fill(source, draft, passphrase, with_keys, copies_in(place, source.installation))
                    (draft / ".lock").unlink()
                    draft.rename(target)
                    sync_directory(place)
            except BaseException:
                shutil.rmtree(draft, ignore_errors=True)
                raise
    except FileStoreUnavailable:
        raise BackupFault(f"{source.store} does not answer: no files, no copy") from None
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise BackupFault(f"the disk of {place} is full; nothing is left of the copy") from None
        raise BackupFault(f"cannot write the copy: {error}") from None
    except psycopg.OperationalError as error:
        raise BackupFault(f"no database (is `tongban up` running?): {str(error).splitlines()[0]}") from None
    return read_copy(target)


def forget_old(place: Path, installation: str, keep: int) -> list[Path]:
    """Remove all whole copies of this installation but the newest ``keep``; return what went."""
    gone = []
    for copy in copies_in(place, installation)[max(keep, 1) :]:
        # Renamed first: a removal that is broken off leaves nothing that looks whole.
        aside = copy.directory.with_name(copy.directory.name + PARTIAL)
        copy.directory.rename(aside)
        shutil.rmtree(aside)
        gone.append(copy.directory)
    return gone


def _fill(source: Source, draft: Path, passphrase: str, with_keys: bool, earlier: list[Copy]) -> None:
    with connect(source.database) as connection, (draft / SUMS).open("x", encoding="utf-8") as sums:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        (snapshot,) = _row(connection, "SELECT pg_export_snapshot()")
        made_at = datetime.now(UTC)
        (size,) = _row(connection, "SELECT pg_database_size(current_database())")
        before = earlier[0].directory if earlier else None
        _refuse_full_disk(draft, size + _new_bytes(source.store, before))
        writer = Writer(draft, sums, before)
        writer.write(DUMP, dump(source.database, snapshot).blocks())
        tables = count_rows(connection)
        (batches,) = _row(connection, "SELECT coalesce(max(number), 0) FROM ledger_batch")
        migrations = connection.execute(
            "SELECT app || '.' || name FROM django_migrations ORDER BY 1"
        ).fetchall()
        (server,) = _row(connection, "SHOW server_version")
        for each in source.store.all():
            with contextlib.suppress(FileNotFoundError):  # swept away just now: no row names it
                writer.stored(each, source.store.blocks(each.sha256))
        missing = [
            digest
            for (digest,) in connection.execute("SELECT DISTINCT sha256 FROM files_file ORDER BY 1")
            if not (draft / name_of_stored(digest)).exists()
        ]
        for name in ("roots", "leaves"):
            kept = source.home / "ledger" / name
            if kept.exists():
                writer.write(f"ledger/{name}", _lines_until(kept, batches))
        for file in sorted((source.home / "exchange").rglob("*")):
            if file.is_file() and not file.is_symlink():
                with contextlib.suppress(FileNotFoundError):
                    writer.write(str(file.relative_to(source.home)), blocks_of(file))
        how = _keys(source, writer, passphrase, with_keys)
        sums.flush()
        os.fsync(sums.fileno())
    manifest = Manifest(
        program=__version__,
        environment=source.environment,
        installation=source.installation,
        made_at=made_at.isoformat(),
        server=server,
        database_bytes=size,
        migrations=[name for (name,) in migrations],
        tables=tables,
        batches=batches,
        keys=how,
        key_fingerprints={name: fingerprint_of_key(key) for name, key in source.keys.items()},
        files=writer.files,
        bytes=writer.size,
        sums=digest_of(draft / SUMS)[0],
        missing=missing,
        damaged=writer.damaged,
    )
    manifest.write(draft)
    for directory in (draft, *(path for path in draft.rglob("*") if path.is_dir())):
        sync_directory(directory)


def _keys(source: Source, writer: Writer, passphrase: str, with_keys: bool) -> str:
    secrets = source.home / "secrets"
    if not with_keys:
        return "none"
    if passphrase:
        writer.write(keys.SEALED, iter([keys.seal(secrets, passphrase)]))
        return "sealed"
    for file in keys.key_files(secrets):
        writer.write(str(file.relative_to(source.home)), blocks_of(file))
    return "plain"


def _new_bytes(store: Storage, earlier: Path | None) -> int:
    """Return how many bytes of files must be written, roughly: all that the earlier copy does not have."""
    return sum(
        each.size
        for each in store.all()
        if earlier is None or not (earlier / name_of_stored(each.sha256)).exists()
    )


def _refuse_full_disk(draft: Path, wanted: int) -> None:
    free = shutil.disk_usage(draft).free
    if free < wanted + RESERVE:
        raise BackupFault(
            f"the disk of {draft.parent} has {free // 2**20} MB free; the copy may need {(wanted + RESERVE) // 2**20} MB"
        )


def _lines_until(file: Path, last: int) -> Iterator[bytes]:
    """Yield the whole lines about batches up to ``last``: later ones are not in the snapshot."""
    with file.open("rb") as lines:
        for line in lines:
            if not line.endswith(b"\n"):
                return
            if line.strip() and int(json.loads(line)["number"]) > last:
                return
            yield line


def blocks_of(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while block := source.read(BLOCK):
            yield block


def _row(connection: psycopg.Connection[Any], query: str) -> Any:
    return connection.execute(query).fetchone()  # type: ignore[call-overload]


def _free_name(place: Path, at: datetime) -> Path:
    name, n = name_of(at), 1
    while (place / name).exists():
        n += 1
        name = f"{name_of(at)}-{n}"
    return place / name


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    """One copy at a time of one installation."""
    (home / "run").mkdir(parents=True, exist_ok=True)
    with (home / "run" / "backup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupFault("another copy of this installation is being made") from None
        yield


def _clear(place: Path) -> None:
    """Remove what copies that were killed left behind. One that is being made by somebody else holds its lock."""
    for draft in place.glob(f"tongban-*{PARTIAL}"):
        if not NAME.fullmatch(draft.name.removesuffix(PARTIAL)):
            continue
        with contextlib.suppress(OSError):
            lock = draft / ".lock"
            if lock.exists():
                with lock.open("r+") as held:
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(draft)
