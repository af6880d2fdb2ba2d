"""Confirming anew that it is really the person who is signed in: before something is signed, not only read.

An account shows what it has: its password and, where there is one, the second factor; without a password the second factor
alone; without both a code from the mailbox that whoever opened the account put on record (nobody changes his own). Without a
password a second factor counts a day after it was added: whoever sits before an open session that is not his could add one.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText as T
from tongban.kernel.identity.errors import IdentityNotConfirmed, NothingToConfirmWith
from tongban.kernel.identity.models import Account, ConfirmationCode
from tongban.kernel.identity.operations.factors import check_code, check_key, factors_of
from tongban.kernel.identity.operations.throttling import (
    attempt_key,
    count_attempt,
    forget_attempts,
    take_back,
)
from tongban.kernel.identity.rules import mask_mailbox
from tongban.kernel.identity.signing_rules import sign_in_rules
from tongban.kernel.ledger import service as ledger

__all__ = ["MAILED_LASTS", "Means", "ask_mailed_code", "confirm_identity", "means_to_confirm"]

SETTLED = timedelta(days=1)
MAILED_LASTS = 10
"""Minutes for which a mailed code works."""
MOST_MAILED = 5
"""Codes that an account may ask for in a quarter of an hour."""
WRONG_CODE = T("验证码不对，或者过期了，没有签名", "The code is wrong or too old; nothing was signed")


@dataclass(frozen=True, slots=True)
class Means:
    """What an account shows to confirm whose it is. ``mailbox`` is masked, and only set where the code goes there."""

    password: bool = False
    app: bool = False
    keys: tuple[bytes, ...] = ()
    mailbox: str = ""

    @property
    def factor(self) -> bool:
        """Whether a second factor is to be shown: a code of the app, a recovery code, or a security key."""
        return self.app or bool(self.keys)

    @property
    def any(self) -> bool:
        """Whether there is anything at all."""
        return self.password or self.factor or bool(self.mailbox)


def means_to_confirm(*, actor: Actor, at: datetime) -> Means:
    """Return what this actor has to show."""
    account = _account(actor)
    return _means(account, at) if account is not None else Means()


def confirm_identity(
    *,
    actor: Actor,
    password: str = "",
    code: str = "",
    mailed: str = "",
    key: tuple[bytes, int] | None = None,
    at: datetime,
    clock: datetime,
) -> str:
    """Return by what the person showed that it is him: "password", "totp", "code" (a recovery code), "key", "mail", or the
    password with one of the second factors, as "password+totp".

    ``key`` is what the edge read from a security key that answered. Failures are counted and committed before the refusal.
    Raises IdentityNotConfirmed, FactorRefused, TooManyAttempts, NothingToConfirmWith.
    """
    account = _account(actor)
    if account is None:
        raise IdentityNotConfirmed
    means = _means(account, at)
    if not means.any:
        raise NothingToConfirmWith
    shown = []
    if means.password:
        with _counting(actor, account, at) as attempt:
            attempt.passed = account.check_password(password)
        shown.append("password")
    if means.factor:
        shown.append(_factor(account, code=code, key=key, at=at, clock=clock))
    if means.mailbox:
        with _counting(actor, account, at, WRONG_CODE) as attempt, transaction.atomic():
            attempt.passed = _takes(account, mailed, clock)
        shown.append("mail")
    return "+".join(shown)


@transaction.atomic
def ask_mailed_code(*, actor: Actor, at: datetime, clock: datetime) -> tuple[str, str]:
    """Return a new code for the mailbox of the account, and that mailbox; an older code works no more.

    It is the caller who sends it, by e-mail only: in the box of the site it would prove nothing. Raises NothingToConfirmWith
    where the account shows something else, or has nothing; TooManyAttempts.
    """
    account = _account(actor)
    if account is None or not _means(account, at).mailbox:
        raise NothingToConfirmWith
    asking = attempt_key("ask code", str(account.pk))
    count_attempt({asking: MOST_MAILED}, at, account=attempt_key("account", str(account.pk)))
    code = f"{secrets.randbelow(10**8):08d}"
    ConfirmationCode.objects.update_or_create(
        account=account,
        defaults={
            "digest": _digest(account, code),
            "expires_at": clock + timedelta(minutes=MAILED_LASTS),
        },
    )
    ledger.record(actor=actor, verb="identity.mail_code", subject=Ref.to("account", account.pk), at=at)
    return code, _mailbox(account)


def _factor(
    account: Account, *, code: str, key: tuple[bytes, int] | None, at: datetime, clock: datetime
) -> str:
    if key is None:
        return check_code(account_id=account.pk, code=code, at=at, clock=clock)
    credential, counter = key
    return check_key(account_id=account.pk, credential=credential, counter=counter, at=at)


def _takes(account: Account, mailed: str, clock: datetime) -> bool:
    typed = "".join(mailed.split())
    row = ConfirmationCode.objects.select_for_update().filter(account=account, expires_at__gt=clock).first()
    if row is None or not constant_time_compare(bytes(row.digest), _digest(account, typed)):
        return False
    row.delete()
    return True


class _counting:  # noqa: N801 - reads as a statement
    """Refuse while locked; count before looking, so that guesses at one moment count each; forget when something passed."""

    def __init__(self, actor: Actor, account: Account, at: datetime, refusal: T | None = None) -> None:
        self.actor, self.account, self.at, self.refusal = actor, account, at, refusal
        self.passed = False
        self.key = attempt_key("confirm", str(account.pk))

    def __enter__(self) -> _counting:
        rule = sign_in_rules(self.account.kind)
        count_attempt(
            {self.key: rule.failures_from_address},
            self.at,
            timedelta(minutes=rule.lock_minutes),
            grows=True,
            account=attempt_key("account", str(self.account.pk)),
        )
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            take_back([self.key])
            return
        if self.passed:
            forget_attempts([self.key])
            return
        with transaction.atomic():
            ledger.record(
                actor=self.actor,
                verb="identity.fail_confirmation",
                subject=Ref.to("account", self.account.pk),
                at=self.at,
            )
        raise IdentityNotConfirmed(self.refusal)


def _account(actor: Actor) -> Account | None:
    if not actor.account_id:
        return None
    return Account.objects.select_related("person").filter(pk=actor.account_id, is_active=True).first()


def _means(account: Account, at: datetime) -> Means:
    password = account.has_usable_password()
    factors = [factor for factor in factors_of(account.pk) if password or factor.made_at + SETTLED <= at]
    mailbox = "" if password or factors else mask_mailbox(_mailbox(account))
    return Means(
        password=password,
        app=any(factor.kind == "totp" for factor in factors),
        keys=tuple(bytes(factor.secret) for factor in factors if factor.kind == "key"),
        mailbox=mailbox,
    )


def _mailbox(account: Account) -> str:
    return account.email or (account.person.email if account.person else "")


def _digest(account: Account, code: str) -> bytes:
    return salted_hmac("confirmation code", f"{account.pk}|{code}", algorithm="sha256").digest()
