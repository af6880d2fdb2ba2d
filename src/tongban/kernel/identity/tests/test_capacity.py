"""Choosing a post or an entity, and losing it in the middle of a session."""

import pytest
from django.test import Client, RequestFactory

from tongban.base.actor import Actor
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.middleware import session_actor
from tongban.kernel.identity.visitors import describe

from .conftest import AT, SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def moment(at):
    return at


def come_in(account):
    browser = Client()
    browser.force_login(account)
    return browser


def request_of(browser, account=None):
    request = RequestFactory().get("/")
    request.session = browser.session
    if account is not None:
        request.user = account
    else:
        from django.contrib.auth.models import AnonymousUser

        request.user = AnonymousUser()
    request.actor = session_actor(request)
    return request


def test_a_stranger_is_an_actor_too():
    request = request_of(Client())

    assert request.actor == Actor.stranger()
    assert describe(request) is None


def test_an_official_switches_between_posts(clerk, window, make_post, act_in):
    letters = make_post("letters", "voice.answer")
    act_in(clerk, window)
    act_in(clerk, letters)
    browser = come_in(clerk)

    assert request_of(browser, clerk).actor.post_id == window.pk
    assert browser.post("/switch-post/", {"post": letters.pk}).status_code == 302

    request = request_of(browser, clerk)
    assert request.actor.duties == {"voice.answer"}
    visitor = describe(request)
    assert visitor.detail == "市场监督管理局 letters"
    assert [choice.is_current for choice in visitor.choices] == [False, True]


@pytest.mark.parametrize("post", ["", "x", "999999"])
def test_a_post_that_is_not_ones_own_is_refused(clerk, window, act_in, post):
    act_in(clerk, window)
    browser = come_in(clerk)

    assert browser.post("/switch-post/", {"post": post}).status_code == 403
    assert "post" not in browser.session


def test_a_post_that_ends_in_the_middle_of_a_session_takes_the_authority_away(clerk, window, act_in):
    holding = act_in(clerk, window)
    browser = come_in(clerk)
    browser.post("/switch-post/", {"post": window.pk})
    identity.end_holding(actor=SYSTEM, holding_id=holding.pk, at=AT)

    request = request_of(browser, clerk)

    assert request.actor.duties == frozenset()
    assert not request.actor.is_official
    assert describe(request).detail == "现在没有岗位"


def test_a_citizen_acts_for_the_firm_and_for_herself_again(citizen, firm):
    identity.give_mandate(actor=SYSTEM, person_id=citizen.person_id, entity_id=firm.pk, role="owner", at=AT)
    browser = come_in(citizen)

    browser.post("/act-for/", {"entity": str(firm.pk)})
    request = request_of(browser, citizen)
    assert request.actor.entity_id == firm.pk
    assert describe(request).detail == "正在替 澄溪米线店 办"

    browser.post("/act-for/", {"entity": "self"})
    assert request_of(browser, citizen).actor.entity_id is None


@pytest.mark.parametrize("chosen", ["x", "5b0c7d68-7a0a-4d59-b04e-6a4ec8a8f001"])
def test_an_entity_without_a_mandate_is_refused(citizen, firm, chosen):
    browser = come_in(citizen)

    assert browser.post("/act-for/", {"entity": chosen}).status_code == 403
    assert browser.post("/act-for/", {"entity": str(firm.pk)}).status_code == 403
    assert "entity" not in browser.session


def test_a_stranger_chooses_nothing():
    assert Client().post("/switch-post/", {"post": 1}).status_code == 403
    assert Client().post("/act-for/", {"entity": "self"}).status_code == 403


def test_describing_the_visitor_takes_few_queries(citizen, firm, django_assert_max_num_queries):
    identity.give_mandate(actor=SYSTEM, person_id=citizen.person_id, entity_id=firm.pk, role="owner", at=AT)
    browser = come_in(citizen)
    request_of(browser, citizen)

    with django_assert_max_num_queries(6):
        describe(request_of(browser, citizen))
