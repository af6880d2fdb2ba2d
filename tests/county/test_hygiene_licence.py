"""A hygiene licence whose clock stands still while the place is tested (Administrative Licensing Law art. 45)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.county import PNG, County
from tongban.apps.services import service as services
from tongban.apps.services.errors import ProcedureTimeMissing
from tongban.apps.services.operations.apply import put_answers
from tongban.apps.services.operations.procedures import pause_for_procedure
from tongban.base.models import Event
from tongban.base.time import local_date
from tongban.kernel.calendars import service as calendars
from tongban.kernel.calendars.errors import PauseNotAllowed
from tongban.kernel.cases import service as cases
from tongban.kernel.cases.errors import CaseNotFound, TaskNotYours
from tongban.kernel.instruments import service as instruments
from tongban.kernel.ledger import service as ledger
from tongban.kernel.messages import service as messages

INN = "92532399MA193176XT"
"""The inn of the firm's representative."""

ANSWERS: Mapping[str, Any] = {
    "phone": "13812345678",
    "premises_same": True,
    "category": ["lodging"],
    "area": 380,
    "beds": 24,
    "ac": False,
    "washing": "sent",
    "manager_name": "赵建国",
    "staff": 4,
    "has_report": False,
    "delivery": "electronic",
    "truth": True,
}
INSPECTION: Mapping[str, Any] = {
    **dict.fromkeys(
        ("c_place", "c_layout", "c_air", "c_water", "c_washing", "c_pest", "c_staff", "c_rules"), "pass"
    ),
    "photos": "门头 1 张",
    "present": "店主",
    "advice": "meets",
}
REVIEW = {"complete": True, "consistent": True, "layout_ok": True, "advice": "meets"}
REPORT: Mapping[str, Any] = {
    "report_number": "澄疾控检字（101）号",
    "standard": "GB 37488—2019",
    "verdict": "pass",
    "signed_by": "普云霞",
}


def submit(county: County, *, has_report: bool = False) -> Any:
    """Let the innkeeper apply; returns the case with its query code as ``case.code``."""
    inn = county.entity(INN)
    actor = county.actor("rep", entity_id=inn.pk)
    draft = services.create_application(
        actor=actor, item_key="hygiene-licence", entity_id=inn.pk, at=county.now
    )
    answers = {**ANSWERS, "has_report": has_report}
    put_answers(actor=actor, case_id=draft.pk, values=answers, at=county.now)
    for key in ("plans", "hygiene_rules", *(["test_report"] if has_report else [])):
        upload = SimpleUploadedFile(f"{key}.png", PNG)
        services.put_material(actor=actor, case_id=draft.pk, key=key, upload=upload, at=county.now)
    case, code = services.submit_application(actor=actor, case_id=draft.pk, at=county.now)
    case.code = code
    return case


def accept(county: County, case: Any) -> Any:
    checked = ["competence", "applicant", "complete", "form"]
    return do(county, "window", case, "receive", "accept", {"checked": checked})


def do(
    county: County,
    who: str,
    case: Any,
    node: str,
    outcome: str,
    data: Mapping[str, Any] | None = None,
    opinion: str = "",
) -> Any:
    """Let somebody complete a step in the post that holds it (the window clerk has two)."""
    from tongban.kernel.identity import service as identity

    task = county.task(case, node)
    account = county.account(who)
    actors = [
        identity.actor_for(account, at=county.now, channel="desk", post_id=post.post_id)
        for post in identity.posts_of(account, county.now)
    ]
    actor = next((actor for actor in actors if task.holder_id in actor.holders), actors[0])
    cases.complete_task(
        actor=actor, task_id=task.id, outcome=outcome, data=dict(data or {}), opinion=opinion, at=county.now
    )
    return county.again(case)


def reviewed(county: County, case: Any, outcome: str = "needs_test") -> Any:
    """Bring an accepted case through review and inspection."""
    do(county, "health1", case, "document_review", outcome, REVIEW)
    record = {**INSPECTION, "inspected_on": local_date(county.now).isoformat()}
    do(county, "health1", case, "inspect", "submit", record)
    return do(county, "health2", case, "inspect_sign", "sign", {"agrees": True})


def commission(county: County, case: Any, days: int = 8) -> Any:
    """Commission the test: the notice goes out and the clocks stand still."""
    data = {
        "subjects": ["air", "articles"],
        "sampling_on": local_date(county.now).isoformat(),
        "expected_days": days,
        "remarks": "采样时请有人在场。",
    }
    return do(county, "health1", case, "commission", "send", data)


def report(county: County, case: Any, **changes: Any) -> Any:
    """Let the laboratory report."""
    today = local_date(county.now).isoformat()
    data = {**REPORT, "sampled_on": today, "tested_on": today, **changes}
    return do(county, "lab", case, "report", "report", data)


def in_testing(county: County) -> Any:
    """A case accepted on Monday 1 June 2026 whose clocks stand still from Wednesday 3 June."""
    case = accept(county, submit(county))
    county.go_to("2026-06-02")
    return commission(county, reviewed(county, case))


def clock(case: Any, role: str) -> Any:
    found = cases.clock_of(case, role)
    assert found is not None, f"no {role} clock"
    return found


def view(county: County, case: Any, role: str) -> Any:
    return next(c for c in cases.progress_of(county.again(case), at=county.now).clocks if c.key == role)


def papers(case: Any) -> dict[str, Any]:
    return {paper.template: paper for paper in instruments.papers_of(case.ref)}


# --- the whole way ------------------------------------------------------------------------------------------------


def test_art_45_testing_stops_the_clocks_by_the_served_notice_until_the_report_is_in(county: County) -> None:
    case = in_testing(county)
    assert case.state == "special_procedure"
    notice = papers(case)["special-procedure-notice"]
    assert re.fullmatch(r"澄卫特〔2026〕[1-9]\d*号", notice.number)
    [served] = notice.services
    assert (served.method, served.served_at) == ("electronic", county.now)
    for role in ("statutory", "promised"):
        assert clock(case, role).state == "paused"
        assert clock(case, role).due_on is None
        assert notice.number in view(county, case, role).sentence.zh
        assert notice.number in view(county, case, role).sentence.en
    # Accepted on the 1st, told on the 2nd: the 2nd is the first day of the limit, the 3rd does not count any more.
    assert view(county, case, "promised").remaining_days == 4
    assert [task.node for task in county.open_steps(case)] == ["report"]
    doing = cases.overview(county.actor("health1"), view="doing", at=county.now)
    assert (doing.total, doing.paused, doing.first) == (1, 1, (case.pk,))
    paused = cases.inbox(county.actor("health1"), view="doing", mark="paused", at=county.now)
    assert [row.number for row in paused] == [case.number]

    county.go_to("2026-06-12")
    case = report(county, case)
    assert cases.overview(county.actor("health1"), view="doing", at=county.now).paused == 0
    assert case.state == "deciding"
    # 3 to 12 June do not count; 15 to 18 June are days 2 to 5 of the promise; 19 June is a holiday.
    assert clock(case, "promised").due_on == date(2026, 6, 18)
    assert clock(case, "promised").state == "running"
    assert clock(case, "statutory").due_on == date(2026, 7, 10)
    case = do(county, "healthchief", case, "decide", "grant", {"conditions_met": True})
    county.drain(papers=True)
    case = county.again(case)
    assert case.state == "delivered"
    assert clock(case, "promised").met is True

    verbs = [act.verb for act in ledger.acts_of(case=case.ref)]
    assert verbs.index("services.pause") < verbs.index("services.resume") < verbs.index("services.grant")
    told = [row.subject.zh for row in messages.inbox_of(county.account("rep").person_id)]
    assert any("时限暂停" in text for text in told)
    assert any("继续计算" in text for text in told)
    assert set(papers(case)) == {
        "receipt",
        "acceptance-notice",
        "special-procedure-notice",
        "grant-decision",
        "service-record",
    }


def test_every_paper_of_the_way_can_be_made(county: County) -> None:
    """The notice and the certificate are rendered by jobs from what they say."""
    case = in_testing(county)
    county.go_to("2026-06-12")
    do(county, "healthchief", report(county, case), "decide", "grant", {"conditions_met": True})
    county.drain(papers=True)
    assert all(paper.is_ready for paper in instruments.papers_of(case.ref))
    from tongban.apps.certificates.models import Certificate

    certificate = Certificate.objects.get(case_id=case.pk)
    assert re.fullmatch(r"澄卫公证字〔2026〕[1-9]\d*号", certificate.number)
    assert certificate.valid_to == date(2030, 6, 11)


def test_with_a_report_of_its_own_no_clock_stops_and_no_notice_goes_out(county: County) -> None:
    case = reviewed(county, accept(county, submit(county, has_report=True)), "submit")
    assert case.state == "deciding"
    assert clock(case, "promised").state == "running"
    assert "special-procedure-notice" not in papers(case)


def test_the_site_inspection_counts(county: County) -> None:
    """Art. 45 knows no site inspection: while it waits, and when it is done, the clocks run."""
    case = accept(county, submit(county))
    due = clock(case, "promised").due_on
    county.go_to("2026-06-03")
    case = reviewed(county, case)
    assert (clock(case, "promised").state, clock(case, "promised").due_on) == ("running", due)


# --- what else may happen -----------------------------------------------------------------------------------------


def test_a_failed_test_leads_to_a_refusal_with_reasons_and_remedies(county: County) -> None:
    case = in_testing(county)
    county.go_to("2026-06-12")
    case = report(county, case, verdict="fail", failures="浴区二氧化碳 0.21%，应当不超过 0.15%。")
    data = {"reasons": "检测不合格：浴区二氧化碳 0.21%。", "legal_basis": "《公共场所卫生管理条例》第三条"}
    case = do(county, "healthchief", case, "decide", "refuse", data)
    assert (case.state, case.result) == ("refused", "refused")
    assert clock(case, "promised").met is True
    said = papers(case)["refusal-decision"]
    assert said is not None


def test_what_cannot_be_tested_comes_back_the_clock_runs_and_a_second_notice_stops_it_again(
    county: County,
) -> None:
    case = in_testing(county)
    county.go_to("2026-06-05")
    case = do(county, "lab", case, "report", "cannot", opinion="样品破损，要重新采样。")
    assert [task.node for task in county.open_steps(case)] == ["commission"]
    assert clock(case, "promised").due_on == date(2026, 6, 11)
    county.go_to("2026-06-08")
    case = commission(county, case, days=3)
    assert clock(case, "promised").state == "paused"
    county.go_to("2026-06-10")
    case = report(county, case)
    # 2 and 8 June are days 1 and 2; 3 to 5 and 9 to 10 June do not count.
    assert clock(case, "promised").due_on == date(2026, 6, 15)
    notices = [p for p in instruments.papers_of(case.ref) if p.template == "special-procedure-notice"]
    assert len({notice.number for notice in notices}) == 2
    sentence = view(county, case, "promised").sentence.zh
    assert all(notice.number in sentence for notice in notices)
    assert "暂停 3 个工作日" in sentence
    assert "暂停 2 个工作日" in sentence


def test_the_chief_has_it_tested_first(county: County) -> None:
    case = reviewed(county, accept(county, submit(county, has_report=True)), "submit")
    case = do(county, "healthchief", case, "decide", "test_first", opinion="报告没有测噪声，补测。")
    case = commission(county, case)
    assert (case.state, clock(case, "statutory").state) == ("special_procedure", "paused")
    case = report(county, case)
    assert case.state == "deciding"


def test_she_withdraws_while_the_clock_stands_still(county: County) -> None:
    case = in_testing(county)
    county.go_to("2026-06-04")
    actor = county.actor("rep", entity_id=county.entity(INN).pk)
    cases.run_action(actor=actor, case_id=case.pk, key="withdraw", data={"reason": "不开了"}, at=county.now)
    case = county.again(case)
    assert case.state == "withdrawn"
    assert {clock(case, role).state for role in ("statutory", "promised")} == {"stopped"}
    assert county.open_steps(case) == []
    assert "withdrawal-confirmation" in papers(case)
    [past] = [c for c in cases.progress_of(case, at=county.now).past_clocks if c.key == "promised"]
    assert "到结束没有恢复" in past.sentence.zh


def test_nothing_falls_due_and_nothing_fires_while_the_clock_stands_still(county: County) -> None:
    """No timer of the process hangs on the clocks of the decision, and a clock that stands still is neither near nor late."""
    case = commission(county, reviewed(county, accept(county, submit(county))), days=10)
    county.go_to("2026-06-12")
    assert county.tick() == 0
    seen = view(county, case, "promised")
    assert (seen.mark, seen.due_on, seen.remaining_days) == ("pause", None, 5)
    assert seen.pause is not None
    assert "到今天停了 9 个工作日" in seen.pause.sentence.zh
    assert county.again(case).state == "special_procedure"


def test_when_the_time_told_is_over_the_clock_runs_by_itself_and_the_report_may_come_late(
    county: County,
) -> None:
    """The applicant was told of eight working days, 3 to 12 June: from 15 June the days count, report or not."""
    case = in_testing(county)
    county.go_to("2026-06-12", 23)
    assert calendars.end_pauses(at=county.now) == 0
    county.go_to("2026-06-13", 1)
    assert calendars.end_pauses(at=county.now) == 2
    assert clock(case, "promised").due_on == date(2026, 6, 18)
    case = county.again(case)
    assert case.state == "special_procedure"
    told = len(messages.inbox_of(county.account("rep").person_id))
    county.go_to("2026-06-16")
    case = report(county, case)
    assert (case.state, clock(case, "promised").due_on) == ("deciding", date(2026, 6, 18))
    assert len(messages.inbox_of(county.account("rep").person_id)) == told


# --- refusals -----------------------------------------------------------------------------------------------------


class Context:
    """What an operation is told, without a process around it."""

    def __init__(self, county: County, case: Any, **data: Any) -> None:
        from types import SimpleNamespace

        self.owner, self.actor, self.at = case.ref, county.actor("health1"), county.now
        self.vars: Mapping[str, Any] = {}
        self.task = SimpleNamespace(data=data, outcomes=(), outcome="send", form="hygiene-test-commission")


@pytest.mark.parametrize("reason", ["hearing", "auction", "quarantine", "expert_review"])
def test_a_procedure_that_the_items_law_does_not_know_stops_nothing(county: County, reason: str) -> None:
    case = reviewed(county, accept(county, submit(county)))
    events = Event.objects.count()
    with pytest.raises(PauseNotAllowed) as refused:
        pause_for_procedure(reason, Context(county, case, expected_days=5))  # type: ignore[arg-type]
    assert refused.value.data["allowed"] == ["testing"]
    assert clock(case, "promised").state == "running"
    assert "special-procedure-notice" not in papers(case)
    assert Event.objects.count() == events


def test_without_the_time_it_takes_no_notice_goes_out_and_nothing_stops(county: County) -> None:
    case = reviewed(county, accept(county, submit(county)))
    events = Event.objects.count()
    with pytest.raises(ProcedureTimeMissing):
        pause_for_procedure("testing", Context(county, case))  # type: ignore[arg-type]
    assert clock(case, "promised").state == "running"
    assert Event.objects.count() == events


def test_the_laboratory_knows_only_what_was_entrusted_to_it(county: County) -> None:
    case = reviewed(county, accept(county, submit(county)))
    lab = county.actor("lab")
    with pytest.raises(CaseNotFound):
        cases.case_page(lab, case.number, at=county.now)
    case = commission(county, case)
    assert cases.case_page(lab, case.number, at=county.now).doable[0].node == "report"
    with pytest.raises(TaskNotYours):
        do(county, "health1", case, "report", "report", {})


# --- pages and API ------------------------------------------------------------------------------------------------


def test_the_progress_page_says_that_the_clock_stands_still_why_since_when_and_by_which_paper(
    county: County,
) -> None:
    case = in_testing(county)
    county.go_to("2026-06-05")
    number = papers(case)["special-procedure-notice"].number
    for language, words in (
        (
            "zh-hans",
            ("从6月3日起因检测停止计算", "到今天停了 3 个工作日", "还剩 4 个工作日", "检测等特别程序"),
        ),
        (
            "en",
            ("standing still since 3 June for testing", "3 working days so far", "4 working days are left"),
        ),
    ):
        client = county.client("rep")
        client.cookies["django_language"] = language
        page = client.get(f"/progress/{case.number}/").content.decode()
        for word in (*words, number):
            assert word in page, word


def test_the_case_page_shows_clock_papers_drawing_and_what_the_laboratory_can_do(county: County) -> None:
    case = in_testing(county)
    page = county.client("lab").get(f"/desk/cases/{case.number}/").content.decode()
    for word in (
        "特别程序中",
        "暂停中",
        "还剩 4 个工作日",
        "特别程序告知书",
        papers(case)["special-procedure-notice"].number,
        "提交检测报告",
        "检测不了，退回",
        "检测，出报告",
    ):
        assert word in page, word


def test_a_list_of_others_says_paused_and_only_the_laboratory_sees_the_limit_of_its_step(
    county: County,
) -> None:
    case = in_testing(county)
    for who, view, mark in (("health1", "doing", "pause"), ("lab", "todo", "ok")):
        rows = {row.number: row for row in cases.inbox(county.actor(who), view=view, at=county.now).items}
        assert rows[case.number].clock.mark == mark, who


def test_a_regional_calendar_is_called_by_the_name_of_its_region(county: County) -> None:
    html = county.client("window").get("/desk/calendar/").content.decode()
    assert "云岩彝族乡" in html and "地区 532399203" not in html


def test_through_the_api_the_clock_has_no_due_date_while_the_test_lasts_and_the_laboratory_reports(
    county: County,
) -> None:
    case = in_testing(county)
    client, code = county.client(), {"Query-Code": case.code}
    seen = client.get(f"/api/v1/cases/{case.number}", headers=code).json()
    assert seen["state"] == "special_procedure"
    promised = next(each for each in seen["clocks"] if each["key"] == "promised")
    assert (promised["state"], promised["mark"], promised["due_on"]) == ("paused", "pause", None)
    assert papers(case)["special-procedure-notice"].number in promised["derivation"]["zh"]
    assert "special-procedure-notice" in [paper["template"] for paper in seen["papers"]]

    lab = county.token("lab")
    [task] = client.get(f"/api/v1/cases/{case.number}", headers=lab).json()["tasks"]
    today = local_date(county.now).isoformat()
    data = {**REPORT, "sampled_on": today, "tested_on": today}
    url = f"/api/v1/tasks/{task['id']}/complete"
    incomplete = {"outcome": "report", "data": {**data, "report_number": ""}}
    refused = client.post(url, incomplete, content_type="application/json", headers=lab)
    assert refused.status_code == 422
    assert clock(case, "promised").state == "paused"
    done = client.post(url, {"outcome": "report", "data": data}, content_type="application/json", headers=lab)
    assert done.status_code == 200
    assert clock(case, "promised").due_on == date(2026, 6, 8)


# --- finding it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("开理发店", "open-public-place"),
        ("我想开一家美发店", "open-public-place"),
        ("开宾馆要什么手续", "open-public-place"),
        ("澡堂", "open-public-place"),
        ("卫生许可证", "hygiene-licence"),
        ("公共场所卫生许可", "hygiene-licence"),
        ("hair salon", "open-public-place"),
        ("open a hotel", "open-public-place"),
        ("hygiene licence", "hygiene-licence"),
        ("开小吃店", "open-snack-bar"),
        ("开饭店", "open-snack-bar"),
        ("食品经营许可证", "food-licence"),
    ],
)
def test_own_words_lead_to_the_right_thing(county: County, query: str, key: str) -> None:
    from tongban.kernel.search import service as search

    assert search.search(query)[0].ref.id == key


@pytest.mark.parametrize(
    ("kind", "item"),
    [("lodging", "hygiene-licence"), ("care", "hygiene-licence"), ("catering", "food-licence")],
)
def test_one_question_tells_which_licence(county: County, kind: str, item: str) -> None:
    page = county.client().get("/services/find/open-public-place/", {"kind": kind}).content.decode()
    assert f"/services/items/{item}/" in page
