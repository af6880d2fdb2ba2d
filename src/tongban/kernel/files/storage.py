"""Where the bytes lie: a registry of storages, and the first one, a directory on disk.

Content-addressed: the name of a stored object is its SHA-256. So a write is atomic and can be repeated, nothing is ever
overwritten, and equal files are kept once. Another storage (S3) registers itself under its own key.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

from django.conf import settings

from tongban.base.registry import Registry

__all__ = ["DiskStorage", "Storage", "storage", "storages"]


DRAFT = ".draft-"
DIGEST = re.compile("[0-9a-f]{64}")


class Storage(Protocol):
    """Keeps bytes under their SHA-256 (64 lower-case hex digits)."""

    def write(self, content: bytes) -> str:
        """Keep the bytes durably and return their digest."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """Open for reading. Raises FileNotFoundError."""
        ...

    def is_ready(self) -> bool:
        """True when bytes can be written now (asked by ``/healthz``)."""
        ...

    def old(self, age: timedelta) -> Iterator[str]:
        """Yield the digests of what was last written so long ago or earlier."""
        ...

    def discard(self, sha256: str, age: timedelta) -> bool:
        """Remove bytes that nobody points to, unless they were written again in the meantime; say whether they went."""
        ...

    def clear_drafts(self, age: timedelta) -> int:
        """Remove what writers that were killed left half-written; return how many those were."""
        ...


class DiskStorage:
    """Files under ``TONGBAN_HOME/files``, in two levels of folders by the first digits of the digest."""

    @property
    def root(self) -> Path:
        return Path(settings.TONGBAN_HOME) / "files"

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

    def is_ready(self) -> bool:
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.access(self.root, os.W_OK)

    def old(self, age: timedelta) -> Iterator[str]:
        before = time.time() - age.total_seconds()
        for path in self.root.glob("??/??/*"):
            with contextlib.suppress(FileNotFoundError):
                if DIGEST.fullmatch(path.name) and path.stat().st_mtime <= before:
                    yield path.name

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

    def _path(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256[2:4] / sha256


def _sync_directory(directory: Path) -> None:
    """Make the new name durable too: fsync of a file says nothing about the directory that names it."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


storages: Registry[Storage] = Registry("storages")
storages.register("disk", DiskStorage())


def storage() -> Storage:
    """Return the storage of this installation (``TONGBAN_STORAGE``, "disk" unless said otherwise)."""
    return storages.get(getattr(settings, "TONGBAN_STORAGE", "disk"))
