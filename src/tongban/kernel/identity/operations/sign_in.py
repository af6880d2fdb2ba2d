"""Coming in and going out. Every attempt is an act, also the failed one (GB/T 22239-2019 8.1.4.3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.identity.backends import may_sign_in
from tongban.kernel.identity.errors import SignInRefused
from tongban.kernel.identity.models import Account
from tongban.kernel.identity.operations.factors import has_factor
from tongban.kernel.identity.operations.throttling import (
    attempt_key,
    count_attempt,
    forget_attempts,
    refuse_locked,
)
from tongban.kernel.identity.queries import actor_for
from tongban.kernel.identity.signing_rules import sign_in_rules
from tongban.kernel.ledger import service as ledger

__all__ = [
    "change_capacity",
    "check_credentials",
    "choose_demo_account",
    "complete_sign_in",
    "record_sign_out",
    "sign_in_by",
]


def check_credentials(*, username: str, password: str, address: str, at: datetime) -> Account:
    """Return the account that name and password open. Raises SignInRefused or TooManyAttempts.

    The failure is counted and committed before the refusal; a success forgets earlier failures. The account's own limit is
    wider than the one from an address, so that a stranger elsewhere does not lock people out by five guesses.
    """
    kind = Account.objects.filter(username=username).values_list("kind", flat=True).first()
    rules = sign_in_rules(kind or "citizen")
    limits = {
        attempt_key("sign-in", username, address): rules.failures_from_address,
        attempt_key("sign-in", username): rules.failures_of_account,
    }
    refuse_locked(limits, at)
    account = authenticate(username=username, password=password)
    with transaction.atomic():
        if isinstance(account, Account):
            forget_attempts(limits)
            _record(account, "identity.give_password" if has_factor(account.pk) else "identity.sign_in", at)
            return account
        count_attempt(limits, at, timedelta(minutes=rules.lock_minutes))
        ledger.record(
            actor=Actor.stranger(),
            verb="identity.fail_sign_in",
            subject=Ref("sign-in", attempt_key("sign-in", username)),
            at=at,
        )
    raise SignInRefused


@transaction.atomic
def choose_demo_account(*, username: str, at: datetime) -> Account:
    """Return a demo account without a password, in the demo only. Raises SignInRefused."""
    account = (
        Account.objects.select_related("person")
        .filter(username=username, demo_role__isnull=False, is_active=True)
        .first()
    )
    if settings.TONGBAN_ENV != "demo" or account is None:
        raise SignInRefused
    _record(account, "identity.give_password" if has_factor(account.pk) else "identity.sign_in", at)
    return account


@transaction.atomic
def sign_in_by(*, account_id: int, by: str, at: datetime) -> Account:
    """Return the account for which another authority (``by``) has vouched, and write down that it came in. Raises SignInRefused.

    Its second factor is still to be shown.
    """
    account = Account.objects.select_related("person").filter(pk=account_id).first()
    if account is None or not may_sign_in(account):
        raise SignInRefused
    _record(account, "identity.give_password" if has_factor(account.pk) else "identity.sign_in", at, by=by)
    return account


@transaction.atomic
def complete_sign_in(*, account_id: int, at: datetime) -> Account:
    """Return the account that showed its second factor after the password, and write down that it is in. Raises SignInRefused."""
    account = Account.objects.select_related("person").filter(pk=account_id).first()
    if account is None or not may_sign_in(account):
        raise SignInRefused
    _record(account, "identity.sign_in", at)
    return account


def _record(account: Account, verb: str, at: datetime, *, by: str = "") -> None:
    actor = actor_for(account, at=at, channel="web")
    facts = {"by": by} if by else {}
    ledger.record(actor=actor, verb=verb, subject=Ref.to("account", account.pk), at=at, facts=facts)


@transaction.atomic
def record_sign_out(*, actor: Actor, at: datetime) -> None:
    """Write down that somebody left."""
    if actor.account_id is not None:
        ledger.record(
            actor=actor, verb="identity.sign_out", subject=Ref.to("account", actor.account_id), at=at
        )


@transaction.atomic
def change_capacity(
    *, account: Account, at: datetime, post_id: int | None = None, entity_id: UUID | None = None
) -> Actor:
    """Return who the account is in another post or for another entity, and write the change down.

    Raises PostNotYours, EntityNotYours.
    """
    channel = "desk" if account.kind == "official" else "web"
    actor = actor_for(account, at=at, channel=channel, post_id=post_id, entity_id=entity_id)
    ledger.record(actor=actor, verb="identity.change_capacity", subject=Ref.to("account", account.pk), at=at)
    return actor
