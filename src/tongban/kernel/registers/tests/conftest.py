"""A small register of people, made by the owner as at set-up, and people who want to read it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest

from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.kernel.identity import service as identity
from tongban.kernel.registers import service as registers

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SYSTEM = Actor.system("test")
LI, ZHANG = "532399198511040283", "53239919900620451X"
FIELDS = [
    {
        "key": "citizen_id",
        "label": "号码",
        "type": "code",
        "data_element": "person.citizen_id",
        "personal": True,
    },
    {
        "key": "name",
        "label": {"zh": "姓名", "en": "Name"},
        "type": "text",
        "data_element": "person.name",
        "personal": True,
    },
    {
        "key": "birth_on",
        "label": "出生日期",
        "type": "date",
        "data_element": "person.birth_on",
        "personal": True,
    },
    {"key": "children", "label": "子女数", "type": "int", "personal": True},
    {"key": "income", "label": "收入", "type": "decimal", "personal": True},
    {"key": "is_local", "label": "本地户籍", "type": "bool"},
    {"key": "more", "label": "其他", "type": "json", "personal": True},
]


@pytest.fixture
def define(as_owner: Callable[[], AbstractContextManager[None]], db: None) -> Callable[..., None]:
    """Define the register of people, with other fields or words when given."""

    def run(**changes: object) -> None:
        with as_owner():
            registers.define_register(
                **{
                    "actor": SYSTEM,
                    "key": "people",
                    "name": LocalizedText("人口", "People"),
                    "source": LocalizedText("人口库", "Population register"),
                    "key_field": "citizen_id",
                    "fields": FIELDS,
                    "at": AT,
                    **changes,
                }
            )

    return run


@pytest.fixture
def people(define: Callable[..., None]) -> Iterator[str]:
    """The register with one record, Li's."""
    define()
    registers.put_record(
        actor=SYSTEM,
        register="people",
        key=LI,
        values={"name": "李秀英", "birth_on": "1985-11-04", "is_local": True, "income": "1200.50"},
        source="户籍登记",
        at=AT,
    )
    yield "people"


def _account(username: str, kind: str, name: str, citizen_id: str | None) -> Actor:
    person = identity.put_person(actor=SYSTEM, name=name, citizen_id=citizen_id, at=AT)
    account = identity.put_account(actor=SYSTEM, username=username, kind=kind, person_id=person.pk, at=AT)
    return identity.actor_for(account, at=AT, channel="web")


@pytest.fixture
def li(db: None) -> Actor:
    """The citizen of the record."""
    return _account("li", "citizen", "李秀英", LI)


@pytest.fixture
def zhang(db: None) -> Actor:
    """Another citizen."""
    return _account("zhang", "citizen", "张伟", ZHANG)


@pytest.fixture
def official(db: None) -> Callable[..., Actor]:
    """Make an official with these duties."""

    def make(*duties: str, unit: str = "gaj") -> Actor:
        where = identity.put_unit(
            actor=SYSTEM, code=unit, name=LocalizedText(unit), division_code="532399000000", at=AT
        )
        post = identity.put_post(
            actor=SYSTEM,
            unit_id=where.pk,
            code="-".join(duties).replace(".", "-"),
            name=LocalizedText("岗位"),
            duties=duties,
            at=AT,
        )
        person = identity.put_person(actor=SYSTEM, name="王敏", at=AT)
        identity.appoint(actor=SYSTEM, person_id=person.pk, post_id=post.pk, at=AT)
        account = identity.put_account(
            actor=SYSTEM, username=f"{unit}-{post.code}", kind="official", person_id=person.pk, at=AT
        )
        return identity.actor_for(account, at=AT, channel="desk")

    return make
