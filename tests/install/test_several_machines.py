"""Two webs and two workers, started apart as on four machines, share a database, the files and the keys, and nothing else.

Where PgBouncer is installed, the second of each reaches the database through it, in sessions lent for one transaction.
"""

from __future__ import annotations

import contextlib
import json
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
import pytest

from tests.support.database import ThrowAwayServer
from tests.support.installation import Installation, eventually, open_directory
from tests.support.pgbouncer import ABSENT, pgbouncer
from tests.support.scenes import ACCEPTED, GRANTED, Scenes, good
from tests.support.site import Forms, Site

pytestmark = pytest.mark.slow


@dataclass
class Machines:
    """The four, and the database that they share."""

    webs: list[Installation]
    workers: list[Installation]
    owner: str
    pooled: str

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.owner) as connection:
            return connection.execute(statement).fetchall()  # type: ignore[call-overload,no-any-return]


@pytest.fixture(scope="module")
def machines() -> Iterator[Machines]:
    """The first web migrates, as the owner; the others have the application's login only, which may not."""
    server = ThrowAwayServer()
    with contextlib.ExitStack() as stack:
        stack.callback(server.stop)
        with psycopg.connect(server.start(), autocommit=True) as connection:
            connection.execute("CREATE ROLE county LOGIN CREATEROLE PASSWORD 'county'")
            connection.execute("CREATE DATABASE county OWNER county")
            connection.execute("CREATE ROLE tongban_app")
            connection.execute("GRANT tongban_app TO county")
            connection.execute("CREATE ROLE county_web LOGIN PASSWORD 'web' IN ROLE tongban_app")
        owner = server.cluster.url("county", "county", "county")
        application = server.cluster.url("county_web", "web", "county")
        directory = stack.enter_context(open_directory())

        pooled = application
        if not ABSENT:
            place = str(server.cluster.socket_directory)
            pooled = stack.enter_context(pgbouncer(directory, "county", "county_web", "web", place))

        def machine(name: str) -> Installation:
            made = Installation(directory / "home", local=directory / name)
            stack.callback(lambda: made.process and made.stop())
            return made

        webs, workers = [machine("web1"), machine("web2")], [machine("worker1"), machine("worker2")]
        eager = machine("eager").start("worker", DATABASE_APP_URL=application)
        assert eager.process is not None
        assert eager.process.wait(120) == 1
        assert "migrations are missing" in eager.said()
        webs[0].start("web", DATABASE_URL=owner)
        eventually(lambda: webs[0].health(), 480)  # it is not well before it has heard a worker
        workers[0].start("worker", DATABASE_APP_URL=application)
        workers[1].start("worker", DATABASE_APP_URL=pooled, DATABASE_DIRECT_URL=application)
        webs[1].start("web", DATABASE_APP_URL=pooled, DATABASE_DIRECT_URL=application)
        for web in webs:
            web.wait_until_well()
        yield Machines(webs, workers, owner, pooled)


@pytest.fixture(scope="module")
def sites(machines: Machines) -> list[Site]:
    """The same county at two addresses; the tokens come from the machine of the owner."""
    first = Site(machines.webs[0])
    first.api("citizen")
    return [first, first.at(machines.webs[1])]


def test_each_machine_runs_its_part_alone(machines: Machines) -> None:
    assert {*machines.webs[0].children()} == {*machines.webs[1].children()} == {"web"}
    assert {*machines.workers[0].children()} == {*machines.workers[1].children()} == {"worker"}
    eventually(lambda: machines.ask("SELECT count(*) FROM procrastinate_workers")[0][0] == 2)


def test_what_is_done_at_one_address_is_seen_at_the_other_at_once(sites: list[Site]) -> None:
    first, second = (Scenes(site) for site in sites)
    number, _ = first.submitted()
    assert good(second.as_("citizen").get(f"/cases/{number}"))["state"] == "received"
    for who, node, outcome, data in ACCEPTED:
        second.step(who, number, node, outcome, data)
    assert good(first.as_("citizen").get(f"/cases/{number}"))["state"] == "inspection"


def test_what_is_published_at_one_address_counts_at_the_other_at_once(
    machines: Machines, sites: list[Site]
) -> None:
    """Units are kept in memory by every process; whoever changes one, the next request of each process knows."""

    def units() -> list[dict[str, Any]]:
        return [good(site.api("chief").get("/me"))["capacity"] for site in sites]

    [code] = {unit["unit"] for unit in units()}
    with psycopg.connect(machines.owner) as connection:
        connection.execute(
            """UPDATE identity_unit SET name = jsonb_set(name, '{zh}', '"新名"') WHERE code = %s""", [code]
        )
    assert [unit["unit_name"]["zh"] for unit in units()] == ["新名", "新名"]


def test_one_signs_in_at_one_address_and_is_signed_in_at_the_other(sites: list[Site]) -> None:
    person = Forms(sites[0].base).sign_in("citizen")
    person.base = sites[1].base
    assert person.visit("/my/").path == "/my/"
    person.visit("/my/").send("/sign-out/")
    person.base = sites[0].base
    assert person.visit("/my/").path.startswith("/sign-in/")


def test_what_one_worker_made_the_other_s_web_gives_out(sites: list[Site]) -> None:
    first, second = (Scenes(site) for site in sites)
    number, _ = first.submitted()
    pages = [rendered(scenes, number) for scenes in (first, second)]
    assert pages[0] == pages[1]
    for site in sites:
        given = site.api("citizen").get(f"/papers/{pages[0][0]}/pdf")
        assert given.content.startswith(b"%PDF")


def rendered(scenes: Scenes, number: str) -> list[str]:
    """Wait until the papers of a case are made; return their ids."""
    case = f"/cases/{number}"
    return scenes.until(  # type: ignore[no-any-return]
        lambda: [
            str(paper["id"])
            for paper in good(scenes.as_("citizen").get(case))["papers"]
            if paper["state"] == "rendered"
        ]
    )


def test_every_turn_of_a_periodic_job_comes_once_whoever_is_first(machines: Machines) -> None:
    """Both workers go by the same timetable, which has a turn every ten seconds."""

    def runs() -> list[dict[str, Any]]:
        lines = [line for worker in machines.workers for line in worker.log("worker").splitlines()]
        found = [
            json.loads(line) for line in lines if '"base.care_for_queue"' in line and '"outcome"' in line
        ]
        return sorted(found, key=lambda run: run["timestamp"])

    found = eventually(lambda: (ran := runs()) and len(ran) >= 5 and ran)
    first, last = (datetime.fromisoformat(run["timestamp"]) for run in (found[0], found[-1]))
    # The first may have come late and the last at once: by a turn each, on a busy machine.
    assert len(found) <= (last - first).total_seconds() / 10 + 3
    assert len({run["job_id"] for run in found}) == len(found)


@pytest.mark.skipif(bool(ABSENT), reason=ABSENT)
def test_a_case_is_walked_through_pgbouncer(machines: Machines, sites: list[Site]) -> None:
    """From the first page to the certificate; the worker that goes past the pooler for its queue alone makes the papers."""
    assert machines.workers[0].stop() == 0
    scenes = Scenes(sites[1])
    number, _ = scenes.brought_to(GRANTED)
    scenes.until(lambda: good(scenes.as_("citizen").get(f"/cases/{number}"))["state"] == "delivered")
    assert rendered(scenes, number)
    page = Forms(sites[1].base).sign_in("officer1")
    assert number in page.visit(f"/desk/search/?q={number}").said or page.path.startswith("/desk/")
    with psycopg.connect(machines.owner) as connection:
        logins = connection.execute(
            "SELECT count(*) FILTER (WHERE usename = 'county_web') FROM pg_stat_activity WHERE datname = 'county'"
        ).fetchone()
    assert logins is not None
    assert logins[0] > 0
    assert not re.search("prepared statement|cursor .* does not exist", machines.workers[1].log("worker"))
    machines.workers[0].start("worker")


def test_when_a_machine_dies_the_others_go_on(machines: Machines, sites: list[Site]) -> None:
    machines.workers[0].stop(signal.SIGKILL)
    machines.webs[0].stop(signal.SIGKILL)
    scenes = Scenes(sites[1])
    number, _ = scenes.submitted()
    assert rendered(scenes, number)
    assert machines.webs[1].health()["worker"] == "ok"
