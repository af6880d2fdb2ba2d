"""The second factor: codes of an app, security keys, recovery codes; of whom it is required."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import unquote

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tongban.base.errors import Forbidden, NotFound
from tongban.base.time import freeze
from tongban.kernel.identity import rules, sessions, totp
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.errors import FactorRuleSaysNothing
from tongban.kernel.identity.models import Factor, RecoveryCode
from tongban.kernel.identity.operations.factors import check_code
from tongban.kernel.ledger.models import Act

from .authenticator import SoftKey
from .conftest import AT, SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def moment(at):
    return at


@pytest.fixture
def clock(monkeypatch):
    """The machine's clock, to be moved: ``clock(seconds)`` later."""
    start = sessions.clock()
    moved = {"now": start}
    monkeypatch.setattr(sessions, "clock", lambda: moved["now"])

    def go(seconds=0):
        moved["now"] += timedelta(seconds=seconds)
        return moved["now"]

    return go


def give_password(username="clerk", **more):
    browser = Client(headers={"host": "localhost"})
    return browser, browser.post("/sign-in/", {"username": username, "password": "correct horse", **more})


def enrol(browser, clock):
    """Add an app in the own account; return its secret and the recovery codes."""
    page = browser.get("/account/factors/app/").content.decode()
    readable = re.search(r'class="secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    import base64

    secret = base64.b32decode(readable + "=" * (-len(readable) % 8))
    shown = totp.code_at(secret, int(clock().timestamp()) // totp.STEP)
    answer = browser.post("/account/factors/app/", {"code": shown, "name": "我的手机"})
    return secret, re.findall(r"<li class=\"num\">([a-z0-9-]{11})</li>", answer.content.decode())


def code(secret, clock):
    return totp.code_at(secret, int(clock().timestamp()) // totp.STEP)


def question(page):
    return unescape(re.search(r'data-question="([^"]+)"', page.content.decode())[1])


# --- codes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
    ],
)
def test_codes_are_those_of_rfc_6238(seconds, expected):
    assert totp.code_at(b"12345678901234567890", seconds // totp.STEP) == expected


@given(st.binary(min_size=20, max_size=20), st.integers(10_000, 2**31), st.integers(-3, 3))
def test_a_code_is_taken_within_one_step_and_only_once(secret, seconds, drift):
    step = seconds // totp.STEP + drift
    shown = totp.code_at(secret, step)
    found = totp.matching_step(secret, shown, seconds=seconds, after=0)
    if abs(drift) <= 1:
        assert found is not None
        assert totp.matching_step(secret, shown, seconds=seconds, after=found) in (
            None,
            *range(found + 1, step + 3),
        )
    elif found is not None:  # two steps may by chance show the same six digits
        assert totp.code_at(secret, found) == shown


def test_the_address_for_the_app_says_whose_it_is():
    address = totp.address(b"12345678901234567890", issuer="澄溪县", account="clerk")
    assert unquote(address).startswith("otpauth://totp/澄溪县:clerk?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&")


# --- signing in ------------------------------------------------------------------------------------------------------


def test_with_an_app_the_password_alone_opens_nothing(clerk, clock):
    browser, _ = give_password()
    secret, codes = enrol(browser, clock)
    clock(31)
    fresh, half = give_password(next="/account/password/")
    nothing = fresh.get("/account/")
    wrong = fresh.post("/sign-in/second/", {"code": "000000"})
    right = fresh.post("/sign-in/second/?next=/account/password/", {"code": code(secret, clock)})

    assert len(codes) == 10
    assert half["Location"] == "/sign-in/second/?next=%2Faccount%2Fpassword%2F"
    assert nothing.status_code == 302
    assert wrong.status_code == 422
    assert right["Location"] == "/account/password/"
    assert fresh.get("/account/").status_code == 200
    verbs = list(Act.objects.order_by("-pk").values_list("verb", flat=True)[:3])
    assert verbs == ["identity.sign_in", "identity.fail_factor", "identity.give_password"]


def test_a_code_cannot_be_used_twice(clerk, clock):
    secret, _ = enrol(give_password()[0], clock)
    shown = code(secret, clock)
    again = give_password()[0].post("/sign-in/second/", {"code": shown})  # it confirmed the app
    clock(31)
    first = give_password()[0].post("/sign-in/second/", {"code": code(secret, clock)})
    second = give_password()[0].post("/sign-in/second/", {"code": code(secret, clock)})

    assert (again.status_code, first.status_code, second.status_code) == (422, 302, 422)


def test_a_recovery_code_works_once(clerk, clock):
    _, codes = enrol(give_password()[0], clock)
    first = give_password()[0].post("/sign-in/second/", {"code": codes[0].upper()})
    second = give_password()[0].post("/sign-in/second/", {"code": codes[0]})

    assert (first.status_code, second.status_code) == (302, 422)
    assert RecoveryCode.objects.filter(used_at=None).count() == 9
    assert codes[1].replace("-", "") not in str(list(RecoveryCode.objects.values()))


def test_guessing_codes_locks(clerk, clock):
    secret, _ = enrol(give_password()[0], clock)
    clock(31)
    browser, _ = give_password()
    for number in range(5):
        browser.post("/sign-in/second/", {"code": f"00000{number}"})
    locked = browser.post("/sign-in/second/", {"code": code(secret, clock)})

    assert locked.status_code == 429
    assert "以后可以再试" in locked.content.decode()


def test_the_password_must_be_given_within_ten_minutes_and_not_change(clerk, clock):
    secret, _ = enrol(give_password()[0], clock)
    browser, _ = give_password()
    clock(601)
    late = browser.post("/sign-in/second/", {"code": code(secret, clock)})
    browser, _ = give_password()
    clerk.refresh_from_db()
    clerk.set_password("another one")
    clerk.save()
    changed = browser.post("/sign-in/second/", {"code": code(secret, clock)})

    assert late["Location"] == changed["Location"] == "/sign-in/"


def test_a_stranger_finds_no_second_step(client):
    assert client.get("/sign-in/second/")["Location"] == "/sign-in/"
    assert client.get("/account/factors/")["Location"].startswith("/sign-in/")


def test_secrets_do_not_stand_in_the_database_or_the_ledger(clerk, clock):
    secret, codes = enrol(give_password()[0], clock)
    kept = str([bytes(f.secret) for f in Factor.objects.all()]) + str(list(Act.objects.values()))

    assert str(secret)[2:-1] not in kept
    assert totp.readable(secret) not in kept
    assert not any(each in kept for each in codes)


# --- security keys ---------------------------------------------------------------------------------------------------


def add_key(browser, key):
    page = browser.get("/account/factors/key/")
    return browser.post("/account/factors/key/", {"answer": key.create(question(page)), "name": "蓝色密钥"})


@pytest.mark.parametrize("counter", [0, None])
def test_a_security_key_signs_in(clerk, clock, counter):
    key = SoftKey(counter=counter)
    added = add_key(give_password()[0], key)
    for _ in range(2):
        browser, _ = give_password()
        page = browser.get("/sign-in/second/")
        answer = browser.post("/sign-in/second/", {"answer": key.get(question(page))})
        assert answer.status_code == 302
        assert browser.get("/account/").status_code == 200

    assert "记下备用码" in added.content.decode()
    assert Factor.objects.get().name == "蓝色密钥"


@pytest.mark.parametrize(
    "fault", ["another key", "another origin", "another host", "an old question", "a copied key", "rubbish"]
)
def test_an_answer_that_does_not_verify_is_refused_and_counted(clerk, clock, fault):
    key = SoftKey(counter=0)
    add_key(give_password()[0], key)
    browser, _ = give_password()
    asked = question(browser.get("/sign-in/second/"))
    if fault == "an old question":
        browser.get("/sign-in/second/")
    if fault == "a copied key":
        Factor.objects.update(counter=9)
    if fault == "another key":
        key = SoftKey(key_id=key.key_id)
    if fault == "another origin":
        key.origin = "https://tongban.example"
    if fault == "another host":
        key.host = "tongban.example"
    answer = "{}" if fault == "rubbish" else key.get(asked)
    refused = browser.post("/sign-in/second/", {"answer": answer})

    assert refused.status_code == 422
    assert browser.get("/account/").status_code == 302
    assert Act.objects.latest("pk").verb == "identity.fail_factor"


def test_keys_are_not_offered_under_a_bare_address(clerk, clock):
    browser, _ = give_password()
    page = browser.get("/account/factors/", headers={"host": "127.0.0.1:8000"}).content.decode()

    assert "这个网址不行" in page
    assert browser.get("/account/factors/key/", headers={"host": "127.0.0.1:8000"}).status_code == 302


# --- looking after them ----------------------------------------------------------------------------------------------


def test_removing_the_last_one_removes_its_recovery_codes(clerk, clock):
    browser, _ = give_password()
    enrol(browser, clock)
    browser.post(f"/account/factors/{Factor.objects.get().pk}/remove/")

    assert not Factor.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert give_password()[1]["Location"] != "/sign-in/second/"


def test_a_session_without_the_factor_may_not_add_or_remove_one(clerk, clock):
    weak, _ = give_password()
    enrol(give_password()[0], clock)
    adding = weak.get("/account/factors/app/")
    weak2, _ = give_password()
    removing = weak2.post(f"/account/factors/{Factor.objects.get().pk}/remove/")

    assert adding["Location"] == "/sign-in/second/"
    assert removing.status_code == 302
    assert Factor.objects.count() == 1


def test_the_security_administrator_resets_what_was_lost_but_not_the_own(
    clerk, clock, make_account, make_post, act_in
):
    browser, _ = give_password()
    enrol(browser, clock)
    security = make_account("sec", "official", "许静")
    act_in(security, make_post("sec", "admin.security"))
    actor = identity.actor_for(security, at=AT, channel="desk")
    enrol(give_password("sec")[0], clock)

    with pytest.raises(NotFound):
        identity.reset_factors(actor=actor, account_id=security.pk, reason="丢了", at=AT)
    with pytest.raises(Forbidden):
        identity.reset_factors(
            actor=identity.actor_for(clerk, at=AT, channel="desk"), account_id=security.pk, reason="x", at=AT
        )
    identity.reset_factors(actor=actor, account_id=clerk.pk, reason="手机丢了", at=AT)

    assert browser.get("/account/").status_code == 302
    assert give_password()[1]["Location"] != "/sign-in/second/"


def test_new_recovery_codes_take_the_place_of_the_old(clerk, clock):
    browser, _ = give_password()
    _, old = enrol(browser, clock)
    page = browser.post("/account/factors/codes/").content.decode()
    new = re.findall(r"<li class=\"num\">([a-z0-9-]{11})</li>", page)

    assert len(set(old) | set(new)) == 20
    assert give_password()[0].post("/sign-in/second/", {"code": old[0]}).status_code == 422
    assert check_code(account_id=clerk.pk, code=new[0], at=AT, clock=clock()) == "code"


# --- rules -----------------------------------------------------------------------------------------------------------

PARENTS = {1: None, 2: 1, 3: 2, 4: 1}


@pytest.mark.parametrize(
    ("duty", "unit", "posts", "is_required"),
    [
        ("admin.system", None, [(2, {"admin.system"})], True),
        ("admin.system", None, [(2, {"services.window"})], False),
        ("", 2, [(3, {"services.window"})], True),  # below the unit
        ("", 2, [(4, {"services.window"})], False),
        ("services.decide", 2, [(3, {"services.decide"}), (4, set())], True),
        ("services.decide", 2, [(4, {"services.decide"}), (3, set())], False),
        ("", 1, [], False),
    ],
)
def test_of_whom_it_is_required(duty, unit, posts, is_required):
    assert rules.is_factor_required([rules.FactorDemand(duty, unit)], posts, PARENTS) == is_required


def test_who_falls_under_a_rule_does_nothing_until_a_factor_is_there(clerk, window, act_in, clock):
    act_in(clerk, window)
    browser, _ = give_password()
    before = browser.get("/desk/").status_code
    identity.put_factor_rule(actor=SYSTEM, duty="services.window", unit_id=None, reason="等保三级", at=AT)
    stopped = browser.get("/desk/", follow=True)
    came = give_password(next="/desk/")[1]
    enrol(browser, clock)
    after = browser.get("/desk/").status_code
    kept = browser.post(f"/account/factors/{Factor.objects.get().pk}/remove/")

    assert (before, after) == (200, 200)
    assert "您的岗位要求第二道验证" in stopped.content.decode()
    assert came["Location"] == "/account/factors/?next=%2Fdesk%2F"
    assert kept.status_code == 409
    assert Factor.objects.count() == 1
    assert Act.objects.filter(verb="identity.put_factor_rule").get().facts == {
        "duty": "services.window",
        "unit": None,
    }


def test_a_rule_that_ends_asks_no_more(clerk, window, act_in, clock):
    act_in(clerk, window)
    row = identity.put_factor_rule(actor=SYSTEM, duty="services.window", unit_id=None, reason="试", at=AT)
    identity.end_factor_rule(actor=SYSTEM, rule_id=row.pk, at=AT)

    assert give_password()[0].get("/desk/").status_code == 200
    with pytest.raises(NotFound):
        identity.end_factor_rule(actor=SYSTEM, rule_id=row.pk, at=AT)


def test_a_rule_names_whom_and_why(bureau):
    with pytest.raises(FactorRuleSaysNothing) as refused:
        identity.put_factor_rule(actor=SYSTEM, duty="", unit_id=None, reason=" ", at=AT)
    assert [e["field"] for e in refused.value.data["errors"]] == ["duty", "rule_reason"]


def test_citizens_are_not_under_rules_but_may_protect_themselves(citizen, clock):
    identity.put_factor_rule(actor=SYSTEM, duty="services.window", unit_id=None, reason="等保三级", at=AT)
    browser, _ = give_password("citizen")
    enrol(browser, clock)
    clock(31)
    with freeze(AT):
        asked = give_password("citizen")[1]

    assert asked["Location"] == "/sign-in/second/"
