"""A destination in the county, and an upper platform that misbehaves as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tongban.apps.docking import service as docking
from tongban.apps.docking.models import Destination, Record
from tongban.apps.docking.operations.receipts import give_up_waiting
from tongban.base.actor import Actor
from tongban.kernel.ledger import rows


class Wire:
    """One destination in the county, with quick ways to look at what became of its records."""

    def __init__(self, county: Any, **content: Any) -> None:
        self.county = county
        base = {
            "key": "province",
            "name": {"zh": "省平台", "en": "Province"},
            "kind": "drop",
            "address": "province",
        }
        self.it = docking.put_destination(
            actor=Actor.system("test"), content={**base, **content}, at=county.now
        )

    @property
    def root(self) -> Path:
        return Path(settings.TONGBAN_HOME) / "exchange" / self.it.address

    def follow(self) -> None:
        docking.follow(destination_id=self.it.pk, at=self.county.now)

    def send(self) -> int:
        return docking.send(destination_id=self.it.pk, at=self.county.now)

    def receive(self) -> int:
        return docking.take_receipts(destination_id=self.it.pk, at=self.county.now)

    def round(self) -> None:
        docking.work(destination_id=self.it.pk, at=self.county.now)

    def wait(self, **time: int) -> None:
        self.county.go_to(self.county.now + timedelta(**time))

    def give_up_waiting(self) -> int:
        return give_up_waiting(destination_id=self.it.pk, at=self.county.now)

    def records(self, *tables: str) -> list[Record]:
        found = Record.objects.filter(destination=self.it).order_by("sequence")
        return list(found.filter(table__in=tables) if tables else found)

    def states(self, *tables: str) -> list[str]:
        return [one.state for one in self.records(*tables)]

    def told(self, record: Record) -> list[str]:
        return [one.what for one in record.traces.all()]

    def packages(self) -> list[Path]:
        return sorted(path for path in (self.root / "out").glob("[0-9]*"))

    def answer(self, *receipts: dict[str, Any], name: str = "a.json") -> None:
        """Put a file of receipts there, as the other side does."""
        (self.root / "receipts" / name).write_text(
            json.dumps({"receipts": list(receipts)}, ensure_ascii=False)
        )

    def accept_all(self) -> None:
        """Accept everything that has gone."""
        sent = [one for one in self.records() if one.state == "sent"]
        self.answer(
            *[{"key": one.idempotency, "state": "accepted", "number": f"R{one.sequence}"} for one in sent]
        )
        self.receive()


@pytest.fixture(autouse=True)
def everything_is_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test is one transaction, and the ledger is followed only up to the oldest open one."""
    monkeypatch.setattr(rows, "HORIZON", "9000000000000000000")


@pytest.fixture
def wire(county: Any) -> Iterator[Callable[..., Wire]]:
    """Make a destination, the only one; its directory goes with the test."""
    import shutil

    Destination.objects.all().delete()
    yield lambda **content: Wire(county, **content)
    shutil.rmtree(Path(settings.TONGBAN_HOME) / "exchange", ignore_errors=True)
    for path in (Path(settings.TONGBAN_HOME) / "secrets").glob("docking-*"):
        path.unlink()


class Peer:
    """An upper platform on the loopback. ``mood`` says how it answers the next request; what it took in stands in ``effects``."""

    def __init__(self) -> None:
        self.mood: list[str] = []
        self.requests: list[dict[str, Any]] = []
        self.effects: dict[str, bytes] = {}
        self.late: list[dict[str, Any]] = []
        peer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                key = self.headers["Idempotency-Key"]
                mood = peer.mood.pop(0) if peer.mood else "accept"
                peer.requests.append(
                    {"headers": dict(self.headers), "body": body, "path": self.path, "mood": mood}
                )
                peer.answer(self, mood, key, body)

            def do_GET(self) -> None:
                told = (
                    {"receipts": peer.late} if self.path.endswith("/receipts") else peer.statement(self.path)
                )
                peer.say(self, 200, told)

            def log_message(self, *_: Any) -> None:
                """Stay silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/exchange"

    def answer(self, handler: Any, mood: str, key: str, body: bytes) -> None:
        """Do what the mood says. Whatever the mood, the same key has its effect once."""
        receipt = {"key": key, "state": "accepted", "number": f"N-{key[:6]}"}
        if mood == "down":
            self.say(handler, 503, {}, {"Retry-After": "120"})
        elif mood == "refuse":
            self.say(handler, 422, {"key": key, "state": "refused", "reason": "事项未在目录中"})
        elif mood == "garbage":
            handler.send_response(200)
            handler.end_headers()
            handler.wfile.write(b"<html>404 but friendly</html>")
        elif mood == "redirect":
            self.say(handler, 302, {}, {"Location": self.url + "/elsewhere"})
        elif mood == "foreign":
            self.say(handler, 200, {**receipt, "key": "0" * 40})
        else:
            is_known = key in self.effects
            self.effects.setdefault(key, body)
            if mood == "lose":  # it took the record and dies before it answers
                handler.connection.close()
            elif mood == "later":
                self.late.append(receipt)
                self.say(handler, 202, {})
            else:
                self.say(handler, 409 if is_known else 201, receipt)

    def say(self, handler: Any, status: int, told: Any, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(told, ensure_ascii=False).encode()
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    def statement(self, path: str) -> dict[str, Any]:
        day = path.rpartition("=")[2]
        told = [json.loads(body) for body in self.effects.values()]
        rows = [
            {"key": one["key"], "table": one["table"], "digest": one["digest"]}
            for one in told
            if one["day"] == day
        ]
        return {"day": day, "records": rows}

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def peer() -> Iterator[Peer]:
    """Let an upper platform listen."""
    made = Peer()
    yield made
    made.close()


def destination(key: str = "province") -> Destination:
    """Return the destination as it is now."""
    return Destination.objects.get(key=key)
