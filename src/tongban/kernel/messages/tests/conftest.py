"""A citizen with an address, words, and a quiet outbox."""

from __future__ import annotations

from datetime import datetime

import pytest

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.base.time import LOCAL
from tongban.kernel.identity.service import put_person
from tongban.kernel.messages import service

AT = datetime(2026, 3, 5, 9, 41, tzinfo=LOCAL)
OCCASION = Ref("case", "1")


@pytest.fixture
def home(settings, tmp_path):
    settings.TONGBAN_HOME = tmp_path
    settings.TONGBAN_SMTP_URL = ""
    settings.TONGBAN_PUBLIC_URL = "https://chengxi.example"
    return tmp_path


@pytest.fixture
def words(db):
    return service.put_template(
        key="accepted",
        subject=LocalizedText("已受理：{item}", "Accepted: {item}"),
        body=LocalizedText("办件 {number} 已受理。", "Case {number} is accepted."),
    )


@pytest.fixture
def citizen(db) -> Actor:
    person = put_person(actor=Actor.system("pack"), name="李秀英", email="li@example.org", at=AT)
    return Actor(person_id=person.pk, name="李秀英")


@pytest.fixture
def tell(words, home, citizen):
    """Send one message; what is passed replaces the defaults."""

    def send(**changes):
        values = {
            "to_person": citizen.person_id,
            "template": "accepted",
            "context": {"item": LocalizedText("食品经营许可", "Food licence"), "number": "CX-1"},
            "occasion": OCCASION,
            "link": "/my/cases/CX-1/",
            "at": AT,
        }
        return service.send(**(values | changes))

    return send
