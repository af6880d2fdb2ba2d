"""People of identity's tests: a clerk with two posts, a citizen with a firm."""

from datetime import UTC, datetime

import pytest

from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.base.time import freeze
from tongban.kernel.identity import service as identity

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SYSTEM = Actor.system("test")


@pytest.fixture
def at():
    """The moment of the test; requests happen at it too."""
    with freeze(AT):
        yield AT


@pytest.fixture
def bureau(db):
    return identity.put_unit(
        actor=SYSTEM,
        code="scjg",
        name=LocalizedText("市场监督管理局", "Market Regulation Bureau"),
        division_code="532399000000",
        at=AT,
    )


@pytest.fixture
def make_post(bureau):
    """Make a post in the bureau with these duties."""

    def make(code, *duties):
        return identity.put_post(
            actor=SYSTEM, unit_id=bureau.pk, code=code, name=LocalizedText(code, code), duties=duties, at=AT
        )

    return make


@pytest.fixture
def window(make_post):
    return make_post("window", "services.window", "services.review")


@pytest.fixture
def make_account(db):
    """Open an account for a new person."""

    def make(username, kind, name, citizen_id=None, **more):
        person = identity.put_person(actor=SYSTEM, name=name, citizen_id=citizen_id, at=AT)
        return identity.put_account(
            actor=SYSTEM,
            username=username,
            kind=kind,
            person_id=person.pk,
            password="correct horse",
            at=AT,
            **more,
        )

    return make


@pytest.fixture
def clerk(make_account):
    return make_account("clerk", "official", "王敏")


@pytest.fixture
def citizen(make_account):
    return make_account("citizen", "citizen", "李秀英", "532399198511040283")


@pytest.fixture
def firm(db):
    return identity.put_entity(actor=SYSTEM, uscc="91532399MA0002010R", name="澄溪米线店", at=AT)


@pytest.fixture
def act_in(at):
    """Let an account's person hold a post; return the holding."""

    def act(account, post):
        return identity.appoint(actor=SYSTEM, person_id=account.person_id, post_id=post.pk, at=AT)

    return act
