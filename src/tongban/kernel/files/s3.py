"""The storage in a bucket of any server that speaks the S3 protocol. The keys are the paths that the disk would have.

A write is one request, and the server compares the bytes with the digest that is signed with them. A read is compared before its
first byte is handed on. What the server does not answer, or answers otherwise than it should, is FileStoreUnavailable (503): the
transaction that wanted to keep something fails with it, a job is tried again.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, cast

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import S3Store

from tongban.base.stores import ObjectStore
from tongban.kernel.files.errors import FileBytesDamaged, FileStoreUnavailable
from tongban.kernel.files.storage import BLOCK, DIGEST, Stored

if TYPE_CHECKING:
    from obstore.store import ClientConfig

__all__ = ["S3Storage"]

log = structlog.get_logger(__name__)
CONNECT, WHOLE = timedelta(seconds=3), timedelta(seconds=20)
"""How long to wait for a connection, and for a request of at most 20 MB."""
PATIENCE = timedelta(seconds=6)
"""How long a request that failed is tried again: short, because somebody waits, and perhaps with a row locked."""
AT_ONCE = 1000
SEEN_WELL = 10.0
"""Seconds for which a probe counts: whoever asks /healthz every second need not be paid for."""
PROBE, OWNER = ".probe", ".owner"


class S3Storage:
    """Objects under ``ab/cd/abcd…`` in a bucket, and two small ones of our own: the probe and the owner's mark."""

    is_shared = True

    def __init__(self, place: ObjectStore, key: str, secret: str) -> None:
        self.place = place
        self._well_until = 0.0
        scheme, _, host = place.endpoint.partition("://")
        options: ClientConfig = {"allow_http": scheme == "http", "connect_timeout": CONNECT, "timeout": WHOLE}
        if place.ca:
            options["root_certificate"] = Path(place.ca).read_text()
        self._store = S3Store(
            place.bucket,
            prefix=place.prefix or None,
            endpoint=f"{scheme}://{place.bucket}.{host}" if place.virtual else place.endpoint,
            region=place.region,
            access_key_id=key,
            secret_access_key=secret,
            virtual_hosted_style_request=place.virtual,
            disable_bulk_delete=True,  # not every provider knows how to delete many
            client_options=options,
            retry_config={"max_retries": 3, "retry_timeout": PATIENCE},
        )

    def __str__(self) -> str:
        return str(self.place)

    def write(self, content: bytes) -> str:
        """Always sent, also when it is there: so its age begins anew, and what was damaged is whole again."""
        digest = hashlib.sha256(content).hexdigest()
        with _asked("write"):
            obstore.put(self._store, _path(digest), content, use_multipart=False)
        return digest

    def open(self, sha256: str) -> BinaryIO:
        """Fetch and compare the whole before anything is handed on. Raises FileNotFoundError, FileBytesDamaged."""
        total = hashlib.sha256()
        spool = SpooledTemporaryFile(max_size=BLOCK)  # noqa: SIM115 (the caller closes it)
        try:
            for block in self.blocks(sha256):
                total.update(block)
                spool.write(block)
            if total.hexdigest() != sha256:
                log.error("files.bytes_damaged", sha256=sha256)
                raise FileBytesDamaged
        except BaseException:
            spool.close()
            raise
        spool.seek(0)
        return cast(BinaryIO, spool)

    def blocks(self, sha256: str) -> Iterator[bytes]:
        with _asked("read"):
            for block in obstore.get(self._store, _path(sha256)).stream(min_chunk_size=BLOCK):
                yield bytes(block)

    def has(self, sha256: str) -> bool:
        try:
            with _asked("look"):
                obstore.head(self._store, _path(sha256))
        except FileNotFoundError:
            return False
        return True

    def all(self) -> Iterator[Stored]:
        with _asked("list"):
            for page in obstore.list(self._store, chunk_size=AT_ONCE):
                for each in page:
                    name = each["path"].rpartition("/")[2]
                    if DIGEST.fullmatch(name):
                        yield Stored(name, each["size"], each["last_modified"])

    def probe(self) -> None:
        if time.monotonic() < self._well_until:
            return
        said = secrets.token_bytes(16)
        with _asked("probe"):
            obstore.put(self._store, PROBE, said, use_multipart=False)
            obstore.get(self._store, PROBE).bytes()  # another process may have written its own in between
        self._well_until = time.monotonic() + SEEN_WELL

    def discard(self, sha256: str, age: timedelta) -> bool:
        """The caller holds the lock of this digest and has seen that no row names it."""
        try:
            with _asked("discard"):
                seen = obstore.head(self._store, _path(sha256))
                if not Stored(sha256, seen["size"], seen["last_modified"]).is_older_than(age):
                    return False
                obstore.delete(self._store, _path(sha256))
        except FileNotFoundError:
            return False
        return True

    def clear_drafts(self, age: timedelta) -> int:
        """A write that was broken off leaves nothing in a bucket."""
        return 0

    @property
    def owner(self) -> str:
        try:
            with _asked("owner"):
                return bytes(obstore.get(self._store, OWNER).bytes()).decode()
        except FileNotFoundError:
            return ""

    def mark(self, owner: str) -> None:
        with _asked("mark"):
            obstore.put(self._store, OWNER, owner.encode(), use_multipart=False)


def _path(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


@contextmanager
def _asked(what: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as error:
        log.error("files.store_unavailable", asked=what, error=type(error).__name__, said=str(error)[:300])
        raise FileStoreUnavailable from error
