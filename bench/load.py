"""Clients that send requests as fast as they are answered, each over one connection that stays open."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

__all__ = ["Load", "Refused", "Request", "connection", "run"]

OK = (200, 201)


class Refused(RuntimeError):
    """A request was answered otherwise than with success."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as a program sends it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it: seconds in all, milliseconds of each request."""

    seconds: float
    milliseconds: Sequence[float]

    @property
    def per_second(self) -> float:
        """How many requests were answered in a second."""
        return len(self.milliseconds) / self.seconds

    @property
    def median(self) -> float:
        """Milliseconds that half of all requests took at most."""
        return median(self.milliseconds)

    @property
    def p95(self) -> float:
        """Milliseconds that 95 of 100 requests took at most."""
        return quantiles(self.milliseconds, n=20)[-1]


def connection(port: int) -> http.client.HTTPConnection:
    """Return a line to the server on this machine."""
    return http.client.HTTPConnection("127.0.0.1", port, timeout=120)


def run(port: int, requests: Sequence[Request], *, clients: int = 1) -> Load:
    """Send all requests by so many clients. Raises Refused with the first answer that is no success."""
    waiting, lock = iter(requests), threading.Lock()
    took: list[float] = []
    wrong: list[str] = []

    def client() -> None:
        line = connection(port)
        for request in _shared(waiting, lock):
            began = time.perf_counter()
            line.request(request.method, request.path, request.body or None, dict(request.headers))
            answer = line.getresponse()
            content = answer.read()
            took.append((time.perf_counter() - began) * 1000)
            if answer.status not in OK:
                wrong.append(f"{request.path}: {answer.status} {content.decode(errors='replace')[:300]}")
            if wrong:
                break
        line.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if wrong:
        raise Refused(wrong[0])
    if len(took) < len(requests):
        raise Refused(f"{len(requests) - len(took)} of {len(requests)} requests were not answered")
    return Load(seconds, took)


def _shared(waiting: Iterator[Request], lock: threading.Lock) -> Iterator[Request]:
    while True:
        with lock:
            request = next(waiting, None)
        if request is None:
            return
        yield request
