"""Nothing that was acknowledged is lost and nothing is done twice, whatever is killed.

Eight clients act through the API, each act with a key of its own, sent again until it is acknowledged. Meanwhile web, worker,
database and supervisor are killed (-9) in random order. Only the supervisor is started again by the test, as systemd would.
"""

from __future__ import annotations

import contextlib
import os
import queue
import random
import signal
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.campaign import figure, size
from tests.support.installation import Installation, eventually
from tests.support.scenes import ACCEPTED, ANSWERS, LETTER
from tests.support.site import Answer, Api, Site, a_picture, running_site
from tongban.main.database import OWNER_ROLE, embedded_url

pytestmark = [
    pytest.mark.campaign,
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc").exists(), reason="looks at processes in /proc"),
]

ACTS, KILLS = size(60, 1000), size(3, 12)
VICTIMS = ("web", "worker", "postgres", "supervisor")
PATIENCE = 180.0
"""Seconds in which an act must be acknowledged and everything must be settled."""


@dataclass(frozen=True)
class Act:
    """One acknowledged act: what it was, and what the answer named."""

    kind: str
    subject: str


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


@pytest.fixture(scope="module")
def crashed() -> Iterator[tuple[Site, Record]]:
    """Let the clients act while everything is killed; give what they were told."""
    with running_site() as site:
        record = Record()
        clients = [(Client(Api(site.base, site.api(who).token), record), do) for who, do in CLIENTS]
        threads = [threading.Thread(target=_work, args=client, daemon=True) for client in clients]
        for thread in threads:
            thread.start()
        began = time.monotonic()
        recoveries = kill_everything(site.installation, record)
        while len(record.acts) < ACTS and not record.refused and any(t.is_alive() for t in threads):
            time.sleep(0.1)
        record.stop.set()
        for thread in threads:
            thread.join(PATIENCE)
        took = time.monotonic() - began
        figure("crash: acts acknowledged", len(record.acts), "acts")
        figure("crash: kills (-9)", KILLS, "kills")
        figure("crash: requests sent again", record.retries, "requests")
        figure("crash: requests sent again though they were done", record.replays, "requests")
        figure("crash: duration", round(took), "s")
        figure("crash: longest time until everything was well again", round(max(recoveries), 1), "s")
        yield site, record


def _work(client: Client, do: Callable[[Client], None]) -> None:
    with contextlib.suppress(RuntimeError):  # a refusal: noted in the record
        while not client.record.stop.is_set():
            do(client)


def kill_everything(installation: Installation, record: Record) -> list[float]:
    """Kill in random order, each victim at least once where there are kills enough; return how long each recovery took."""
    victims = random.sample(VICTIMS, len(VICTIMS)) + random.choices(VICTIMS, k=max(KILLS - len(VICTIMS), 0))
    recoveries = []
    for n, victim in enumerate(victims[:KILLS]):
        due = ACTS * (n + 1) // (KILLS + 1)
        while len(record.acts) < due and not record.refused:
            time.sleep(0.02)
        assert not record.refused, record.refused
        began = time.monotonic()
        kill(installation, victim)
        eventually(lambda: installation.health().get("status") == 200, PATIENCE)
        recoveries.append(time.monotonic() - began)
        print(f"killed {victim} after {len(record.acts)} acts; well again after {recoveries[-1]:.1f} s")
    return recoveries


def kill(installation: Installation, victim: str) -> None:
    if victim == "supervisor":
        installation.stop(signal.SIGKILL)
        time.sleep(1)  # systemd's RestartSec
        installation.start()
        return
    before = installation.children()[victim]
    os.kill(before, signal.SIGKILL)
    eventually(lambda: installation.children()[victim] != before, PATIENCE)


def ask(site: Site, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Ask the database itself."""
    with psycopg.connect(embedded_url(site.installation.home, OWNER_ROLE)) as connection:
        return connection.execute(statement, values).fetchall()  # type: ignore[call-overload,no-any-return]


def numbers(site: Site, statement: str, *values: Any) -> list[str]:
    return [str(row[0]) for row in ask(site, statement, *values)]


def test_enough_was_done_and_nothing_was_refused(crashed: tuple[Site, Record]) -> None:
    _, record = crashed
    assert record.refused == []
    assert len(record.acts) >= ACTS


def test_no_acknowledged_letter_or_application_is_lost_or_there_twice(crashed: tuple[Site, Record]) -> None:
    site, record = crashed
    letters = numbers(site, "SELECT number FROM cases_case WHERE kind = 'letter'")
    assert Counter(letters) == Counter(record.subjects("letter"))
    begun = numbers(site, "SELECT id FROM cases_case WHERE kind = 'licence'")
    assert Counter(begun) == Counter(record.subjects("application"))
    sent = numbers(site, "SELECT number FROM cases_case WHERE kind = 'licence' AND number IS NOT NULL")
    assert Counter(sent) == Counter(record.subjects("submission"))
    submitted = "SELECT c.number FROM ledger_act a JOIN cases_case c ON a.subject_id = c.id::text WHERE a.verb = 'cases.submit'"
    assert Counter(numbers(site, submitted)) == Counter(letters + sent)


def test_every_upload_is_there_once(crashed: tuple[Site, Record]) -> None:
    site, record = crashed
    there = """SELECT '/applications/' || ref_id FROM files_fileuse u JOIN files_file f ON f.id = u.file_id
               WHERE f.kind = 'upload' AND u.ref_kind = 'case'"""  # an accepted one is in the vault as well
    assert Counter(numbers(site, there)) == Counter(record.subjects("upload"))


def test_every_completed_step_is_completed_once(crashed: tuple[Site, Record]) -> None:
    site, record = crashed
    done = """
        SELECT c.number, t.outcome FROM processes_task t JOIN cases_case c ON c.id::text = t.owner_id
        WHERE t.state = 'done' AND t.outcome IN ('assign', 'accept')
    """
    told = [(act.subject, act.kind) for act in record.acts if act.kind in ("assign", "accept")]
    assert Counter(ask(site, done)) == Counter(told)


LEFT_BEHIND = """
    SELECT 'job ' || task_name || ' ' || status || ' ' || args::text FROM procrastinate_jobs
    WHERE status NOT IN ('succeeded', 'cancelled') AND NOT (status IN ('todo', 'doing') AND args ? 'timestamp')
    UNION ALL SELECT 'event ' || name FROM base_event WHERE done_at IS NULL
    UNION ALL SELECT 'delivery ' || state FROM messages_delivery WHERE state <> 'sent'
    UNION ALL SELECT 'paper ' || state FROM instruments_paper WHERE state <> 'rendered'
    UNION ALL SELECT 'step ' || state || ' ' || operation FROM processes_job WHERE state IN ('waiting', 'failed')
    UNION ALL SELECT 'incident ' || error FROM processes_incident WHERE resolved_at IS NULL
"""
"""Whatever still waits for something; the ticks that come every few seconds have a timestamp and always do."""


def test_no_job_and_no_event_stays_behind(crashed: tuple[Site, Record]) -> None:
    site, _ = crashed
    began = time.monotonic()
    while (left := numbers(site, LEFT_BEHIND)) and time.monotonic() < began + PATIENCE:
        time.sleep(0.5)
    assert left == []
    figure("crash: until nothing was left behind", round(time.monotonic() - began, 1), "s")


def test_files_and_rows_fit_together(crashed: tuple[Site, Record]) -> None:
    site, _ = crashed
    done = site.installation.command("storage", "sweep", "--older-than", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    removed = int(done.stdout.split("removed: ")[1].split()[0])
    assert "stray: 0\nmissing: 0" in done.stdout
    figure("crash: broken-off writes swept away", removed, "files")


def test_the_ledger_is_clean(crashed: tuple[Site, Record]) -> None:
    site, _ = crashed
    unsealed = """
        SELECT id FROM ledger_act WHERE (xid, id) > (
            SELECT coalesce(max(xid), 0), coalesce(max(last), 0)
            FROM (SELECT xid, last FROM ledger_batch ORDER BY number DESC LIMIT 1) newest)
    """
    eventually(lambda: not numbers(site, unsealed), PATIENCE)
    done = site.installation.command("ledger", "verify")
    assert done.returncode == 0, done.stdout + done.stderr


def test_numbers_of_papers_have_no_gap(crashed: tuple[Site, Record]) -> None:
    site, _ = crashed
    there = ask(
        site, "SELECT unit_id, year, template_id, count(*), max(n) FROM instruments_paper GROUP BY 1, 2, 3"
    )
    assert there
    assert [row for row in there if row[3] != row[4]] == []


def test_all_services_are_back(crashed: tuple[Site, Record]) -> None:
    site, _ = crashed
    health = site.installation.health()
    assert {health.pop("status"), *health.values()} <= {200, True, "ok"}
    children = site.installation.children()
    assert {name for name, pid in children.items() if Path(f"/proc/{pid}").exists()} >= {
        "postgres",
        "web",
        "worker",
    }
