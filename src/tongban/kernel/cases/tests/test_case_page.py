"""The case page: what was recorded, what I can do, what was just done."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.county import County
from tongban.base import published
from tongban.kernel.cases import service as cases
from tongban.kernel.ledger.models import Act
from tongban.kernel.ledger.service import READ


def page(county: County, who: str, number: str) -> str:
    answer = county.client(who).get(f"/desk/cases/{number}/")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_what_was_written_down_at_each_step_can_be_read(county: County) -> None:
    case = county.review(county.accept(county.submit()))
    records = cases.case_page(county.actor("chief"), case.number, at=county.now).records
    assert [str(record.name) for record in records] == ["第二人签字", "现场核查", "材料审查", "收件核对"]
    answers = {str(row.label): str(row.text) for at in records[1].answers.pages for row in at.rows}
    assert answers["实测经营面积"] == "79.5 平方米"
    assert records[1].who == "周敏"
    html = page(county, "chief", case.number)
    assert "办理记录" in html and "79.5 平方米" in html


def test_ids_of_several_records_stay_apart(county: County) -> None:
    case = county.review(county.accept(county.submit()))
    html = page(county, "chief", case.number)
    ids = [part.split('"')[0] for part in html.split(' id="')[1:]]
    assert len(ids) == len(set(ids))


def test_an_opinion_waits_for_its_step(county: County) -> None:
    case = county.accept(county.submit())
    task = county.task(case, "document_review")
    client = county.client("officer1")
    answer = client.post(f"/desk/tasks/{task.id}/claim/", {"opinion": "布局图还要看看"})
    assert answer.status_code == 302
    assert "布局图还要看看" in client.get(f"/desk/cases/{case.number}/").content.decode()
    answer = client.post(f"/desk/tasks/{task.id}/complete/", {"outcome": "submit", "opinion": "可以"})
    assert answer["Location"] == f"/desk/tasks/{task.id}/submit/"
    answer = client.post(answer["Location"], {"opinion": "可以"})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert html.count('class="error-summary"') == 1 and ">可以</textarea>" in html


def test_what_was_done_is_said_once(county: County) -> None:
    case = county.submit()
    task = county.task(case, "receive")
    client = county.client("window")
    checked = ["competence", "applicant", "complete", "form"]
    answer = client.post(f"/desk/tasks/{task.id}/accept/", {"checked": checked}, follow=True)
    assert "收件核对：受理" in answer.content.decode()
    assert "收件核对：受理。" not in client.get(f"/desk/cases/{case.number}/").content.decode()
    assert 'class="callout green case-done"' not in client.get(f"/desk/cases/{case.number}/").content.decode()


def test_the_page_leads_to_the_next_case_of_my_list(county: County) -> None:
    first = county.submit()
    county.go_to("2026-06-02")
    second, third = county.submit("rep"), county.submit("rep")
    ways = {}
    for case in (first, second, third):
        found = cases.case_page(county.actor("window"), case.number, at=county.now)
        ways[case.number] = (found.previous, found.next)
    order = [row.number for row in cases.inbox(county.actor("window"), at=county.now)]
    assert [ways[number] for number in order] == [
        ("", order[1]),
        (order[0], order[2]),
        (order[1], ""),
    ]


def test_the_main_move_comes_first_and_the_harsh_one_last(county: County) -> None:
    case = county.submit()
    [task] = cases.case_page(county.actor("window"), case.number, at=county.now).doable
    assert [outcome.key for outcome in task.outcomes] == ["accept", "request_correction", "not_accept"]


@pytest.mark.parametrize("reason", ["", "   "])
def test_full_names_are_not_shown_without_a_reason(county: County, reason: str) -> None:
    case = county.submit()
    before = Act.objects.count()
    answer = county.client("window").post(f"/desk/cases/{case.number}/unmask/", {"reason": reason})
    html = answer.content.decode()
    assert "请写明查看事由" in html and "532399198510271020" not in html
    assert Act.objects.count() == before


def test_full_names_are_shown_once_and_it_is_on_record(county: County) -> None:
    case = county.submit()
    client = county.client("window")
    html = client.post(f"/desk/cases/{case.number}/unmask/", {"reason": "电话核实"}).content.decode()
    assert "532399198510271020" in html
    act = Act.objects.get(verb=READ, subject_id=str(case.pk))
    assert (act.reason, act.account_id) == ("电话核实", county.account("window").pk)
    assert "532399198510271020" not in client.get(f"/desk/cases/{case.number}/").content.decode()


def test_the_page_needs_few_statements(county: County) -> None:
    case = county.review(county.accept(county.submit()))
    actor = county.actor("chief")
    with published.scope():  # as in a request: what is kept in memory is checked once
        cases.case_page(actor, case.number, at=county.now)
        with CaptureQueriesContext(connection) as captured:
            cases.case_page(actor, case.number, at=county.now)
    assert len(captured) <= 10, "\n".join(query["sql"][:160] for query in captured)


def test_the_viewer_is_told_the_file_the_marks_and_who_did_which_step(county: County) -> None:
    case = county.accept(county.submit())
    url = f"/desk/cases/{case.number}/diagram.json"
    told = county.client("officer1").get(url).json()
    assert told["nodes"]["receive"] == "done" and told["nodes"]["document_review"] == "current"
    assert told["steps"]["receive"][0].startswith("杨雪梅") and told["steps"]["receive"][0].endswith("受理")
    assert told["steps"]["document_review"][0].startswith("正在办：")
    assert 'name="收件核对"' in told["xml"]
    assert county.client("bureau").get(url).status_code == 404
