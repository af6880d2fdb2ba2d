"""Confirming anew that it is really the person who is signed in: before something is signed, not only read."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.identity.errors import IdentityNotConfirmed
from tongban.kernel.identity.models import Account
from tongban.kernel.identity.operations.factors import check_code, has_factor
from tongban.kernel.identity.operations.throttling import (
    attempt_key,
    count_attempt,
    forget_attempts,
    refuse_locked,
)
from tongban.kernel.identity.signing_rules import sign_in_rules
from tongban.kernel.ledger import service as ledger

__all__ = ["confirm_identity"]


def confirm_identity(*, actor: Actor, password: str, code: str = "", at: datetime, clock: datetime) -> str:
    """Return by what the person showed that it is him: "password", "password+totp" or "password+code".

    Who has a second factor shows it too: the code of the app, or a recovery code. Failures are counted and committed before the
    refusal. Raises IdentityNotConfirmed, FactorRefused, TooManyAttempts.
    """
    account = (
        Account.objects.filter(pk=actor.account_id, is_active=True).first() if actor.account_id else None
    )
    if account is None:
        raise IdentityNotConfirmed
    key = attempt_key("confirm", str(account.pk))
    refuse_locked([key], at)
    if not account.check_password(password):
        rule = sign_in_rules(account.kind)
        with transaction.atomic():
            count_attempt({key: rule.failures_from_address}, at, timedelta(minutes=rule.lock_minutes))
            ledger.record(
                actor=actor, verb="identity.fail_confirmation", subject=Ref.to("account", account.pk), at=at
            )
        raise IdentityNotConfirmed
    forget_attempts([key])
    if not has_factor(account.pk):
        return "password"
    return f"password+{check_code(account_id=account.pk, code=code, at=at, clock=clock)}"
