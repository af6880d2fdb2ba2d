"""Cases brought to where a test needs them, quickly: through the API, by the people who would do it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.support.installation import eventually
from tests.support.site import Answer, Api, Forms, Site, a_pdf
from tests.support.walks import dated, example_of

__all__ = [
    "ACCEPTED",
    "ANSWERS",
    "GRANTED",
    "HYGIENE_INSPECTION",
    "INSPECTED",
    "LETTER",
    "OCCUPIED",
    "REVIEWED",
    "SUBMITTED_LETTER",
    "TESTING",
    "Scenes",
    "good",
]

ANSWERS: dict[str, Any] = {
    "premises_same": True,
    "area": 80,
    "kitchen_area": 20,
    "seats": 30,
    "format": "catering",
    "projects": ["hot"],
    "network": False,
    "central_delivery": False,
    "manager_name": "李秀英",
    "staff": 3,
    "trained": True,
    "health_promise": True,
    "delivery": "electronic",
    "truth": True,
}
"""What the owner of the noodle shop answers in the form of the food licence."""

POINTS = ("place", "layout", "water", "washing", "cold", "pest", "waste", "staff", "rules")
INSPECTION = {
    **{f"c_{point}": "pass" for point in POINTS},
    "inspected_on": datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat(),
    "measured_area": 79.5,
    "photos": "门头、操作间各 1 张",
    "present": "李秀英",
    "advice": "meets",
}
REVIEW = {"complete": True, "consistent": True, "layout_ok": True, "advice": "meets"}
Step = tuple[str, str, str, Mapping[str, Any]]
ACCEPTED: tuple[Step, ...] = (
    ("window", "receive", "accept", {"checked": ["competence", "applicant", "complete", "form"]}),
)
INSPECTED: tuple[Step, ...] = (*ACCEPTED, ("officer1", "inspect", "submit", INSPECTION))
REVIEWED: tuple[Step, ...] = (
    *INSPECTED,
    ("officer1", "document_review", "submit", REVIEW),
    ("officer2", "inspect_sign", "sign", {"agrees": True}),
)
GRANTED: tuple[Step, ...] = (*REVIEWED, ("chief", "decide", "grant", {"conditions_met": True}))
"""The steps of the food licence up to four points of its life: who, task, outcome, what the form of the outcome says."""

INN = "92532399MA193176XT"
HYGIENE_ANSWERS: dict[str, Any] = {
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
"""What the innkeeper answers in the form of the hygiene licence: there is no test report."""

HYGIENE_POINTS = ("place", "layout", "air", "water", "washing", "pest", "staff", "rules")
HYGIENE_INSPECTION = {
    **{f"c_{point}": "pass" for point in HYGIENE_POINTS},
    "inspected_on": datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat(),
    "photos": "门头 1 张，消洗间 2 张",
    "present": "赵建国",
    "advice": "meets",
}
COMMISSION = {
    "subjects": ["air", "articles"],
    "sampling_on": INSPECTION["inspected_on"],
    "expected_days": 8,
    "remarks": "采样时请有人在场，不用停业。",
}
TESTING: tuple[Step, ...] = (
    ("window", "receive", "accept", {"checked": ["competence", "applicant", "complete", "form"]}),
    ("health1", "document_review", "needs_test", REVIEW),
    ("health1", "inspect", "submit", HYGIENE_INSPECTION),
    ("health2", "inspect_sign", "sign", {"agrees": True}),
    ("health1", "commission", "send", COMMISSION),
)
"""The steps of the hygiene licence until its clock stands still for the test."""

VISIT = {
    "visited_on": INSPECTION["inspected_on"],
    "found": True,
    "harmless": True,
    "measured": "与申请一致",
    "situation": "人行道净宽足够，棚子不压盲道。",
    "photos": "全景 1 张",
    "present": "李秀英",
    "advice": "meets",
}
OCCUPIED: tuple[Step, ...] = (
    ("cgj.window", "receive", "accept", {"checked": ["competence", "applicant", "complete", "form"]}),
    (
        "cgj.officer1",
        "document_review",
        "submit",
        {"complete": True, "consistent": True, "conditions": True, "advice": "meets"},
    ),
    ("cgj.officer1", "inspect", "submit", VISIT),
    ("cgj.officer2", "inspect_sign", "sign", {"agrees": True}),
    ("cgj.chief", "decide", "grant", {"conditions_met": True}),
)
"""The steps of the occupation of a road until its fee is owed."""

LETTER = {
    "kind": "complaint",
    "title": "文昌路路灯坏了半个月",
    "body": "文昌路中段的路灯坏了半个月，晚上接孩子看不见路，请尽快修好。我的电话是13800000000。",
    "may_publish": True,
    "name": "李秀英",
    "phone": "13812345678",
}

PUBLISHED = {
    "title": "文昌路路灯坏了半个月",
    "body": "文昌路中段的路灯坏了半个月，晚上接孩子看不见路，请尽快修好。",
    "answer": "经现场查看，三盏路灯线路老化，已经安排抢修，预计三个工作日内恢复照明。",
}
SUBMITTED_LETTER: tuple[Step, ...] = (
    ("mailbox", "assign", "assign", {"unit": "cgj", "complexity": "general"}),
    ("bureau2", "answer", "answer", {"text": PUBLISHED["answer"]}),
    ("mailbox", "check", "publish", PUBLISHED),
)
"""The steps of a letter until its answer is public."""


class Scenes:
    """Plays the demo county's people through the API of one site."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def as_(self, username: str) -> Api:
        """Return the API as this person."""
        return self.site.api(username)

    def firm_of(self, username: str) -> str:
        """Return the id of the first firm for which this person may act."""
        entities = good(self.as_(username).get("/me"))["entities"]
        return str(entities[0]["id"])

    def draft(self, *, by: str = "citizen", **more: Any) -> str:
        """Begin the application and fill it in completely; return its id."""
        api = self.as_(by)
        body = {"item": "food-licence", "entity_id": self.firm_of(by)}
        begun = good(api.post("/applications", body, Idempotency_Key=str(uuid.uuid4())), 201)
        put = good(api.put(f"/applications/{begun['id']}/data", {"data": {**ANSWERS, **more}}))
        for material in put["materials"]:
            if material["upload"] and material["required"]:
                path = f"/applications/{begun['id']}/materials/{material['key']}"
                good(api.upload(path, f"{material['key']}.pdf", a_pdf()), 201)
        return str(begun["id"])

    def submitted(self, *, by: str = "citizen", **more: Any) -> tuple[str, str]:
        """Submit such an application; return number and query code."""
        receipt = good(self.as_(by).post(f"/applications/{self.draft(by=by, **more)}/submit"))
        return receipt["number"], receipt["code"]

    def brought_to(self, steps: tuple[Step, ...], **more: Any) -> tuple[str, str]:
        """Submit an application and take the steps; return number and query code."""
        number, code = self.submitted(**more)
        for who, node, outcome, data in steps:
            self.step(who, number, node, outcome, data)
        return number, code

    def hygiene(self) -> tuple[str, str]:
        """Let the innkeeper apply for a hygiene licence without a test report; return number and query code."""
        api = self.as_("rep")
        inn = next(each for each in good(api.get("/me"))["entities"] if each["uscc"] == INN)
        body = {"item": "hygiene-licence", "entity_id": inn["id"]}
        begun = good(api.post("/applications", body, Idempotency_Key=str(uuid.uuid4())), 201)
        here = f"/applications/{begun['id']}"
        for material in good(api.put(f"{here}/data", {"data": HYGIENE_ANSWERS}))["materials"]:
            if material["upload"] and material["required"]:
                good(api.upload(f"{here}/materials/{material['key']}", "a.pdf", a_pdf()), 201)
        receipt = good(api.post(f"{here}/submit"))
        return receipt["number"], receipt["code"]

    def in_testing(self) -> tuple[str, str]:
        """Bring a hygiene licence to where its clock stands still for the test; return number and query code."""
        number, code = self.hygiene()
        for who, node, outcome, data in TESTING:
            self.step(who, number, node, outcome, data, post="卫生健康窗口" if who == "window" else "")
        return number, code

    def begun(self, item: str, *, by: str = "", on_behalf: Mapping[str, str] | None = None) -> str:
        """Begin an application for the firm of the example of its item, or on behalf of somebody; return its id."""
        example = example_of(item)
        api = self.as_(by or example["by"])
        firms = good(api.get("/me"))["entities"] if example.get("firm") else []
        firm = next((each["id"] for each in firms if each["uscc"] == example["firm"]), None)
        body = {"item": item, "entity_id": firm, "on_behalf": on_behalf}
        return str(good(api.post("/applications", body, Idempotency_Key=str(uuid.uuid4())), 201)["id"])

    def filled(self, item: str) -> str:
        """Begin an application as in the example of its item and fill it in; return its id."""
        example, draft = example_of(item), self.begun(item)
        self.fill(self.as_(example["by"]), draft, example["answers"])
        return draft

    def fill(self, api: Api, draft: str, answers: Mapping[str, Any]) -> None:
        """Answer the form of a draft and give what it asks for."""
        here, today = f"/applications/{draft}", datetime.now(ZoneInfo("Asia/Shanghai")).date()
        for material in good(api.put(f"{here}/data", {"data": dated(answers, today)}))["materials"]:
            if material["upload"] and material["required"] and not material["files"]:
                good(
                    api.upload(f"{here}/materials/{material['key']}", f"{material['key']}.pdf", a_pdf()), 201
                )

    def charged(self) -> tuple[str, str]:
        """Bring the occupation of a road to where its fee is owed; return number of the case and id of the charge."""
        api = self.as_("citizen")
        draft = self.filled("road-occupation")
        number = str(good(api.post(f"/applications/{draft}/submit"))["number"])
        for who, node, outcome, data in OCCUPIED:
            self.step(who, number, node, outcome, data)
        owed = self.until(lambda: [c for c in good(api.get("/fees/charges")) if c["case"] == number])
        return number, str(owed[0]["id"])

    def at_counter(self, *, is_submitted: bool = True) -> str:
        """Let the clerk enter an application of the owner of the noodle shop, who is present; return its id."""
        api = self.as_("window")
        person = {"name": "李秀英", "citizen_id": "532399198510271020"}
        body = {**person, "item": "food-licence", "entity_id": self.firm_of("citizen"), "seen": True}
        entered = str(good(api.post("/counter", body), 201)["id"])
        self.fill(api, entered, ANSWERS)
        if is_submitted:
            good(api.post(f"/applications/{entered}/submit"))
        return entered

    def forms(self, username: str) -> Forms:
        """Return who sends the forms of pages as this person, for what has no door in the API."""
        return Forms(self.site.base).sign_in(username)

    def letter(self, *, by: str = "citizen", **more: Any) -> str:
        """Write a letter; return its number."""
        sent = self.as_(by).post("/letters", {**LETTER, **more}, Idempotency_Key=str(uuid.uuid4()))
        return str(good(sent, 201)["number"])

    def until(self, condition: Callable[[], Any], patience: float = 120) -> Any:
        """Ask until there is a true answer; the worker is at it."""
        return eventually(condition, patience)

    def post(self, who: str, name: str) -> dict[str, str]:
        """Return the header with which somebody acts in the post whose name has these words; none for the first post."""
        if not name:
            return {}
        posts = good(self.as_(who).get("/me"))["posts"]
        return {"Tongban_Post": str(next(post["id"] for post in posts if name in post["name"]["zh"]))}

    def task(self, who: str, number: str, node: str, post: str = "") -> int:
        """Return the id of an open task of a case as this person sees it."""
        tasks = good(self.as_(who).get(f"/cases/{number}", **self.post(who, post)))["tasks"]
        return int(next(task["id"] for task in tasks if task["node"] == node))

    def step(
        self,
        who: str,
        number: str,
        node: str,
        outcome: str,
        data: Mapping[str, Any] | None = None,
        opinion: str = "",
        post: str = "",
    ) -> Any:
        """Complete a task; return where the case stands then."""
        body = {"outcome": outcome, "opinion": opinion, "data": dict(data or {})}
        task = self.task(who, number, node, post)
        return good(self.as_(who).post(f"/tasks/{task}/complete", body, **self.post(who, post)))


def good(answer: Answer, status: int = 200) -> Any:
    """Return what the API answered; fail when it refused."""
    assert answer.status == status, f"{answer.status}: {answer.content.decode(errors='replace')}"
    return answer.json
