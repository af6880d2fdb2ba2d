"""Sessions: they end when idle, when old, when somebody ends them; and the rules of signing in are data."""

from dataclasses import asdict
from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tongban.base.errors import Forbidden, NotFound
from tongban.base.time import freeze
from tongban.kernel.identity import rules, sessions
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.errors import BadSignInRules
from tongban.kernel.identity.models import Account, Presence, SignInRuleSet
from tongban.kernel.ledger.models import Act

from .conftest import AT, SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def moment(at):
    return at


def signed_in(username="clerk", **more):
    browser = Client(**more)
    assert browser.post("/sign-in/", {"username": username, "password": "correct horse"}).status_code == 302
    return browser


def put(kind="official", reason="等保测评", **changes):
    wanted = {**asdict(identity.sign_in_rules(kind)), **changes}
    return identity.put_sign_in_rules(actor=SYSTEM, kind=kind, wanted=wanted, reason=reason, at=AT)


def is_in(browser):
    return browser.get("/account/").status_code == 200


def wait(monkeypatch, **period):
    later = sessions.clock() + timedelta(**period)
    monkeypatch.setattr(sessions, "clock", lambda: later)


# --- ages ------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 90_000), st.integers(0, 90_000))
def test_a_session_is_over_exactly_when_idle_or_old(age, idle):
    given_rules = rules.SignInRules(idle_minutes=60, session_hours=8)
    over = rules.is_session_over(given_rules, since=0, seen=age - min(idle, age), now=age)
    assert over == (min(idle, age) > 3600 or age > 8 * 3600)


def test_who_does_nothing_for_an_hour_is_signed_out(clerk, monkeypatch):
    browser = signed_in()
    wait(monkeypatch, minutes=59)
    still = is_in(browser)
    wait(monkeypatch, minutes=59)
    used = is_in(browser)
    wait(monkeypatch, minutes=61)

    assert (still, used, is_in(browser)) == (True, True, False)
    assert not Presence.objects.exists()


def test_a_busy_session_ends_after_its_hours(clerk, monkeypatch):
    put(idle_minutes=480, session_hours=2)
    browser = signed_in()
    wait(monkeypatch, minutes=119)
    assert is_in(browser)
    wait(monkeypatch, minutes=2)
    assert not is_in(browser)


def test_a_changed_rule_counts_for_running_sessions(clerk, monkeypatch):
    browser = signed_in()
    put(idle_minutes=5)
    wait(monkeypatch, minutes=6)
    assert not is_in(browser)


# --- ending ----------------------------------------------------------------------------------------------------------


def test_a_session_is_listed_with_browser_and_address_and_can_be_ended(clerk):
    browser = signed_in(
        HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36", REMOTE_ADDR="10.1.2.3"
    )
    [row] = identity.list_presences(at=sessions.clock())
    identity.end_presence(actor=SYSTEM, presence_id=row.id, at=AT, reason="丢了手机")

    assert (row.name, row.agent, row.address) == ("王敏", "Chrome, Windows", "10.1.2.3")
    assert not is_in(browser)
    assert Act.objects.latest("pk").verb == "identity.end_session"
    with pytest.raises(NotFound):
        identity.end_presence(actor=SYSTEM, presence_id=row.id, at=AT)


def test_one_ends_the_own_sessions_and_nobody_elses(clerk, citizen):
    here, there, other = signed_in(), signed_in(), signed_in("citizen")
    presences = {row.session_key: row.id for row in identity.list_presences(at=sessions.clock())}
    mine = here.post(f"/account/sessions/{presences[there.session.session_key]}/end/")
    foreign = here.post(f"/account/sessions/{presences[other.session.session_key]}/end/")

    assert (mine.status_code, foreign.status_code) == (302, 302)
    assert (is_in(here), is_in(there), is_in(other)) == (True, False, True)
    with pytest.raises(Forbidden):
        actor = identity.actor_for(clerk, at=AT, channel="desk")
        identity.end_presence(actor=actor, presence_id=presences[other.session.session_key], at=AT)


def test_signing_out_and_closing_the_account_leave_no_session_behind(clerk, citizen):
    browser = signed_in()
    browser.post("/sign-out/")
    assert not Presence.objects.exists()

    other = signed_in("citizen")
    identity.close_account(actor=SYSTEM, username="citizen", at=AT)
    assert not Presence.objects.exists()
    assert not is_in(other)


# --- rules -----------------------------------------------------------------------------------------------------------


def test_rules_are_kept_with_what_was_before():
    put(lock_minutes=30, password_days=90)

    assert identity.sign_in_rules("official").lock_minutes == 30
    assert identity.sign_in_rules("citizen").lock_minutes == 15
    act = Act.objects.latest("pk")
    assert act.facts == {
        "old": {"lock_minutes": 15, "password_days": 0},
        "new": {"lock_minutes": 30, "password_days": 90},
    }
    put(lock_minutes=30)
    assert SignInRuleSet.objects.count() == 1


@given(st.sampled_from(sorted(rules.SIGN_IN_BOUNDS)), st.integers(-5, 10_000))
def test_a_number_is_taken_exactly_within_its_bounds(name, value):
    least, most = rules.SIGN_IN_BOUNDS[name]
    faults = rules.sign_in_rule_faults({**asdict(rules.SignInRules()), name: value})
    assert [fault.field for fault in faults] == ([] if least <= value <= most else [name])


def test_rules_out_of_bounds_or_without_reason_are_refused(make_account, make_post, act_in):
    with pytest.raises(BadSignInRules) as refused:
        put(idle_minutes=0, password_length=None, reason=" ")
    assert sorted(e["field"] for e in refused.value.data["errors"]) == [
        "idle_minutes",
        "password_length",
        "reason",
    ]
    system = make_account("sys", "official", "林志远")
    act_in(system, make_post("sys", "admin.system"))
    with pytest.raises(Forbidden):
        actor = identity.actor_for(system, at=AT, channel="desk")
        identity.put_sign_in_rules(actor=actor, kind="official", wanted={}, reason="x", at=AT)
    assert not SignInRuleSet.objects.exists()


def test_the_lock_follows_the_rules(clerk):
    put(failures_from_address=3, lock_minutes=60)
    for _ in range(3):
        Client().post("/sign-in/", {"username": "clerk", "password": "wrong"})
    with freeze(AT + timedelta(minutes=59)):
        locked = Client().post("/sign-in/", {"username": "clerk", "password": "correct horse"})
    with freeze(AT + timedelta(minutes=61)):
        opened = Client().post("/sign-in/", {"username": "clerk", "password": "correct horse"})

    assert (locked.status_code, opened.status_code) == (429, 302)


def test_an_old_password_is_changed_before_anything_else(clerk, window, act_in):
    act_in(clerk, window)
    put(password_days=90)
    with freeze(AT + timedelta(days=91)):
        browser = Client()
        came = browser.post("/sign-in/", {"username": "clerk", "password": "correct horse", "next": "/desk/"})
        desk = browser.get("/desk/")
        page = browser.get("/account/password/").content.decode()
        form = {"old": "correct horse", "password": "Blue kettle 47", "again": "Blue kettle 47"}
        browser.post("/account/password/", form)
        after = browser.get("/desk/")

    assert came["Location"] == "/account/password/?next=%2Fdesk%2F"
    assert desk["Location"].startswith("/sign-in/")
    assert "密码用得太久了" in page
    assert after.status_code == 200
    assert Account.objects.get(pk=clerk.pk).password_set_at == AT + timedelta(days=91)
