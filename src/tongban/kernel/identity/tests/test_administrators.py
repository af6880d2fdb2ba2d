"""System, security and audit administrator are three people, whatever way one tries."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tongban.base.actor import Actor
from tongban.base.errors import Forbidden
from tongban.base.text import LocalizedText
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.errors import AdminDutiesClash, AdminDutyNotDelegable
from tongban.kernel.identity.models import Delegation, Holding, Post
from tongban.kernel.ledger.models import Act

from .conftest import AT, SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def posts(make_post):
    return {name: make_post(name, f"admin.{name}") for name in ("system", "security", "audit")}


def test_a_second_administrators_post_is_refused(clerk, posts, act_in):
    act_in(clerk, posts["system"])
    acts = Act.objects.count()

    for other in ("security", "audit"):
        with pytest.raises(AdminDutiesClash):
            act_in(clerk, posts[other])

    assert Holding.objects.count() == 1
    assert Act.objects.count() == acts


def test_the_database_refuses_it_too(clerk, posts, act_in):
    act_in(clerk, posts["system"])

    with pytest.raises(IntegrityError, match="two administrator duties"), transaction.atomic():
        Holding.objects.create(person_id=clerk.person_id, post=posts["audit"], since=AT)
    assert Holding.objects.count() == 1


def test_one_after_the_other_is_allowed(clerk, posts, act_in):
    first = act_in(clerk, posts["system"])
    identity.end_holding(actor=SYSTEM, holding_id=first.pk, at=AT + timedelta(days=1))

    identity.appoint(
        actor=SYSTEM,
        person_id=clerk.person_id,
        post_id=posts["audit"].pk,
        since=AT + timedelta(days=1),
        at=AT,
    )
    with pytest.raises(AdminDutiesClash):
        identity.appoint(
            actor=SYSTEM,
            person_id=clerk.person_id,
            post_id=posts["security"].pk,
            since=AT,
            until=AT + timedelta(days=2),
            at=AT,
        )


def test_a_post_cannot_unite_two_of_the_duties(make_post):
    with pytest.raises(AdminDutiesClash):
        make_post("both", "admin.system", "admin.audit")
    assert not Post.objects.exists()


def test_a_post_that_is_held_cannot_become_a_second_one(clerk, posts, act_in, make_post, bureau):
    harmless = make_post("harmless", "services.window")
    act_in(clerk, posts["system"])
    act_in(clerk, harmless)

    with pytest.raises(AdminDutiesClash):
        identity.put_post(
            actor=SYSTEM,
            unit_id=bureau.pk,
            code="harmless",
            name=LocalizedText("x"),
            duties=["admin.audit"],
            at=AT,
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.filter(pk=harmless.pk).update(duties=["admin.audit"])
    harmless.refresh_from_db()
    assert harmless.duties == ["services.window"]


def test_an_administrators_post_is_not_delegated(clerk, posts, act_in):
    holding = act_in(clerk, posts["audit"])
    other = identity.put_person(actor=SYSTEM, name="赵强", at=AT)
    period = {"since": AT, "until": AT + timedelta(days=1)}

    with pytest.raises(AdminDutyNotDelegable):
        identity.delegate(actor=SYSTEM, holding_id=holding.pk, to_person_id=other.pk, at=AT, **period)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delegation.objects.create(from_holding=holding, to_person=other, **period)
    assert not Delegation.objects.exists()


def test_who_may_change_the_organisation(clerk, citizen, bureau, window, posts, act_in):
    act_in(clerk, posts["security"])
    security = identity.actor_for(clerk, at=AT, channel="desk")
    person = identity.put_person(actor=SYSTEM, name="赵强", at=AT)
    strangers = [Actor.stranger(), identity.actor_for(citizen, at=AT, channel="web")]

    identity.appoint(actor=security, person_id=person.pk, post_id=window.pk, at=AT)
    for actor in [*strangers, security]:
        with pytest.raises(Forbidden):
            identity.put_account(actor=actor, username="x", kind="citizen", at=AT)
        with pytest.raises(Forbidden):
            identity.put_unit(
                actor=actor, code="x", name=LocalizedText("x"), division_code="532399000000", at=AT
            )
    for actor in strangers:
        with pytest.raises(Forbidden):
            identity.appoint(actor=actor, person_id=person.pk, post_id=window.pk, at=AT)


def test_a_holder_delegates_his_own_post_and_nobody_elses(clerk, window, act_in, make_account):
    holding = act_in(clerk, window)
    other = make_account("other", "official", "赵强")
    period = {"since": AT, "until": AT + timedelta(days=1), "at": AT}

    with pytest.raises(Forbidden):
        identity.delegate(
            actor=identity.actor_for(other, at=AT, channel="desk"),
            holding_id=holding.pk,
            to_person_id=other.person_id,
            **period,
        )
    identity.delegate(
        actor=identity.actor_for(clerk, at=AT, channel="desk"),
        holding_id=holding.pk,
        to_person_id=other.person_id,
        **period,
    )
    assert Delegation.objects.count() == 1
