"""The Actor follows from posts and mandates that are valid at the moment."""

from datetime import timedelta

import pytest

from tongban.kernel.identity import service as identity
from tongban.kernel.identity.errors import EntityNotYours, PostNotYours

from .conftest import AT, SYSTEM

pytestmark = pytest.mark.django_db


def test_an_official_acts_with_the_duties_of_the_post(clerk, window, bureau):
    identity.appoint(actor=SYSTEM, person_id=clerk.person_id, post_id=window.pk, at=AT)

    actor = identity.actor_for(clerk, at=AT, channel="desk")

    assert (actor.post_id, actor.unit_id) == (window.pk, bureau.pk)
    assert actor.duties == {"services.window", "services.review"}
    assert actor.holders == {
        identity.holder_id("post", window.pk),
        identity.holder_id("unit", bureau.pk),
        identity.holder_id("duty", f"{bureau.pk}:services.window"),
        identity.holder_id("duty", f"{bureau.pk}:services.review"),
    }


def test_an_official_without_a_post_has_no_authority(clerk):
    actor = identity.actor_for(clerk, at=AT, channel="desk")

    assert not actor.is_official
    assert actor.duties == frozenset()


def test_authority_ends_at_the_moment_the_holding_ends(clerk, window):
    holding = identity.appoint(actor=SYSTEM, person_id=clerk.person_id, post_id=window.pk, at=AT)
    identity.end_holding(actor=SYSTEM, holding_id=holding.pk, at=AT + timedelta(hours=1))

    before = identity.actor_for(clerk, at=AT + timedelta(minutes=59), channel="desk")
    after = identity.actor_for(clerk, at=AT + timedelta(hours=1), channel="desk")

    assert before.is_official
    assert not after.is_official
    with pytest.raises(PostNotYours):
        identity.actor_for(clerk, at=AT + timedelta(hours=1), channel="desk", post_id=window.pk)


def test_a_citizen_is_a_holder_and_so_is_every_entity_with_a_valid_mandate(citizen, firm):
    identity.give_mandate(
        actor=SYSTEM, person_id=citizen.person_id, entity_id=firm.pk, role="legal_representative", at=AT
    )

    actor = identity.actor_for(citizen, at=AT, channel="web", entity_id=firm.pk)

    assert actor.entity_id == firm.pk
    assert actor.holders == {
        identity.holder_id("person", citizen.person_id),
        identity.holder_id("entity", firm.pk),
    }


def test_a_mandate_that_ended_gives_nothing(citizen, firm):
    mandate = identity.give_mandate(
        actor=SYSTEM, person_id=citizen.person_id, entity_id=firm.pk, role="agent", at=AT
    )
    end = AT + timedelta(days=1)
    identity.end_mandate(actor=SYSTEM, mandate_id=mandate.pk, at=end)

    assert identity.entities_of(citizen.person_id, end) == []
    assert (
        identity.holder_id("entity", firm.pk)
        not in identity.actor_for(citizen, at=end, channel="web").holders
    )
    with pytest.raises(EntityNotYours):
        identity.actor_for(citizen, at=end, channel="web", entity_id=firm.pk)


def test_a_citizens_account_never_acts_in_a_post_though_its_person_holds_one(citizen, window):
    identity.appoint(actor=SYSTEM, person_id=citizen.person_id, post_id=window.pk, at=AT)

    assert identity.posts_of(citizen, AT) == []
    with pytest.raises(PostNotYours):
        identity.actor_for(citizen, at=AT, channel="web", post_id=window.pk)


def test_a_delegate_acts_in_the_post_for_the_period_only(clerk, window):
    holding = identity.appoint(actor=SYSTEM, person_id=clerk.person_id, post_id=window.pk, at=AT)
    other = identity.put_person(actor=SYSTEM, name="赵强", at=AT)
    account = identity.put_account(actor=SYSTEM, username="other", kind="official", person_id=other.pk, at=AT)
    identity.delegate(
        actor=SYSTEM,
        holding_id=holding.pk,
        to_person_id=other.pk,
        since=AT,
        until=AT + timedelta(days=2),
        at=AT,
    )

    (post,) = identity.posts_of(account, AT + timedelta(days=1))
    assert post.is_delegated
    assert identity.actor_for(account, at=AT, channel="desk").post_id == window.pk
    assert identity.posts_of(account, AT + timedelta(days=2)) == []


def test_the_bearer_of_a_code_holds_that_case_and_nothing_else():
    actor = identity.actor_for_code("3f0c0f55-2b6c-4c57-9c9e-0a5ff4a3c001")

    assert len(actor.holders) == 1
    assert not actor.is_stranger
    assert actor.account_id is None
