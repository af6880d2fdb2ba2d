"""How many statements a request may take, whatever the case holds: a list of twenty costs no more than a list of two.

Everything is counted that a whole request sends to the database: signing in, the repetition key, the frame of a page with
its counts. Only the borders of transactions (BEGIN, COMMIT, SAVEPOINT) are not, and what a worker does later.

Budgets of the issue stand as they were given; the others are what was measured plus a little. A page that needs more asks in a
loop: gather the rows at once instead. An operation that needs more writes past ``base.work`` or reads what is published past
``base.published``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.county import INSPECTION, County
from tongban.base.time import local_date

SUBMIT, STEP, INBOX, CASE_PAGE = 14, 12, 8, 15
"""The budgets that the product promises."""

PAGES = {
    # page: (account, statements)
    "/": ("", 12),
    "/services/": ("", 3),
    "/services/?q=开小吃店": ("", 6),
    "/services/items/food-licence/": ("", 5),
    "/letters/": ("", 5),
    "/progress/{number}/": ("citizen", 16),
    "/my/": ("citizen", 11),
    "/my/messages/": ("citizen", 8),
    "/my/certificates/": ("citizen", 10),
    "/desk/list/todo/": ("window", INBOX),
    "/desk/list/doing/": ("window", INBOX),
    "/desk/cases/{number}/": ("window", CASE_PAGE),
    "/api/v1/tasks": ("window", 5),
    "/api/v1/cases/{number}": ("window", 14),
}
REVIEW = {"complete": True, "consistent": True, "layout_ok": True, "advice": "meets"}
CHECKED = {"checked": ["competence", "applicant", "complete", "form"]}
ANSWER = {"text": "您反映的文昌路路灯已经查看，是线路老化，今天换好，当晚已经亮灯。"}
LETTER = {
    "kind": "complaint",
    "title": "文昌路路灯坏了半个月",
    "body": "文昌路中段的路灯坏了半个月，晚上接孩子看不见路，请尽快修好。",
    "may_publish": True,
    "name": "李秀英",
    "phone": "13812345678",
}


def sent(call: Callable[[], Any], *, status: int = 200) -> list[str]:
    """Return the statements that a request sends. A savepoint stands here for what is a transaction in the web."""
    with CaptureQueriesContext(connection) as captured:
        response = call()
    assert response.status_code == status, response.content.decode()[:800]
    return [q["sql"] for q in captured if "SAVEPOINT" not in q["sql"]]


def within(budget: int, statements: list[str]) -> None:
    """Hold a request to its budget; show what it sent when it took more."""
    lines = "\n  ".join(sql[:160] for sql in statements)
    assert len(statements) <= budget, f"{len(statements)} statements, {budget} allowed\n  {lines}"


# --- pages ---------------------------------------------------------------------------------------------------------


def _statements(county: County, url: str, who: str, number: str) -> list[str]:
    client = county.client(who)
    headers = county.token(who) if url.startswith("/api/") else {}
    client.get(url.format(number=number), headers=headers)  # what is compiled once a process
    return sent(lambda: client.get(url.format(number=number), headers=headers))


@pytest.fixture
def filled(county: County) -> Any:
    """Two cases on the lists; ``more`` puts eight more there."""
    first = county.submit()

    def more() -> None:
        for _ in range(4):
            county.submit()
            county.submit("rep")

    return county, first, more


def test_pages_keep_their_budget_and_lists_do_not_grow_with_their_rows(filled: Any) -> None:
    county, first, more = filled
    few = {url: len(_statements(county, url, who, first.number)) for url, (who, _) in PAGES.items()}
    more()
    faults = []
    for url, (who, budget) in PAGES.items():
        statements = _statements(county, url, who, first.number)
        lines = "\n  ".join(sql[:160] for sql in statements)
        if len(statements) > few[url]:
            faults.append(f"{url}: {few[url]} with one case, {len(statements)} with nine\n  {lines}")
        elif len(statements) > budget:
            faults.append(f"{url}: {len(statements)} statements, {budget} allowed\n  {lines}")
    assert not faults, "\n".join(faults)


def test_the_case_page_keeps_its_budget_when_much_has_happened(county: County) -> None:
    case = county.submit()
    county.ask_for_correction(case)
    county.go_to("2026-06-03")
    county.do("citizen", case, "correct", "resubmit")
    case = county.grant(county.review(county.accept(case)))
    within(CASE_PAGE, _statements(county, f"/desk/cases/{case.number}/", "officer1", ""))


# --- operations -----------------------------------------------------------------------------------------------------


class Program:
    """A program that calls the API for an account, each time with a fresh repetition key."""

    keys = 0

    def __init__(self, county: County, who: str) -> None:
        self.headers = county.token(who) if who else {}
        self.client = Client()

    def post(self, url: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send a request."""
        Program.keys += 1
        headers = {**self.headers, "Idempotency-Key": f"key-{Program.keys}"}
        text = json.dumps(dict(body or {}))
        return self.client.post(f"/api/v1{url}", text, content_type="application/json", headers=headers)

    def complete(self, task: Any, outcome: str, data: Mapping[str, Any]) -> Any:
        """Complete a step."""
        return self.post(f"/tasks/{task.id}/complete", {"outcome": outcome, "data": data})


def test_submitting_a_food_licence_keeps_its_budget(county: County) -> None:
    citizen = Program(county, "citizen")
    assert citizen.post(f"/applications/{county.draft().pk}/submit").status_code == 200  # all is compiled now
    draft = county.draft()
    statements = sent(lambda: citizen.post(f"/applications/{draft.pk}/submit"))
    within(SUBMIT, statements)
    written = [sql for sql in statements if sql.startswith("WITH")]
    assert len(written) == 1, "all rows of a submission are written by one statement"
    for table in ("cases_case", "ledger_act", "processes_task", "instruments_paper", "messages_message"):
        assert f'"{table}"' in written[0]


def test_submitting_on_the_web_keeps_its_budget(county: County) -> None:
    client = county.client("citizen")
    for last in (False, True):
        url = f"/services/applications/{county.draft().pk}/check/"
        assert client.get(url).status_code == 200
        statements = sent(partial(client.post, url), status=302)
        if last:
            within(SUBMIT, statements)


def test_every_step_of_a_food_licence_keeps_its_budget(county: County) -> None:
    record = {**INSPECTION, "inspected_on": local_date(county.now).isoformat()}
    steps: tuple[tuple[str, str, str, Mapping[str, Any]], ...] = (
        ("window", "receive", "accept", CHECKED),
        ("officer1", "document_review", "submit", REVIEW),
        ("officer1", "inspect", "submit", record),
        ("officer2", "inspect_sign", "sign", {"agrees": True}),
        ("chief", "decide", "grant", {"conditions_met": True}),
    )
    programs = {who: Program(county, who) for who, *_ in steps}
    for last in (False, True):
        case = county.submit()
        for who, node, outcome, data in steps:
            task = county.task(case, node)
            statements = sent(partial(programs[who].complete, task, outcome, data))
            if last:
                within(STEP, statements)


def test_the_steps_beside_the_way_to_a_licence_keep_their_budget(county: County) -> None:
    window, citizen = Program(county, "window"), Program(county, "citizen")
    correction = {"missing": ["safety_rules"], "what": "管理制度没有写谁管消毒"}
    refusal = {"ground": "not_competent", "reason": "不归本机关管", "where_to_go": "县卫生健康局"}
    for last in (False, True):
        case = county.submit()
        task = county.task(case, "receive")
        asked = sent(partial(window.complete, task, "request_correction", correction))
        task = county.task(county.again(case), "correct")
        corrected = sent(partial(citizen.complete, task, "resubmit", {}))
        task = county.task(case, "receive")
        refused = sent(partial(window.complete, task, "not_accept", refusal))
        if last:
            for statements in (asked, corrected, refused):
                within(STEP, statements)


def test_claiming_keeps_its_budget(county: County) -> None:
    window = Program(county, "window")
    for last in (False, True):
        task = county.task(county.submit(), "receive")
        statements = sent(partial(window.post, f"/tasks/{task.id}/claim"))
        if last:
            within(9, statements)


@pytest.mark.parametrize("who", ["", "citizen"], ids=["by a stranger", "signed in"])
def test_sending_a_letter_keeps_its_budget(county: County, who: str) -> None:
    writer = Program(county, who)
    assert writer.post("/letters", LETTER).status_code == 201
    within(SUBMIT, sent(lambda: writer.post("/letters", LETTER), status=201))


def test_working_on_a_letter_keeps_its_budget(county: County) -> None:
    office, bureau = Program(county, "mailbox"), Program(county, "bureau")
    from tongban.kernel.cases.models import Case

    for last in (False, True):
        number = Program(county, "citizen").post("/letters", LETTER).json()["number"]
        case = Case.objects.get(number=number)
        task = county.task(case, "assign")
        assigned = sent(partial(office.complete, task, "assign", {"unit": "zjj", "complexity": "general"}))
        task = county.task(case, "answer")
        answered = sent(partial(bureau.complete, task, "answer", ANSWER))
        if last:
            for statements in (assigned, answered):
                within(STEP, statements)


def test_a_step_on_the_web_keeps_its_budget(county: County) -> None:
    client = county.client("officer2")
    for last in (False, True):
        case = county.accept(county.submit())
        county.inspect(case)
        task = county.task(case, "inspect_sign")
        url = f"/desk/tasks/{task.id}/sign/"
        statements = sent(partial(client.post, url, {"agrees": "true"}), status=302)
        if last:
            within(
                STEP + 4, statements
            )  # the page asks for the form first, and remembers in the session what was done
