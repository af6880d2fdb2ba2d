"""Signing in with the province's account: who comes in, who is asked, what proves nothing."""

import pytest
from django.test import Client
from joserfc.jwk import ECKey

from tongban.apps.federation.models import Link
from tongban.apps.federation.operations import provinces
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.models import Account
from tongban.kernel.ledger.models import Act

from .conftest import AT, PASSWORD, SYSTEM
from .province import CLIENT, SECRET, running

pytestmark = pytest.mark.django_db
GO, BACK, FIRST = (f"/sign-in/with/province/{rest}" for rest in ("", "back/", "first/"))


@pytest.fixture
def authority(world):
    with running() as authority:
        content = {
            "name_zh": "云南省统一身份认证",
            "name_en": "Yunnan ID",
            "issuer": authority.issuer,
            "client_id": CLIENT,
            "scopes": "openid profile",
            "name_claim": "name",
            "number_claim": "citizen_id",
        }
        provinces.put_province(
            actor=world.actor(world.system),
            key="province",
            content=content,
            is_open=True,
            secret=SECRET,
            at=AT,
        )
        yield authority


def there_and_back(authority, client, go=GO, **change):
    answer = authority.sign_in(client.get(go)["Location"])
    return client.get(BACK, {**answer, **change})


def who(client):
    return client.get("/account/").wsgi_request.user


def test_the_button_is_there_only_when_it_leads_somewhere(world):
    assert "sign-in-ways" not in Client().get("/sign-in/").content.decode()
    assert Client().get(GO).status_code == 404


def test_the_first_time_one_agrees_and_later_comes_in(world, authority):
    authority.person = {"sub": "yn-7", "name": "王小明", "citizen_id": "53239919900307721X"}
    client = Client()
    assert GO in client.get("/sign-in/").content.decode()
    assert there_and_back(authority, client, f"{GO}?next=/my/messages/")["Location"] == FIRST
    page = client.get(FIRST).content.decode()
    assert "王小明" in page
    assert "53239919900307721X" not in page
    assert not Account.objects.filter(person__name="王小明").exists()

    assert client.post(FIRST, {"answer": "agree"})["Location"] == "/my/messages/"
    account = who(client)
    assert (account.kind, account.level, account.level_by) == ("citizen", 2, "province")
    assert account.person.citizen_id == "53239919900307721X"
    assert not account.has_usable_password()

    again = Client()
    assert there_and_back(authority, again)["Location"] == "/my/"
    assert who(again) == account
    verbs = list(Act.objects.order_by("pk").values_list("verb", flat=True))[-4:]
    assert verbs == ["identity.open_account", "federation.link", "identity.sign_in", "identity.sign_in"]


def test_who_does_not_agree_leaves_nothing_behind(world, authority):
    client = Client()
    there_and_back(authority, client)
    assert client.post(FIRST, {"answer": "deny"})["Location"] == "/sign-in/"
    assert not Link.objects.exists()
    assert not who(client).is_authenticated


def test_an_own_citizens_account_is_found_by_number_and_name(world, authority):
    client = Client()
    there_and_back(authority, client)
    client.post(FIRST, {"answer": "agree"})
    assert who(client) == world.citizen

    authority.person = {"sub": "yn-2", "name": "李四", "citizen_id": world.citizen.person.citizen_id}
    another = Client()
    there_and_back(authority, another)
    refused = another.post(FIRST, {"answer": "agree"})
    assert refused.status_code == 409
    assert Link.objects.count() == 1
    assert not who(another).is_authenticated


def test_an_officials_account_is_joined_only_by_its_bearer(world, authority):
    number = "532399199001017715"
    clerk = world.clerk.person
    identity.put_person(actor=SYSTEM, person_id=clerk.pk, name=clerk.name, citizen_id=number, at=AT)
    authority.person = {"sub": "yn-3", "name": clerk.name, "citizen_id": number}
    stranger = Client()
    there_and_back(authority, stranger)
    stranger.post(FIRST, {"answer": "agree"})
    assert who(stranger).kind == "citizen"  # the same person, in private

    official = Client()
    official.post("/sign-in/", {"username": "clerk", "password": PASSWORD})
    assert there_and_back(authority, official, f"{GO}?link=1")["Location"] == "/account/systems/"
    chooser = Client()
    there_and_back(authority, chooser)
    link = Link.objects.get(account=world.clerk)
    assert chooser.post(FIRST, {"link": link.pk})["Location"] == "/desk/"
    assert who(chooser) == world.clerk

    thief = Client()
    thief.post("/sign-in/", {"username": "security", "password": PASSWORD})
    assert there_and_back(authority, thief, f"{GO}?link=1").status_code == 409
    assert not Link.objects.filter(account=world.security).exists()


def test_the_second_factor_is_still_asked_for(world, authority):
    from tongban.kernel.identity.models import Factor

    client = Client()
    there_and_back(authority, client)
    client.post(FIRST, {"answer": "agree"})
    Factor.objects.create(account=world.citizen, kind="totp", name="手机", secret=b"x", made_at=AT)
    again = Client()
    assert there_and_back(authority, again)["Location"] == "/sign-in/second/"
    assert not who(again).is_authenticated


LIES = {
    "another issuer": {"iss": "http://127.0.0.1:1"},
    "for another system": {"aud": "another"},
    "for two systems": {"aud": [CLIENT, "another"]},
    "given to another": {"azp": "another"},
    "an answer to another question": {"nonce": "x"},
    "too old": {"exp": 1_700_000_000},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_claim_that_does_not_fit_proves_nothing(world, authority, lie):
    authority.lie = lie
    client = Client()
    assert there_and_back(authority, client).status_code == 502
    assert not who(client).is_authenticated


def test_a_foreign_signature_or_state_or_sender_proves_nothing(world, authority):
    client = Client()
    assert there_and_back(authority, client, state="x").status_code == 502
    assert there_and_back(authority, client, iss="http://127.0.0.1:1").status_code == 502
    assert client.get(BACK, {"code": "code-0", "state": "x"}).status_code == 502  # nothing was asked
    answer = authority.sign_in(client.get(GO)["Location"])
    assert Client().get(BACK, answer).status_code == 502  # slipped into another browser
    authority.key = ECKey.generate_key("P-256", {"kid": "k1"})
    assert there_and_back(authority, client).status_code == 502
    assert not Link.objects.exists()


def test_an_authority_that_is_away_is_said_to_be(world, authority):
    authority.shutdown()
    authority.server_close()
    answer = Client().get(GO)
    assert answer.status_code == 502
    assert "没有登录成功" in answer.content.decode()
