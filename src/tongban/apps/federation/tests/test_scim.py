"""A SCIM client that we did not write (scim2-client, scim2-tester) provisions officials."""

import json

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_models import PatchOp, PatchOperation, SearchRequest
from scim2_tester import Status, check_server

from tongban.apps.federation.operations import provisioning
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.models import Account, Holding, Post
from tongban.kernel.ledger.models import Act

from .conftest import AT

pytestmark = pytest.mark.django_db
BASE = "http://localhost/scim/v2"


@pytest.fixture
def token(world, settings):
    settings.TONGBAN_PUBLIC_URL = "http://localhost"
    _, plain = provisioning.register_provisioner(
        actor=world.actor(world.system), key="hr", name="人事系统", at=AT
    )
    return plain


@pytest.fixture
def hr(token):
    """Let the client call the application itself; as with Django's test client, the test's connection stays open."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield _client(token)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def _client(token):
    client = WSGISCIMClient(get_wsgi_application(), BASE, headers={"Authorization": f"Bearer {token}"})
    client.discover()
    return client


def let_appoint(world):
    provisioning.switch_appointing(actor=world.actor(world.security), key="hr", may_appoint=True, at=AT)


def model(client, name):
    return client.get_resource_model(name)


def test_an_official_comes_changes_and_leaves(world, hr):
    let_appoint(world)
    person = hr.create(
        model(hr, "User")(
            user_name="duanli",
            display_name="段丽",
            external_id="E-7",
            emails=[{"value": "duan@chengxi.example"}],
        )
    )
    account = Account.objects.get(username="duanli")
    assert (account.kind, account.person.name, account.has_usable_password()) == ("official", "段丽", False)

    found = hr.query(model(hr, "User"), query_parameters=SearchRequest(filter='userName eq "duanli"'))
    assert [each.id for each in found.resources] == [person.id]
    assert found.resources[0].external_id == "E-7"

    post = hr.query(model(hr, "Group"), id=str(world.window.pk))
    patch = PatchOp[model(hr, "Group")](
        operations=[PatchOperation(op="add", path="members", value=[{"value": person.id}])]
    )
    hr.modify(model(hr, "Group"), post.id, patch)
    assert Holding.objects.filter(person=account.person, post=world.window, until=None).exists()

    patch = PatchOp[model(hr, "User")](operations=[PatchOperation(op="replace", path="active", value=False)])
    assert hr.modify(model(hr, "User"), person.id, patch).active is False
    account.refresh_from_db()
    assert not account.is_active
    assert not Holding.objects.filter(person=account.person, until=None).exists()

    verbs = Act.objects.filter(channel="api").order_by("pk").values_list("verb", "role", "actor_name")
    assert [verb for verb, _, _ in verbs] == [
        *("identity.put_person", "identity.put_account", "identity.invite", "federation.provision"),
        *("identity.appoint", "federation.provision"),
        *("identity.close_account", "federation.provision", "identity.end_holding"),
    ]
    assert {(role, name) for _, role, name in verbs} == {("system", "人事系统")}


def test_the_checker_of_others_finds_nothing_wrong(world, hr):
    results = check_server(
        hr, include_tags={"discovery", "service-provider-config", "schemas", "resource-types"}
    )
    wrong = [each for each in results if each.status in (Status.ERROR, Status.CRITICAL)]
    assert not wrong, [(each.title, each.reason) for each in wrong]
    assert any(each.status == Status.SUCCESS for each in results)


def ask(token, method, path, body=None, **headers):
    answer = Client().generic(
        method,
        f"/scim/v2{path}",
        json.dumps(body) if body is not None else "",
        content_type="application/scim+json",
        headers={"Authorization": f"Bearer {token}", **headers},
    )
    return answer, json.loads(answer.content) if answer.content else None


def test_without_the_second_administrators_word_it_opens_accounts_but_appoints_nobody(world, token):
    clerk = str(world.clerk.person_id)
    refused, said = ask(token, "PATCH", f"/Groups/{world.review.pk}", add(clerk))
    assert (refused.status_code, said["status"]) == (403, "403")
    assert not Holding.objects.filter(post=world.review).exists()
    ask(token, "PATCH", f"/Users/{clerk}", {"Operations": [{"op": "Replace", "value": {"active": "False"}}]})
    assert not Account.objects.get(pk=world.clerk.pk).is_active
    assert Holding.objects.filter(post=world.window, until=None).exists()


def add(person):
    return {"Operations": [{"op": "add", "path": "members", "value": [{"value": person}]}]}


def test_the_three_administrators_are_neither_seen_nor_touched(world, token):
    let_appoint(world)
    _, listed = ask(token, "GET", "/Users")
    assert [each["userName"] for each in listed["Resources"]] == ["clerk"]
    security = str(world.security.person_id)
    assert ask(token, "GET", f"/Users/{security}")[0].status_code == 404
    assert ask(token, "DELETE", f"/Users/{security}")[0].status_code == 404
    assert ask(token, "PATCH", f"/Groups/{world.review.pk}", add(security))[0].status_code == 404
    admin = Post.objects.get(code="system")
    assert ask(token, "PATCH", f"/Groups/{admin.pk}", add(str(world.clerk.person_id)))[0].status_code == 404
    assert ask(token, "GET", f"/Groups/{admin.pk}")[0].status_code == 404
    assert ask(token, "GET", f"/Users/{world.citizen.person_id}")[0].status_code == 404
    assert Account.objects.filter(is_active=True).count() == 5


def test_pages_filters_versions_and_what_is_refused(world, token):
    clerk = f"/Users/{world.clerk.person_id}"
    _, page = ask(token, "GET", "/Users?startIndex=2&count=1")
    assert (page["totalResults"], page["Resources"]) == (1, [])
    wrong, said = ask(token, "GET", '/Users?filter=name co "x"')
    assert (wrong.status_code, said["scimType"]) == (400, "invalidFilter")
    answer, shown = ask(token, "GET", clerk)
    tag = shown["meta"]["version"]
    assert answer["ETag"] == tag
    assert ask(token, "GET", clerk, **{"If-None-Match": tag})[0].status_code == 304
    change = {"Operations": [{"op": "replace", "path": "displayName", "value": "杨雪"}]}
    assert ask(token, "PATCH", clerk, change, **{"If-Match": 'W/"old"'})[0].status_code == 412
    changed, shown = ask(token, "PATCH", clerk, change, **{"If-Match": tag})
    assert (changed.status_code, shown["displayName"]) == (200, "杨雪")
    for operation, kind in (
        ({"op": "replace", "path": "userName", "value": "boss"}, "mutability"),
        ({"op": "replace", "path": "duties", "value": "x"}, "invalidPath"),
        ({"op": "move", "path": "active"}, "invalidSyntax"),
        ({"op": "replace", "path": "active", "value": 7}, "invalidValue"),
    ):
        refused, said = ask(token, "PATCH", clerk, {"Operations": [operation]})
        assert (refused.status_code, said["scimType"]) == (400, kind)
    taken, said = ask(token, "POST", "/Users", {"userName": "clerk", "displayName": "另一人"})
    assert (taken.status_code, said["scimType"]) == (409, "uniqueness")
    assert ask(token, "POST", "/Groups", {"displayName": "x"})[0].status_code == 405


def test_no_token_a_wrong_one_and_too_many(world, token):
    assert Client().get("/scim/v2/Users").status_code == 401
    assert ask("tbp_wrong", "GET", "/Users")[0].status_code == 401
    system = world.actor(world.system)
    provisioning.switch_provisioner(actor=system, key="hr", is_open=False, at=AT)
    assert ask(token, "GET", "/Users")[0].status_code == 401
    for _ in range(20):
        ask("tbp_wrong", "GET", "/Users")
    assert ask("tbp_wrong", "GET", "/Users")[0].status_code == 429


def test_only_each_administrator_does_the_own_part(world, token):
    from tongban.base.errors import Forbidden

    with pytest.raises(Forbidden):
        provisioning.switch_appointing(actor=world.actor(world.system), key="hr", may_appoint=True, at=AT)
    with pytest.raises(Forbidden):
        provisioning.register_provisioner(actor=world.actor(world.security), key="x2", name="x", at=AT)
    assert identity.list_posts(at=AT)[0] == 2
