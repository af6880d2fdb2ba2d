"""A small county, a browser that is a program, and another system that we did not write."""

import re
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import requests
from django.test import Client

from tongban.apps.federation import rules
from tongban.apps.federation.operations import systems
from tongban.base.actor import Actor
from tongban.base.text import LocalizedText as T
from tongban.kernel.identity import service as identity

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SYSTEM = Actor.system("test")
PASSWORD = "correct horse battery 7"
CALLBACK = "http://127.0.0.1:9/callback"
GOODBYE = "http://127.0.0.1:9/bye"


class World(SimpleNamespace):
    """A bureau with a clerk, the three administrators, a citizen; each with an account."""

    def unit(self, code, name, parent=None):
        name = T(name, code.upper())
        return identity.put_unit(
            actor=SYSTEM, code=code, name=name, division_code="532399000000", parent=parent, at=AT
        )

    def post(self, unit, code, *duties):
        return identity.put_post(
            actor=SYSTEM, unit_id=unit.pk, code=code, name=T(code, code), duties=duties, at=AT
        )

    def account(self, username, name, *posts, kind="official", citizen_id=None, level=1):
        person = identity.put_person(actor=SYSTEM, name=name, citizen_id=citizen_id, at=AT)
        account = identity.put_account(
            actor=SYSTEM,
            username=username,
            kind=kind,
            person_id=person.pk,
            password=PASSWORD,
            level=level,
            at=AT,
        )
        for post in posts:
            identity.appoint(actor=SYSTEM, person_id=person.pk, post_id=post.pk, at=AT)
        return account

    def actor(self, account):
        return identity.actor_for(account, at=AT, channel="desk")

    def register(self, client_id="oa", *, scopes=("profile", "posts"), kinds=("official",), **more):
        facts = rules.SystemFacts(
            name=T("公文系统", "Document system"),
            redirect_uris=(CALLBACK,),
            logout_uris=(GOODBYE,),
            scopes=tuple(scopes),
            kinds=tuple(kinds),
            **more,
        )
        return systems.register_system(actor=self.actor(self.system), client_id=client_id, facts=facts, at=AT)


def build() -> World:
    world = World()
    world.bureau = world.unit("scjg", "市场监督管理局")
    world.window = world.post(world.bureau, "window", "services.window")
    world.review = world.post(world.bureau, "review", "services.review")
    for role, name in (("system", "林志远"), ("security", "许静"), ("audit", "方圆")):
        setattr(world, role, world.account(role, name, world.post(world.bureau, role, f"admin.{role}")))
    world.clerk = world.account("clerk", "杨雪梅", world.window)
    world.citizen = world.account(
        "citizen", "李秀英", kind="citizen", citizen_id="532399198511040283", level=2
    )
    return world


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch):
    monkeypatch.setattr("tongban.apps.federation.keys.RSA_BITS", 2048)


@pytest.fixture
def world(db):
    return build()


WITHIN = "http://localhost"
"""Where a program of ``requests`` reaches Django's test client instead of a server."""


class Within(requests.adapters.BaseAdapter):
    """Carries requests to Django's test client."""

    def send(self, request, **_):
        headers = {name: value for name, value in request.headers.items() if name != "Content-Length"}
        kind = headers.pop("Content-Type", "application/octet-stream")
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        client = Client(enforce_csrf_checks=True)
        answer = client.generic(request.method, request.path_url, body, content_type=kind, headers=headers)
        response = requests.Response()
        response.status_code, response.url, response.request = answer.status_code, request.url, request
        response.headers.update(dict(answer.items()))
        response._content = answer.content
        for name, morsel in answer.cookies.items():
            response.cookies.set(name, morsel.value, path=morsel["path"])
        response.encoding = "utf-8"
        return response

    def close(self):
        pass


def reach_within(session):
    """Let a session of ``requests`` find Django's test client under ``WITHIN``."""
    session.mount(f"{WITHIN}/", Within())
    return session


class Browser:
    """Somebody at a browser: goes to addresses, fills in the forms that stand there."""

    def __init__(self, base):
        self.base = base
        self.session = reach_within(requests.Session())
        self.session.trust_env = False

    def get(self, address, **more):
        address = address if address.startswith("http") else self.base + address
        self.page = self.session.get(address, allow_redirects=False, **more)
        self._keep()
        return self.page

    def follow(self, answer):
        """Follow redirections as long as they stay here."""
        while answer.is_redirect and self._ours(answer.headers["Location"]):
            answer = self.get(requests.compat.urljoin(answer.url, answer.headers["Location"]))
        self.page = answer
        return answer

    def _ours(self, address):
        return not address.startswith("http") or address.startswith(self.base)

    def send(self, **values):
        """Send the form of the page with these values."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page.text)[1]
        hidden = dict(re.findall(r'<input type="hidden" name="(next|state)" value="([^"]*)"', self.page.text))
        hidden = {name: value.replace("&amp;", "&") for name, value in hidden.items()}
        self.page = self.session.post(
            self.page.url,
            {**hidden, "csrfmiddlewaretoken": token, **values},
            headers={"Referer": self.page.url},
            allow_redirects=False,
        )
        self._keep()
        return self.page

    def _keep(self):
        """Keep cookies of the test client, which come outside of what ``requests`` parses."""
        self.session.cookies.update(self.page.cookies)

    def sign_in(self, username):
        return self.follow(self.send(username=username, password=PASSWORD))
