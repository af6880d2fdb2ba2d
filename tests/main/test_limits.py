"""Whose address counts, how much one may ask, how many passwords are checked at once, and what the refusals say."""

import os
import threading
import time

import pytest
from django.contrib.auth import authenticate
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from tongban.base.errors import Busy, TooManyRequests
from tongban.kernel.identity import hashing
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.errors import TooManyAttempts
from tongban.kernel.identity.models import Account, Attempts
from tongban.main import environment
from tongban.main.addresses import client_address, networks
from tongban.main.limits import LimitMiddleware

TRUSTED = networks(["127.0.0.1", "::1", "10.0.0.0/8"])


# --- whose address -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peer", "forwarded", "who"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # no proxy of ours says so
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),  # the first was written by the visitor
        ("127.0.0.1", "198.51.100.1, 203.0.113.9, 10.2.3.4", "203.0.113.9"),  # two proxies of ours
        ("127.0.0.1", "10.2.3.4", "10.2.3.4"),  # somebody inside
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9, <script>", "127.0.0.1"),
        ("127.0.0.1", ",,", "127.0.0.1"),
        ("::1", "2001:db8::7", "2001:db8::7"),
        ("", "203.0.113.9", ""),
    ],
)
def test_only_a_trusted_proxy_says_where_somebody_comes_from(peer, forwarded, who):
    assert client_address(peer, forwarded, TRUSTED) == who


@given(st.text(max_size=80), st.ip_addresses().map(str))
def test_a_visitor_cannot_choose_an_address(written, peer):
    """Whatever a visitor writes stands left of what the proxy adds."""
    said = client_address("127.0.0.1", f"{written}, {peer}", networks(["127.0.0.1"]))
    assert said == peer or peer == "127.0.0.1"
    assert client_address("203.0.113.9", written, TRUSTED) == "203.0.113.9"


@pytest.mark.django_db
def test_a_forged_address_does_not_help_who_guesses():
    def guess(n):
        return Client().post(
            "/sign-in/",
            {"username": "citizen", "password": f"guess {n}"},
            REMOTE_ADDR="203.0.113.9",
            HTTP_X_FORWARDED_FOR=f"10.0.0.{n}",
        )

    assert [guess(n).status_code for n in range(7)] == [422] * 5 + [429] * 2


@pytest.mark.parametrize(
    "values",
    [
        {"TONGBAN_TRUSTED_PROXIES": "10.0.0.0/33"},
        {"TONGBAN_SECURITY_CONTACT": "security@example.cn"},
        {"TONGBAN_CLAMD": "clamd"},
        {"TONGBAN_CLAMD_WHEN_DOWN": "pray"},
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(values):
    with pytest.raises(ValueError, match=next(iter(values))):
        environment.read(values)


@pytest.mark.django_db
def test_finders_of_weaknesses_are_told_whom_to_write_to(settings):
    settings.TONGBAN_SECURITY_CONTACT = "mailto:security@county.example"
    told = Client().get("/.well-known/security.txt")
    settings.TONGBAN_SECURITY_CONTACT = ""

    assert told["Content-Type"].startswith("text/plain")
    assert "Contact: mailto:security@county.example\n" in told.content.decode()
    assert "Expires: " in told.content.decode()
    assert Client().get("/.well-known/security.txt").status_code == 404


# --- how much ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def limits(settings, monkeypatch):
    """Let one program ask forty times a minute, one network four hundred times."""
    settings.TONGBAN_REQUESTS_PER_MINUTE = 40
    made = []
    first = LimitMiddleware.__init__

    def keep(self, get_response):
        first(self, get_response)
        made.append(self)

    monkeypatch.setattr(LimitMiddleware, "__init__", keep)
    return made


@pytest.mark.django_db
def test_a_program_that_asks_too_much_is_told_when_to_come_again_and_others_go_on(limits):
    browser = Client()
    header = {"HTTP_AUTHORIZATION": "Bearer tb_" + "x" * 40}
    answers = [browser.get("/api/v1/me", **header) for _ in range(60)]
    refused = [answer for answer in answers if answer.status_code == 429]

    assert 40 <= 60 - len(refused) <= 42
    assert refused[0]["Content-Type"] == "application/problem+json"
    assert refused[0].json()["code"] == "too-many-requests"
    assert 1 <= int(refused[0]["Retry-After"]) <= 61
    assert browser.get("/api/v1/me", HTTP_AUTHORIZATION="Bearer tb_other").status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "said"), [("zh-hans", "这里的请求太多了"), ("en", "Too many requests")])
def test_who_searches_too_much_gets_a_page_that_says_so(limits, language, said):
    browser = Client()
    browser.cookies["django_language"] = language
    answers = [browser.get("/letters/?q=x") for _ in range(24)]

    assert [answer.status_code for answer in answers] == [200] * 20 + [200] * 1 + [429] * 3
    assert said in answers[-1].content.decode()
    assert answers[-1]["Retry-After"]
    assert browser.get("/letters/?q=x", REMOTE_ADDR="10.9.9.9").status_code == 200
    assert browser.get("/letters/write/").status_code != 429, "only searching is over for a while"


@pytest.mark.django_db
def test_tokens_that_are_made_up_do_not_get_round_the_limit_of_the_network(limits):
    browser = Client()
    answers = [browser.get("/api/v1/me", HTTP_AUTHORIZATION=f"Bearer tb_{n}").status_code for n in range(450)]

    assert set(answers[:400]) == {401}
    assert answers[-1] == 429
    assert browser.get("/healthz").status_code != 429


# --- passwords ---------------------------------------------------------------------------------------------------------


def test_two_passwords_are_checked_at_once_and_who_waits_too_long_is_told(tmp_path, settings):
    settings.TONGBAN_LOCAL = tmp_path
    at_once, most, refused = [], [], []
    lock = threading.Lock()

    def check(patience):
        try:
            with hashing.turn(patience):
                with lock:
                    at_once.append(1)
                    most.append(len(at_once))
                threading.Event().wait(0.05)
                with lock:
                    at_once.pop()
        except Busy as busy:
            refused.append(busy.data["retry_after"])

    threads = [threading.Thread(target=check, args=(10,)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert max(most) == 2
    assert len(most) == 12
    assert refused == []
    with hashing.turn(), hashing.turn():
        began = time.monotonic()
        check(0.05)
    assert refused == [5]
    assert time.monotonic() - began < 2


def test_other_processes_of_the_machine_wait_too(tmp_path, settings):
    settings.TONGBAN_LOCAL = tmp_path
    held = [hashing._slot(0), hashing._slot(0)]  # as another process holds them
    with pytest.raises(Busy), hashing.turn(0.05):
        pass
    for handle in held:
        os.close(handle)
    with hashing.turn(0.05):
        pass


@pytest.fixture
def slowly(settings, tmp_path, monkeypatch):
    """Use the real hasher, and count its work."""
    settings.TONGBAN_LOCAL = tmp_path
    settings.PASSWORD_HASHERS = ["tongban.kernel.identity.hashing.PatientArgon2Hasher"]
    calls = []
    turn = hashing.turn
    monkeypatch.setattr(hashing, "turn", lambda *args: calls.append(1) or turn(*args))
    return calls


@pytest.mark.django_db
@pytest.mark.parametrize("username", ["is-there", "is-closed", "has-none", "nobody"])
def test_a_wrong_password_takes_the_same_work_whoever_is_meant(slowly, username):
    from tongban.base.time import now

    for name, active in (("is-there", True), ("is-closed", False), ("has-none", True)):
        account = Account(username=name, kind="citizen", is_active=active, created_at=now())
        if name == "has-none":
            account.set_unusable_password()
        else:
            account.set_password("Blue kettle 47")
        account.save()
    slowly.clear()

    assert authenticate(username=username, password="wrong") is None
    assert len(slowly) == 1


@pytest.mark.django_db
def test_who_finds_all_turns_taken_is_asked_to_try_again_and_loses_no_attempt(slowly, monkeypatch):
    monkeypatch.setattr(hashing, "PATIENCE", 0.05)
    monkeypatch.setattr(hashing, "turn", _taken)
    answer = Client().post("/sign-in/", {"username": "citizen", "password": "x"})

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "过几秒再试" in answer.content.decode()
    assert not Attempts.objects.filter(count__gt=0).exists()


def _taken(*_):
    raise Busy(retry_after=5)


# --- letters and uploads -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_mailbox_is_not_filled_by_one_network_and_a_hall_of_people_writes_on(monkeypatch):
    from tongban.apps.voice import crowds
    from tongban.base.actor import Actor

    for quota in (crowds.OWN, crowds.STRANGERS):
        quota.forget()
    here = RequestFactory().post("/letters/write/", REMOTE_ADDR="10.30.0.1")
    there = RequestFactory().post("/letters/write/", REMOTE_ADDR="10.30.0.2")
    sent = 0
    with pytest.raises(TooManyRequests):
        for _ in range(200):
            crowds.slow_down(here, Actor.stranger())
            sent += 1
    crowds.slow_down(there, Actor.stranger())

    assert 120 <= sent <= 126


def test_a_refusal_says_how_many_seconds_are_left():
    from datetime import UTC, datetime, timedelta

    at = datetime(2026, 3, 2, tzinfo=UTC)
    assert TooManyAttempts(until=at + timedelta(seconds=1.2), at=at).data["retry_after"] == 2
    assert identity.Quota("x", 10).portion == 1
