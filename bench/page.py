"""Put the figures of the last ``make bench`` into the documentation.

    python bench/page.py          writes docs/reference/bench.json and, of it, docs/reference/bench.md

Run it after a bench on a machine that had nothing else to do; the page says machine, day, version and load.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]
PAGE = ROOT / "docs" / "reference" / "bench.md"
NOTES = PAGE.with_suffix(".json")
HEAD = """# The bench

`make bench` measures, prints a table and writes `bench/results.json`; `python bench/page.py` writes this page of it.
How it is measured and what was made faster stands in [performance](../explanation/performance.md).

"""
NOTHING = "No run on a machine left alone has been noted yet.\n"
AIMS: Mapping[str, tuple[str, float]] = {
    "submit_per_s": (">=", 80),
    "life_per_s": (">=", 12),
    "desk_list_p95_ms": ("<", 50),
    "case_page_p95_ms": ("<", 50),
    "public_search_p95_ms": ("<", 50),
    "certificate_per_s_core": (">=", 15),
    "recompute_100k_clocks_s": ("<", 20),
    "circulate_8000_s": ("<", 10),
    "engine_step_us": ("<", 100),
    "second_start_s": ("<", 5),
    "memory_mb": ("<", 700),
}
RATIOS: Mapping[str, tuple[str, float]] = {
    "submit_per_s": (">=", 0.15),
    "desk_list_p95_ms": ("<=", 1.5),
    "case_page_p95_ms": ("<=", 1.5),
    "public_search_p95_ms": ("<=", 1.5),
}
WORDS: Mapping[str, str] = {
    "cold_start_s": "from an empty home to a county that answers",
    "second_start_s": "starting again, with its cases",
    "memory_mb": "the whole installation idle: database, web, worker",
    "desk_list_p95_ms": "the list of what is to do, one client, 95 of 100",
    "case_page_p95_ms": "a case, one client, 95 of 100",
    "public_search_p95_ms": "a search in the catalogue, one client, 95 of 100",
    "home_per_s": "the public home, eight clients; beside it nginx with the same bytes",
    "bare_view_per_s": "a view that only writes a case, an event and a state; beside it the database alone",
    "submit_per_s": "handing in a food licence through the API, eight clients; beside it the bare view",
    "submit_p95_ms": "the same, 95 of 100; beside it the bare view",
    "life_per_s": "from handing in to the row of the certificate, six requests, without PDFs",
    "certificate_per_s_core": "certificates drawn and signed by one core",
    "circulate_8000_s": "8,000 readings, thirty a time",
    "recompute_100k_clocks_s": "100,000 clocks that follow a change of the calendar",
    "engine_step_us": "a step of the engine with its state in and out; beside it SpiffWorkflow",
    "ledger_verify_per_s": "acts verified",
}


def main() -> int:
    """Write notes and page."""
    results = json.loads((ROOT / "bench" / "results.json").read_text(encoding="utf-8"))
    about = json.loads((ROOT / "bench" / "about.json").read_text(encoding="utf-8"))
    note = {"about": about, "figures": results}
    NOTES.write_text(json.dumps(note, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(note), encoding="utf-8")
    return 0


def page(note: Mapping[str, Any] | None) -> str:
    """Return the page of a run, or one that says that there was none."""
    if not note:
        return HEAD + NOTHING
    about, figures = note["about"], note["figures"]
    cases = " and ".join(f"{size:,}" for size in about["cases"])
    when = f"{about['day']}, version {about['commit']}, {about['machine']}; {cases} cases; {about['seconds']:,} s in all.\n\n"
    return HEAD + when + _table(figures)


def _table(figures: Sequence[Mapping[str, Any]]) -> str:
    lines = ["| Figure | Value | Aim | Beside | Ratio | What |", "| --- | --- | --- | --- | --- | --- |"]
    for told in figures:
        name = told["name"]
        aim = _aim(told["value"], _of(AIMS, name))
        ratio = (
            "" if told["ratio"] is None else f"{told['ratio']:g}{_verdict(told['ratio'], _of(RATIOS, name))}"
        )
        beside = "" if told["baseline"] is None else f"{told['baseline']:,g}"
        lines.append(
            f"| `{name}` | {told['value']:,g} {told['unit']} | {aim} | {beside} | {ratio} | {_of(WORDS, name) or ''} |"
        )
    return "\n".join(lines) + "\n"


def _of(table: Mapping[str, Any], name: str) -> Any:
    """Return what a table says of a figure, whose name may end with a size."""
    return table.get(name) or table.get(name.rpartition("_")[0])


def _aim(value: float, aim: tuple[str, float] | None) -> str:
    return "" if aim is None else f"{aim[0]} {aim[1]:g}{_verdict(value, aim, short=True)}"


def _verdict(value: float, aim: tuple[str, float] | None, *, short: bool = False) -> str:
    if aim is None:
        return ""
    sign, limit = aim
    met = value >= limit if sign == ">=" else value <= limit if sign == "<=" else value < limit
    told = "met" if met else "missed"
    return f": {told}" if short else f" (aim {sign} {limit:g}: {told})"


if __name__ == "__main__":
    sys.exit(main())
