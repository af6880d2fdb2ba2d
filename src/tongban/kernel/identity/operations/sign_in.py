"""Coming in and going out. Every attempt is an act, also the failed one (GB/T 22239-2019 8.1.4.3)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.identity import rules
from tongban.kernel.identity.errors import SignInLocked, SignInRefused
from tongban.kernel.identity.models import Account, SignInFailures
from tongban.kernel.identity.queries import actor_for
from tongban.kernel.ledger import service as ledger

__all__ = ["check_credentials", "choose_demo_account", "record_capacity", "record_sign_out"]

LIMIT_FROM_ADDRESS = 5
LIMIT_OF_ACCOUNT = 20
"""The account's own limit is wider, so that a stranger elsewhere does not lock people out by five guesses."""


def check_credentials(*, username: str, password: str, address: str, at: datetime) -> Account:
    """Return the account that name and password open. Raises SignInRefused or SignInLocked.

    The failure is counted and committed before the refusal; a success forgets earlier failures.
    """
    limits = {
        ledger.blind(f"sign-in|{username}|{address}").hex(): LIMIT_FROM_ADDRESS,
        ledger.blind(f"sign-in|{username}").hex(): LIMIT_OF_ACCOUNT,
    }
    locked = (
        SignInFailures.objects.filter(key__in=limits, locked_until__gt=at).order_by("-locked_until").first()
    )
    if locked is not None:
        raise SignInLocked(until=locked.locked_until)
    account = authenticate(username=username, password=password)
    with transaction.atomic():
        if isinstance(account, Account):
            SignInFailures.objects.filter(key__in=limits).delete()
            _record(account, "identity.sign_in", at)
            return account
        _count_failure(limits, at)
        ledger.record(
            actor=Actor.stranger(),
            verb="identity.fail_sign_in",
            subject=Ref("sign-in", next(iter(limits))),
            at=at,
        )
    raise SignInRefused


def _count_failure(limits: dict[str, int], at: datetime) -> None:
    for key, limit in sorted(limits.items()):
        row, is_new = SignInFailures.objects.select_for_update().get_or_create(
            key=key, defaults={"since": at}
        )
        before = None if is_new else rules.Failures(row.count, row.since, row.locked_until)
        after = rules.after_failure(before, limit=limit, at=at)
        row.count, row.since, row.locked_until = after.count, after.since, after.locked_until
        row.save()


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
    _record(account, "identity.sign_in", at)
    return account


def _record(account: Account, verb: str, at: datetime) -> None:
    actor = actor_for(account, at=at, channel="web")
    ledger.record(actor=actor, verb=verb, subject=Ref.to("account", account.pk), at=at)


@transaction.atomic
def record_sign_out(*, actor: Actor, at: datetime) -> None:
    """Write down that somebody left."""
    if actor.account_id is not None:
        ledger.record(
            actor=actor, verb="identity.sign_out", subject=Ref.to("account", actor.account_id), at=at
        )


@transaction.atomic
def record_capacity(*, actor: Actor, at: datetime) -> None:
    """Write down that somebody acts from now on in another post or for another entity (as ``actor`` says)."""
    ledger.record(
        actor=actor, verb="identity.change_capacity", subject=Ref.to("account", actor.account_id), at=at
    )
