"""The second factor of an account: adding, showing, removing; recovery codes.

Codes are counted by the machine's clock (``clock``), as the telephone does; acts carry the moment of the installation (``at``).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from tongban.base.actor import Actor
from tongban.base.errors import NotFound
from tongban.base.ref import Ref
from tongban.kernel.identity import rules, totp
from tongban.kernel.identity.errors import FactorNeeded, FactorRefused
from tongban.kernel.identity.factor_rules import is_factor_required_of
from tongban.kernel.identity.models import Account, Factor, RecoveryCode
from tongban.kernel.identity.operations.authority import require_duty
from tongban.kernel.identity.operations.presence import end_presences_of
from tongban.kernel.identity.operations.throttling import (
    attempt_key,
    count_attempt,
    forget_attempts,
    take_back,
)
from tongban.kernel.identity.queries.actors import actor_for
from tongban.kernel.identity.signing_rules import sign_in_rules
from tongban.kernel.ledger import service as ledger

__all__ = [
    "add_app",
    "add_key",
    "check_code",
    "check_key",
    "factors_of",
    "has_factor",
    "keys_of_account",
    "make_recovery_codes",
    "recovery_codes_left",
    "refuse_key",
    "remove_factor",
    "reset_factors",
]

CODES = 10


# --- what there is ---


def factors_of(account_id: int) -> list[Factor]:
    """Return the second factors of an account, the oldest first."""
    return list(Factor.objects.filter(account_id=account_id).order_by("pk"))


def has_factor(account_id: int) -> bool:
    """True when the account has a second factor: then signing in always asks for it."""
    return Factor.objects.filter(account_id=account_id).exists()


def recovery_codes_left(account_id: int) -> int:
    """Return how many recovery codes have not been used."""
    return RecoveryCode.objects.filter(account_id=account_id, used_at=None).count()


def keys_of_account(account_id: int) -> list[bytes]:
    """Return what is stored of the security keys, for whoever asks the browser for one of them."""
    rows = Factor.objects.filter(account_id=account_id, kind="key").order_by("pk")
    return [bytes(secret) for secret in rows.values_list("secret", flat=True)]


# --- adding ---


@transaction.atomic
def add_app(
    *, account_id: int, secret: bytes, code: str, name: str, at: datetime, clock: datetime
) -> list[str]:
    """Add an authenticator app that shows the right code now. Returns recovery codes when it is the first factor.

    Raises FactorRefused.
    """
    account = _locked(account_id)
    step = totp.matching_step(secret, code, seconds=clock.timestamp(), after=0)
    if step is None:
        raise FactorRefused(errors=[rules.Fault("code", "验证码不对", "This code is not right").as_error()])
    return _add(account, "totp", name, _cipher().encrypt(secret), step, at)


@transaction.atomic
def add_key(*, account_id: int, credential: bytes, counter: int, name: str, at: datetime) -> list[str]:
    """Add a security key whose registration was checked. Returns recovery codes when it is the first factor."""
    return _add(_locked(account_id), "key", name, credential, counter, at)


def _add(account: Account, kind: str, name: str, secret: bytes, counter: int, at: datetime) -> list[str]:
    is_first = not has_factor(account.pk)
    name = name.strip()[:60] or {"totp": "验证器", "key": "安全密钥"}[kind]
    Factor.objects.create(
        account=account, kind=kind, name=name, secret=secret, counter=counter, made_at=at, used_at=at
    )
    _record(account, "identity.add_factor", at, {"kind": kind})
    return _new_codes(account, at) if is_first else []


@transaction.atomic
def make_recovery_codes(*, account_id: int, at: datetime) -> list[str]:
    """Return new recovery codes, the only time they can be seen; older ones work no more. Raises NotFound without a factor."""
    account = _locked(account_id)
    if not has_factor(account.pk):
        raise NotFound
    return _new_codes(account, at)


def _new_codes(account: Account, at: datetime) -> list[str]:
    RecoveryCode.objects.filter(account=account).delete()
    letters = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
    plain = ["".join(secrets.choice(letters) for _ in range(10)) for _ in range(CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(account=account, digest=_digest(account.pk, code)) for code in plain
    )
    _record(account, "identity.make_recovery_codes", at, {})
    return [f"{code[:5]}-{code[5:]}" for code in plain]


# --- showing ---


def check_code(*, account_id: int, code: str, at: datetime, clock: datetime) -> str:
    """Return by what a code is right: "totp", or "code" for a recovery code. Raises FactorRefused, TooManyAttempts.

    A code works once. Failures are counted and committed before the refusal, as those of the password are.
    """
    typed = "".join(code.split()).replace("-", "").lower()
    with _guarded(account_id, at) as guard, transaction.atomic():
        account = _locked(account_id)
        for factor in Factor.objects.select_for_update().filter(account=account, kind="totp"):
            step = totp.matching_step(
                _secret_of(factor), typed, seconds=clock.timestamp(), after=factor.counter
            )
            if step is not None:
                _used(factor, step, at)
                guard.passed = "totp"
                break
        else:
            digest = _digest(account_id, typed)
            row = RecoveryCode.objects.select_for_update().filter(
                account=account, digest=digest, used_at=None
            )
            if row.update(used_at=at):
                _record(account, "identity.use_recovery_code", at, {})
                guard.passed = "code"
    return guard.passed


def check_key(*, account_id: int, credential: bytes, counter: int, at: datetime) -> str:
    """Take the answer of a security key whose signature was checked: ``credential`` as stored, its own ``counter``.

    A counter that does not grow says that the key was copied. Raises FactorRefused, TooManyAttempts.
    """
    with _guarded(account_id, at) as guard, transaction.atomic():
        factor = (
            Factor.objects.select_for_update()
            .filter(account_id=account_id, kind="key", secret=credential)
            .first()
        )
        if factor is not None and (counter > factor.counter or counter == factor.counter == 0):
            _used(factor, counter, at)
            guard.passed = "key"
    return guard.passed


def refuse_key(*, account_id: int, at: datetime) -> None:
    """Count an answer of a security key that does not verify. Raises FactorRefused, TooManyAttempts."""
    with _guarded(account_id, at):
        pass


class _guarded:  # noqa: N801 - reads as a statement
    """Refuse while locked; count before looking, so that guesses at one moment count each; forget when something passed."""

    def __init__(self, account_id: int, at: datetime) -> None:
        self.account_id, self.at, self.passed = account_id, at, ""
        self.key = attempt_key("factor", str(account_id))

    def __enter__(self) -> _guarded:
        self.account = Account.objects.get(pk=self.account_id)
        rule = sign_in_rules(self.account.kind)
        count_attempt(
            {self.key: rule.failures_from_address},
            self.at,
            timedelta(minutes=rule.lock_minutes),
            grows=True,
            account=attempt_key("account", str(self.account_id)),
        )
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        if kind is not None:
            take_back([self.key])
            return
        if self.passed:
            forget_attempts([self.key])
            return
        with transaction.atomic():
            _record(self.account, "identity.fail_factor", self.at, {})
        raise FactorRefused


def _used(factor: Factor, counter: int, at: datetime) -> None:
    factor.counter, factor.used_at = counter, at
    factor.save(update_fields=["counter", "used_at"])


# --- removing ---


@transaction.atomic
def remove_factor(*, account_id: int, factor_id: int, at: datetime) -> None:
    """Remove one of the own factors; with the last one go the recovery codes. Raises FactorNeeded, NotFound."""
    account = _locked(account_id)
    factor = Factor.objects.filter(pk=factor_id, account=account).first()
    if factor is None:
        raise NotFound
    is_last = Factor.objects.filter(account=account).count() == 1
    if is_last and is_factor_required_of(account, at):
        raise FactorNeeded
    factor.delete()
    if is_last:
        RecoveryCode.objects.filter(account=account).delete()
    _record(account, "identity.remove_factor", at, {"kind": factor.kind})


@transaction.atomic
def reset_factors(*, actor: Actor, account_id: int, reason: str, at: datetime) -> None:
    """Take all second factors from an account whose bearer lost them, and end its sessions. Raises NotFound.

    Not one's own: who loses them asks another security administrator, or whoever has the machine's command line.
    """
    require_duty(actor, "admin.security")
    account = _locked(account_id)
    if account.pk == actor.account_id or not has_factor(account.pk):
        raise NotFound
    Factor.objects.filter(account=account).delete()
    RecoveryCode.objects.filter(account=account).delete()
    end_presences_of(account.pk)
    ledger.record(
        actor=actor,
        verb="identity.reset_factors",
        subject=Ref.to("account", account.pk),
        at=at,
        reason=reason,
    )


# --- inside ---


def _locked(account_id: int) -> Account:
    rows = Account.objects.select_for_update(of=("self",)).select_related("person")
    account = rows.filter(pk=account_id, is_active=True).first()
    if account is None:
        raise NotFound
    return account


def _record(account: Account, verb: str, at: datetime, facts: Mapping[str, Any]) -> None:
    actor = actor_for(account, at=at, channel="web")
    ledger.record(actor=actor, verb=verb, subject=Ref.to("account", account.pk), at=at, facts=dict(facts))


def _cipher() -> Fernet:
    """Secrets of apps are enciphered with a key of the installation: a copy of the database alone makes no codes."""
    key = hashlib.sha256(b"second factor|" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def _secret_of(factor: Factor) -> bytes:
    try:
        return _cipher().decrypt(bytes(factor.secret))
    except InvalidToken:
        return b"\0" * 20 + secrets.token_bytes(20)  # another installation's key: no code fits


def _digest(account_id: int, code: str) -> bytes:
    return salted_hmac("recovery code", f"{account_id}|{code}", algorithm="sha256").digest()
