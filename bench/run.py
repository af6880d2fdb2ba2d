"""``make bench``: how fast the product is, beside baselines that are measured in the same run.

    python bench/run.py                  with 10,000 and 100,000 cases
    python bench/run.py --quick          less work; of 100,000 cases only the pages, when they are there already
    python bench/run.py --cases 10000 1000000
    python bench/run.py --only submit life

Starts installations of its own below ``TONGBAN_HOME/bench`` (they stay there, so the second run need not fill them again),
with the server that production has. A figure of work counts only when every case has its acts, clocks, steps and messages
afterwards and the ledger and the data agree; otherwise the run ends without figures. Prints a table and writes
``bench/results.json`` and, with machine, day and load, ``bench/about.json``; ``bench/page.py`` makes a page of both.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from bench import checks, doors, engine, load, pages, work  # noqa: E402
from bench.figures import beside, figure, line, short  # noqa: E402
from bench.place import Place, cold_start  # noqa: E402

RESULT = ROOT / "bench" / "results.json"
ABOUT = ROOT / "bench" / "about.json"
SMALL, LARGE = 10_000, 100_000
ONLY = "TONGBAN_BENCH_ONLY"
PARTS = ("start", "pages", "submit", "life", "certificate", "circulate", "clocks", "engine", "ledger")
"""What is measured of the smallest installation; of larger ones only what their size may change."""
OF_LARGE = ("pages", "ledger")
OF_LARGE_QUICKLY = ("pages",)
SUBMITS, LIVES = 400, 100
SUBMITS_QUICKLY, LIVES_QUICKLY = 160, 40


def main() -> int:
    """Measure, print, write; 1 when work was not done whole."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument(
        "--quick", action="store_true", help="less work: in minutes when the installations are there"
    )
    options.add_argument("--cases", type=int, nargs="*", help="installations of other sizes")
    options.add_argument("--submits", type=int)
    options.add_argument("--lives", type=int)
    options.add_argument("--only", nargs="*", choices=PARTS, default=PARTS)
    chosen = options.parse_args()
    chosen.submits = chosen.submits or (SUBMITS_QUICKLY if chosen.quick else SUBMITS)
    chosen.lives = chosen.lives or (LIVES_QUICKLY if chosen.quick else LIVES)
    of_large = OF_LARGE_QUICKLY if chosen.quick else OF_LARGE
    sizes = chosen.cases or _sizes(chosen.quick)
    about, wanted = _about(sizes), os.environ.get(ONLY, " ".join(chosen.only)).split()
    figures: list[dict[str, Any]] = []
    try:
        if len(sizes) > 1:  # a process works with one database
            for size in sizes:
                of_size = wanted if size == sizes[0] else [part for part in wanted if part in of_large]
                figures += _in_a_process(size, chosen, of_size)
            beside(figures, sizes)
        else:
            figures = Bench(Place(_directory(), sizes[0]), chosen.submits, chosen.lives, wanted).run()
    except (checks.Unfinished, load.Refused) as error:
        sys.stderr.write(f"no figures: {error}\n")
        return 1
    RESULT.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    about["seconds"] = round(time.time() - about.pop("began"))
    ABOUT.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    for told in figures:
        sys.stdout.write(line(told) + "\n")
    return 0


def _sizes(is_quick: bool) -> list[int]:
    """Return how many cases the installations have; a quick run fills only the small one."""
    return [
        size for size in (SMALL, LARGE) if not is_quick or size == SMALL or Place(_directory(), size).is_full
    ]


def _directory() -> Path:
    return Path(os.environ.get("TONGBAN_HOME") or ROOT / ".tongban").absolute() / "bench"


def _in_a_process(size: int, chosen: argparse.Namespace, wanted: Sequence[str]) -> list[dict[str, Any]]:
    import subprocess

    numbers = ["--submits", str(chosen.submits), "--lives", str(chosen.lives)]
    command = [sys.executable, __file__, "--cases", str(size), *numbers]
    done = subprocess.run(
        command, env={**os.environ, ONLY: " ".join(wanted)}, check=False, stdout=subprocess.DEVNULL
    )
    if done.returncode:
        raise checks.Unfinished(f"with {size} cases: see above")
    found: list[dict[str, Any]] = json.loads(RESULT.read_text(encoding="utf-8"))
    return found


def _about(sizes: Sequence[int]) -> dict[str, Any]:
    from tools.campaign import commit, machine

    return {
        "began": time.time(),
        "day": time.strftime("%Y-%m-%d"),
        "machine": machine(),
        "commit": commit(),
        "cases": list(sizes),
    }


class Bench:
    """Measures one installation."""

    def __init__(self, place: Place, submits: int, lives: int, wanted: Sequence[str]) -> None:
        self.place, self.submits, self.lives, self.wanted = place, submits, lives, wanted
        self.figures: list[dict[str, Any]] = []

    def run(self) -> list[dict[str, Any]]:
        """Measure what is wanted. Raises Unfinished."""
        parts: dict[str, Callable[[], None]] = {
            "pages": self._pages,
            "submit": self._submit,
            "life": self._life,
            "certificate": self._certificate,
            "circulate": self._circulate,
            "clocks": self._clocks,
            "engine": self._engine,
            "ledger": self._ledger,
        }
        if "start" in self.wanted:
            self._add("cold_start_s", cold_start(self.place.home.parent), "s")
        try:
            self.place.start()  # after a change of the program this one prepares the database for it
            self.place.fill()
            self.place.stop()
            second = self.place.start()
            if "start" in self.wanted:
                self._add("second_start_s", second, "s")
                time.sleep(5)  # idle
                self._add("memory_mb", self.place.memory_mb(), "MB")
            self.place.be_django()
            checks.wait_for_jobs()
            self.place.settle()
            for name, measure in parts.items():
                if name in self.wanted:
                    began = time.monotonic()
                    measure()
                    sys.stderr.write(f"  {name}: {time.monotonic() - began:.0f} s\n")
        finally:
            self.place.stop()
        return self.figures

    def _add(self, name: str, value: float, unit: str, baseline: float | None = None) -> None:
        self.figures.append(figure(name, value, unit, baseline))
        sys.stderr.write(line(self.figures[-1]) + "\n")

    @property
    def _size(self) -> str:
        return short(self.place.cases)

    def _pages(self) -> None:
        for name, told in pages.clerk_pages(self.place):
            self._add(f"{name}_p95_ms_{self._size}", told.p95, "ms")
        if "submit" in self.wanted:  # once, not for every size
            ours, plain = pages.home(self.place), pages.nginx_home(self.place)
            if isinstance(plain, str):
                sys.stderr.write(f"home_per_s stands alone: {plain}\n")
            self._add(
                "home_per_s", ours.per_second, "1/s", None if isinstance(plain, str) else plain.per_second
            )

    def _submit(self) -> None:
        """Hand in through the API; beside it the bare view and the database alone."""
        told = work.submit(self.place, self.submits)
        body = json.dumps({"area": 80, "format": "catering"}).encode()
        request = load.Request("POST", "/submit", {"Content-Type": "application/json"}, body)
        with self.place.bare_server() as port:
            load.run(port, [request] * work.WARM * 4, clients=work.CLIENTS)
            bare = load.run(port, [request] * self.submits * 4, clients=work.CLIENTS)
        self._add("bare_view_per_s", bare.per_second, "1/s", self.place.pgbench(5))
        self._add("submit_per_s", told.per_second, "1/s", bare.per_second)
        self._add("submit_p95_ms", told.p95, "ms", bare.p95)

    def _life(self) -> None:
        self._add("life_per_s", work.life(self.place, self.lives), "1/s")

    def _certificate(self) -> None:
        self._add("certificate_per_s_core", doors.certificates(), "1/s")

    def _circulate(self) -> None:
        self._add("circulate_8000_s", doors.circulate(), "s")

    def _clocks(self) -> None:
        self._add("recompute_100k_clocks_s", doors.clocks(), "s")

    def _engine(self) -> None:
        milliseconds, _, _ = engine.ours()
        baseline = engine.spiff()
        self._add("engine_step_us", milliseconds * 1000, "us", baseline * 1000 if baseline else None)

    def _ledger(self) -> None:
        self._add(f"ledger_verify_per_s_{self._size}", checks.clean_ledger(), "acts/s")


if __name__ == "__main__":
    sys.exit(main())
