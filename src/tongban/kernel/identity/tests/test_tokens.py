"""Tokens of programs: shown once, ending, revocable, and never more than the account."""

from datetime import timedelta

import pytest

from tongban.base.actor import Actor
from tongban.base.errors import Forbidden, NotFound
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.api import api_actor
from tongban.kernel.identity.errors import EntityNotYours, PostNotYours, TokenRefused, UnknownName
from tongban.kernel.identity.models import Token
from tongban.kernel.ledger.models import Act

from .conftest import AT, SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def moment(at):
    return at


def bearer(token, **headers):
    return {"Authorization": f"Bearer {token}", **headers}


def test_a_token_acts_as_its_account(client, clerk, window, act_in, bureau):
    act_in(clerk, window)
    token = identity.create_token("clerk", "laptop", AT)

    answer = client.get("/api/v1/me", headers=bearer(token))

    assert answer.status_code == 200
    me = answer.json()
    assert me["duties"] == ["services.review", "services.window"]
    assert me["capacity"]["unit"] == "scjg"
    assert me["capacity"]["unit_name"]["en"] == "Market Regulation Bureau"
    assert identity.actor_for_token(token, AT).channel == "api"


def test_the_token_itself_is_nowhere_in_the_database(clerk):
    token = identity.create_token("clerk", "laptop", AT)

    assert token not in str(list(Token.objects.values()))
    assert token not in str(list(Act.objects.values()))


def test_a_token_ends(clerk):
    token = identity.create_token("clerk", "laptop", AT, days=1)

    assert identity.actor_for_token(token, AT + timedelta(hours=23)).account_id == clerk.pk
    with pytest.raises(TokenRefused):
        identity.actor_for_token(token, AT + timedelta(days=1))


def test_a_revoked_token_is_refused_at_once(client, clerk):
    token = identity.create_token("clerk", "laptop", AT)
    identity.revoke_token(actor=SYSTEM, token_id=Token.objects.get().pk, at=AT)

    answer = client.get("/api/v1/me", headers=bearer(token))

    assert answer.status_code == 401
    assert answer.json()["code"] == "identity-token-refused"
    assert answer["Content-Type"].startswith("application/problem+json")
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("headers", [{}, bearer("tb_wrong"), {"Authorization": "Basic eDp5"}])
def test_without_a_valid_token_nobody_is_anybody(client, clerk, headers):
    answer = client.get("/api/v1/me", headers=headers)

    assert answer.status_code == 401
    assert answer["Content-Type"].startswith("application/problem+json")


def test_the_session_counts_for_nothing_in_the_api(client, clerk):
    client.force_login(clerk)

    assert client.get("/api/v1/me").status_code == 401


def test_an_open_operation_knows_a_stranger_and_refuses_a_wrong_token(rf, clerk):
    assert api_actor(rf.get("/")) == Actor.stranger(channel="api")
    with pytest.raises(TokenRefused):
        api_actor(rf.get("/", headers=bearer("tb_wrong")))
    token = identity.create_token("clerk", "laptop", AT)
    assert api_actor(rf.get("/", headers=bearer(token))).account_id == clerk.pk


def test_a_request_chooses_the_post_or_the_entity(client, clerk, citizen, firm, window, make_post, act_in):
    letters = make_post("letters", "voice.answer")
    act_in(clerk, window)
    act_in(clerk, letters)
    identity.give_mandate(actor=SYSTEM, person_id=citizen.person_id, entity_id=firm.pk, role="owner", at=AT)
    officials, citizens = identity.create_token("clerk", "a", AT), identity.create_token("citizen", "b", AT)

    def me(token, **headers):
        return client.get("/api/v1/me", headers=bearer(token, **headers))

    assert me(officials, **{"Tongban-Post": str(letters.pk)}).json()["duties"] == ["voice.answer"]
    assert me(officials, **{"Tongban-Post": "999999"}).status_code == 403
    assert me(officials, **{"Tongban-Post": "x"}).status_code == 422
    assert me(citizens, **{"Tongban-Entity": str(firm.pk)}).json()["capacity"]["entity_name"] == "澄溪米线店"
    assert me(citizens, **{"Tongban-Post": str(letters.pk)}).status_code == 403


def test_a_caller_learns_in_which_capacities_she_may_act(client, clerk, citizen, firm, window, act_in):
    act_in(clerk, window)
    identity.give_mandate(actor=SYSTEM, person_id=citizen.person_id, entity_id=firm.pk, role="owner", at=AT)

    official = client.get("/api/v1/me", headers=bearer(identity.create_token("clerk", "a", AT))).json()
    person = client.get("/api/v1/me", headers=bearer(identity.create_token("citizen", "b", AT))).json()

    assert [post["id"] for post in official["posts"]] == [window.pk]
    assert official["entities"] == []
    assert person["posts"] == []
    assert person["entities"] == [{"id": str(firm.pk), "name": firm.name, "uscc": firm.uscc}]


def test_a_bound_token_acts_in_its_post_alone(clerk, window, make_post, act_in):
    letters = make_post("letters", "voice.answer")
    act_in(clerk, window)
    act_in(clerk, letters)
    token = identity.create_token("clerk", "robot", AT, post_id=letters.pk)

    assert identity.actor_for_token(token, AT, post_id=window.pk).post_id == letters.pk


def test_a_token_is_bound_only_to_what_the_account_has(clerk, citizen, window, firm):
    with pytest.raises(PostNotYours):
        identity.create_token("clerk", "x", AT, post_id=window.pk)
    with pytest.raises(EntityNotYours):
        identity.create_token("citizen", "x", AT, entity_id=firm.pk)
    assert Token.objects.count() == 0


def test_tokens_are_made_for_oneself_or_by_the_administrator(clerk, citizen):
    herself = identity.actor_for(citizen, at=AT, channel="web")

    assert identity.create_token("citizen", "mine", AT, actor=herself)
    with pytest.raises(Forbidden):
        identity.create_token("clerk", "theirs", AT, actor=herself)
    identity.create_token("clerk", "theirs", AT)
    with pytest.raises(NotFound):
        identity.revoke_token(actor=herself, token_id=Token.objects.latest("pk").pk, at=AT)
    with pytest.raises(UnknownName):
        identity.create_token("nobody", "x", AT)
