"""Both storages for the tests, each with what happens to it from outside: time, loss and rot."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from tests.support import s3
from tongban.kernel.files.storage import DiskStorage, storage

__all__ = ["PLACES", "Place", "placed"]

PLACES = ["disk", "s3"]


class Place(Protocol):
    """A storage's outside."""

    def age(self, sha256: str, by: timedelta) -> None:
        """Let bytes have been written earlier."""
        ...

    def lose(self, sha256: str) -> None:
        """Take bytes away."""
        ...

    def replace(self, sha256: str, content: bytes) -> None:
        """Put other bytes in their place."""
        ...


class _Disk:
    def age(self, sha256: str, by: timedelta) -> None:
        then = time.time() - by.total_seconds()
        os.utime(self._path(sha256), (then, then))

    def lose(self, sha256: str) -> None:
        self._path(sha256).unlink()

    def replace(self, sha256: str, content: bytes) -> None:
        self._path(sha256).write_bytes(content)

    def _path(self, sha256: str) -> Path:
        return DiskStorage()._path(sha256)


class _Bucket:
    def __init__(self, bucket: s3.Bucket) -> None:
        self.bucket = bucket
        self.age, self.replace = bucket.age, bucket.replace

    def lose(self, sha256: str) -> None:
        del self.bucket.objects[self.bucket.path(sha256)]


@contextmanager
def placed(kind: str, home: Path, settings: Any) -> Iterator[Any]:
    """Let this be the storage of the installation."""
    settings.TONGBAN_HOME = home
    if kind == "disk":
        settings.TONGBAN_FILES_URL = ""
        yield _Disk()
        return
    with s3.serving() as bucket:
        settings.TONGBAN_FILES_URL, settings.TONGBAN_FILES_KEY = bucket.url, (s3.KEY, s3.SECRET)
        assert str(storage()) == "s3://county/files"
        yield _Bucket(bucket)
