"""Keeping bytes and rows together: what a crash left behind goes, what is missing is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from uuid import UUID

from tongban.kernel.files.models import File
from tongban.kernel.files.storage import storage

__all__ = ["AGE", "Findings", "check_storage", "sweep"]

AGE = timedelta(hours=24)
"""Bytes are written before their row is; a transaction that takes longer than this there is none."""
BATCH = 500


@dataclass(frozen=True, slots=True)
class Findings:
    """What does not fit together: digests without a row, and files without bytes."""

    stray: tuple[str, ...]
    missing: tuple[UUID, ...]


def check_storage(*, age: timedelta = AGE) -> Findings:
    """Compare the storage with the table and change nothing."""
    return Findings(stray=tuple(_strays(age)), missing=tuple(_missing()))


def sweep(*, age: timedelta = AGE) -> int:
    """Remove bytes that nobody points to and that are so old; return how many went.

    They are left when a process dies between writing bytes and committing their row. Safe while others write.
    """
    store = storage()
    store.clear_drafts(age)
    return sum(store.discard(digest, age) for digest in list(_strays(age)))


def _strays(age: timedelta) -> Iterator[str]:
    for batch in _batches(storage().old(age)):
        known = set(File.objects.filter(sha256__in=batch).values_list("sha256", flat=True))
        yield from (digest for digest in batch if digest not in known)


def _missing() -> Iterator[UUID]:
    store = storage()
    for pk, digest in File.objects.order_by("pk").values_list("pk", "sha256").iterator():
        try:
            store.open(digest).close()
        except FileNotFoundError:
            yield pk


def _batches(items: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        yield batch
