"""An office behind one address gets in while somebody there, or everywhere, is guessing; and who guesses gets nowhere."""

import threading
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from tongban.base.errors import Forbidden, NotFound, TooManyRequests
from tongban.base.time import freeze
from tongban.kernel.identity import rules
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.errors import TooManyAttempts, UnlockNeedsReason
from tongban.kernel.identity.models import Account, Attempts, Person
from tongban.kernel.identity.operations import throttling
from tongban.kernel.identity.quotas import Quota
from tongban.kernel.ledger.models import Act

from .conftest import AT

OFFICE = "10.20.0.1"
RIGHT = "correct horse"


@pytest.fixture(autouse=True)
def moment(request):
    with freeze(AT):
        yield


def try_in(username, password=RIGHT, browser=None, address=OFFICE):
    """Return the status of one attempt."""
    browser = browser or Client()
    return browser.post(
        "/sign-in/", {"username": username, "password": password}, REMOTE_ADDR=address
    ).status_code


@pytest.fixture
def office(db, citizen):
    """Two hundred people of a county hall."""
    hashed = make_password(RIGHT)
    people = Person.objects.bulk_create(
        Person(name=f"职工{n}", created_at=AT) if hasattr(Person, "created_at") else Person(name=f"职工{n}")
        for n in range(200)
    )
    Account.objects.bulk_create(
        Account(
            username=f"staff{n}",
            kind="official",
            person=person,
            password=hashed,
            created_at=AT,
            password_set_at=AT,
        )
        for n, person in enumerate(people)
    )
    return [f"staff{n}" for n in range(200)]


def test_two_hundred_sign_in_from_one_address_while_somebody_there_guesses(office):
    came, guessed = [], []
    for number, name in enumerate(office):
        guessed.append(try_in("citizen", f"guess {number}"))
        came.append(try_in(name))

    assert came == [302] * 200
    assert guessed == [422] * 5 + [429] * 195
    assert try_in("citizen") == 429, "even the right guess comes too late"


def test_guessing_from_everywhere_locks_strangers_out_and_not_the_browser_its_bearer_uses(citizen):
    own = Client()
    assert try_in("citizen", browser=own, address="10.9.0.1") == 302
    own.post("/sign-out/")

    guessed = [try_in("citizen", f"guess {n}", address=f"10.{n}.0.9") for n in range(60)]

    assert guessed == [422] * 20 + [429] * 40
    assert try_in("citizen", address="10.200.0.9") == 429, "the right one too, from a browser nobody knows"
    assert try_in("citizen", browser=own, address="10.9.0.1") == 302
    assert try_in("citizen", browser=own, address="10.77.0.1") == 302, "wherever that browser is"


def test_a_known_browser_has_few_attempts_of_its_own(citizen):
    own = Client()
    try_in("citizen", browser=own)
    own.post("/sign-out/")

    assert [try_in("citizen", "wrong", browser=own) for _ in range(6)] == [422] * 5 + [429]


@pytest.mark.parametrize("mark", ["", "x", "eyJicm93c2VyIjoiYSIsImFjY291bnRzIjpbXX0:1:2"])
def test_a_mark_that_somebody_made_up_is_worth_nothing(citizen, mark):
    browser = Client()
    browser.cookies["known"] = mark

    answers = [try_in("citizen", "wrong", browser=browser, address=f"10.{n}.0.9") for n in range(21)]

    assert answers == [422] * 20 + [429]


def test_the_mark_of_one_account_is_worth_nothing_for_another(citizen, clerk):
    own = Client()
    try_in("clerk", browser=own)
    own.post("/sign-out/")

    answers = [try_in("citizen", "wrong", browser=own, address=f"10.{n}.0.9") for n in range(21)]

    assert answers == [422] * 20 + [429]


def test_trying_one_password_on_everybody_ends_at_the_ceiling_of_the_network(office, monkeypatch):
    monkeypatch.setattr("tongban.kernel.identity.operations.sign_in.NETWORK_FAILURES", 50)
    known = Client()
    assert try_in("staff7", browser=known) == 302
    known.post("/sign-out/")

    sprayed = [try_in(f"nobody{n}", "Spring 2026!") for n in range(52)]

    assert sprayed == [422] * 50 + [429] * 2
    assert try_in("staff8") == 429
    assert try_in("staff7", browser=known) == 302, "who works there has been here before"
    assert try_in("staff8", address="10.20.0.2") == 302


def test_addresses_of_one_ipv6_network_count_as_one(citizen):
    guessed = [try_in("citizen", "wrong", address=f"2001:db8:1:2::{n:x}") for n in range(1, 8)]

    assert guessed == [422] * 5 + [429] * 2
    assert identity.network_of("::ffff:10.1.2.3") == "10.1.2.3"
    assert identity.network_of("somewhere") == "somewhere"


def test_the_answer_says_when_to_come_again(citizen):
    for _ in range(5):
        try_in("citizen", "wrong")
    answer = Client().post("/sign-in/", {"username": "citizen", "password": RIGHT}, REMOTE_ADDR=OFFICE)

    assert (answer.status_code, answer["Retry-After"]) == (429, "900")


# --- how long ---------------------------------------------------------------------------------------------------------


def test_each_further_lock_is_twice_as_long_up_to_eight_hours_and_a_calm_day_forgives():
    state, at, lengths = None, AT, []
    for _ in range(7):
        for _ in range(5):
            state = rules.after_failure(state, limit=5, at=at, grows=True)
        lengths.append(state.locked_until - at)
        at = state.locked_until + rules.WINDOW
    calm = rules.after_failure(state, limit=1, at=at + timedelta(days=1), grows=True)

    assert [each.total_seconds() / 60 for each in lengths] == [15, 30, 60, 120, 240, 480, 480]
    assert calm.locked_until - at - timedelta(days=1) == rules.LOCK


@given(st.integers(1, 30), st.lists(st.integers(0, 7200), max_size=60))
def test_a_lock_never_outlasts_its_bound_and_comes_exactly_at_the_limit(limit, gaps):
    state, at = None, AT
    for gap in gaps:
        at += timedelta(seconds=gap)
        state = rules.after_failure(state, limit=limit, at=at, grows=True)
        assert (state.locked_until is not None) == (state.count >= limit)
        assert state.locked_until is None or state.locked_until - at <= rules.LONGEST_LOCK


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_guesses_at_the_same_moment_count_each():
    passed, gate = [], threading.Barrier(12)

    def guess():
        gate.wait()
        try:
            throttling.count_attempt({"one": 5, "two": 50}, AT)
            passed.append(1)
        except TooManyAttempts:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(passed) == 5
    assert Attempts.objects.get(key="two").count == 5


# --- unlocking --------------------------------------------------------------------------------------------------------


def test_the_security_administrator_unlocks_which_is_an_act(citizen, clerk, make_account, make_post, act_in):
    for _ in range(5):
        try_in("citizen", "wrong")
        try_in("clerk", "wrong")
    security = make_account("security", "official", "许静")
    act_in(security, make_post("security", "admin.security"))
    actor = identity.actor_for(security, at=AT, channel="desk")
    stranger = identity.actor_for(clerk, at=AT, channel="desk")

    with pytest.raises(Forbidden):
        identity.unlock_account(actor=stranger, username="citizen", reason="x", at=AT)
    with pytest.raises(UnlockNeedsReason):
        identity.unlock_account(actor=actor, username="citizen", reason=" ", at=AT)
    with pytest.raises(NotFound):
        identity.unlock_account(actor=actor, username="nobody", reason="x", at=AT)
    assert try_in("citizen") == 429
    identity.unlock_account(actor=actor, username="citizen", reason="本人带身份证来窗口", at=AT)
    act = Act.objects.latest("pk")

    assert (act.verb, act.facts) == ("identity.unlock", {"counts": 2})
    assert try_in("citizen") == 302
    assert try_in("clerk") == 429, "only the one account"


def test_old_counts_are_dropped_and_running_locks_are_kept(citizen):
    for _ in range(5):
        try_in("citizen", "wrong")
    Attempts.objects.filter(locked_until=None).update(since=AT - timedelta(days=3))
    locked = Attempts.objects.exclude(locked_until=None)
    locked.update(since=AT - timedelta(days=3))

    assert throttling.forget_old_attempts(at=AT) == 2
    assert Attempts.objects.count() == locked.count() == 1


# --- other things to guess ---------------------------------------------------------------------------------------------


def ask(what="code:1", address=OFFICE):
    request = RequestFactory().get("/", REMOTE_ADDR=address)
    identity.throttle(what, request=request, limit=10)
    return request


def refused(times, **more):
    count = 0
    for _ in range(times):
        try:
            ask(**more)
        except TooManyAttempts:
            count += 1
    return count


@pytest.mark.django_db
def test_one_thing_is_guessed_at_ten_times_from_a_network_and_a_hundred_times_from_all():
    assert refused(15) == 5
    assert sum(refused(10, address=f"10.3.{n}.1") for n in range(12)) == 30, (
        "a hundred in all, ten of them here"
    )
    assert refused(1, what="code:2") == 0


@pytest.mark.django_db
def test_one_network_does_not_go_through_all_numbers():
    assert sum(refused(1, what=f"code:{n}") for n in range(510)) == 10
    assert refused(1, what="code:1", address="10.3.1.1") == 0


@pytest.mark.django_db
def test_who_is_right_does_not_set_the_wide_counts_back():
    for n in range(90):
        ask(address=f"10.3.{n}.1")
    right = ask(address="10.4.0.1")
    identity.relent("code:1", request=right)

    assert sum(refused(1, address=f"10.5.{n}.1") for n in range(12)) == 2


# --- quotas ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_ordinary_visitor_costs_no_statement(django_assert_num_queries):
    quota = Quota("search", 600)
    with django_assert_num_queries(0):
        for _ in range(30):
            quota.take(OFFICE)
    with django_assert_num_queries(1):
        for _ in range(30):
            quota.take(OFFICE)


@pytest.mark.django_db
def test_several_processes_share_one_quota_but_for_their_first_portion():
    processes = [Quota("search", 100) for _ in range(3)]
    done = 0
    for n in range(400):
        try:
            processes[n % 3].take(OFFICE)
            done += 1
        except TooManyRequests as refusal:
            assert 1 <= refusal.data["retry_after"] <= 61

    assert 100 <= done <= 100 + 3 * 5
    processes[0].take("10.20.0.2")


@pytest.mark.django_db
def test_the_next_minute_is_a_new_one_and_refusals_cost_no_statement(django_assert_num_queries):
    seconds = [0.0]
    quota = Quota("search", 20, clock=lambda: seconds[0])
    with pytest.raises(TooManyRequests):
        for _ in range(100):
            quota.take(OFFICE)
    with django_assert_num_queries(0), pytest.raises(TooManyRequests):
        quota.take(OFFICE)
    Attempts.objects.update(since="2020-01-01T00:00Z")
    seconds[0] = 61
    quota.take(OFFICE)


def test_no_limit_is_no_limit():
    quota = Quota("search", 0)
    for _ in range(1000):
        quota.take(OFFICE)
