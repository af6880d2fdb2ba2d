"""Programs that act through the API and never give up, each act with a key of its own; and what they were told.

Whoever kills something meanwhile compares afterwards: what was acknowledged must be there, once.
"""

from __future__ import annotations

import contextlib
import queue
import random
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPException
from typing import Any

from tests.support.scenes import ACCEPTED, ANSWERS, LETTER
from tests.support.site import Answer, Api, a_picture

__all__ = ["CLIENTS", "PATIENCE", "Act", "Client", "Record", "work"]

PATIENCE = 180.0
"""Seconds in which an act must be acknowledged and everything must be settled."""


@dataclass(frozen=True)
class Act:
    """One acknowledged act: what it was, what the answer named, and when it came."""

    kind: str
    subject: str
    at: float = field(default_factory=time.monotonic)


@dataclass
class Record:
    """What the clients were told, shared by all of them."""

    acts: list[Act] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    retries: int = 0
    replays: int = 0
    letters: queue.Queue[str] = field(default_factory=queue.Queue)
    applications: queue.Queue[str] = field(default_factory=queue.Queue)
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledged(self, kind: str, subject: str, answer: Answer) -> None:
        with self.lock:
            self.acts.append(Act(kind, subject))
            self.replays += answer.headers.get("Idempotent-Replay") == "true"

    def subjects(self, kind: str) -> list[str]:
        return [act.subject for act in self.acts if act.kind == kind]


class Client:
    """One program that never gives up: every act with its own key, again and again until there is an answer."""

    def __init__(self, api: Api, record: Record) -> None:
        self.api, self.record = api, record

    def act(self, kind: str, send: Callable[[str], Answer], subject: str = "", name: str = "") -> Any:
        """Act once; return the answer's JSON. ``name`` is the field of the answer that says about what it was.

        Every tenth answer is thrown away and the request sent again, as when the cable is cut behind the server.
        """
        key = str(uuid.uuid4())
        answer = self._until_answered(send, key)
        if answer.status < 400 and random.random() < 0.1:
            again = self._until_answered(send, key)
            assert (again.status, again.content) == (answer.status, answer.content)
            answer = again
        if answer.status >= 400:
            self.record.refused.append(f"{kind} {subject}: {answer.status} {answer.content.decode()[:300]}")
            raise RuntimeError(kind)
        found = answer.json
        self.record.acknowledged(kind, subject or str(found[name]), answer)
        return found

    def read(self, path: str) -> Any:
        return self._until_answered(lambda _: self.api.get(path)).json

    def _until_answered(self, send: Callable[[str], Answer], key: str = "") -> Answer:
        end = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError, HTTPException):
                answer = send(key)
                if answer.status < 500:
                    return answer
            self.record.retries += 1
            assert time.monotonic() < end, "no answer in time"
            time.sleep(0.2)


def write_letters(client: Client) -> None:
    sent = client.act(
        "letter",
        lambda key: client.api.post("/letters", LETTER, Idempotency_Key=key),
        name="number",
    )
    client.record.letters.put(sent["number"])


def assign_letters(client: Client) -> None:
    """Take a letter that is in the registry's hands, and give it to a unit."""
    number = _next(client.record.letters)
    if number:
        complete(client, number, "assign", "assign", {"unit": "cgj", "complexity": "general"})


def apply(client: Client) -> None:
    firm = client.read("/me")["entities"][0]["id"]
    body = {"item": "food-licence", "entity_id": firm}
    begun = client.act(
        "application", lambda key: client.api.post("/applications", body, Idempotency_Key=key), name="id"
    )
    here = f"/applications/{begun['id']}"
    client.act(
        "answers", lambda key: client.api.put(f"{here}/data", {"data": ANSWERS}, Idempotency_Key=key), here
    )
    for material in begun["materials"]:
        if material["upload"] and material["required"]:
            picture = a_picture(40, 40, f"#{random.randrange(1 << 24):06x}")  # bytes of its own
            client.act("upload", partial(upload, client, here, material["key"], picture), here)
    sent = client.act(
        "submission", lambda key: client.api.post(f"{here}/submit", Idempotency_Key=key), name="number"
    )
    client.record.applications.put(sent["number"])


def upload(client: Client, here: str, material: str, content: bytes, key: str) -> Answer:
    edge = uuid.uuid4().hex  # each time another one, as browsers do
    head = (
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return client.api.ask(
        "POST",
        f"{here}/materials/{material}",
        content=head.encode() + content + f"\r\n--{edge}--\r\n".encode(),
        Content_Type=f"multipart/form-data; boundary={edge}",
        Idempotency_Key=key,
    )


def accept_applications(client: Client) -> None:
    number = _next(client.record.applications)
    if number:
        [(_, node, outcome, data)] = ACCEPTED
        complete(client, number, node, outcome, dict(data))


def complete(client: Client, number: str, node: str, outcome: str, data: dict[str, Any]) -> None:
    tasks = client.read(f"/cases/{number}")["tasks"]
    task = next(task["id"] for task in tasks if task["node"] == node)
    body = {"outcome": outcome, "data": data}
    client.act(
        outcome, lambda key: client.api.post(f"/tasks/{task}/complete", body, Idempotency_Key=key), number
    )


def _next(waiting: queue.Queue[str]) -> str:
    with contextlib.suppress(queue.Empty):
        return waiting.get(timeout=0.5)
    return ""


CLIENTS: tuple[tuple[str, Callable[[Client], None]], ...] = (
    ("citizen", write_letters),
    ("citizen", write_letters),
    ("rep", write_letters),
    ("mailbox", assign_letters),
    ("mailbox", assign_letters),
    ("citizen", apply),
    ("rep", apply),
    ("window", accept_applications),
)
"""One applicant each: whoever begins twice is led back to the draft."""


def work(client: Client, do: Callable[[Client], None]) -> None:
    """Do it again and again until the record says stop, or something is refused."""
    with contextlib.suppress(RuntimeError):  # a refusal: noted in the record
        while not client.record.stop.is_set():
            do(client)
