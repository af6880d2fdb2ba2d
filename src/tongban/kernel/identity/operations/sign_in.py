"""Coming in and going out. Every attempt is an act, also the failed one (GB/T 22239-2019 8.1.4.3)."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.errors import Busy, NotFound
from tongban.base.ref import Ref
from tongban.kernel.identity.backends import may_sign_in
from tongban.kernel.identity.errors import SignInRefused, TooManyAttempts, UnlockNeedsReason
from tongban.kernel.identity.models import Account, Attempts
from tongban.kernel.identity.operations.authority import require_duty
from tongban.kernel.identity.operations.factors import has_factor
from tongban.kernel.identity.operations.throttling import (
    attempt_key,
    count_attempt,
    forget_attempts,
    network_of,
    refuse_locked,
    take_back,
)
from tongban.kernel.identity.queries.actors import actor_for
from tongban.kernel.identity.rules import NETWORK_FAILURES
from tongban.kernel.identity.signing_rules import sign_in_rules
from tongban.kernel.ledger import service as ledger

__all__ = [
    "change_capacity",
    "check_credentials",
    "choose_demo_account",
    "complete_sign_in",
    "record_sign_out",
    "sign_in_by",
    "unlock_account",
]


def check_credentials(
    *, username: str, password: str, address: str, browser: str = "", at: datetime
) -> Account:
    """Return the account that name and password open. Raises SignInRefused, TooManyAttempts or Busy.

    Attempts are counted and committed before the answer; a success forgets earlier failures. ``browser`` names one in which the
    account has signed in before (``known``): it has a count of its own, so neither guesses from its own office nor from all
    the world keep its bearer out. Everybody else is counted by account and network, by account, and by network.
    """
    pk, kind = Account.objects.filter(username=username).values_list("pk", "kind").first() or (0, "citizen")
    rules = sign_in_rules(kind)
    network = network_of(address)
    of_network = attempt_key("sign-in", "network", network)
    if browser:
        limits = {attempt_key("sign-in", username, "browser", browser): rules.failures_from_address}
    else:
        limits = {
            attempt_key("sign-in", username, network): rules.failures_from_address,
            attempt_key("sign-in", username): rules.failures_of_account,
        }
        refuse_locked([of_network], at)
    count_attempt(
        limits,
        at,
        timedelta(minutes=rules.lock_minutes),
        grows=True,
        account=attempt_key("account", str(pk)) if pk else "",
    )
    try:
        account = authenticate(username=username, password=password)
    except Busy:
        take_back(limits)
        raise
    with transaction.atomic():
        if isinstance(account, Account):
            forget_attempts(limits)
            _record(account, "identity.give_password" if has_factor(account.pk) else "identity.sign_in", at)
            return account
        with contextlib.suppress(
            TooManyAttempts
        ):  # a known browser fails in a locked network: this one failure counts less
            count_attempt({of_network: NETWORK_FAILURES}, at)
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
def unlock_account(*, actor: Actor, username: str, reason: str, at: datetime) -> int:
    """Let an account try again at once, wherever and by whatever it was locked; return how many locks and counts went.

    Raises NotFound, UnlockNeedsReason.
    """
    require_duty(actor, "admin.security")
    account = Account.objects.filter(username=username.strip()).first()
    if account is None:
        raise NotFound
    if not reason.strip():
        raise UnlockNeedsReason(
            errors=[{"field": "unlock_reason", "message": {"zh": "请写理由", "en": "Give the reason"}}]
        )
    gone, _ = Attempts.objects.filter(account=attempt_key("account", str(account.pk))).delete()
    ledger.record(
        actor=actor,
        verb="identity.unlock",
        subject=Ref.to("account", account.pk),
        at=at,
        reason=reason.strip(),
        facts={"counts": gone},
    )
    return gone


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
