"""A small world for papers: one unit, one template, a citizen and a stranger."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import pytest

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL
from tongban.kernel.identity.service import put_person, put_unit
from tongban.kernel.instruments import service

AT = datetime(2026, 3, 5, 9, 41, tzinfo=LOCAL)
SOURCE = """#import "/paper.typ": *
#show: paper
你于#date-zh(data.received_on)提交的#data.item，本机关决定予以受理。
"""
FIELDS = [
    {"key": "item", "label": {"zh": "事项", "en": "Item"}, "required": True},
    {"key": "received_on", "label": {"zh": "收到日期", "en": "Received on"}, "required": True},
    {"key": "note", "label": {"zh": "说明", "en": "Note"}, "required": False},
]


@pytest.fixture
def unit(db):
    return put_unit(
        actor=Actor.system("pack"),
        code="scjg",
        name=LocalizedText("澄溪县市场监督管理局", "Chengxi County Administration for Market Regulation"),
        division_code="532399000000",
        level="county",
        kind="bureau",
        prefix="澄市监",
        at=AT,
    )


@pytest.fixture
def template(db):
    return service.put_template(
        key="acceptance",
        name=LocalizedText("受理通知书", "Notice of acceptance"),
        kind_word="受",
        source=SOURCE,
        fields=FIELDS,
    )


@pytest.fixture
def citizen(db):
    person = put_person(actor=Actor.system("pack"), name="李秀英", email="li@example.org", at=AT)
    return Actor(person_id=person.pk, name="李秀英")


@pytest.fixture
def subject() -> Ref:
    return Ref("paper-test", str(uuid4()))


@pytest.fixture
def issue(unit, template, citizen, subject):
    """Issue one paper to the citizen; what is passed replaces the defaults."""

    def make(**changes):
        person_id: UUID = citizen.person_id
        values = {
            "actor": Actor.system("test"),
            "template": "acceptance",
            "subject": subject,
            "unit_id": unit.pk,
            "data": {"item": "食品经营许可", "received_on": "2026-03-04"},
            "recipients": [service.Recipient.person(person_id, "李秀英")],
            "at": AT,
        }
        return service.issue_paper(**(values | changes))

    return make
