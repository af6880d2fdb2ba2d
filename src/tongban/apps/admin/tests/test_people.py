"""The pages of people, accounts, mandates, delegations, sessions and rules."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from tongban.kernel.identity import service as identity
from tongban.kernel.identity.models import Account, Delegation, Holding, Mandate, Presence
from tongban.kernel.ledger.models import Act

from .conftest import AT, PASSWORD, SYSTEM

pytestmark = pytest.mark.django_db
ID = "532399198511040283"


def test_a_newcomer_gets_account_link_password_post_and_works(world, clients):
    made = clients["system"].post("/desk/admin/people/new/", {"name": "白雪松", "username": "xuesong"})
    link = re.search(r"/invitation/[\w-]+/", made.content.decode())[0]
    newcomer = Client()
    newcomer.post(link, {"password": PASSWORD + "A", "again": PASSWORD + "A"})
    before = newcomer.get("/desk/list/todo/").status_code
    person = Account.objects.get(username="xuesong").person_id
    appointed = clients["security"].post(
        f"/desk/admin/posts/{world.window.pk}/appoint/", {"person": str(person)}
    )

    assert "只显示这一次" in made.content.decode()
    assert made["Cache-Control"].startswith("max-age=0") or "no-store" in made["Cache-Control"]
    assert before == 404  # an account without a post does nothing
    assert appointed.status_code == 302
    assert newcomer.get("/desk/list/todo/").status_code == 200


def test_the_list_finds_by_name_pinyin_and_unit_but_no_citizen(world, clients):
    def found(query):
        return clients["audit"].get("/desk/admin/people/", {"q": query}).content.decode()

    assert "杨雪梅" in found("杨雪")
    assert "杨雪梅" in found("yang2")
    assert "杨雪梅" in found("市场监督")
    assert "没有找到" in found("李秀英")
    assert clients["audit"].get(f"/desk/admin/people/{world.citizen.person_id}/").status_code == 404


def test_closing_and_reopening_an_account(world, clients):
    person = world.clerk.person_id
    without = clients["system"].post(f"/desk/admin/people/{person}/close/", {"reason": ""})
    clients["system"].post(f"/desk/admin/people/{person}/close/", {"reason": "退休"})
    closed = clients["clerk"].get("/desk/").status_code
    clients["system"].post(f"/desk/admin/people/{person}/reopen/", {"reason": "返聘"})
    invited = clients["system"].post(f"/desk/admin/people/{person}/invite/")

    assert without.status_code == 422
    assert closed == 302
    assert Account.objects.get(username="clerk").is_active
    assert "/invitation/" in invited.content.decode()


def test_a_mandate_is_given_to_the_right_person_and_ended(world, clients):
    firm = identity.put_entity(actor=SYSTEM, uscc="91532399MA0002010R", name="澄溪米线店", at=AT)
    identity.put_person(actor=SYSTEM, name="赵建国", citizen_id=ID, at=AT)
    browser, address = clients["system"], f"/desk/admin/mandates/of/{firm.pk}/give/"
    form = {"name": "赵建国", "citizen_id": ID, "role": "agent", "since": "2026-03-02", "basis": "授权委托书"}
    wrong_name = browser.post(address, {**form, "name": "赵建业"})
    wrong_days = browser.post(address, {**form, "until": "2026-03-01", "basis": ""})
    given = browser.post(address, form)
    mandate = Mandate.objects.get()
    page = browser.get(f"/desk/admin/mandates/of/{firm.pk}/").content.decode()
    ended = browser.post(f"/desk/admin/mandates/{mandate.pk}/end/", {"reason": "离职"})

    assert (wrong_name.status_code, wrong_days.status_code, given.status_code, ended.status_code) == (
        422,
        422,
        302,
        302,
    )
    assert "赵建国" in page
    assert ID not in page
    assert identity.entities_of(mandate.person_id, AT) == []
    assert "澄溪米线店" in browser.get("/desk/admin/mandates/?q=米线").content.decode()
    assert ID not in str(list(Act.objects.values_list("facts", "reason")))


def test_delegations_of_the_whole_government_are_seen_and_ended(world, clients):
    holding = Holding.objects.get(post=world.window)
    delegate = world.official("baixue", "白雪", world.post(world.bureau, "review", "services.review"))
    row = identity.delegate(
        actor=SYSTEM,
        holding_id=holding.pk,
        to_person_id=delegate.person_id,
        since=AT,
        until=AT + timedelta(days=3),
        at=AT,
    )
    seen = clients["audit"].get("/desk/admin/delegations/").content.decode()
    refused = clients["audit"].post(f"/desk/admin/delegations/{row.pk}/end/")
    ended = clients["security"].post(f"/desk/admin/delegations/{row.pk}/end/")

    assert "白雪" in seen
    assert (refused.status_code, ended.status_code) == (404, 302)
    assert not Delegation.objects.filter(until__gt=AT).exists()


def test_the_administrator_ends_a_session(world, clients):
    page = clients["system"].get("/desk/admin/sessions/").content.decode()
    [row] = [each for each in Presence.objects.all() if each.account_id == world.clerk.pk]
    clients["system"].post(f"/desk/admin/sessions/{row.pk}/end/")

    assert "杨雪梅" in page
    assert "李秀英" not in page
    assert clients["clerk"].get("/desk/").status_code == 302


def test_the_security_administrator_puts_rules_and_the_audit_administrator_reads_them(world, clients):
    form = {
        "failures_from_address": "5", "failures_of_account": "20", "lock_minutes": "15", "idle_minutes": "15",
        "session_hours": "8", "password_length": "12", "password_kinds": "3", "password_days": "0", "reason": "等保三级",
    }  # fmt: skip
    wrong = clients["security"].post("/desk/admin/sign-in/?kind=official", {**form, "idle_minutes": "1"})
    clients["security"].post("/desk/admin/sign-in/?kind=official", form)
    clients["audit"].post("/desk/admin/sign-in/?kind=official", {**form, "idle_minutes": "30"})

    assert wrong.status_code == 422
    assert "请填 5 到 480" in wrong.content.decode()
    assert identity.sign_in_rules("official").idle_minutes == 15
    assert "等保三级" in clients["audit"].get("/desk/admin/sign-in/").content.decode()
    assert clients["system"].get("/desk/admin/sign-in/").status_code == 404


def test_the_page_of_the_three_says_who_is_missing(world, clients):
    whole = clients["audit"].get("/desk/admin/administrators/").content.decode()
    identity.end_holding(
        actor=SYSTEM, holding_id=Holding.objects.get(person=world.system.person_id).pk, at=AT
    )
    missing = clients["audit"].get("/desk/admin/administrators/").content.decode()

    assert "三员齐全" in whole
    assert "现在没有人担任" in missing


PAGES = {
    "/desk/admin/people/": {"system", "security", "audit"},
    "/desk/admin/people/{person}/": {"system", "security", "audit"},
    "/desk/admin/administrators/": {"system", "security", "audit"},
    "/desk/admin/delegations/": {"system", "security", "audit"},
    "/desk/admin/people/new/": {"system"},
    "/desk/admin/people/{person}/change/": {"system"},
    "/desk/admin/people/{person}/close/": {"system"},
    "/desk/admin/mandates/": {"system"},
    "/desk/admin/sessions/": {"system", "security"},
    "/desk/admin/sign-in/": {"security", "audit"},
}


def test_everybody_finds_the_own_pages_and_no_other(world, clients):
    for page, whose in PAGES.items():
        address = page.format(person=world.clerk.person_id)
        opened = {who for who, browser in clients.items() if browser.get(address).status_code == 200}
        assert opened == whose, page
