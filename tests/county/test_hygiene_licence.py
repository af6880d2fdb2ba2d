"""A hygiene licence whose clock stands still while the place is tested (Administrative Licensing Law art. 45)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.county import PNG, County
from tongban.apps.services import service as services
from tongban.apps.services.operations.apply import put_answers
from tongban.base.time import local_date
from tongban.kernel.cases import service as cases
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

    county.go_to("2026-06-12")
    case = report(county, case)
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
