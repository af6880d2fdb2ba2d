"""Work through HTTP: handing in, and a whole life of an application, by programs with tokens and repetition keys."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from bench import checks, load
from bench.checks import rows
from bench.place import Place

__all__ = ["CLIENTS", "Draft", "drafts", "life", "submit"]

CLIENTS = 8
WARM = 16
DRAFT = "licence-149"
"""The story of the food licence that is handed in, in the demo county's history."""
CHECKED = {"checked": ["competence", "applicant", "complete", "form"]}
REVIEW = {"complete": True, "consistent": True, "layout_ok": True, "advice": "meets"}
PLACES = ("place", "layout", "water", "washing", "cold", "pest", "waste", "staff", "rules")

Draft = tuple[str, str]
"""A case and the token of its applicant."""


def drafts(place: Place, number: int) -> list[Draft]:
    """Return food licences that are filled in, each with a token of its applicant: copies of one that was."""
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

    checks.wait_for_jobs()
    pack = Pack(settings.BASE_DIR / "packs" / "chengxi")
    stories = pack.yaml("history.yaml", "applications")
    story = {**next(row for row in stories if row["key"] == DRAFT), "submit": False}
    with place.at_rest():
        shape = Shape(story, 1, story["entity"])
        model = walk(shape, usernames=history.usernames_of(pack), now=now())
    with transaction.atomic():
        copier, first = Copier([model]), people_before()
        copier.copy(copier.forms[0], number, each=1, first_person=first)
        people = [someone(first + n, model.applicant) for n in range(number)]
        tokens = {p.entity: identity.create_token(p.username, "bench", now()) for p in people}
    found = rows(
        """SELECT c.id::text, p.entity_id::text FROM cases_case c JOIN cases_party p ON p.case_id = c.id
          WHERE p.role = 'applicant' AND p.entity_id = ANY(%s::uuid[]) AND c.number IS NULL""",
        [list(tokens)],
    )
    return [(case, tokens[entity]) for case, entity in found]


def submit(place: Place, number: int) -> load.Load:
    """Hand in so many applications by eight clients; return how long that took. Raises Unfinished."""
    ready = drafts(place, number + WARM)
    requests = [_submit(*draft) for draft in ready]
    load.run(place.port, requests[:WARM], clients=CLIENTS)
    told = load.run(place.port, requests[WARM:], clients=CLIENTS)
    checks.wait_for_jobs()
    checks.submitted([case for case, _ in ready])
    return told


def life(place: Place, number: int) -> float:
    """Bring so many applications from being handed in to the row of their certificate; return how many a second.

    Step after step, eight clients each. The two reviews of a case are done side by side; the inspection has two
    signatures. PDFs are made afterwards and not counted. Raises Unfinished.
    """
    ready = drafts(place, number + WARM)
    with _later("instruments.render", "processes.run_job"):
        _bring(place, ready[:WARM])
        seconds = _bring(place, ready[WARM:])
    checks.wait_for_jobs()
    checks.lived([case for case, _ in ready])
    return number / seconds


def _bring(place: Place, ready: Sequence[Draft]) -> float:
    """Bring these to the row of their certificate; return the seconds."""
    cases = [case for case, _ in ready]
    seconds = load.run(place.port, [_submit(*draft) for draft in ready], clients=CLIENTS).seconds
    for step in _steps(cases):
        seconds += load.run(place.port, step(), clients=CLIENTS).seconds
    with place.at_rest():  # or the worker makes some of them
        return seconds + _certificate_rows(cases)


def _steps(cases: Sequence[str]) -> list[Callable[[], list[load.Request]]]:
    """Return what makes the requests of each step, once the one before is done."""
    from tongban.base.time import local_date, now

    inspection = {
        **{f"c_{place}": "pass" for place in PLACES},
        "measured_area": 79.5,
        "photos": "门头 1 张",
        "present": "店主",
        "advice": "meets",
        "inspected_on": local_date(now()).isoformat(),
    }
    clerks = _tokens("window", "officer1", "officer2", "chief")

    def each(node: str, who: str, outcome: str, data: Mapping[str, Any]) -> list[load.Request]:
        body = json.dumps({"outcome": outcome, "data": dict(data)}).encode()
        return [
            load.Request("POST", f"/api/v1/tasks/{task}/complete", _headers(clerks[who]), body)
            for task in _open_tasks(cases, node)
        ]

    def reviews() -> list[load.Request]:
        papers = each("document_review", "officer1", "submit", REVIEW)
        return [
            request
            for pair in zip(papers, each("inspect", "officer1", "submit", inspection), strict=True)
            for request in pair
        ]

    return [
        lambda: each("receive", "window", "accept", CHECKED),
        reviews,
        lambda: each("inspect_sign", "officer2", "sign", {"agrees": True}),
        lambda: each("decide", "chief", "grant", {"conditions_met": True}),
    ]


def _certificate_rows(cases: Sequence[str]) -> float:
    """Make the rows of the certificates, one after another, as the worker does before it draws them; return the seconds."""
    from tongban.apps.certificates.operations import issue
    from tongban.base.actor import Actor
    from tongban.base.ref import Ref
    from tongban.base.time import now
    from tongban.kernel.cases import service as kernel

    keys = dict(
        rows(
            """SELECT c.id::text, i.vars ->> 'certificate_type' FROM cases_case c
              JOIN processes_instance i ON i.id = c.instance_id WHERE c.id = ANY(%s::uuid[])""",
            [list(cases)],
        )
    )
    actor, began = Actor.system("processes"), time.perf_counter()
    for case_id in cases:
        case = kernel.case_of(Ref.to("case", case_id))
        issue._number(case, issue.type_of(keys[case_id]), actor, now())
    return time.perf_counter() - began


def _open_tasks(cases: Sequence[str], node: str) -> list[int]:
    """Return the open steps of a kind in the order of their cases. Raises Unfinished when a case has none."""
    found = rows(
        """SELECT t.id FROM processes_task t JOIN cases_case c ON c.instance_id = t.instance_id
          WHERE c.id = ANY(%s::uuid[]) AND t.node = %s AND t.state = 'open' ORDER BY c.id""",
        [list(cases), node],
    )
    if len(found) != len(cases):
        raise checks.Unfinished(f"{len(found)} of {len(cases)} cases have come to {node}")
    return [row[0] for row in found]


def _submit(case: str, token: str) -> load.Request:
    return load.Request("POST", f"/api/v1/applications/{case}/submit", _headers(token), b"{}")


def _headers(token: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {token}",
        "Idempotency-Key": uuid4().hex,
        "Content-Type": "application/json",
    }


def _tokens(*usernames: str) -> dict[str, str]:
    from tongban.base.time import now
    from tongban.kernel.identity import service as identity

    return {name: identity.create_token(name, "bench", now()) for name in usernames}


@contextmanager
def _later(*tasks: str) -> Iterator[None]:
    """Let jobs of these tasks wait until the block is left."""
    names = ", ".join(f"'{task}'" for task in tasks)
    checks.change(
        f"""CREATE OR REPLACE FUNCTION bench_later() RETURNS trigger LANGUAGE plpgsql AS
          $$BEGIN IF NEW.task_name IN ({names}) THEN NEW.scheduled_at := now() + interval '1 day'; END IF; RETURN NEW; END$$""",
        """CREATE OR REPLACE TRIGGER bench_later BEFORE INSERT ON procrastinate_jobs
          FOR EACH ROW EXECUTE FUNCTION bench_later()""",
    )
    try:
        yield
    finally:
        checks.change(
            "DROP TRIGGER bench_later ON procrastinate_jobs",
            "DROP FUNCTION bench_later()",
            f"""UPDATE procrastinate_jobs SET scheduled_at = NULL
              WHERE status = 'todo' AND task_name IN ({names}) AND scheduled_at > now() + interval '12 hours'""",
        )
