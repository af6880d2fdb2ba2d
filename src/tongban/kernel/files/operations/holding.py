"""Keeping bytes in such a way that no sweeper takes them before their row is committed.

A disk sees by itself that a file was touched while it was being discarded. A bucket does not: between the sweeper's look and its
removal somebody may write the same bytes again. There a writer holds a shared lock on the digest until his transaction ends, and
the sweeper removes only what it has locked alone and then seen without a row.
"""

from __future__ import annotations

import hashlib

from django.db import connection

from tongban.kernel.files.storage import storage

__all__ = ["is_alone_with", "keep"]


def keep(content: bytes) -> str:
    """Write bytes into the storage and return their digest; the caller's transaction names them in a row."""
    store = storage()
    if store.is_shared:
        with connection.cursor() as cursor:
            digest = hashlib.sha256(content).hexdigest()
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_number(digest)])
    return store.write(content)


def is_alone_with(digest: str) -> bool:
    """Lock a digest until the transaction ends; False when somebody is writing these bytes just now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_number(digest)])
        return bool(cursor.fetchone()[0])


def _number(digest: str) -> int:
    return int.from_bytes(bytes.fromhex(digest[:16]), signed=True)
