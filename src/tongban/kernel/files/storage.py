"""Where the bytes lie: what every storage keeps to, the directory on disk, and which one this installation has.

Content-addressed: the name of a stored object is its SHA-256. So a write is atomic and can be repeated, nothing is ever
overwritten by something else, and equal files are kept once. ``s3`` has the other one: a bucket.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from django.conf import settings

from tongban.base.stores import ObjectStore

__all__ = ["DISK", "DiskStorage", "Storage", "Stored", "storage", "storage_at"]

DISK = "disk"
DRAFT = ".draft-"
DIGEST = re.compile("[0-9a-f]{64}")
BLOCK = 1024 * 1024


class Stored(NamedTuple):
    """One stored object."""

    sha256: str
    size: int
    written_at: datetime

    def is_older_than(self, age: timedelta) -> bool:
        """Tell whether it was last written so long ago or earlier, by the clocks of the machines (not by the demo's)."""
        return self.written_at <= datetime.now(UTC) - age


class Storage(Protocol):
    """Keeps bytes under their SHA-256 (64 lower-case hex digits). Raises FileStoreUnavailable when it does not answer."""

    @property
    def is_shared(self) -> bool:
        """True when it cannot tell by itself that something is written while it is discarded: writers and the sweeper
        then agree by a lock in the database.
        """
        ...

    @property
    def owner(self) -> str:
        """Return whose mark a shared storage bears; "" for nobody's."""
        ...

    def mark(self, owner: str) -> None:
        """Write down whose the storage is."""
        ...

    def write(self, content: bytes) -> str:
        """Keep the bytes durably and return their digest."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """Open for reading. Raises FileNotFoundError."""
        ...

    def blocks(self, sha256: str) -> Iterator[bytes]:
        """Yield the bytes as they lie there, whatever they are: for who compares them. Raises FileNotFoundError."""
        ...

    def has(self, sha256: str) -> bool:
        """Tell whether there are bytes under this digest."""
        ...

    def all(self) -> Iterator[Stored]:
        """Yield everything that is stored, in the order of the digests."""
        ...

    def probe(self) -> None:
        """Write and read something (asked by ``/healthz``). Raises whatever keeps it from doing so."""
        ...

    def discard(self, sha256: str, age: timedelta) -> bool:
        """Remove bytes that nobody points to, unless they were written again in the meantime; say whether they went."""
        ...

    def clear_drafts(self, age: timedelta) -> int:
        """Remove what writers that were killed left half-written; return how many those were."""
        ...


class DiskStorage:
    """Files in two levels of folders by the first digits of the digest; ``TONGBAN_HOME/files`` unless said otherwise."""

    is_shared = False
    owner = ""

    def __init__(self, root: Path | None = None) -> None:
        self._root = root

    def __str__(self) -> str:
        return str(self.root)

    @property
    def root(self) -> Path:
        return self._root or Path(settings.TONGBAN_HOME) / "files"

    def write(self, content: bytes) -> str:
        """Write to a temporary file beside the target, then rename: a reader never sees half a file.

        What is there already is touched, so that the sweeper, which goes by age, leaves it to its new owner.
        """
        digest = hashlib.sha256(content).hexdigest()
        target = self._path(digest)
        with contextlib.suppress(FileNotFoundError):
            os.utime(target)
            return digest
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=DRAFT)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _sync_directory(target.parent)
        return digest

    def open(self, sha256: str) -> BinaryIO:
        return self._path(sha256).open("rb")

    def blocks(self, sha256: str) -> Iterator[bytes]:
        with self.open(sha256) as source:
            while block := source.read(BLOCK):
                yield block

    def has(self, sha256: str) -> bool:
        return self._path(sha256).is_file()

    def all(self) -> Iterator[Stored]:
        for folder in sorted(self.root.glob("??/??")):
            for path in sorted(folder.iterdir()):
                if DIGEST.fullmatch(path.name):
                    with contextlib.suppress(FileNotFoundError):
                        seen = path.stat()
                        yield Stored(path.name, seen.st_size, datetime.fromtimestamp(seen.st_mtime, UTC))

    def probe(self) -> None:
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = self.root / f".probe-{uuid.uuid4().hex}"
        probe.write_bytes(b"tongban")
        try:
            if probe.read_bytes() != b"tongban":
                raise OSError("a written file was read back otherwise")
        finally:
            probe.unlink()

    def discard(self, sha256: str, age: timedelta) -> bool:
        """Put the file aside first and look at it then: a writer that touched it before finds it put back, one that comes
        later finds nothing and writes anew.
        """
        path = self._path(sha256)
        aside = path.with_name(f"{DRAFT}{sha256}")
        try:
            path.rename(aside)
        except FileNotFoundError:
            return False
        if aside.stat().st_mtime > time.time() - age.total_seconds():
            aside.rename(path)
            return False
        aside.unlink()
        return True

    def clear_drafts(self, age: timedelta) -> int:
        """Put back what a killed sweeper had put aside; remove the drafts that are so old."""
        before, cleared = time.time() - age.total_seconds(), 0
        for path in self.root.glob(f"??/??/{DRAFT}*"):
            with contextlib.suppress(FileNotFoundError):
                digest = path.name.removeprefix(DRAFT)
                if DIGEST.fullmatch(digest) and not self._path(digest).exists():
                    path.rename(self._path(digest))
                elif path.stat().st_mtime <= before:
                    path.unlink()
                    cleared += 1
        return cleared

    def mark(self, owner: str) -> None:
        """Nothing: the home is locked by the one that runs on it."""

    def _path(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256[2:4] / sha256


def _sync_directory(directory: Path) -> None:
    """Make the new name durable too: fsync of a file says nothing about the directory that names it."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def storage() -> Storage:
    """Return the storage of this installation: the bucket of ``TONGBAN_FILES_URL``, else the disk."""
    return storage_at(settings.TONGBAN_FILES_URL or DISK)


def storage_at(place: str) -> Storage:
    """Return the storage at ``disk`` or at the address of a bucket. Raises ValueError."""
    if place == DISK:
        return DiskStorage()
    return _bucket(ObjectStore.of(place), tuple(settings.TONGBAN_FILES_KEY))


@lru_cache(maxsize=4)
def _bucket(place: ObjectStore, key: tuple[str, str]) -> Storage:
    from tongban.kernel.files.s3 import S3Storage  # its library is large: only who has a bucket loads it

    return S3Storage(place, *key)
