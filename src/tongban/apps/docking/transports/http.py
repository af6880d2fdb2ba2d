"""An address that takes one record a request.

The threat: somebody between us and the platform, or in its place, reads or changes records, sends a request once
more, or answers for ever. The remedy: TLS with a proved certificate, no redirects, a signature (HMAC with the shared
secret) over method, path, moment, idempotency key and digest of the body, a deadline for the whole answer and a bound
on its size. Sending again is harmless: the idempotency key stays the same.

``POST <address>`` → 200/201 with a receipt, 202 taken (the receipt comes later), 409 known already (with its
receipt), 422 refused (with a receipt). ``GET <address>/receipts`` → receipts since then; ``GET
<address>/statement?day=YYYYMMDD`` → what they have of a day. Everything else is a failure, tried again later.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ssl
import time
from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import urlsplit

from django.conf import settings

from tongban.apps.docking.models import Destination
from tongban.apps.docking.rules import moment
from tongban.apps.docking.secret import secret_of
from tongban.apps.docking.transports.base import (
    MOST_BYTES,
    Answer,
    Parcel,
    Receipt,
    TransportFailed,
    receipts_in,
    statement_in,
)
from tongban.base.time import now

__all__ = ["Http", "signature"]

CHUNK = 64 * 1024
AWAY = frozenset({401, 403, 404, 408, 425, 429})
WITH_RECEIPT = frozenset({200, 201, 409, 422})


def signature(secret: bytes, *parts: str) -> str:
    """Return the signature over these parts, each on a line of its own."""
    made = hmac.new(secret, "\n".join(parts).encode(), settings.TONGBAN_DIGEST)
    return f"hmac-{settings.TONGBAN_DIGEST}:{made.hexdigest()}"


class Http:
    """Posts records one by one."""

    one_by_one = True

    def __init__(self, destination: Destination) -> None:
        self.destination = destination
        self.url = urlsplit(destination.address.rstrip("/"))

    def send(self, name: str, parcels: Sequence[Parcel]) -> list[Answer]:
        """Post one parcel. Raises TransportFailed, also when the answer is no receipt: then nobody knows what became of it."""
        [parcel] = parcels
        kind = self.destination.style.media_type
        status, body, retry_after = self._request("POST", "", parcel.body, parcel.key, {"Content-Type": kind})
        if status == 202:
            return [Answer(parcel.key)]
        if status in WITH_RECEIPT:
            found, _ = receipts_in(body)
            receipt = next((one for one in found if one.key == parcel.key), None)
            if receipt is None:
                raise TransportFailed(f"garbage ({status})")
            return [Answer(parcel.key, receipt)]
        raise TransportFailed(f"status {status}", retry_after, is_away=status in AWAY or status >= 500)

    def arrived(self, name: str) -> bool:
        """Nobody knows; it is sent again under the same key."""
        return False

    def receipts(self) -> tuple[list[Receipt], int]:
        """Ask for the receipts that came later. An address without this service has none."""
        status, body, _ = self._request("GET", "/receipts")
        if status in (404, 405, 204):
            return [], 0
        if status != 200:
            raise TransportFailed(f"status {status}", is_away=True)
        return receipts_in(body) if body.strip() not in (b"", b"[]") else ([], 0)

    def settle(self) -> None:
        """They keep their own books; receipts that come twice are no harm."""

    def statement(self, day: date) -> Mapping[str, Mapping[str, str]] | None:
        """Ask what they have of a day."""
        status, body, _ = self._request("GET", f"/statement?day={day:%Y%m%d}")
        if status in (404, 405, 204):
            return None
        if status != 200:
            raise TransportFailed(f"status {status}")
        return statement_in(body, day)

    def _request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        key: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes, float | None]:
        timeout = float(self.destination.setting("timeout"))
        deadline = time.monotonic() + timeout
        target = f"{self.url.path}{path}" or "/"
        sent_at = moment(now())
        signed = {"Tongban-Key": self.destination.key, "Tongban-Time": sent_at, "Accept": "application/json"}
        if key:
            signed["Idempotency-Key"] = key
        secret = secret_of(self.destination.key)
        if secret:
            digest = hashlib.new(settings.TONGBAN_DIGEST, body).hexdigest()
            signed["Tongban-Signature"] = signature(secret, method, target, sent_at, key, digest)
        connection = self._connection(timeout)
        try:
            connection.request(method, target, body=body or None, headers={**signed, **(headers or {})})
            answer = connection.getresponse()
            content = _read(answer, deadline)
            return answer.status, content, _seconds(answer.getheader("Retry-After"))
        except ssl.SSLError as error:
            raise TransportFailed("tls", is_away=True) from error
        except TimeoutError as error:
            raise TransportFailed("timeout") from error
        except (OSError, http.client.HTTPException) as error:
            raise TransportFailed(type(error).__name__, is_away=isinstance(error, OSError)) from error
        finally:
            connection.close()

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        host = self.url.hostname or ""
        if self.url.scheme == "https":
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(host, self.url.port, timeout=timeout, context=context)
        return http.client.HTTPConnection(host, self.url.port, timeout=timeout)


def _read(answer: http.client.HTTPResponse, deadline: float) -> bytes:
    """Read the answer within the deadline, however slowly it drips, and no further than the bound."""
    content = b""
    while chunk := answer.read1(CHUNK):
        content += chunk
        if len(content) > MOST_BYTES:
            raise TransportFailed("too-large")
        if time.monotonic() > deadline:
            raise TransportFailed("timeout")
    return content


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdecimal() and len(text) < 7 else None
