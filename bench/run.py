"""``make bench``: how fast the product is, beside baselines that are measured in the same run.

    python bench/run.py --quick          with 10,000 cases
    python bench/run.py                  with 10,000 and 100,000 cases
    python bench/run.py --cases 10000 1000000

Starts installations of its own below ``TONGBAN_HOME/bench`` (they stay there, so the second run need not fill them again),
with the server that production has. A figure of work counts only when every case has its acts, clocks, steps and messages
afterwards and the ledger and the data agree; otherwise the run ends without figures. Prints a table and writes
``bench/results.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from bench import engine, load  # noqa: E402
from bench.place import Place  # noqa: E402

RESULT = ROOT / "bench" / "results.json"
CLIENTS = 8
PAGES = 200
WARM = 16
DRAFT = "licence-149"
"""The story of the application that is handed in, in the demo county's history."""
SEARCHES = ("开小吃店", "食品经营许可", "卫生许可证", "营业执照", "怎么办健康证", "公共场所")


def main() -> int:
    """Measure, print, write; 1 when work was not done whole."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--quick", action="store_true", help="only the small installation")
    options.add_argument("--cases", type=int, nargs="*", help="installations of other sizes")
    options.add_argument("--submits", type=int, default=400)
    chosen = options.parse_args()
    sizes = chosen.cases or ([10_000] if chosen.quick else [10_000, 100_000])
    directory = Path(os.environ.get("TONGBAN_HOME") or ROOT / ".tongban").absolute() / "bench"
    figures: list[dict[str, Any]] = []
    if len(sizes) > 1:  # a process works with one database
        for size in sizes:
            figures += _in_a_process(size, chosen.submits, with_work=size == sizes[0])
        _beside(figures, sizes)
    else:
        bench = Bench(Place(directory, sizes[0]), chosen.submits)
        figures = bench.run(with_work=not os.environ.get("TONGBAN_BENCH_PAGES_ONLY"))
    RESULT.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    for figure in figures:
        sys.stdout.write(_line(figure) + "\n")
    return 0


def _in_a_process(size: int, submits: int, *, with_work: bool) -> list[dict[str, Any]]:
    import subprocess

    command = [sys.executable, __file__, "--cases", str(size), "--submits", str(submits)]
    environment = {**os.environ, **({} if with_work else {"TONGBAN_BENCH_PAGES_ONLY": "1"})}
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    found: list[dict[str, Any]] = json.loads(RESULT.read_text(encoding="utf-8"))
    return found


def _beside(figures: Sequence[dict[str, Any]], sizes: Sequence[int]) -> None:
    """Let the pages of the large installation stand beside those of the small one."""
    by_name = {figure["name"]: figure for figure in figures}
    small, large = _short(sizes[0]), _short(sizes[-1])
    for name, figure in by_name.items():
        if name.endswith(f"_{large}") and (other := by_name.get(f"{name.removesuffix(large)}{small}")):
            figure["baseline"] = other["value"]
            figure["ratio"] = round(figure["value"] / other["value"], 2)


def _short(size: int) -> str:
    return f"{size // 1_000_000}m" if size >= 1_000_000 else f"{size // 1000}k"


def _line(figure: dict[str, Any]) -> str:
    beside = f"   beside {figure['baseline']}: {figure['ratio']}" if figure["baseline"] is not None else ""
    return f"{figure['name']:<28} {figure['value']:>12} {figure['unit']}{beside}"


def figure(name: str, value: float, unit: str, baseline: float | None = None) -> dict[str, Any]:
    """Return one figure; ``ratio`` is value to baseline."""
    ratio = None if not baseline else round(value / baseline, 3)
    return {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "baseline": None if baseline is None else round(baseline, 2),
        "ratio": ratio,
    }


class Bench:
    """Measures one installation."""

    def __init__(self, place: Place, submits: int) -> None:
        self.place, self.submits = place, submits
        self.figures: list[dict[str, Any]] = []

    def run(self, *, with_work: bool) -> list[dict[str, Any]]:
        """Measure everything; ``with_work`` also what does not depend on the size."""
        is_new = not self.place.home.exists()
        try:
            cold = self.place.start()
            self.place.fill()
            self.place.stop()
            second = self.place.start()
            if with_work and is_new:
                self._add("cold_start_s", cold, "s")
            if with_work:
                self._add("second_start_s", second, "s")
                self._add("memory_mb", self.place.memory_mb(), "MB")
            self.place.be_django()
            self._pages()
            if with_work:
                self._submits()
                self._engine()
            self._ledger()
        finally:
            self.place.stop()
        return self.figures

    def _add(self, name: str, value: float, unit: str, baseline: float | None = None) -> None:
        self.figures.append(figure(name, value, unit, baseline))
        sys.stderr.write(_line(self.figures[-1]) + "\n")

    # pages

    def _pages(self) -> None:
        """Measure full pages, one client, signed in where an official sees them."""
        headers = {"Cookie": self._session("window")}
        size = _short(self.place.cases)
        numbers = self._open_cases(PAGES)
        pages: dict[str, Iterator[load.Request]] = {
            "desk_list": (load.Request("GET", "/desk/list/todo/", headers) for _ in range(PAGES)),
            "case_page": (load.Request("GET", f"/desk/cases/{number}/", headers) for number in numbers),
            "public_search": (
                load.Request("GET", f"/services/?q={_quoted(SEARCHES[n % len(SEARCHES)])}", {})
                for n in range(PAGES)
            ),
        }
        for name, requests in pages.items():
            some = list(requests)
            load.run(self.place.port, some[:WARM])
            told = load.run(self.place.port, some)
            self._add(f"{name}_p95_ms_{size}", told.p95, "ms")
        if size == "10k":
            home = [load.Request("GET", "/", {})] * (PAGES * 2)
            load.run(self.place.port, home[:WARM])
            self._add("home_per_s", load.run(self.place.port, home, clients=CLIENTS).per_second, "1/s")

    def _session(self, username: str) -> str:
        from django.conf import settings
        from django.test import Client

        from tongban.kernel.identity.models import Account

        browser = Client()
        browser.force_login(Account.objects.get(username=username))
        return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"

    def _open_cases(self, number: int) -> list[str]:
        """Return numbers of cases that the window sees, again and again when they are few."""
        found = _all(
            """SELECT DISTINCT c.number FROM cases_case c JOIN cases_access a ON a.case_id = c.id
              JOIN processes_task t ON t.instance_id = c.instance_id AND t.node = 'receive' AND a.holder_id = t.holder_id
              WHERE c.closed_at IS NULL AND c.number IS NOT NULL LIMIT %s""",
            [number],
        )
        numbers = [row[0] for row in found]
        return [numbers[n % len(numbers)] for n in range(number)]

    # work

    def _submits(self) -> None:
        """Measure submitting through the API, and beside it the bare view and the database alone."""
        drafts = self._drafts(self.submits + WARM)
        requests = [self._submit(*draft) for draft in drafts]
        load.run(self.place.port, requests[:WARM])
        told = load.run(self.place.port, requests[WARM:], clients=CLIENTS)
        self._check([case for case, _ in drafts])
        body = json.dumps({"area": 80, "format": "catering"}).encode()
        with self.place.bare_server() as port:
            plain = [load.Request("POST", "/submit", {"Content-Type": "application/json"}, body)] * (
                self.submits * 4
            )
            load.run(port, plain[:WARM])
            bare = load.run(port, plain, clients=CLIENTS)
        raw = self.place.pgbench(5)
        self._add("bare_view_per_s", bare.per_second, "1/s", raw)
        self._add("submit_per_s", told.per_second, "1/s", bare.per_second)
        self._add("submit_p95_ms", told.p95, "ms", bare.p95)

    def _submit(self, case: str, token: str) -> load.Request:
        headers = {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": uuid4().hex,
            "Content-Type": "application/json",
        }
        return load.Request("POST", f"/api/v1/applications/{case}/submit", headers, b"{}")

    def _drafts(self, number: int) -> list[tuple[str, str]]:
        """Return drafts of food licences that are filled in, each with a token of its applicant: copies of one that was."""
        from django.conf import settings
        from django.db import transaction

        from tongban.base.packs import Pack
        from tongban.base.time import now
        from tongban.kernel.identity import service as identity
        from tongban.main import history
        from tongban.main.bulk.build import people_before
        from tongban.main.bulk.copies import Copier, someone
        from tongban.main.bulk.shapes import Shape
        from tongban.main.bulk.templates import walk

        pack = Pack(settings.BASE_DIR / "packs" / "chengxi")
        rows = pack.yaml("history.yaml", "applications")
        story = {**next(row for row in rows if row["key"] == DRAFT), "submit": False}
        model = walk(Shape(story, 1, story["entity"]), usernames=history.usernames_of(pack), now=now())
        with transaction.atomic():
            copier, first = Copier([model]), people_before()
            copier.copy(copier.forms[0], number, each=1, first_person=first)
            people = [someone(first + n, model.applicant) for n in range(number)]
            tokens = {p.entity: identity.create_token(p.username, "bench", now()) for p in people}
        found = _all(
            """SELECT c.id::text, p.entity_id::text FROM cases_case c JOIN cases_party p ON p.case_id = c.id
              WHERE p.role = 'applicant' AND p.entity_id = ANY(%s::uuid[]) AND c.number IS NULL""",
            [list(tokens)],
        )
        return [(case, tokens[entity]) for case, entity in found]

    def _check(self, cases: Sequence[str]) -> None:
        """See that every case has all that belongs to it. Raises RuntimeError otherwise: then there is no figure."""
        self._wait_for_jobs()
        missing = _all(
            """SELECT c.id FROM cases_case c WHERE c.id = ANY(%s::uuid[]) AND NOT (
              c.number IS NOT NULL
              AND EXISTS (SELECT 1 FROM processes_task t WHERE t.instance_id = c.instance_id AND t.state = 'open')
              AND EXISTS (SELECT 1 FROM cases_caseclock k WHERE k.case_id = c.id)
              AND EXISTS (SELECT 1 FROM instruments_paper p WHERE p.subject_kind = 'case' AND p.subject_id = c.id::text)
              AND EXISTS (SELECT 1 FROM messages_message m WHERE m.occasion_kind = 'case' AND m.occasion_id = c.id::text)
              AND EXISTS (SELECT 1 FROM ledger_act a WHERE a."case" = 'case:' || c.id::text AND a.verb = 'cases.submit'))""",
            [list(cases)],
        )
        if missing:
            raise RuntimeError(
                f"{len(missing)} of {len(cases)} cases lack something, the first {missing[0][0]}"
            )

    def _wait_for_jobs(self, patience: float = 600) -> None:
        end = time.monotonic() + patience
        query = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND scheduled_at IS NULL"
        while int(_all(query, [])[0][0]) > 2:
            if time.monotonic() > end:
                raise RuntimeError("the worker has not done its jobs in time")
            time.sleep(0.5)

    # the rest

    def _engine(self) -> None:
        milliseconds, _, _ = engine.ours()
        baseline = engine.spiff()
        self._add("engine_step_us", milliseconds * 1000, "us", baseline * 1000 if baseline else None)

    def _ledger(self) -> None:
        """Go through the whole ledger. Raises RuntimeError when it is not clean: then there is no figure."""
        from tongban.base.time import now
        from tongban.kernel.ledger import service as ledger

        ledger.seal(at=now())
        began = time.perf_counter()
        report = ledger.verify(data=False)
        seconds = time.perf_counter() - began
        report = ledger.verify(data=True)
        if not report.is_clean:
            raise RuntimeError(f"the ledger is not clean: {report.faults[:3]}")
        self._add(f"ledger_verify_per_s_{_short(self.place.cases)}", report.acts / seconds, "acts/s")


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text)


def _all(query: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


if __name__ == "__main__":
    sys.exit(main())
