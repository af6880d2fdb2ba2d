"""How long submitting and accepting an application takes in one process: milliseconds, CPU, statements.

    python bench/submit.py 100            rows of JSON, one for each kind of request
    python bench/submit.py 100 --profile  and where the CPU time goes

The requests go through Django's test client to the database of ``DATABASE_URL`` as a program's would: with a token and a
repetition key, committed. An empty database first gets the demo county without its past. Only for a database of
one's own: the applications stay in it. Without ``DATABASE_URL`` an embedded server is started and thrown away afterwards.
What the server of the database spends is in the milliseconds, not in the CPU time.
"""

from __future__ import annotations

import argparse
import contextlib
import cProfile
import io
import json
import os
import pstats
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[1]
PACK = ROOT / "packs" / "chengxi"
HISTORY = 80
"""From here on a pack only brings news, letters and past cases."""
WARM = 3
CHECKED = {"checked": ["competence", "applicant", "complete", "form"]}


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("requests", type=int, nargs="?", default=100)
    options.add_argument("--profile", action="store_true")
    chosen = options.parse_args()
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    with a_database():
        measure(chosen.requests, profile=chosen.profile)


@contextlib.contextmanager
def a_database() -> Iterator[None]:
    """Use the one that is named, or an empty one for the time being."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    from tests.support.database import ThrowAwayServer

    server = ThrowAwayServer()
    os.environ.update(DATABASE_URL=server.start(), TONGBAN_DATABASE_ROLE="owner")
    try:
        yield
    finally:
        server.stop()


def measure(number: int, *, profile: bool) -> None:
    """Measure so many requests of each kind."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.main.settings")
    os.environ.setdefault("TONGBAN_ENV", "demo")
    import django

    django.setup()
    import logging
    import warnings

    warnings.filterwarnings("ignore", "No directory at")  # nobody asks for pictures here
    logging.disable(logging.INFO)  # one line a request is the operator's business, not the bench's
    bench = Bench()
    bench.install()
    cases: list[Any] = []

    def next_draft() -> Any:
        cases.append(bench.draft())  # one at a time: an applicant has one draft for an item
        return cases[-1]

    requests = number + WARM + 1
    bench.measure("submit", next_draft, bench.submit, requests, profile)
    received, accepted = iter(cases), iter(cases)
    bench.measure("accept", lambda: bench.task(next(received), "receive"), bench.accept, requests, profile)
    bench.measure(
        "review",
        lambda: bench.task(next(accepted), "document_review"),
        bench.review,
        requests,
        profile,
    )


class Bench:
    """The county, its people's tokens, and a program that calls the API for them."""

    def __init__(self) -> None:
        from django.test import Client

        self.client = Client(SERVER_NAME="localhost")
        self.tokens: dict[str, dict[str, str]] = {}

    def install(self) -> None:
        """Fill an empty database. That takes a minute, on a busy machine many: it says so, lest it seem to hang."""
        from django.conf import settings
        from django.core.management import call_command
        from django.db import transaction

        from tests.support.county import on
        from tongban.apps.services.models import Item
        from tongban.base import time as clock
        from tongban.base.actor import Actor
        from tongban.base.packs import Pack, sections
        from tongban.kernel.files.operations import store

        store.UPLOADS.limit = 0  # one citizen applies hundreds of times here
        call_command("migrate", verbosity=0)
        if Item.objects.exists():
            return
        sys.stderr.write("filling the database with the demo county ...\n")
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nobody signs in here
        pack, actor = Pack(PACK), Actor.system("pack")
        with clock.freeze(on("2026-01-05")) as at, transaction.atomic():
            for each in sorted(sections, key=lambda each: each.order):
                if each.order < HISTORY:
                    each.load(pack, actor=actor, at=at)

    def draft(self) -> Any:
        """Fill in an application for a food licence."""
        from tests.support.county import County

        return County(contextlib.ExitStack()).draft()

    def task(self, case: Any, node: str) -> int:
        """Return an open step of a case."""
        from tongban.kernel.processes.models import Task

        return int(Task.objects.get(owner_id=str(case.pk), node=node, state=Task.OPEN).pk)

    def submit(self, case: Any) -> None:
        """Submit an application."""
        self.post("citizen", f"/applications/{case.pk}/submit", {})

    def accept(self, task: int) -> None:
        """Accept an application: clocks, papers, the next steps."""
        self.post("window", f"/tasks/{task}/complete", {"outcome": "accept", "data": CHECKED})

    def review(self, task: int) -> None:
        """Complete a plain step."""
        data = {"complete": True, "consistent": True, "layout_ok": True, "advice": "meets"}
        self.post("officer1", f"/tasks/{task}/complete", {"outcome": "submit", "data": data})

    def post(self, who: str, url: str, body: dict[str, Any]) -> None:
        """Send a request as a program of this account does."""
        headers = {**self.token(who), "Idempotency-Key": uuid4().hex}
        answer = self.client.post(
            f"/api/v1{url}", json.dumps(body), content_type="application/json", headers=headers
        )
        if answer.status_code != 200:
            raise SystemExit(f"{url}: {answer.status_code} {answer.content.decode()[:500]}")

    def token(self, who: str) -> dict[str, str]:
        """Return the headers of an account."""
        if who not in self.tokens:
            from tongban.base.time import now
            from tongban.kernel.identity import service as identity

            plain = identity.create_token(who, "bench", now())
            self.tokens[who] = {"Authorization": f"Bearer {plain}"}
        return self.tokens[who]

    def measure(
        self, name: str, prepare: Callable[[], Any], act: Callable[[Any], None], requests: int, profile: bool
    ) -> None:
        """Prepare and send request after request; the first compile what is compiled once a process."""
        profiler = cProfile.Profile(time.thread_time)
        walls, cpus, statements = [], [], 0
        for number in range(requests):
            subject = prepare()
            wall, cpu = time.perf_counter(), time.process_time()
            if number == WARM:
                statements = counted(partial(act, subject))
            elif profile and number > WARM:
                profiler.runcall(act, subject)
            else:
                act(subject)
            if number > WARM:
                walls.append((time.perf_counter() - wall) * 1000)
                cpus.append((time.process_time() - cpu) * 1000)
        row = {
            "bench": name,
            "requests": len(walls),
            "ms": round(median(walls), 2),
            "ms_p95": round(quantiles(walls, n=20)[-1], 2) if len(walls) > 1 else None,
            "cpu_ms": round(median(cpus), 2),
            "statements": statements,
        }
        sys.stdout.write(json.dumps(row) + "\n")
        if profile:
            text = io.StringIO()
            pstats.Stats(profiler, stream=text).sort_stats("tottime").print_stats(45)
            pstats.Stats(profiler, stream=text).sort_stats("cumulative").print_stats(70)
            sys.stdout.write(text.getvalue())


def counted(call: Callable[[], None]) -> int:
    """Send a request and count its statements, without the borders of transactions."""
    from django.db import connection

    sent: list[str] = []

    def note(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        sent.append(str(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        call()
    return sum(not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")) for sql in sent)


if __name__ == "__main__":
    main()
