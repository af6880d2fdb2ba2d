"""A server that speaks as much of the S3 protocol as a store of files needs, for tests: objects in memory, signatures checked.

Written from the specification of the protocol (Signature Version 4, ListObjectsV2), not from our client. It can be made to fail.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

__all__ = ["BUCKET", "KEY", "SECRET", "Bucket", "serving"]

BUCKET, KEY, SECRET = "county", "test-key", "a secret that is only for tests"
PAGE = 3
"""Objects a page of a listing: few, so that every test with more goes through pages."""
SIGNED = re.compile(r"AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})")


@dataclass
class Bucket:
    """What lies on the server, what it was asked, and how it behaves."""

    objects: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    fails: bool = False
    """Answer 503 to everything."""
    url: str = ""
    prefix: str = "files"

    def path(self, sha256: str) -> str:
        return f"{self.prefix}/{sha256[:2]}/{sha256[2:4]}/{sha256}"

    def age(self, sha256: str, by: timedelta) -> None:
        """Let an object have been written so much earlier."""
        content, at = self.objects[self.path(sha256)]
        self.objects[self.path(sha256)] = (content, at - by)

    def replace(self, sha256: str, content: bytes) -> None:
        """Put other bytes under a digest, as a broken disk of the server would."""
        self.objects[self.path(sha256)] = (content, self.objects[self.path(sha256)][1])


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bucket: Bucket

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if (key := self._key(content)) is not None:
            self.bucket.objects[key] = (content, datetime.now(UTC))
            self._answer(200, headers={"ETag": _etag(content)})

    def do_GET(self) -> None:
        if (key := self._key(b"")) is None:
            return
        if key == "":
            self._list()
        elif key in self.bucket.objects:
            content, at = self.bucket.objects[key]
            self._answer(
                200, content, {"Last-Modified": format_datetime(at, usegmt=True), "ETag": _etag(content)}
            )
        else:
            self._refuse(404, "NoSuchKey")

    do_HEAD = do_GET  # noqa: N815 (the name that the server looks for)

    def do_DELETE(self) -> None:
        if (key := self._key(b"")) is not None:
            self.bucket.objects.pop(key, None)
            self._answer(204)

    def _list(self) -> None:
        query = dict(parse_qsl(urlsplit(self.path).query))
        after = query.get("continuation-token", query.get("start-after", ""))
        keys = sorted(k for k in self.bucket.objects if k.startswith(query.get("prefix", "")) and k > after)
        page = keys[:PAGE]
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{at:%Y-%m-%dT%H:%M:%S}.000Z</LastModified>"
            f"<ETag>{escape(_etag(content))}</ETag><Size>{len(content)}</Size></Contents>"
            for key, (content, at) in ((key, self.bucket.objects[key]) for key in page)
        )
        more = len(keys) > PAGE
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        body = f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{rows}{token}</ListBucketResult>"
        self._answer(200, body.encode(), {"Content-Type": "application/xml"})

    def _key(self, content: bytes) -> str | None:
        """Return which object is meant, after the signature was checked; None when the answer has gone out already."""
        parts = urlsplit(self.path)
        bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
        self.bucket.asked.append((self.command, key))
        if self.bucket.fails:
            self._refuse(503, "SlowDown")
        elif bucket != BUCKET:
            self._refuse(404, "NoSuchBucket")
        elif hashlib.sha256(content).hexdigest() != self.headers.get("x-amz-content-sha256"):
            self._refuse(400, "XAmzContentSHA256Mismatch")
        elif not self._is_signed(parts.path, parts.query):
            self._refuse(403, "SignatureDoesNotMatch")
        else:
            return key
        return None

    def _is_signed(self, path: str, query: str) -> bool:
        found = SIGNED.fullmatch(self.headers.get("Authorization", ""))
        if found is None:
            return False
        who, names, signature = found.groups()
        key, day, region, service, _ = who.split("/")
        scope = f"{day}/{region}/{service}/aws4_request"
        pairs = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in parse_qsl(query, True))
        canonical = "\n".join([
            self.command, quote(unquote(path), safe="/-_.~"), "&".join(f"{k}={v}" for k, v in pairs),
            *(f"{name}:{' '.join((self.headers[name] or '').split())}" for name in names.split(";")),
            "", names, self.headers["x-amz-content-sha256"],
        ])  # fmt: skip
        told = "\n".join([
            "AWS4-HMAC-SHA256", self.headers["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest(),
        ])  # fmt: skip
        made = f"AWS4{SECRET}".encode()
        for part in (*scope.split("/"), told):
            made = hmac.new(made, part.encode(), hashlib.sha256).digest()
        return key == KEY and hmac.compare_digest(made.hex(), signature)

    def _refuse(self, status: int, code: str) -> None:
        body = f"<Error><Code>{code}</Code></Error>".encode()
        self._answer(status, body, {"Content-Type": "application/xml"})

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[Bucket]:
    """Serve an empty bucket while the block runs."""
    bucket = Bucket()
    handler = type("Handler", (_Handler,), {"bucket": bucket})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    bucket.url = f"s3://{BUCKET}/{bucket.prefix}?endpoint=http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield bucket
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _etag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
