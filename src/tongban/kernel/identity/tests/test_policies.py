"""Policies deny by default, and never tell more than that there is nothing."""

import pytest
from django.db.models import Q

from tongban.base.actor import Actor
from tongban.base.errors import Forbidden, NotFound
from tongban.kernel.identity import policies
from tongban.kernel.identity import service as identity
from tongban.kernel.identity.models import Unit

from .conftest import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit_policy(monkeypatch):
    """Officials see their own unit and may rename it when they have the duty."""
    monkeypatch.setattr(policies.policies, "_entries", {})
    identity.register_policy(
        "unit",
        lambda actor: Q(pk=actor.unit_id or 0),
        {"rename": lambda actor, unit: "units.rename" in actor.duties},
    )


def test_a_kind_without_a_policy_shows_nothing_and_allows_nothing(bureau):
    actor = Actor(account_id=1, post_id=1, unit_id=bureau.pk, duties=frozenset({"units.rename"}))

    assert not identity.visible("no-such-kind", Unit.objects.all(), actor).exists()
    with pytest.raises(NotFound):
        identity.check(actor, "rename", "no-such-kind", bureau)


def test_what_one_may_not_see_is_not_found(bureau, unit_policy):
    with pytest.raises(NotFound):
        identity.check(Actor(account_id=1, duties=frozenset({"units.rename"})), "rename", "unit", bureau)
    with pytest.raises(NotFound):
        identity.check(Actor.stranger(), "rename", "unit", bureau)


def test_what_one_sees_but_may_not_do_is_forbidden(bureau, unit_policy):
    actor = Actor(account_id=1, post_id=1, unit_id=bureau.pk)

    with pytest.raises(Forbidden):
        identity.check(actor, "rename", "unit", bureau)
    with pytest.raises(Forbidden):
        identity.check(actor, "abolish", "unit", bureau)


def test_an_allowed_action_passes(bureau, unit_policy):
    actor = Actor(account_id=1, post_id=1, unit_id=bureau.pk, duties=frozenset({"units.rename"}))

    identity.check(actor, "rename", "unit", bureau)
    assert list(identity.visible("unit", Unit.objects.all(), actor)) == [bureau]


def test_the_product_itself_is_asked_nothing(bureau, unit_policy):
    identity.check(SYSTEM, "abolish", "unit", bureau)
    assert identity.visible("no-such-kind", Unit.objects.all(), SYSTEM).exists()


def test_a_kind_has_one_policy(unit_policy):
    with pytest.raises(ValueError, match="registered already"):
        identity.register_policy("unit", lambda actor: Q(), {})
