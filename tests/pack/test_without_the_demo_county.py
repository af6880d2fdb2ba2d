"""A county that brings nothing but its organisation and its people takes its first application: the rest comes with the program.

What the operations name by key (papers, task forms, words of messages, the national calendar) must not be the demo county's.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.county import County
from tests.support.database import as_owner
from tongban.base import builtin, editables, packs
from tongban.base.actor import Actor
from tongban.kernel.calendars import service as calendars
from tongban.kernel.instruments import service as instruments
from tongban.kernel.messages import service as messages
from tongban.kernel.registers import service as registers

pytestmark = pytest.mark.django_db
EDITOR = Actor.system("editor")
NAME = {"zh": "云溪县", "en": "Yunxi"}
PACK: dict[str, Any] = {
    "pack.yaml": {"key": "yunxi", "name": NAME},
    "units.yaml": {
        "units": [
            {
                "code": "office", "parent": "", "kind": "department", "level": 4, "name": NAME, "short_name": NAME,
                "division_code": "532398000000", "uscc": "11532399MB0C0001XE", "prefix": "云审", "phone": "12345",
            }
        ]
    },
    "posts.yaml": {
        "posts": [
            {"code": "window", "unit": "office", "name": NAME, "duties": ["services.window"]},
            {"code": "chief", "unit": "office", "name": NAME, "duties": ["services.decide"]},
        ]
    },
    "accounts.yaml": {
        "accounts": [
            {"username": name, "kind": kind, "password": "correct horse", "person": person, "posts": posts}
            for name, kind, person, posts in (
                ("citizen", "citizen", "532399198510271020", []),
                ("window", "official", "532399197903182112", ["window"]),
                ("chief", "official", "532399199106203047", ["chief"]),
            )
        ]
    },
}  # fmt: skip
PEOPLE = (
    "citizen_id,name,phone\n532399198510271020,李秀英,19900000001\n532399197903182112,赵建国,19900000002\n"
    "532399199106203047,杨雪梅,19900000003\n"
)

OUTCOMES = {
    "receive": [
        ("accept", "receive-check"), ("request_correction", "correction"), ("not_accept", "non-acceptance"),
    ],
    "decide": [("grant", "decision-approval"), ("refuse", "decision-refusal")],
}  # fmt: skip
FLOWS = [
    ("start", "receive", ""), ("receive", "received", ""), ("received", "accept", ""),
    ("received", "request_correction", "receive == 'request_correction'"),
    ("received", "not_accept", "receive == 'not_accept'"), ("not_accept", "end_not_accepted", ""),
    ("request_correction", "correct", ""), ("correct", "receive_correction", ""), ("receive_correction", "receive", ""),
    ("accept", "decide", ""), ("decide", "decided", ""), ("decided", "grant", ""),
    ("decided", "refuse", "decide == 'refuse'"), ("refuse", "end_refused", ""), ("grant", "deliver", ""),
    ("deliver", "end_delivered", ""),
]  # fmt: skip


def _drawing() -> str:
    """Draw the road of an application as a clerk does: receive, correct once, decide, deliver."""

    def step(key: str, holder: str, state: str, outcomes: list[tuple[str, str]]) -> str:
        ways = "".join(
            f'<tongban:outcome key="{way}" label_zh="{way}" label_en="{way}"{f" form={form!r}" if form else ""}/>'
            for way, form in outcomes
        )
        return (
            f'<bpmn:userTask id="{key}" name="{key}" tongban:holder="{holder}" tongban:state="{state}">'
            f"<bpmn:extensionElements>{ways}</bpmn:extensionElements></bpmn:userTask>"
        )

    machines = (
        "accept",
        "request_correction",
        "receive_correction",
        "not_accept",
        "grant",
        "refuse",
        "deliver",
    )
    nodes = [
        '<bpmn:startEvent id="start"/>',
        step("receive", "duty:services.window@unit", "received", OUTCOMES["receive"]),
        step("correct", "party:applicant", "correction", [("resubmit", "")]),
        step("decide", "duty:services.decide@unit", "deciding", OUTCOMES["decide"]),
        '<bpmn:exclusiveGateway id="received" default="received_accept"/>',
        '<bpmn:exclusiveGateway id="decided" default="decided_grant"/>',
        *(
            f'<bpmn:serviceTask id="{key}" name="{key}" tongban:operation="services.{key}"/>'
            for key in machines
        ),
        *(
            f'<bpmn:endEvent id="end_{state}" tongban:state="{state}"/>'
            for state in ("not_accepted", "refused", "delivered")
        ),
    ]
    flows = [
        f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}">'
        + (f"<bpmn:conditionExpression>{when}</bpmn:conditionExpression>" if when else "")
        + "</bpmn:sequenceFlow>"
        for a, b, when in FLOWS
    ]
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:tongban="https://tongban.example/bpmn" targetNamespace="https://tongban.example/own">'
        f'<bpmn:process id="tea-house" name="茶馆" isExecutable="true">{"".join(nodes + flows)}</bpmn:process>'
        "</bpmn:definitions>"
    )


def _item(kind: str) -> dict[str, Any]:
    """Write the item: what every item must say, and an extension."""
    said = {"zh": "见本县办法", "en": "See the rules"}
    limit = {"limit": "5wd", "text": said, "source": said, "confidence": "M"}
    return {
        **editables.editable("item").blank(),
        "key": "tea-house", "type": kind, "handling_code": "TEA-1", "unit": "office", "name": NAME, "lead": said,
        "form": "tea-house", "process": "tea-house", "target": ["person"],
        "themes": {"person": ["其他"], "legal": []}, "applicant": {"kinds": ["person"]},
        "basis": [{"law": said, "article": said, "gist": said}],
        "phones": {"consult": "0889-1", "complaint": "0889-2"}, "conditions": [said],
        "limits": {**dict.fromkeys(("statutory", "promised", "delivery"), limit), "extension": limit},
        "mode": {"online": True, "post": False, "payment_online": False, "appointment": False,
                 "case_type": "承诺件", "procedure": "前审后批"},
        "result": {"name": said, "kind": "paper", "closing": "审批办结", "sample": said},
        "remedies": {"review": {"body": NAME}, "court": {"body": NAME}},
    }  # fmt: skip


class Yunxi(County):
    """The county, with an item of its own once ``make`` was called."""

    def make(self, kind: str) -> None:
        """Let the clerk publish form, process and item as studio does."""
        form = editables.editable("form").blank() | {"key": "tea-house", "name": NAME}
        for name, content in (
            ("form", form), ("process", {"key": "tea-house", "xml": _drawing()}), ("item", _item(kind)),
        ):  # fmt: skip
            editables.editable(name).publish(content=content, actor=EDITOR, at=self.now)

    def apply(self) -> Any:
        """Let the citizen apply."""
        from tongban.apps.services import service as services
        from tongban.apps.services.operations.apply import put_answers

        actor = self.actor("citizen")
        case = services.create_application(actor=actor, item_key="tea-house", entity_id=None, at=self.now)
        put_answers(actor=actor, case_id=case.pk, values={"field_1": "清心茶馆"}, at=self.now)
        return services.submit_application(actor=actor, case_id=case.pk, at=self.now)[0]

    def correct(self, case: Any) -> Any:
        """Let the window ask for a correction and the citizen make it."""
        from tongban.apps.services import service as services

        self.do("window", case, "receive", "request_correction", {"what": "名称写全"})
        services.resubmit_application(actor=self.actor("citizen"), case_id=case.pk, at=self.now)
        return self.again(case)

    def not_accept(self, case: Any) -> Any:
        """Let the window not accept."""
        data = {"ground": "not_competent", "reason": "不归本机关管", "where_to_go": "请到邻县"}
        return self.do("window", case, "receive", "not_accept", data)


@pytest.fixture
def yunxi(tmp_path: Path, db: None) -> Iterator[Yunxi]:
    """Install what a county cannot be without, after a migration; it is Monday 1 June 2026."""
    from tongban.kernel.processes.operations.binding import graph_of

    for name, content in PACK.items():
        (tmp_path / name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    with contextlib.ExitStack() as stack:
        place = Yunxi(stack)
        place.go_to("2026-06-01")
        with as_owner():
            builtin.bring(at=place.now)
            packs.install(tmp_path, at=place.now)
        graph_of.cache_clear()
        yield place
        graph_of.cache_clear()


def _papers(case: Any) -> list[str]:
    return sorted(paper.template for paper in instruments.papers_of(case.ref))


@pytest.mark.parametrize(
    ("kind", "granted", "refused"),
    [("01", "grant-decision", "refusal-decision"), ("20", "approval-decision", "decline-decision")],
)
def test_a_county_without_the_demo_pack_decides_its_first_applications(
    yunxi: Yunxi, kind: str, granted: str, refused: str
) -> None:
    yunxi.make(kind)
    case = yunxi.accept(yunxi.correct(yunxi.apply()))
    yunxi.act("chief", case, "extend", {"reason": "需要邻县协助核实情况"})
    assert yunxi.grant(case).state == "delivered"
    assert _papers(case) == sorted(
        ["receipt", "correction-notice", "acceptance-notice", "extension-notice", granted, "service-record"]
    )
    told = {row.subject.zh.split("：")[0] for row in messages.inbox_of(yunxi.actor("citizen").person_id)}
    assert {"已收到您的申请", "请补正材料", "已受理", "办理时限延长", "准予决定", "办好了"} <= told

    case = yunxi.refuse(yunxi.accept(yunxi.apply()))
    assert _papers(case) == sorted(["receipt", "acceptance-notice", refused])
    case = yunxi.not_accept(yunxi.apply())
    assert _papers(case) == ["non-acceptance-notice", "receipt"]
    case = yunxi.apply()
    yunxi.act("citizen", case, "withdraw")
    assert _papers(case) == ["receipt", "withdrawal-confirmation"]


def test_the_national_calendar_is_there(yunxi: Yunxi) -> None:
    known = calendars.current_calendar()
    assert known.known_until >= date(2026, 12, 31)
    assert date(2026, 10, 1) in known.off


def test_a_certificate_has_its_register(yunxi: Yunxi) -> None:
    assert {"identifier", "holder_key", "status", "file_id"} <= registers.field_keys("certificates")


def test_everything_built_in_is_fit_to_be_published(yunxi: Yunxi) -> None:
    for content in builtin.contents():
        if content.kind != "paper":
            faults = editables.editable(content.kind).check(content.value)
            assert [fault for fault in faults if fault.is_error] == [], content.key


def test_each_built_in_paper_can_be_made(yunxi: Yunxi) -> None:
    papers = [content for content in builtin.contents() if content.kind == "paper"]
    assert len(papers) > 12
    for content in papers:
        assert editables.editable("paper").check(content.value) == [], content.key


def test_what_the_office_changed_stays_whatever_a_later_release_brings(
    yunxi: Yunxi, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = editables.editable("paper")
    changed = paper.load("receipt") | {"legal_source": {"zh": "本县办法", "en": "Our rules"}}
    assert paper.publish(content=changed, actor=EDITOR, at=yunxi.now) == 2
    released = [
        builtin.Content(each.kind, each.key, {**each.value, "kind": f"{each.value['kind']}新"})
        for each in builtin.contents()
        if each.key in ("receipt", "grant-decision")
    ]
    monkeypatch.setattr(builtin, "contents", lambda: iter(released))
    with as_owner():
        assert [each.key for each in builtin.bring(at=yunxi.now)] == ["grant-decision"]
        assert builtin.bring(at=yunxi.now) == []
    assert paper.load("receipt") == changed
    assert [each.version for each in paper.versions("grant-decision")] == [2, 1]
