"""Three databases under Patroni; the primary is killed (-9) under load: nothing acknowledged is lost, nothing done twice.

The installation knows all three addresses and nothing of Patroni. Eight clients act through the API meanwhile; one more
session asks the database five times a second to keep a row, so that it is known when writes go on. Only in ``make campaign``.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from tests.support.campaign import figure, is_whole
from tests.support.clients import CLIENTS, PATIENCE, Client, Record, work
from tests.support.installation import Installation, eventually, open_directory
from tests.support.patroni import ABSENT, Patroni, patroni
from tests.support.site import Api, Site

pytestmark = [
    pytest.mark.campaign,
    pytest.mark.slow,
    pytest.mark.skipif(not is_whole(), reason="takes minutes: in make campaign"),
    pytest.mark.skipif(bool(ABSENT), reason=f"not installed: {ABSENT}"),
]

ACTS, KILLS = 300, 3


@dataclass
class Probe:
    """A session that keeps a row again and again: when it asked, and when it was told that the row is kept."""

    url: str
    kept: list[tuple[int, float, float]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        number = 0
        while not self.stop.is_set():
            with (
                contextlib.suppress(psycopg.Error),
                psycopg.connect(self.url, connect_timeout=2) as connection,
            ):
                connection.autocommit = True
                while not self.stop.wait(0.2):
                    number, asked = number + 1, time.monotonic()
                    connection.execute("INSERT INTO probe VALUES (%s)", [number])
                    self.kept.append((number, asked, time.monotonic()))
            time.sleep(0.1)

    def back_after(self, moment: float) -> float | None:
        """Return how long after ``moment`` a row that was asked for after it was kept; None: not yet."""
        return next((told - moment for _, asked, told in self.kept if asked > moment), None)


@dataclass
class Outcome:
    """What is left after the kills."""

    site: Site
    record: Record
    probe: Probe

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.probe.url) as connection:
            return connection.execute(statement).fetchall()  # type: ignore[call-overload,no-any-return]

    def numbers(self, statement: str) -> Counter[str]:
        return Counter(str(row[0]) for row in self.ask(statement))


@pytest.fixture(scope="module")
def outcome() -> Iterator[Outcome]:
    with open_directory() as directory, contextlib.ExitStack() as stack:
        servers = stack.enter_context(patroni(directory))
        administrator = servers.url("postgres", "change-me-1", "postgres")
        with psycopg.connect(administrator, autocommit=True) as connection:
            connection.execute("CREATE ROLE county LOGIN CREATEROLE PASSWORD 'county'")
            connection.execute("CREATE DATABASE county OWNER county")
        url = servers.url("county", "county", "county")
        running = Installation(directory / "home").start(DATABASE_URL=url)
        stack.callback(running.stop)
        site = Site(running.wait_until_well())
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE TABLE probe (number int PRIMARY KEY)")
        record, probe = Record(), Probe(url)
        clients = [(Client(Api(site.base, site.api(who).token), record), do) for who, do in CLIENTS]
        threads = [threading.Thread(target=work, args=client, daemon=True) for client in clients]
        threads.append(threading.Thread(target=probe.run, daemon=True))
        for thread in threads:
            thread.start()
        try:
            kill_primaries(servers, record, probe)
            eventually(lambda: len(record.acts) >= ACTS or record.refused, PATIENCE)
        finally:
            record.stop.set()
            probe.stop.set()
        for thread in threads:
            thread.join(PATIENCE)
        yield Outcome(site, record, probe)


def kill_primaries(servers: Patroni, record: Record, probe: Probe) -> None:
    """Kill one primary after another; each is started again and must follow before the next one goes."""
    writes, acts = [], []
    for n in range(KILLS):
        eventually(
            lambda due=ACTS * (n + 1) // (KILLS + 1): len(record.acts) >= due or record.refused, PATIENCE
        )
        assert not record.refused, record.refused
        eventually(servers.is_whole, PATIENCE)
        primary = servers.primary()
        assert primary is not None
        primary.kill()
        killed = time.monotonic()
        writes.append(eventually(lambda moment=killed: probe.back_after(moment), PATIENCE))
        back = killed + writes[-1]
        acts.append(
            eventually(lambda moment=back: [a.at for a in record.acts if a.at > moment], PATIENCE)[0] - killed
        )
        print(
            f"killed {primary.name} after {len(record.acts)} acts; writes after {writes[-1]:.1f} s, acts after {acts[-1]:.1f} s"
        )
        primary.start()
    eventually(servers.is_whole, PATIENCE)
    figure("failover: primaries killed (-9) under load", KILLS, "kills")
    figure("failover: longest time until the database took writes again", round(max(writes), 1), "s")
    figure("failover: longest time until an act was acknowledged again", round(max(acts), 1), "s")


def test_no_acknowledged_act_is_lost_and_none_is_done_twice(outcome: Outcome) -> None:
    record = outcome.record
    assert record.refused == []
    assert len(record.acts) >= ACTS
    letters = outcome.numbers("SELECT number FROM cases_case WHERE kind = 'letter'")
    begun = outcome.numbers("SELECT id FROM cases_case WHERE kind = 'licence'")
    sent = outcome.numbers("SELECT number FROM cases_case WHERE kind = 'licence' AND number IS NOT NULL")
    uploads = outcome.numbers(
        """SELECT '/applications/' || ref_id FROM files_fileuse u JOIN files_file f ON f.id = u.file_id
           WHERE f.kind = 'upload' AND u.ref_kind = 'case'"""
    )
    done = outcome.numbers(
        """SELECT t.outcome || ' ' || c.number FROM processes_task t JOIN cases_case c ON c.id::text = t.owner_id
           WHERE t.state = 'done' AND t.outcome IN ('assign', 'accept')"""
    )
    told = Counter(f"{act.kind} {act.subject}" for act in record.acts if act.kind in ("assign", "accept"))
    there = {"letter": letters, "application": begun, "submission": sent, "upload": uploads, "step": done}
    acknowledged = {kind: Counter(record.subjects(kind)) for kind in there} | {"step": told}
    lost = sum((acknowledged[kind] - there[kind]).total() for kind in there)
    doubled = sum((there[kind] - acknowledged[kind]).total() for kind in there)
    figure("failover: acts acknowledged", len(record.acts), "acts")
    figure("failover: acknowledged acts lost", lost, "acts")
    figure("failover: acts done that nobody was told of, or done twice", doubled, "acts")
    figure("failover: requests sent again", record.retries, "requests")
    figure("failover: requests sent again though they were done", record.replays, "requests")
    assert (lost, doubled) == (0, 0)


def test_every_row_that_was_kept_is_there(outcome: Outcome) -> None:
    there = {row[0] for row in outcome.ask("SELECT number FROM probe")}
    assert {number for number, _, _ in outcome.probe.kept} - there == set()


def test_work_goes_on_to_its_end_and_the_ledger_is_clean(outcome: Outcome) -> None:
    left = """SELECT count(*) FROM procrastinate_jobs WHERE status NOT IN ('succeeded', 'cancelled')
              AND NOT (status IN ('todo', 'doing') AND args ? 'timestamp')"""
    eventually(lambda: outcome.ask(left)[0][0] == 0, PATIENCE)
    eventually(lambda: outcome.site.installation.health().get("status") == 200, PATIENCE)
    done = outcome.site.installation.command("ledger", "verify")
    assert done.returncode == 0, done.stdout + done.stderr
