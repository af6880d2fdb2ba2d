"""Keeping bytes and rows together: what a crash left behind goes, what is missing is named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from uuid import UUID

from django.db import connection, transaction

from tongban.kernel.files.errors import FileStoreOfAnother
from tongban.kernel.files.models import File
from tongban.kernel.files.operations.holding import is_alone_with
from tongban.kernel.files.storage import Storage, storage

__all__ = ["AGE", "Findings", "check_storage", "claim_storage", "sweep"]

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

    They are left when a process dies between writing bytes and committing their row. Safe while others write. Raises
    FileStoreOfAnother for a bucket in which another database's files lie: to us they would all be strays.
    """
    store = storage()
    if store.is_shared:
        claim_storage(instead=False)
    store.clear_drafts(age)
    return sum(_discard(store, digest, age) for digest in list(_strays(age)))


def claim_storage(*, instead: bool) -> None:
    """Mark the bucket as this database's; ``instead`` also when it is marked as another's. Raises FileStoreOfAnother.

    A database that was restored elsewhere is another one, so a copy that is tried out with the settings of the real installation
    removes nothing.
    """
    store = storage()
    if not store.is_shared:
        return
    ours, theirs = _this_database(), store.owner
    if theirs and theirs != ours and not instead:
        raise FileStoreOfAnother
    if theirs != ours:
        store.mark(ours)


def _this_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT system_identifier || '/' || oid FROM pg_control_system(), pg_database WHERE datname = current_database()"
        )
        return str(cursor.fetchone()[0])


def _discard(store: Storage, digest: str, age: timedelta) -> bool:
    if not store.is_shared:
        return store.discard(digest, age)
    with transaction.atomic():
        if not is_alone_with(digest) or File.objects.filter(sha256=digest).exists():
            return False
        return store.discard(digest, age)


def _strays(age: timedelta) -> Iterator[str]:
    for batch in _batches(each.sha256 for each in storage().all() if each.is_older_than(age)):
        known = set(File.objects.filter(sha256__in=batch).values_list("sha256", flat=True))
        yield from (digest for digest in batch if digest not in known)


def _missing() -> Iterator[UUID]:
    """Go through rows and storage side by side; what seems to be missing is asked for by its name."""
    store = storage()
    rows = File.objects.order_by("sha256", "pk").values_list("pk", "sha256").iterator()
    stored = (each.sha256 for each in store.all())
    have: str | None = ""
    for pk, digest in rows:
        while have is not None and have < digest:
            have = next(stored, None)
        if have != digest and not store.has(digest):
            yield pk


def _batches(items: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        yield batch
