"""A small county: a government with a bureau, its window clerk, and the three administrators, each signed in."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.test import Client

from tongban.base.actor import Actor
from tongban.base.text import LocalizedText as T
from tongban.base.time import freeze
from tongban.kernel.identity import service as identity

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SYSTEM = Actor.system("test")
PASSWORD = "correct horse battery 7"


@pytest.fixture
def at():
    with freeze(AT):
        yield AT


class World(SimpleNamespace):
    """Units, posts and accounts by name."""

    def unit(self, code, name, parent=None):
        return identity.put_unit(
            actor=SYSTEM,
            code=code,
            name=T(name, code.upper()),
            division_code="532399000000",
            parent=parent,
            at=AT,
        )

    def post(self, unit, code, *duties):
        name = T(code, code)
        return identity.put_post(actor=SYSTEM, unit_id=unit.pk, code=code, name=name, duties=duties, at=AT)

    def official(self, username, name, *posts, kind="official"):
        person = identity.put_person(actor=SYSTEM, name=name, at=AT)
        account = identity.put_account(
            actor=SYSTEM, username=username, kind=kind, person_id=person.pk, password=PASSWORD, at=AT
        )
        for post in posts:
            identity.appoint(actor=SYSTEM, person_id=person.pk, post_id=post.pk, at=AT)
        return account

    def actor(self, account):
        return identity.actor_for(account, at=AT, channel="desk")

    def client(self, username):
        client = Client()
        answer = client.post("/sign-in/", {"username": username, "password": PASSWORD})
        assert answer.status_code == 302
        return client


@pytest.fixture
def world(db, at):
    world = World()
    world.county = world.unit("xzf", "县人民政府")
    world.bureau = world.unit("scjg", "市场监督管理局", "xzf")
    world.data = world.unit("sjj", "数据局", "xzf")
    world.window = world.post(world.bureau, "window", "services.window")
    world.chief = world.post(world.bureau, "chief", "services.decide", "admin.unit")
    world.clerk = world.official("clerk", "杨雪梅", world.window)
    for role, name in (("system", "林志远"), ("security", "许静"), ("audit", "方圆")):
        setattr(world, role, world.official(role, name, world.post(world.data, role, f"admin.{role}")))
    world.citizen = world.official("citizen", "李秀英", kind="citizen")
    return world


@pytest.fixture
def clients(world):
    """A browser for each, signed in."""
    return {name: world.client(name) for name in ("system", "security", "audit", "clerk", "citizen")}
