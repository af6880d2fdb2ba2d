"""A directory that both sides see: a share of the government extranet, or what a data diode carries over.

Below it: ``out/<package>/`` with one file a record and ``manifest.json``; ``receipts/*.json`` from the other side;
``statements/ YYYYMMDD.json`` with what it has of a day. A package is written under a name that begins with a dot and
then renamed: whoever looks sees a whole one or none. The manifest names every file with its digest, and
``manifest.sig`` signs it where there is a secret.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from django.conf import settings

from tongban.apps.docking.models import Destination
from tongban.apps.docking.secret import secret_of
from tongban.apps.docking.standard import STANDARD
from tongban.apps.docking.transports.base import (
    MOST_BYTES,
    Answer,
    Parcel,
    Receipt,
    TransportFailed,
    receipts_in,
    statement_in,
)

__all__ = ["Drop", "read_foreign", "root_of"]

AT_ONCE = 200
"""Files of receipts read in one go."""


def root_of(destination: Destination) -> Path:
    """Return the directory of a destination, always below the exchange directory. Raises TransportFailed for
    one that leads out.
    """
    exchange = (Path(settings.TONGBAN_HOME) / "exchange").resolve()
    path = (exchange / destination.address).resolve()
    if path == exchange or not path.is_relative_to(exchange):
        raise TransportFailed("outside", is_away=True)
    return path


class Drop:
    """Sends packages as directories and reads receipts as files."""

    one_by_one = False

    def __init__(self, destination: Destination) -> None:
        self.destination = destination
        self.root = root_of(destination)
        self._taken: list[Path] = []
        self._garbage: list[Path] = []

    def send(self, name: str, parcels: Sequence[Parcel]) -> list[Answer]:
        """Write the package and let it appear. Raises TransportFailed when the directory is away or full."""
        try:
            self._write(name, parcels)
        except OSError as error:
            shutil.rmtree(self.root / "out" / f".{name}", ignore_errors=True)
            raise TransportFailed(f"file: {error.strerror or type(error).__name__}", is_away=True) from error
        return [Answer(parcel.key) for parcel in parcels]

    def _write(self, name: str, parcels: Sequence[Parcel]) -> None:
        out = self.root / "out"
        out.mkdir(parents=True, exist_ok=True)
        (self.root / "receipts").mkdir(exist_ok=True)
        final, draft = out / name, out / f".{name}"
        if final.exists():
            return  # it was handed over before whoever did so died
        if draft.exists():
            shutil.rmtree(draft)
        draft.mkdir(mode=0o750)
        form = self.destination.style.form
        rows = []
        for parcel in parcels:
            file = f"{parcel.sequence:012d}-{parcel.table}.{form}"
            _put(draft / file, parcel.body)
            rows.append(
                {
                    "file": file,
                    "key": parcel.key,
                    "sequence": parcel.sequence,
                    "table": parcel.table,
                    "day": parcel.day,
                    "digest": parcel.digest,
                    "file_digest": f"sha256:{hashlib.sha256(parcel.body).hexdigest()}",
                }
            )
        manifest = json.dumps(
            {"standard": STANDARD, "package": name, "records": rows}, ensure_ascii=False, indent=1
        )
        _put(draft / "manifest.json", manifest.encode())
        secret = secret_of(self.destination.key)
        if secret:
            signature = hmac.new(secret, manifest.encode(), settings.TONGBAN_DIGEST).hexdigest()
            _put(draft / "manifest.sig", f"hmac-{settings.TONGBAN_DIGEST}:{signature}\n".encode())
        _sync(draft)
        draft.rename(final)
        _sync(out)

    def arrived(self, name: str) -> bool:
        """A package under its final name is whole."""
        return (self.root / "out" / name / "manifest.json").exists()

    def receipts(self) -> tuple[list[Receipt], int]:
        """Read the oldest files of receipts. What cannot be read goes to ``receipts/unreadable/`` with ``settle``."""
        found: list[Receipt] = []
        unreadable = 0
        with contextlib.suppress(FileNotFoundError):
            for path in sorted((self.root / "receipts").glob("*.json"))[:AT_ONCE]:
                try:
                    read, bad = receipts_in(read_foreign(path))
                except TransportFailed:
                    self._garbage.append(path)
                    unreadable += 1
                    continue
                found += read
                unreadable += bad
                self._taken.append(path)
        return found, unreadable

    def settle(self) -> None:
        """Move what was read out of the way; it is kept as evidence."""
        for paths, place in ((self._taken, "done"), (self._garbage, "unreadable")):
            for path in paths:
                target = path.parent / place
                target.mkdir(exist_ok=True)
                with contextlib.suppress(FileNotFoundError):
                    path.replace(target / path.name)
        self._taken, self._garbage = [], []

    def statement(self, day: date) -> Mapping[str, Mapping[str, str]] | None:
        """Read the file of that day. Raises TransportFailed for one that cannot be read."""
        path = self.root / "statements" / f"{day:%Y%m%d}.json"
        return statement_in(read_foreign(path), day) if path.is_file() else None


def read_foreign(path: Path) -> bytes:
    """Read a file of the other side: not a link, not too large."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError:
        raise TransportFailed("garbage") from None
    if len(content) > MOST_BYTES:
        raise TransportFailed("too-large")
    return content


def _put(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
