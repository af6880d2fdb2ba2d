"""Nothing that was acknowledged is lost and nothing is done twice, whatever is killed.

Eight clients act through the API, each act with a key of its own, sent again until it is acknowledged. Meanwhile web, worker,
database and supervisor are killed (-9) in random order. Only the supervisor is started again by the test, as systemd would.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.campaign import figure, size
from tests.support.clients import CLIENTS, PATIENCE, Client, Record, work
from tests.support.installation import Installation, eventually
from tests.support.site import Api, Site, running_site
from tongban.main.database import OWNER_ROLE, embedded_url

pytestmark = [
    pytest.mark.campaign,
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc").exists(), reason="looks at processes in /proc"),
]

ACTS, KILLS = size(60, 1000), size(3, 12)
VICTIMS = ("web", "worker", "postgres", "supervisor")


@pytest.fixture(scope="module")
def crashed() -> Iterator[tuple[Site, Record]]:
    """Let the clients act while everything is killed; give what they were told."""
    with running_site(is_embedded=True) as site:
        record = Record()
        clients = [(Client(Api(site.base, site.api(who).token), record), do) for who, do in CLIENTS]
        threads = [threading.Thread(target=work, args=client, daemon=True) for client in clients]
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
        until_well(installation, victim)
        recoveries.append(time.monotonic() - began)
        print(f"killed {victim} after {len(record.acts)} acts; well again after {recoveries[-1]:.1f} s")
    return recoveries


def until_well(installation: Installation, victim: str) -> None:
    """Wait until it is well again; fail with what it says of itself when it is not in time."""
    try:
        eventually(lambda: installation.health().get("status") == 200, PATIENCE)
    except AssertionError as late:
        logs = "".join(
            f"\n--- {name}\n{installation.log(name)[-2000:]}" for name in ("web", "worker", "postgres")
        )
        said = installation.said()[-2000:]
        raise AssertionError(f"{late} after {victim}: {installation.health()}\n{said}{logs}") from late


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
        site,
        """SELECT p.unit_id, p.year, p.template_id, c.subject, count(*), max(p.n)
           FROM instruments_paper p JOIN instruments_papertemplate t ON t.id = p.template_id,
           LATERAL (SELECT CASE WHEN position('{case_number}' IN t.number_format) > 0 THEN p.subject_id
                           ELSE '' END) AS c (subject)
           GROUP BY 1, 2, 3, 4""",
    )
    assert {bool(row[3]) for row in there} == {True, False}
    assert [row for row in there if row[4] != row[5]] == []


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
