"""How sure it is who somebody is: the clerk at the window, the item that asks for more, the second factor on top."""

import pytest
from django.test import Client

from tongban.base.errors import Forbidden
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.middleware import session_actor
from tongban.kernel.identity.models import Account, Factor
from tongban.kernel.ledger.models import Act

from .conftest import AT, PASSWORD

pytestmark = pytest.mark.django_db
NUMBER = "53239919900307721X"
CARD = {"name": "王小明", "citizen_id": NUMBER}


@pytest.fixture
def clerk(world):
    post = world.post(world.bureau, "hall", "identity.check", "services.window")
    world.account("hall", "段丽", post)
    client = Client()
    client.post("/sign-in/", {"username": "hall", "password": PASSWORD})
    return client


@pytest.fixture
def citizen(world):
    return world.account("ming", "王小明", kind="citizen", citizen_id=NUMBER)


def test_a_clerk_who_saw_the_card_raises_the_account(clerk, citizen):
    found = clerk.post("/desk/identity-check/", CARD).content.decode()
    assert NUMBER not in found.replace(f'value="{NUMBER}"', "")
    assert Account.objects.get(pk=citizen.pk).level == 1
    assert "刚刚办好" in clerk.post("/desk/identity-check/", {**CARD, "seen": "1"}).content.decode()
    raised = Account.objects.get(pk=citizen.pk)
    assert (raised.level, raised.level_by) == (2, "card")
    act = Act.objects.latest("pk")
    assert (act.verb, act.actor_name) == ("identity.check_account", "段丽")
    assert NUMBER not in str(act.facts)


def test_number_and_name_must_both_be_right_and_others_see_no_such_page(world, clerk, citizen):
    wrong = clerk.post("/desk/identity-check/", {**CARD, "name": "王大明", "seen": "1"})
    assert wrong.status_code == 422
    window = Client()
    window.post("/sign-in/", {"username": "clerk", "password": PASSWORD})
    assert window.post("/desk/identity-check/", {**CARD, "seen": "1"}).status_code == 404
    with pytest.raises(Forbidden):
        identity.check_account(actor=world.actor(world.clerk), account_id=citizen.pk, by="card", at=AT)
    with pytest.raises(Forbidden):
        identity.check_account(actor=world.actor(world.clerk), account_id=citizen.pk, by="province", at=AT)
    assert Account.objects.get(pk=citizen.pk).level == 1


def test_a_session_with_a_second_factor_of_a_checked_account_counts_most(world):
    client = Client()
    client.post("/sign-in/", {"username": "citizen", "password": PASSWORD})
    request = client.get("/account/").wsgi_request
    assert session_actor(request).assurance == 2
    request.session["factor"] = "totp"
    assert session_actor(request).assurance == 3
    assert identity.actor_for(world.clerk, at=AT, channel="desk").assurance == 1


def test_the_way_to_the_second_factor_leads_back(world):
    client = Client()
    client.post("/sign-in/", {"username": "citizen", "password": PASSWORD})
    assert client.get("/account/step-up/?next=/my/")["Location"] == "/account/factors/?next=%2Fmy%2F"
    Factor.objects.create(account=world.citizen, kind="totp", name="手机", secret=b"x", made_at=AT)
    assert client.get("/account/step-up/?next=/my/")["Location"] == "/sign-in/second/?next=%2Fmy%2F"
    assert client.get("/account/step-up/?next=https://evil.example/")["Location"] == "/sign-in/second/"
