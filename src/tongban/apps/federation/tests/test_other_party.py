"""A relying party that we did not write (Authlib's client) signs people in: whole, through a server on the loopback; what is
refused, through Django's test client.
"""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.jwk import KeySet

from tongban.apps.federation import keys
from tongban.apps.federation.models import Ticket
from tongban.apps.federation.operations import systems
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger.models import Act

from .conftest import AT, CALLBACK, GOODBYE, WITHIN, Browser, build, reach_within

pytestmark = pytest.mark.django_db
VERIFIER = "v" * 64


class Party(OAuth2Session):
    """The other system: discovers, sends people here, checks what it gets."""

    def __init__(self, base, client_id, secret, scope="openid profile posts"):
        super().__init__(client_id, secret, scope=scope, redirect_uri=CALLBACK, code_challenge_method="S256")
        self.trust_env = False
        reach_within(self)
        self.about = self.get(f"{base}/.well-known/openid-configuration", withhold_token=True).json()

    def address(self, **more):
        url, self.state = self.create_authorization_url(
            self.about["authorization_endpoint"], code_verifier=VERIFIER, nonce="n-1", **more
        )
        return url

    def exchange(self, location, **more):
        return self.fetch_token(
            self.about["token_endpoint"],
            authorization_response=location,
            state=self.state,
            **{"code_verifier": VERIFIER, **more},
        )

    def claims(self, id_token):
        found = KeySet.import_key_set(self.get(self.about["jwks_uri"], withhold_token=True).json())
        token = jwt.decode(id_token, found, algorithms=["RS256", "ES256"])
        must = {name: {"essential": True} for name in ("sub", "exp", "iat", "auth_time", "acr")}
        must |= {
            "iss": {"essential": True, "value": self.about["issuer"]},
            "aud": {"essential": True, "value": self.client_id},
        }
        jwt.JWTClaimsRegistry(**must).validate(token.claims)
        return token.claims


@pytest.fixture
def county(world, settings):
    settings.TONGBAN_PUBLIC_URL = world.base = WITHIN
    return world


@pytest.mark.django_db(transaction=True)
def test_an_official_signs_in_to_another_system_and_out_again(live_server, settings):
    settings.TONGBAN_PUBLIC_URL = live_server.url
    county = build()
    county.base = live_server.url
    _, secret = county.register(algorithm="ES256")
    party, browser = Party(county.base, "oa", secret), Browser(county.base)

    asked = browser.follow(browser.get(party.address()))
    assert "/sign-in/" in asked.url
    consent = browser.sign_in("clerk")
    assert "公文系统" in consent.text
    assert "form-action 'self' http://127.0.0.1:9" in consent.headers["Content-Security-Policy"]
    back = browser.send(answer="agree")
    location = back.headers["Location"]
    assert location.startswith(CALLBACK)
    assert parse_qs(urlsplit(location).query)["iss"] == [county.base]

    token = party.exchange(location)
    claims = party.claims(token["id_token"])
    told = party.get(party.about["userinfo_endpoint"]).json()
    assert claims["nonce"] == "n-1"
    assert claims["acr"] == "urn:tongban:acr:1"
    assert claims["sub"] == told["sub"]
    assert told["name"] == "杨雪梅"
    assert [post["post_name"]["zh"] for post in told["posts"]] == ["window"]
    assert "email" not in told

    first = token["access_token"]
    renewed = party.refresh_token(party.about["token_endpoint"])
    assert renewed["access_token"] != first
    assert party.claims(renewed["id_token"])["sub"] == claims["sub"]
    party.revoke_token(party.about["revocation_endpoint"], token=renewed["refresh_token"])
    assert party.get(party.about["userinfo_endpoint"]).status_code == 401

    leaving = browser.get(
        party.about["end_session_endpoint"],
        params={"id_token_hint": renewed["id_token"], "post_logout_redirect_uri": GOODBYE, "state": "x"},
    )
    assert leaving.status_code == 200
    page = browser.session.post(
        leaving.url,
        {
            "csrfmiddlewaretoken": browser.session.cookies["csrftoken"],
            "id_token_hint": renewed["id_token"],
            "post_logout_redirect_uri": GOODBYE,
            "state": "x",
        },
        headers={"Referer": leaving.url},
        allow_redirects=False,
    )
    assert page.headers["Location"] == f"{GOODBYE}?state=x"
    assert browser.get("/account/").is_redirect

    verbs = [
        v for v in Act.objects.order_by("pk").values_list("verb", flat=True) if v.startswith("federation")
    ]
    assert verbs == [
        "federation.register_system",
        "federation.give_consent",
        "federation.sign_in_elsewhere",
        "federation.hand_ticket",
        "federation.renew_ticket",
        "federation.revoke_ticket",
    ]
    everything = json.dumps(list(Act.objects.values("facts", "reason")))
    assert token["access_token"] not in everything
    assert "杨雪梅" not in everything


def _signed_in(county, party, username="clerk"):
    browser = Browser(county.base)
    browser.follow(browser.get(party.address()))
    browser.sign_in(username)
    return browser, browser.send(answer="agree").headers["Location"]


def test_what_comes_twice_ends_everything_that_came_of_it(county):
    _, secret = county.register()
    party = Party(county.base, "oa", secret)
    _, location = _signed_in(county, party)
    token = party.exchange(location)
    with pytest.raises(Exception, match="invalid_grant"):
        party.exchange(location)  # a thief saw the code
    party.token = token
    assert party.get(party.about["userinfo_endpoint"]).status_code == 401

    _, location = _signed_in_again(county, party)
    first = party.exchange(location)
    party.refresh_token(party.about["token_endpoint"], refresh_token=first["refresh_token"])
    with pytest.raises(Exception, match="invalid_grant"):
        party.refresh_token(party.about["token_endpoint"], refresh_token=first["refresh_token"])
    assert not Ticket.objects.filter(revoked_at=None).exists()


def _signed_in_again(county, party):
    browser = Browser(county.base)
    browser.follow(browser.get(party.address()))
    page = browser.sign_in("clerk")
    assert "您以前同意过" in page.text
    return browser, browser.send(answer="agree").headers["Location"]


def test_a_wrong_verifier_a_wrong_secret_or_another_system_gets_nothing(county):
    _, secret = county.register()
    _, other = county.register("archive")
    party = Party(county.base, "oa", secret)
    _, location = _signed_in(county, party)
    with pytest.raises(Exception, match="invalid_grant"):
        party.exchange(location, code_verifier="w" * 64)
    thief = Party(county.base, "archive", other)
    thief.state = party.state
    with pytest.raises(Exception, match="invalid_grant"):
        thief.exchange(location)
    guesser = Party(county.base, "oa", "tbs_wrong")
    guesser.state = party.state
    with pytest.raises(Exception, match="invalid_client"):
        guesser.exchange(location)
    assert not Ticket.objects.exists()
    assert party.exchange(location)["id_token"]


def test_once_agreed_one_signs_in_without_a_page_and_prompt_none_never_shows_one(county):
    _, secret = county.register()
    party = Party(county.base, "oa", secret)
    stranger = Browser(county.base)
    assert "error=login_required" in stranger.get(party.address(prompt="none")).headers["Location"]
    browser, _ = _signed_in(county, party)
    assert "code=" in browser.get(party.address()).headers["Location"]
    assert "code=" in browser.get(party.address(prompt="none")).headers["Location"]
    again = browser.follow(browser.get(party.address(prompt="login")))
    assert "/sign-in/" in again.url


def test_each_system_knows_people_by_another_number_and_learns_only_what_it_may(county):
    scopes = ("profile", "citizen_id", "phone")
    _, secret = county.register(scopes=scopes, kinds=("citizen",))
    _, other = county.register("health", scopes=("profile",), kinds=("citizen", "official"))
    told = []
    for client_id, key in (("oa", secret), ("health", other)):
        party = Party(county.base, client_id, key, scope="openid profile citizen_id phone posts")
        _, location = _signed_in(county, party, "citizen")
        token = party.exchange(location)
        assert party.claims(token["id_token"])["acr"] == "urn:tongban:acr:2"
        told.append(party.get(party.about["userinfo_endpoint"]).json())
    assert told[0]["citizen_id"] == "532399198511040283"
    assert "citizen_id" not in told[1]
    assert told[0]["sub"] != told[1]["sub"]
    assert "phone_number" not in told[0]  # nobody recorded one


def test_a_system_that_is_shut_out_an_account_that_is_closed_a_consent_taken_back_stop_at_once(county):
    _, secret = county.register()
    for stop in (
        lambda: systems.switch_system(
            actor=county.actor(county.system), client_id="oa", is_open=False, reason="合同到期", at=AT
        ),
        lambda: identity.close_account(actor=county.actor(county.system), username="clerk", at=AT),
    ):
        party = Party(county.base, "oa", secret)
        _, location = _signed_in(county, party)
        party.exchange(location)
        assert party.get(party.about["userinfo_endpoint"]).status_code == 200
        stop()
        assert party.get(party.about["userinfo_endpoint"]).status_code == 401
        with pytest.raises(Exception, match="invalid_"):
            party.refresh_token(party.about["token_endpoint"])
        systems.switch_system(
            actor=county.actor(county.system), client_id="oa", is_open=True, reason="续签", at=AT
        )


def test_an_old_key_is_published_until_nothing_it_signed_is_valid(county):
    _, secret = county.register()
    party = Party(county.base, "oa", secret)
    _, location = _signed_in(county, party)
    id_token = party.exchange(location)["id_token"]
    keys.rotate(at=identity.clock())
    assert party.claims(id_token)["sub"]
