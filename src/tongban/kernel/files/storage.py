"""Where the bytes lie: a registry of storages, and the first one, a directory on disk.

Content-addressed: the name of a stored object is its SHA-256. So a write is atomic and can be repeated, nothing is ever
overwritten, and equal files are kept once. Another storage (S3) registers itself under its own key.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO, Protocol

from django.conf import settings

from tongban.base.registry import Registry

__all__ = ["DiskStorage", "Storage", "storage", "storages"]


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


class DiskStorage:
    """Files under ``TONGBAN_HOME/files``, in two levels of folders by the first digits of the digest."""

    @property
    def root(self) -> Path:
        return Path(settings.TONGBAN_HOME) / "files"

    def write(self, content: bytes) -> str:
        """Write to a temporary file beside the target, then rename: a reader never sees half a file."""
        digest = hashlib.sha256(content).hexdigest()
        target = self._path(digest)
        if target.exists():
            return digest
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return digest

    def open(self, sha256: str) -> BinaryIO:
        return self._path(sha256).open("rb")

    def is_ready(self) -> bool:
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.access(self.root, os.W_OK)

    def _path(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256[2:4] / sha256


storages: Registry[Storage] = Registry("storages")
storages.register("disk", DiskStorage())


def storage() -> Storage:
    """Return the storage of this installation (``TONGBAN_STORAGE``, "disk" unless said otherwise)."""
    return storages.get(getattr(settings, "TONGBAN_STORAGE", "disk"))
