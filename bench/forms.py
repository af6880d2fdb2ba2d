"""How long a big form takes: rendering its page and saving it, in milliseconds, CPU and statements.

    python bench/forms.py 20            rows of JSON: a form of 5 fields and one of 95, each drawn and saved

Requests of a browser go through Django's test client, signed in, to the database of ``DATABASE_URL`` (see ``submit``: only for
one of one's own); without it an embedded server is started and thrown away afterwards. Each saving changes every answer.
Statements are the fewest of three calls: the clock of the demonstration is looked at again every few seconds, by any page.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SMALL, BIG = 5, 95
MAX_RENDER, MAX_SAVE = 150, 1000
"""Milliseconds that a page of a big form may take: to draw, to save."""
WARM = 3
KINDS = ("bool", "text", "integer", "enum", "date")
OPTIONS = [{"value": v, "label": {"zh": f"选项{v}", "en": f"Option {v}"}} for v in "abcde"]


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("requests", type=int, nargs="?", default=20)
    chosen = options.parse_args()
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    from bench import submit

    with submit.a_database():
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.main.settings")
        os.environ.setdefault("TONGBAN_ENV", "demo")
        import django

        django.setup()
        import logging

        from tests.support.county import County

        logging.disable(logging.INFO)
        submit.Bench().install()
        county = County(contextlib.ExitStack())
        for number, who in ((SMALL, "citizen"), (BIG, "rep")):
            measure(county, who, number, chosen.requests)


def definition(number: int) -> dict[str, Any]:
    """Return a form with one page of so many questions; of five, the last four are asked when the first is answered yes."""
    fields: list[dict[str, Any]] = []
    for index in range(number):
        kind = KINDS[index % len(KINDS)]
        field: dict[str, Any] = {
            "key": f"f{index}",
            "label": {"zh": f"问题{index}", "en": f"Question {index}"},
            "type": kind,
            "required": True,
        }
        if kind == "enum":
            field["options"] = OPTIONS
        if kind != "bool":
            field["visible"] = f"f{index - index % len(KINDS)} == true"
        fields.append(field)
    page = {"key": "all", "title": {"zh": "全部问题", "en": "Everything"}, "fields": fields}
    return {"key": "food-licence", "name": {"zh": "大表", "en": "Big form"}, "pages": [page]}


def posted(number: int, turn: int) -> dict[str, str]:
    """Return what a browser sends for the page; every turn other answers."""
    sent: dict[str, str] = {}
    for index in range(number):
        key = f"f{index}"
        match KINDS[index % len(KINDS)]:
            case "bool":
                sent[key] = "true"
            case "date":
                sent |= {f"{key}.year": "2026", f"{key}.month": "3", f"{key}.day": str(turn % 28 + 1)}
            case "enum":
                sent[key] = "abcde"[turn % 5]
            case _:
                sent[key] = str(1000 + turn)
    return sent


def page_of(county: Any, who: str, number: int) -> str:
    """Publish the form of so many fields as the food licence's and begin an application; return the address of the page."""
    from tests.support.county import MAIN_FIRM, REP_FIRM
    from tongban.apps.services import service as services
    from tongban.base.actor import Actor
    from tongban.kernel.forms import service as forms

    forms.put_form(actor=Actor.system("bench"), content=definition(number), at=county.now)
    firm = {"citizen": MAIN_FIRM, "rep": REP_FIRM}[who]
    case = services.create_application(
        actor=county.actor(who), item_key="food-licence", entity_id=county.entity(firm).pk, at=county.now
    )
    return f"/services/applications/{case.pk}/page/all/"


def measure(county: Any, who: str, number: int, requests: int) -> None:
    """Draw and save the page again and again; print a row for each."""
    from bench.submit import counted

    client = county.client(who)
    client.defaults["SERVER_NAME"] = "localhost"
    url = page_of(county, who, number)
    turns = iter(range(10**6))

    def save() -> None:
        answer = client.post(url, posted(number, next(turns)))
        if answer.status_code != 302:
            raise SystemExit(f"{url}: {answer.status_code} {answer.content.decode()[:500]}")

    def draw() -> None:
        answer = client.get(url)
        if answer.status_code != 200:
            raise SystemExit(f"{url}: {answer.status_code}")

    for name, call, limit in (("save", save, MAX_SAVE), ("render", draw, MAX_RENDER)):
        walls, cpus = timed(call, requests)
        row = {
            "bench": f"form_{name}",
            "fields": number,
            "requests": requests,
            "ms": round(median(walls), 2),
            "ms_p95": round(quantiles(walls, n=20)[-1], 2) if len(walls) > 1 else None,
            "cpu_ms": round(median(cpus), 2),
            "statements": min(counted(call) for _ in range(3)),
            "limit_ms": limit,
        }
        sys.stdout.write(json.dumps(row) + "\n")


def timed(call: Callable[[], None], requests: int) -> tuple[list[float], list[float]]:
    """Return milliseconds of the clock and of the CPU for each call; the first compile what is compiled once a process."""
    walls, cpus = [], []
    for turn in range(requests + WARM):
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        if turn >= WARM:
            walls.append((time.perf_counter() - wall) * 1000)
            cpus.append((time.process_time() - cpu) * 1000)
    return walls, cpus


if __name__ == "__main__":
    main()
