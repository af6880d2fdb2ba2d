"""A small world: registers of people and of firms, Li Xiuying who has a noodle shop, a stranger, and a published form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from tongban.base.actor import Actor
from tongban.base.text import LocalizedText
from tongban.kernel.forms import service as forms
from tongban.kernel.forms.tests.shop import AT, ID_NUMBER, SHOP, USCC
from tongban.kernel.identity import service as identity
from tongban.kernel.registers import service as registers

SYSTEM = Actor.system("test")
BEFORE = AT - timedelta(days=4)
POPULATION = LocalizedText("人口基础库（县公安局）", "Population register (Public Security Bureau)")
ENTITIES = LocalizedText("法人基础库（县市场监管局）", "Entity register (Market Regulation Bureau)")


@pytest.fixture
def base_registers(as_owner: Callable[[], AbstractContextManager[None]], db: None) -> None:
    """The registers with one person and one firm."""
    with as_owner():
        _define(
            "population",
            POPULATION,
            "citizen_id",
            "person",
            citizen_id="citizen_id",
            name="name",
            phone="phone",
        )
        _define("entities", ENTITIES, "uscc", "entity", uscc="uscc", name="name", address="address")
    person = {"name": "李秀英", "phone": "13887654471"}
    firm = {"name": "澄溪县城关镇李记米线店", "address": "澄溪县城关镇文昌路46号一层"}
    for register, key, values in (("population", ID_NUMBER, person), ("entities", USCC, firm)):
        registers.put_record(
            actor=SYSTEM, register=register, key=key, values=values, source="户籍登记", at=BEFORE
        )


def _define(key: str, source: LocalizedText, key_field: str, about: str, **fields: str) -> None:
    registers.define_register(
        actor=SYSTEM,
        key=key,
        name=source,
        key_field=key_field,
        source=source,
        fields=[
            {
                "key": name,
                "label": name,
                "type": "text",
                "data_element": f"{about}.{element}",
                "personal": about == "person",
            }
            for name, element in fields.items()
        ],
        at=BEFORE,
    )


def rename_in_register(name: str) -> None:
    """Let the population register know Li under another name."""
    registers.put_record(
        actor=SYSTEM, register="population", key=ID_NUMBER, values={"name": name}, source="户籍登记", at=AT
    )


@dataclass(frozen=True)
class Citizen:
    """Somebody with an account, and the firm they may act for."""

    actor: Actor
    person_id: UUID
    entity_id: UUID | None = None


def _citizen(username: str, name: str, citizen_id: str, firm: str = "") -> Citizen:
    person = identity.put_person(actor=SYSTEM, name=name, citizen_id=citizen_id, at=BEFORE)
    account = identity.put_account(
        actor=SYSTEM, username=username, kind="citizen", person_id=person.pk, at=BEFORE
    )
    entity = identity.put_entity(actor=SYSTEM, uscc=firm, name="李记米线店", at=BEFORE) if firm else None
    if entity:
        identity.give_mandate(
            actor=SYSTEM, person_id=person.pk, entity_id=entity.pk, role="legal_representative", at=BEFORE
        )
    actor = identity.actor_for(account, at=AT, channel="web")
    return Citizen(actor, person.pk, entity.pk if entity else None)


@pytest.fixture
def li(base_registers: None) -> Citizen:
    """Li Xiuying, whom both registers know."""
    return _citizen("li", "李秀英", ID_NUMBER, USCC)


@pytest.fixture
def newcomer(base_registers: None) -> Citizen:
    """Somebody whom no register knows yet."""
    return _citizen("newcomer", "新来的", "53239919900620451X")


@pytest.fixture
def form(base_registers: None) -> forms.Form:
    """The shop's form, published."""
    forms.put_form(actor=SYSTEM, content=SHOP, at=AT)
    return forms.get_form("test-shop")


@pytest.fixture
def later() -> Iterator[datetime]:
    """Moments after the form was begun, a minute apart."""
    return (AT + timedelta(minutes=n) for n in range(1, 100))
