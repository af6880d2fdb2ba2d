"""Accounts for officials: opened without a password, set by whom it belongs to, by a link that works once."""

from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tongban.base.errors import Forbidden, NotFound
from tongban.base.time import freeze
from tongban.kernel.identity import rules
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.errors import BadAccount, InvitationRefused
from tongban.kernel.identity.models import Account, Invitation, Person, Presence
from tongban.kernel.identity.operations.invitations import find_invitation
from tongban.kernel.ledger.models import Act

from .conftest import AT, SYSTEM

pytestmark = pytest.mark.django_db
GOOD = "Blue kettle 47"
ID = "532399198511040283"


@pytest.fixture(autouse=True)
def moment(at):
    return at


def opened(**more):
    values = {"name": "王小梅", "username": "xiaomei", **more}
    return identity.open_official_account(actor=SYSTEM, at=AT, **values)


def fields(refused):
    return sorted(error["field"] for error in refused.value.data["errors"])


# --- rules -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "is_good"),
    [
        (GOOD, True),
        ("short 7A", False),
        ("onlysmallletters", False),
        ("small letters only", False),  # two kinds
        ("Xiaomei-2026!", False),  # the user name stands in it
        ("蓝色水壶 Kettle 4", True),
        ("A" * 200 + "b1", False),
    ],
)
def test_a_password_follows_the_rules(password, is_good):
    faults = rules.password_faults(password, rules=rules.SignInRules(), names=["xiaomei"])
    assert (faults == []) == is_good


@given(st.text(max_size=30), st.integers(8, 20), st.integers(1, 4))
def test_what_is_too_short_is_never_taken(password, length, kinds):
    given_rules = rules.SignInRules(password_length=length, password_kinds=kinds)
    faults = rules.password_faults(password, rules=given_rules, names=[])
    assert bool(faults) or len(password) >= length


@pytest.mark.parametrize("username", ["王梅", "ab", "Anna", "a b c", "1abc", "a" * 41])
def test_a_user_name_is_small_letters(username):
    faults = rules.account_faults(name="王", username=username, citizen_id="", email="")
    assert [fault.field for fault in faults] == ["username"]


# --- opening and inviting --------------------------------------------------------------------------------------------


def test_a_new_account_has_no_password_and_the_link_sets_one():
    account, secret = opened()
    browser = Client()
    page = browser.get(f"/invitation/{secret}/")
    done = browser.post(f"/invitation/{secret}/", {"password": GOOD, "again": GOOD})

    assert not account.has_usable_password()
    assert "王小梅" in page.content.decode()
    assert page["Referrer-Policy"] == "no-referrer"
    assert done["Location"] == "/account/"
    assert Account.objects.get(pk=account.pk).check_password(GOOD)
    verbs = Act.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs)[-3:] == ["identity.put_account", "identity.invite", "identity.accept_invitation"]
    assert secret not in str(list(Act.objects.values())) + str(list(Invitation.objects.values()))


def test_the_link_works_once_and_not_after_its_days():
    account, secret = opened()
    with freeze(AT + timedelta(days=identity.VALID_DAYS)):
        late = Client().post(f"/invitation/{secret}/", {"password": GOOD, "again": GOOD})
    Client().post(f"/invitation/{secret}/", {"password": GOOD, "again": GOOD})
    again = Client().get(f"/invitation/{secret}/")

    assert (late.status_code, again.status_code) == (410, 410)
    assert Account.objects.get(pk=account.pk).check_password(GOOD)


def test_a_new_link_takes_the_place_of_the_old_and_closing_the_account_ends_it():
    account, first = opened()
    second = identity.invite(actor=SYSTEM, account_id=account.pk, at=AT)
    with pytest.raises(InvitationRefused):
        find_invitation(first, AT)
    assert find_invitation(second, AT).account == account

    identity.close_account(actor=SYSTEM, username="xiaomei", at=AT)
    with pytest.raises(InvitationRefused):
        find_invitation(second, AT)
    with pytest.raises(NotFound):
        identity.invite(actor=SYSTEM, account_id=account.pk, at=AT)


@pytest.mark.parametrize(
    ("password", "again", "says"),
    [
        ("short", "short", "密码至少"),
        (GOOD, "other", "两次输入的不一样"),
        ("Password123", "Password123", "太常见"),
    ],
)
def test_a_wrong_password_leaves_the_link_open(password, again, says):
    account, secret = opened()
    answer = Client().post(f"/invitation/{secret}/", {"password": password, "again": again})

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert find_invitation(secret, AT).account == account


def test_the_command_line_invites_the_first_administrator(capsys, monkeypatch):
    from tongban.main.commands import invite, session

    monkeypatch.setattr(session, "start", lambda: None)
    account, _ = opened()
    assert invite.run(["xiaomei"]) == 0
    link = capsys.readouterr().out.strip()
    assert find_invitation(link.rstrip("/").rpartition("/")[2], AT).account == account
    assert invite.run(["nobody"]) == 1


def test_everything_wrong_with_an_account_is_said_at_once():
    opened()
    people = Person.objects.count()
    with pytest.raises(BadAccount) as refused:
        opened(name="", citizen_id="532399198511040284", email="x")

    assert fields(refused) == ["citizen_id", "email", "name", "username"]
    assert Person.objects.count() == people


def test_whom_government_knows_is_not_recorded_twice(citizen):
    account, _ = opened(name="李秀英", citizen_id=ID)
    with pytest.raises(BadAccount) as other_name:
        opened(name="李秀云", citizen_id=ID, username="xiuyun")
    with pytest.raises(BadAccount) as second:
        opened(name="李秀英", citizen_id=ID, username="xiuying2")

    assert account.person_id == citizen.person_id
    assert fields(other_name) == ["citizen_id", "name"]
    assert fields(second) == ["citizen_id"]


def test_only_the_system_administrator_opens_accounts(make_account, make_post, act_in):
    security = make_account("sec", "official", "许静")
    act_in(security, make_post("sec", "admin.security"))
    actor = identity.actor_for(security, at=AT, channel="desk")
    with pytest.raises(Forbidden):
        identity.open_official_account(actor=actor, name="王", username="wang", at=AT)
    with pytest.raises(Forbidden):
        identity.invite(actor=actor, account_id=security.pk, at=AT)


def test_a_reopened_account_needs_a_new_password(clerk):
    identity.close_account(actor=SYSTEM, username="clerk", at=AT, reason="离开")
    identity.reopen_account(actor=SYSTEM, account_id=clerk.pk, reason="回来", at=AT)

    account = Account.objects.get(pk=clerk.pk)
    assert account.is_active
    assert not account.has_usable_password()


# --- one's own password ----------------------------------------------------------------------------------------------


def signed_in(username="clerk", password="correct horse"):
    browser = Client()
    assert browser.post("/sign-in/", {"username": username, "password": password}).status_code == 302
    return browser


def test_a_changed_password_ends_every_other_session(clerk):
    here, elsewhere = signed_in(), signed_in()
    answer = here.post("/account/password/", {"old": "correct horse", "password": GOOD, "again": GOOD})

    assert answer["Location"] == "/account/"
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302
    assert Presence.objects.count() == 1


@pytest.mark.parametrize(
    ("old", "new"), [("wrong", GOOD), ("correct horse", "correct horse"), ("correct horse", "clerk Blue 47")]
)
def test_a_change_that_is_wrong_changes_nothing(clerk, old, new):
    answer = signed_in().post("/account/password/", {"old": old, "password": new, "again": new})

    assert answer.status_code == 422
    assert Account.objects.get(pk=clerk.pk).check_password("correct horse")
