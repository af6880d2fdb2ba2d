"""What is kept of the ledger outside the database: ``TONGBAN_HOME/ledger/roots`` and beside it ``leaves``, one JSON line a batch.

The threat: somebody with the owner's password changes acts and recomputes every hash after them. The database then agrees with
itself, but not with lines that were written before. ``roots`` is public and small enough to be copied elsewhere;
``leaves`` holds the hash of every act, so that not only the batch but the act can be named. A line of ``leaves`` proves
itself: its hashes lead to the root in ``roots``.

Both files only grow, are flushed to the disk, and may lag: whoever seals next adds what is missing, also after a crash in the
middle of a line.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import structlog
from django.conf import settings
from django.db import connection

from tongban.kernel.ledger.merkle import split
from tongban.kernel.ledger.rows import headers_from
from tongban.kernel.ledger.rules import ALGORITHMS
from tongban.kernel.ledger.sealing import Header

__all__ = ["KeptLeaves", "Line", "directory", "keep", "read_roots"]

log = structlog.get_logger(__name__)
AT_ONCE = 200
"""Batches read for one writing."""
NUMBER = re.compile(r'\{"number":(\d+),')


@dataclass(frozen=True, slots=True)
class Line:
    """A kept line: what was said of the batch, and the head that was written with it."""

    header: Header
    head: str

    @property
    def holds(self) -> bool:
        """True when the head is that of the header: the line was not changed by hand."""
        return self.header.algorithm in ALGORITHMS and self.header.head == self.head


def directory() -> Path:
    """Return where the two files lie."""
    return Path(settings.TONGBAN_HOME) / "ledger"


def keep() -> int:
    """Add the batches that the files lack; return how many. Several processes may call this at once.

    A file that says other things than the database, or more, is evidence and is left as it is; the log says so.
    """
    folder = directory()
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    with (folder / "roots").open("a+b") as roots, (folder / "leaves").open("a+b") as leaves:
        fcntl.flock(roots, fcntl.LOCK_EX)
        _cut_torn_line(roots)
        _cut_torn_line(leaves)
        written = _number(_last_line(leaves))
        _append(leaves, written, _leaf_lines)
        last = _last_line(roots)
        if last and not _agrees(last):
            log.error("ledger.kept_roots_differ", number=_number(last))
            return 0
        return _append(roots, _number(last), _root_lines)


def read_roots(file: Path) -> Iterator[Line]:
    """Yield the lines of a roots file. Raises ValueError naming the line that is none, OSError without the file."""
    with file.open(encoding="utf-8") as lines:
        for number, text in enumerate(lines, 1):
            if not text.strip():
                continue
            try:
                value = json.loads(text)
                yield Line(Header.of(value), str(value["head"]))
            except (ValueError, KeyError, TypeError) as error:
                if not text.endswith("\n"):
                    return  # being written at this moment, or torn by a crash; the next writing repairs it
                raise ValueError(f"{file}, line {number}: {error}") from error


class KeptLeaves:
    """The leaves file, read alongside the chain: asked for batches in ascending order, it goes through the file once."""

    def __init__(self, file: Path) -> None:
        self._lines = file.open(encoding="utf-8") if file.exists() else None
        self._number, self._text = 0, ""

    def of(self, header: Header) -> tuple[list[int], list[bytes]] | None:
        """Return ids and hashes of a batch; None when the file has none that lead to the header's root."""
        while self._lines is not None and self._number < header.number:
            self._text = self._lines.readline()
            if not self._text.endswith("\n"):
                self.close()
                return None
            found = NUMBER.match(self._text)
            self._number = int(found[1]) if found else self._number
        if self._lines is None or self._number != header.number:
            return None
        try:
            value = json.loads(self._text)
            acts, leaves = [int(act) for act in value["acts"]], list(split(bytes.fromhex(value["leaves"])))
        except (ValueError, KeyError, TypeError):
            return None
        return (acts, leaves) if header.fits(acts, leaves) else None

    def close(self) -> None:
        """Close the file."""
        if self._lines is not None:
            self._lines.close()
            self._lines = None


def _append(file: IO[bytes], after: int, lines_from: Any) -> int:
    added = 0
    while lines := lines_from(after + added + 1):
        file.write("".join(f"{line}\n" for line in lines).encode())
        file.flush()
        os.fsync(file.fileno())
        added += len(lines)
    return added


def _root_lines(number: int) -> list[str]:
    return [header.line() for header in headers_from(number, limit=AT_ONCE)]


def _leaf_lines(number: int) -> list[str]:
    query = "SELECT number, acts, leaves FROM ledger_batch WHERE number >= %s ORDER BY number LIMIT %s"
    with connection.cursor() as cursor:
        cursor.execute(query, [number, AT_ONCE])
        rows = cursor.fetchall()
    return [
        json.dumps({"number": n, "acts": acts, "leaves": bytes(leaves).hex()}, separators=(",", ":"))
        for n, acts, leaves in rows
    ]


def _agrees(last: bytes) -> bool:
    """Tell whether the database knows the batch of the last line, with the same head."""
    value = json.loads(last)
    found = headers_from(int(value["number"]), limit=1)
    return bool(found) and found[0].number == value["number"] and found[0].head == value["head"]


def _number(line: bytes) -> int:
    return int(json.loads(line)["number"]) if line else 0


def _cut_torn_line(file: IO[bytes]) -> None:
    """Take away a last line without an end: a crash came between writing and flushing."""
    size = file.seek(0, os.SEEK_END)
    end = _end_of_last_line(file, size)
    if end != size:
        file.truncate(end)


def _end_of_last_line(file: IO[bytes], size: int) -> int:
    return _find_back(file, size) + 1


def _last_line(file: IO[bytes]) -> bytes:
    size = file.seek(0, os.SEEK_END)
    if not size:
        return b""
    start = _find_back(file, size - 1) + 1
    file.seek(start)
    return file.read(size - start).strip()


def _find_back(file: IO[bytes], before: int) -> int:
    """Return the place of the last end of a line before ``before``; -1 for none."""
    while before > 0:
        start = max(0, before - 65536)
        file.seek(start)
        found = file.read(before - start).rfind(b"\n")
        if found >= 0:
            return start + found
        before = start
    return -1
