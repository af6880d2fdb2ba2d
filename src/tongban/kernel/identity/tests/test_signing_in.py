"""Coming in: name and password, the demo's accounts, lock-out, and where one lands afterwards."""

from datetime import timedelta

import pytest
from django.test import Client

from tongban.base.text import LocalizedText
from tongban.base.time import freeze
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger.models import Act

from .conftest import AT, SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def moment(at):
    return at


@pytest.fixture
def browser():
    return Client()


def sign_in(browser, username="citizen", password="correct horse", **more):
    return browser.post("/sign-in/", {"username": username, "password": password, **more})


def verbs():
    return list(
        Act.objects.filter(verb__startswith="identity.").order_by("pk").values_list("verb", flat=True)
    )


def test_the_right_password_opens_a_session_and_is_an_act(browser, citizen):
    answer = sign_in(browser)

    assert answer.status_code == 302
    assert browser.session["_auth_user_id"] == str(citizen.pk)
    assert verbs()[-1] == "identity.sign_in"


@pytest.mark.parametrize(
    ("username", "password"), [("citizen", "wrong"), ("nobody", "correct horse"), ("", "")]
)
def test_a_wrong_pair_is_refused_in_the_same_words_and_is_an_act(browser, citizen, username, password):
    answer = sign_in(browser, username, password)

    assert answer.status_code == 422
    assert "账号或密码不对" in answer.content.decode()
    assert "_auth_user_id" not in browser.session
    act = Act.objects.latest("pk")
    assert act.verb == "identity.fail_sign_in"
    assert username == "" or username not in str(act.__dict__)


def test_the_fifth_failure_locks_for_a_quarter_of_an_hour(browser, citizen):
    for _ in range(5):
        sign_in(browser, password="wrong")
    locked = sign_in(browser)
    elsewhere = sign_in(Client(REMOTE_ADDR="10.0.0.7"))
    with freeze(AT + timedelta(minutes=15, seconds=1)):
        later = sign_in(Client())

    assert locked.status_code == 429
    assert "以后可以再试" in locked.content.decode()
    assert elsewhere.status_code == 302
    assert later.status_code == 302


def test_failures_from_everywhere_lock_the_account_itself(citizen):
    for number in range(20):
        sign_in(Client(REMOTE_ADDR=f"10.0.0.{number}"), password="wrong")

    assert sign_in(Client(REMOTE_ADDR="10.0.1.1")).status_code == 429


def test_a_closed_account_does_not_come_in_and_its_session_ends(browser, citizen):
    sign_in(browser)
    identity.close_account(actor=SYSTEM, username="citizen", at=AT)

    assert "李秀英" not in browser.get("/sign-in/").content.decode()
    assert sign_in(Client()).status_code == 422


@pytest.mark.parametrize(
    ("asked", "lands"),
    [
        ("/services/?q=米线", "/services/?q=米线"),
        ("https://evil.example/", None),
        ("//evil.example/", None),
        ("/\\evil.example", None),
        ("javascript:alert(1)", None),
        ("/sign-in/?next=/sign-in/", None),
    ],
)
def test_afterwards_one_lands_only_on_pages_of_this_installation(browser, citizen, asked, lands):
    answer = sign_in(browser, next=asked)

    assert answer.status_code == 302
    assert "evil" not in answer["Location"]
    assert "javascript" not in answer["Location"]
    assert answer["Location"] != asked or lands == asked


def test_the_page_keeps_next_and_never_the_password(browser, citizen):
    page = sign_in(browser, password="wrong secret", next="/my/").content.decode()

    assert 'name="next" value="/my/"' in page
    assert 'value="citizen"' in page
    assert "wrong secret" not in page


@pytest.fixture
def demo_account(make_account):
    return make_account(
        "window",
        "official",
        "杨雪梅",
        demo_role=LocalizedText("窗口人员", "Window clerk"),
        demo_note=LocalizedText("收件", "Receives cases"),
    )


def test_the_demo_offers_its_accounts_and_one_press_signs_in(browser, demo_account, citizen):
    page = browser.get("/sign-in/").content.decode()
    answer = browser.post("/sign-in/", {"demo": "window"})

    assert "窗口人员" in page
    assert answer.status_code == 302
    assert browser.session["_auth_user_id"] == str(demo_account.pk)


def test_no_account_without_a_demo_role_opens_by_a_press(browser, citizen):
    assert browser.post("/sign-in/", {"demo": "citizen"}).status_code == 422
    assert "_auth_user_id" not in browser.session


def test_production_neither_lists_nor_admits_demo_accounts(browser, demo_account, settings):
    token = identity.create_token("window", "test", AT)
    settings.TONGBAN_ENV = "production"

    assert "窗口人员" not in browser.get("/sign-in/").content.decode()
    assert browser.post("/sign-in/", {"demo": "window"}).status_code == 422
    assert sign_in(browser, "window").status_code == 422
    assert browser.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_signing_out_needs_a_post_and_ends_the_session(browser, citizen):
    sign_in(browser)

    assert browser.get("/sign-out/").status_code == 405
    assert browser.post("/sign-out/").status_code == 302
    assert "_auth_user_id" not in browser.session
    assert verbs()[-1] == "identity.sign_out"


def test_pages_are_protected_against_forged_posts(citizen):
    careful = Client(enforce_csrf_checks=True)

    assert sign_in(careful).status_code == 403
    assert "_auth_user_id" not in careful.session


def test_the_session_key_changes_at_sign_in(browser, citizen):
    session = browser.session
    session["draft"] = "kept"
    session.save()
    before = browser.session.session_key

    sign_in(browser)

    assert browser.session.session_key != before
    assert browser.session["draft"] == "kept"
