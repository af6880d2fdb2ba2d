"""The form of a copy: its names, its manifest and its list of sums. Pure but for reading and writing files."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from tongban.main.backup.errors import BackupFault

__all__ = [
    "DUMP",
    "FORMAT",
    "MANIFEST",
    "PARTIAL",
    "SUMS",
    "Copy",
    "Manifest",
    "copies_in",
    "create",
    "digest_of",
    "fingerprint_of_key",
    "name_of",
    "name_of_stored",
    "read_copy",
    "sync_directory",
]

FORMAT = 1
MANIFEST, SUMS, DUMP = "manifest.json", "SHA256SUMS", "database.dump"
PARTIAL = ".partial"
NAME = re.compile(r"tongban-\d{8}T\d{6}Z(?:-\d+)?")
BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a copy says about itself."""

    program: str
    """The version of the program that made it."""
    environment: str
    """``demo`` or ``production``."""
    installation: str
    """The fingerprint of its blind key: copies of one installation have the same."""
    made_at: str
    """The moment of the snapshot."""
    server: str
    """The version of PostgreSQL."""
    database_bytes: int
    """How large the database was on its disk."""
    migrations: list[str]
    """Every migration that was applied, ``app.name``."""
    tables: dict[str, int]
    """The rows of each table in the snapshot."""
    batches: int
    """Sealed batches of the ledger in the snapshot."""
    keys: str
    """``plain``, ``sealed`` or ``none``."""
    key_fingerprints: dict[str, str]
    """Of the keys in use, so that a restore notices others."""
    files: int
    bytes: int
    sums: str
    """The SHA-256 of ``SHA256SUMS``."""
    missing: list[str] = field(default_factory=list)
    """Digests of files that the database names and the installation did not have."""
    damaged: list[str] = field(default_factory=list)
    """Digests of files that had other bytes than they should, already in the installation."""

    def write(self, directory: Path) -> None:
        """Write it durably."""
        body = {"format": FORMAT, **asdict(self)}
        body["digest"] = _digest(body)
        with (directory / MANIFEST).open("w", encoding="utf-8") as target:
            json.dump(body, target, ensure_ascii=False, indent=1)
            target.write("\n")
            target.flush()
            os.fsync(target.fileno())

    @classmethod
    def read(cls, directory: Path) -> Manifest:
        """Read it. Raises BackupFault when the directory is no whole copy."""
        if directory.name.endswith(PARTIAL):
            raise BackupFault(f"{directory} was never finished: it is no copy")
        try:
            body: dict[str, Any] = json.loads((directory / MANIFEST).read_text("utf-8"))
        except FileNotFoundError:
            raise BackupFault(f"{directory} is no copy: there is no {MANIFEST} in it") from None
        except ValueError as error:
            raise BackupFault(f"{directory / MANIFEST} is damaged: {error}") from None
        if body.get("format") != FORMAT:
            raise BackupFault(
                f"{directory} has format {body.get('format')}; this program reads format {FORMAT}"
            )
        if body.pop("digest", "") != _digest(body):
            raise BackupFault(f"{directory / MANIFEST} was changed: its digest is another")
        del body["format"]
        return cls(**body)


@dataclass(frozen=True, slots=True)
class Copy:
    """A whole copy in its directory."""

    directory: Path
    manifest: Manifest

    @property
    def made_at(self) -> datetime:
        """The moment of the snapshot."""
        return datetime.fromisoformat(self.manifest.made_at)

    def listed(self) -> Iterator[tuple[str, Path]]:
        """Yield sum and relative path of every file. Raises BackupFault when the list is not the manifest's."""
        file = self.directory / SUMS
        if not file.is_file() or digest_of(file)[0] != self.manifest.sums:
            raise BackupFault(f"{file} is missing or was changed")
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                total, _, name = line.rstrip("\n").partition("  ")
                path = Path(name)
                if path.is_absolute() or ".." in path.parts:
                    raise BackupFault(f"{file} names {name}, which is outside of the copy")
                yield total, path

    def check(self) -> int:
        """Read everything and compare it with its sum; return how many bytes that were. Raises BackupFault."""
        seen, read = set(), 0
        for total, path in self.listed():
            file = self.directory / path
            if not file.is_file() or file.is_symlink():
                raise BackupFault(f"{file} is missing")
            found, size = digest_of(file)
            if found != total:
                raise BackupFault(f"{file} is damaged: its sum is another")
            seen.add(path)
            read += size
        for file in self.directory.rglob("*"):
            if not file.is_dir() and file.relative_to(self.directory) not in {
                *seen,
                Path(MANIFEST),
                Path(SUMS),
            }:
                raise BackupFault(f"{file} does not belong to the copy")
        if (len(seen), read) != (self.manifest.files, self.manifest.bytes):
            raise BackupFault(
                f"{self.directory} holds {len(seen)} files of {read} bytes, not as its manifest says"
            )
        return read


def read_copy(directory: Path) -> Copy:
    """Return the copy in ``directory``. Raises BackupFault."""
    return Copy(directory, Manifest.read(directory))


def copies_in(place: Path, installation: str) -> list[Copy]:
    """Return the whole copies of one installation in a place, newest first. What cannot be read is left out."""
    found = []
    for directory in place.iterdir() if place.is_dir() else ():
        if NAME.fullmatch(directory.name):
            try:
                copy = read_copy(directory)
            except BackupFault:
                continue
            if copy.manifest.installation == installation:
                found.append(copy)
    return sorted(found, key=lambda copy: copy.made_at, reverse=True)


def name_of(at: datetime) -> str:
    """Return the name of a copy that was begun at that moment."""
    return f"tongban-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def name_of_stored(sha256: str) -> str:
    """Return the name of a stored file within a copy: the same as in a home, wherever the installation keeps it."""
    return f"files/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def fingerprint_of_key(key: str) -> str:
    """Return what tells a key from another without giving it away (keys are long and random)."""
    return hashlib.sha256(b"tongban key\0" + key.encode()).hexdigest()[:16]


def digest_of(file: Path) -> tuple[str, int]:
    """Return SHA-256 and size of a file."""
    total, size = hashlib.sha256(), 0
    with file.open("rb") as source:
        while block := source.read(BLOCK):
            total.update(block)
            size += len(block)
    return total.hexdigest(), size


def create(file: Path) -> BinaryIO:
    """Open a new file for writing that only its owner may read."""
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _digest(body: dict[str, Any]) -> str:
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
