"""The administration of other systems, of the province's sign-in, of programs: who does what on the pages."""

import pytest
from django.test import Client

from tongban.apps.federation.models import Consent, Province, Provisioner, System
from tongban.apps.federation.vault import secret_of

from .conftest import AT, PASSWORD

pytestmark = pytest.mark.django_db
SYSTEMS = "/desk/admin/systems/"
WANTED = {"name_zh": "档案系统", "client_id": "archive", "algorithm": "RS256", "kinds": "official"}
WANTED |= {"redirect_uris": "https://archive.example/back\r\n", "scopes": "profile"}


@pytest.fixture
def go(world):
    def sign_in(who):
        client = Client()
        client.post("/sign-in/", {"username": who, "password": PASSWORD})
        return client

    return sign_in


def test_a_system_is_registered_its_secret_shown_once_changed_and_shut_out(go):
    client = go("system")
    shown = client.post(f"{SYSTEMS}new/", WANTED).content.decode()
    system = System.objects.get()
    assert "tbs_" in shown
    assert (system.redirect_uris, system.scopes) == (["https://archive.example/back"], ["openid", "profile"])
    assert "tbs_" not in client.get(f"{SYSTEMS}archive/").content.decode()
    changed = client.post(f"{SYSTEMS}archive/change/", {**WANTED, "kinds": ["official", "citizen"]})
    assert changed["Location"] == f"{SYSTEMS}archive/"
    before = bytes(system.secret_digest)
    assert "tbs_" in client.post(f"{SYSTEMS}archive/secret/").content.decode()
    assert client.post(f"{SYSTEMS}archive/switch/", {"open": "0"}).status_code == 422
    client.post(f"{SYSTEMS}archive/switch/", {"open": "0", "reason": "合同到期"})
    system.refresh_from_db()
    assert (system.is_open, system.kinds) == (False, ["citizen", "official"])
    assert bytes(system.secret_digest) != before


@pytest.mark.parametrize(
    "address",
    [
        "http://archive.example/",
        "https://*.example/",
        "https://a.example/#x",
        "archive",
        "https://u@a.example/",
    ],
)
def test_an_address_that_could_be_misused_is_refused(go, address):
    refused = go("system").post(f"{SYSTEMS}new/", {**WANTED, "redirect_uris": address})
    assert refused.status_code == 422
    assert 'href="#f-redirect_uris"' in refused.content.decode()
    assert not System.objects.exists()


def test_the_others_look_but_change_nothing_and_clerks_see_nothing(go):
    go("system").post(f"{SYSTEMS}new/", WANTED)
    for who in ("security", "audit"):
        assert go(who).get(f"{SYSTEMS}archive/").status_code == 200
        assert go(who).post(f"{SYSTEMS}archive/secret/").status_code == 404
        assert go(who).post(f"{SYSTEMS}in/new/", {}).status_code == 404
    assert go("clerk").get(SYSTEMS).status_code == 404
    assert Client().get(SYSTEMS).status_code == 302


def test_the_provinces_secret_goes_into_a_file_and_no_page(go):
    client = go("system")
    values = {
        "key": "province",
        "name_zh": "省统一身份认证",
        "issuer": "https://id.example",
        "client_id": "x",
    }
    values |= {
        "scopes": "openid",
        "name_claim": "name",
        "number_claim": "id",
        "secret": "s3cret",
        "open": "1",
    }
    assert client.post(f"{SYSTEMS}in/new/", {**values, "issuer": "http://id.example"}).status_code == 422
    assert client.post(f"{SYSTEMS}in/new/", values)["Location"] == f"{SYSTEMS}in/"
    assert Province.objects.get().is_open
    assert secret_of("province") == "s3cret"
    assert "s3cret" not in client.get(f"{SYSTEMS}in/province/").content.decode()


def test_a_program_needs_two_administrators_to_appoint(go):
    shown = go("system").post(f"{SYSTEMS}programs/new/", {"key": "hr", "name": "人事系统"})
    assert "tbp_" in shown.content.decode()
    switch = f"{SYSTEMS}programs/hr/switch/"
    assert go("system").post(switch, {"appoint": "1"}).status_code == 403
    assert go("security").post(switch, {"open": "0"}).status_code == 403
    assert go("security").post(switch, {"appoint": "1"}).status_code == 302
    program = Provisioner.objects.get()
    assert (program.is_open, program.may_appoint) == (True, True)


def test_one_takes_back_ones_own_consent_only(world, go):
    system, _ = world.register()
    for account in (world.clerk, world.system):
        Consent.objects.create(system=system, account=account, scopes=["openid"], given_at=AT)
    client = go("clerk")
    assert "公文系统" in client.get("/account/systems/").content.decode()
    client.post(f"/account/systems/{system.pk}/end/")
    assert [row.account for row in Consent.objects.filter(ended_at=None)] == [world.system]
    assert client.post(f"/account/systems/{system.pk}/end/").status_code == 404
