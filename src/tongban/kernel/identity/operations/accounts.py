"""Opening and closing accounts, and the tokens of programs."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from tongban.base import published
from tongban.base.actor import Actor
from tongban.base.errors import Forbidden, NotFound
from tongban.base.ref import Ref
from tongban.base.statements import Statement
from tongban.base.text import LocalizedText
from tongban.kernel.identity.backends import may_sign_in
from tongban.kernel.identity.errors import TokenRefused, UnknownName
from tongban.kernel.identity.models import Account, Token
from tongban.kernel.identity.operations.authority import require_duty
from tongban.kernel.identity.operations.presence import end_presences_of
from tongban.kernel.identity.queries.actors import actor_for
from tongban.kernel.identity.queries.capacities import keep_capacities, told_capacities
from tongban.kernel.ledger import service as ledger

__all__ = ["actor_for_token", "close_account", "create_token", "put_account", "revoke_token"]

PREFIX = "tb_"
"""Marks our tokens, so that a leaked one is recognised by scanners of source code."""


@transaction.atomic
def put_account(
    *,
    actor: Actor,
    username: str,
    kind: str,
    at: datetime,
    person_id: UUID | None = None,
    password: str | None = None,
    email: str = "",
    language: str = "",
    demo_role: LocalizedText | None = None,
    demo_note: LocalizedText | None = None,
    demo_order: int = 0,
    level: int = 1,
) -> Account:
    """Open an account or change the one of this name.

    ``password`` None leaves it as it is (a new one then cannot sign in). ``level`` 2 says that whoever puts
    the account here knows whose it is; a checked account never becomes unchecked by this.

    Raises Forbidden for a demo account outside the demo.
    """
    require_duty(actor, "admin.system")
    if demo_role is not None and settings.TONGBAN_ENV != "demo":
        raise Forbidden
    account = Account.objects.select_for_update().filter(username=username).first()
    values: dict[str, Any] = {
        "kind": kind,
        "person_id": person_id,
        "email": email,
        "language": language,
        "demo_role": demo_role,
        "demo_note": demo_note,
        "demo_order": demo_order,
    }
    if level > (account.level if account else 1):
        values |= {"level": level, "level_by": "administration", "level_at": at}
    if account is None:
        account = Account(username=username, created_at=at)
        account.set_unusable_password()
    elif all(getattr(account, key) == value for key, value in values.items()) and (
        password is None or account.check_password(password)
    ):
        return account
    for key, value in values.items():
        setattr(account, key, value)
    if password is not None:
        account.set_password(password)
        account.password_set_at = at
    account.save()
    ledger.record(
        actor=actor,
        verb="identity.put_account",
        subject=Ref.to("account", account.pk),
        at=at,
        fields=[*values, *(["password"] if password is not None else [])],
        facts={"kind": kind},
    )
    return account


@transaction.atomic
def close_account(*, actor: Actor, username: str, at: datetime, reason: str = "") -> Account:
    """Close an account: its sessions and tokens stop at their next use."""
    require_duty(actor, "admin.system")
    account = Account.objects.select_for_update().filter(username=username).first()
    if account is None:
        raise NotFound
    account.is_active = False
    account.save(update_fields=["is_active"])
    end_presences_of(account.pk)
    ledger.record(
        actor=actor,
        verb="identity.close_account",
        subject=Ref.to("account", account.pk),
        at=at,
        reason=reason,
    )
    return account


def _digest(plain: str) -> bytes:
    # The token is 32 random bytes: nobody guesses it, so a fast hash is enough.
    return hashlib.sha256(plain.encode()).digest()


@transaction.atomic
def create_token(
    account_username: str,
    name: str,
    at: datetime,
    *,
    actor: Actor | None = None,
    days: int = 90,
    post_id: int | None = None,
    entity_id: UUID | None = None,
) -> str:
    """Make a token for an account and return it: this is the only time it can be seen.

    ``actor`` is the account itself or the system administrator (the command line by default). ``post_id`` or
    ``entity_id`` binds the capacity in which it acts. Raises UnknownName, PostNotYours, EntityNotYours.
    """
    actor = actor or Actor.system("command")
    account = Account.objects.select_related("person").filter(username=account_username).first()
    if account is None or not may_sign_in(account):
        raise UnknownName(account=account_username)
    if actor.account_id != account.pk:
        require_duty(actor, "admin.system")
    actor_for(account, at=at, channel="api", post_id=post_id, entity_id=entity_id)
    plain = PREFIX + secrets.token_urlsafe(32)
    token = Token.objects.create(
        account=account,
        digest=_digest(plain),
        name=name,
        post_id=post_id,
        entity_id=entity_id,
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    ledger.record(
        actor=actor,
        verb="identity.create_token",
        subject=Ref.to("account", account.pk),
        at=at,
        facts={"token": token.pk},
    )
    return plain


@transaction.atomic
def revoke_token(*, actor: Actor, token_id: int, at: datetime) -> None:
    """Make a token useless from this moment. Its own account or the system administrator may."""
    token = Token.objects.select_for_update().filter(pk=token_id).first()
    if token is None or (
        actor.account_id != token.account_id and not actor.is_system and "admin.system" not in actor.duties
    ):
        raise NotFound
    if token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
        ledger.record(
            actor=actor,
            verb="identity.revoke_token",
            subject=Ref.to("account", token.account_id),
            at=at,
            facts={"token": token.pk},
        )


_TOKEN = Statement(
    lambda digest, at: (
        Token.objects.select_related("account__person")
        .filter(digest=digest, revoked_at__isnull=True, expires_at__gt=at)
        .annotate(stamps=published.told_along(), told=told_capacities(at))
    )
)


def actor_for_token(
    plain: str, at: datetime, *, post_id: int | None = None, entity_id: UUID | None = None
) -> Actor:
    """Return who acts with this token, channel "api". Raises TokenRefused, PostNotYours, EntityNotYours.

    A token that is bound to a post or an entity acts in no other; an unbound one may choose with each
    request.
    """
    token: Any = _TOKEN.first(digest=_digest(plain), at=at)
    if token is None or not may_sign_in(token.account):
        raise TokenRefused
    published.prime(token.stamps)
    keep_capacities(token.account, token.told)
    return actor_for(
        token.account,
        at=at,
        channel="api",
        post_id=token.post_id or post_id,
        entity_id=token.entity_id or entity_id,
    )
