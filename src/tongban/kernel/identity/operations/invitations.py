"""Opening officials' accounts, inviting, setting passwords. There is no default password: who is invited sets the own."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.errors import NotFound
from tongban.base.ref import Ref
from tongban.kernel.identity import rules
from tongban.kernel.identity.backends import may_sign_in
from tongban.kernel.identity.errors import BadAccount, BadPassword, InvitationRefused, UnknownName
from tongban.kernel.identity.models import Account, Invitation, Person
from tongban.kernel.identity.operations.accounts import put_account
from tongban.kernel.identity.operations.authority import require_duty
from tongban.kernel.identity.operations.parties import put_person
from tongban.kernel.identity.queries.actors import actor_for
from tongban.kernel.identity.signing_rules import sign_in_rules
from tongban.kernel.ledger import service as ledger

__all__ = [
    "VALID_DAYS",
    "accept_invitation",
    "change_password",
    "correct_official",
    "find_invitation",
    "invite",
    "invite_by_name",
    "open_official_account",
    "reopen_account",
]

VALID_DAYS = 7
"""How long a link works."""


@transaction.atomic
def open_official_account(
    *,
    actor: Actor,
    name: str,
    username: str,
    at: datetime,
    citizen_id: str = "",
    phone: str = "",
    email: str = "",
) -> tuple[Account, str]:
    """Record a person, open an official's account without a password, and return it with the secret of the link to set one.

    A person who is known by the citizen id gets the account; the name must be the same. Raises BadAccount.
    """
    require_duty(actor, "admin.system")
    citizen_id = citizen_id.upper()
    faults = rules.account_faults(name=name, username=username, citizen_id=citizen_id, email=email)
    if Account.objects.filter(username=username).exists():
        faults.append(rules.Fault("username", "这个用户名已经有人用了", "This user name is taken"))
    known = Person.objects.select_for_update().filter(citizen_id=citizen_id).first() if citizen_id else None
    if known is not None and known.name != name.strip():
        faults.append(
            rules.Fault("name", "和这个身份证号登记的姓名不一样", "Not the name on record for this ID number")
        )
    if known is not None and known.accounts.filter(kind="official", is_active=True).exists():
        faults.append(rules.Fault("citizen_id", "这个人已经有账号", "This person has an account already"))
    _refuse(faults)
    person = known or put_person(
        actor=actor, name=name.strip(), citizen_id=citizen_id or None, phone=phone, email=email, at=at
    )
    account = put_account(
        actor=actor,
        username=username,
        kind="official",
        person_id=person.pk,
        email=email or person.email,
        at=at,
    )
    return account, invite(actor=actor, account_id=account.pk, at=at)


@transaction.atomic
def correct_official(
    *, actor: Actor, person_id: UUID, name: str, phone: str, email: str, at: datetime
) -> Person:
    """Correct name, phone and e-mail of an official. Raises BadAccount, NotFound."""
    require_duty(actor, "admin.system")
    person = Person.objects.filter(pk=person_id).first()
    if person is None:
        raise NotFound
    _refuse(rules.account_faults(name=name, username="abc", citizen_id="", email=email))
    return put_person(
        actor=actor,
        person_id=person_id,
        citizen_id=person.citizen_id,
        name=name.strip(),
        phone=phone,
        email=email,
        at=at,
    )


@transaction.atomic
def invite(*, actor: Actor, account_id: int, at: datetime) -> str:
    """Return the secret of a new link by which the account's bearer sets a password; links made before stop working.

    This is the only time it can be seen. Raises NotFound for an account that is closed or not there.
    """
    require_duty(actor, "admin.system")
    account = Account.objects.select_for_update(of=("self",)).filter(pk=account_id).first()
    if account is None or not may_sign_in(account):
        raise NotFound
    Invitation.objects.filter(account=account, used_at=None).delete()
    plain = secrets.token_urlsafe(32)
    Invitation.objects.create(
        account=account, digest=_digest(plain), made_at=at, expires_at=at + timedelta(days=VALID_DAYS)
    )
    ledger.record(actor=actor, verb="identity.invite", subject=Ref.to("account", account.pk), at=at)
    return plain


def invite_by_name(*, actor: Actor, username: str, at: datetime) -> str:
    """Do as ``invite`` for the account of this name. Raises UnknownName."""
    found = Account.objects.filter(username=username).first()
    if found is None or not may_sign_in(found):
        raise UnknownName(account=username)
    return invite(actor=actor, account_id=found.pk, at=at)


def find_invitation(plain: str, at: datetime) -> Invitation:
    """Return the invitation of a link that still works. Raises InvitationRefused."""
    return _open_invitation(plain, at, lock=False)


def _open_invitation(plain: str, at: datetime, *, lock: bool) -> Invitation:
    rows = Invitation.objects.select_related("account__person")
    rows = rows.select_for_update(of=("self",)) if lock else rows
    found = rows.filter(digest=_digest(plain), used_at=None, expires_at__gt=at).first()
    if found is None or not may_sign_in(found.account):
        raise InvitationRefused
    return found


@transaction.atomic
def accept_invitation(*, plain: str, password: str, again: str, at: datetime) -> Account:
    """Set the password of the account that a link belongs to. The link works no more. Raises InvitationRefused, BadPassword."""
    invitation = _open_invitation(plain, at, lock=True)
    account = invitation.account
    _set_password(account, password, again, at)
    invitation.used_at = at
    invitation.save(update_fields=["used_at"])
    actor = actor_for(account, at=at, channel="web")
    ledger.record(
        actor=actor, verb="identity.accept_invitation", subject=Ref.to("account", account.pk), at=at
    )
    return account


@transaction.atomic
def change_password(*, account_id: int, old: str, password: str, again: str, at: datetime) -> Account:
    """Change one's own password; other sessions end by it. Raises BadPassword, also for a wrong old one, NotFound.

    It takes the account, not an actor: who owes a new password is nobody until it is set.
    """
    rows = Account.objects.select_for_update(of=("self",)).select_related("person")
    account = rows.filter(pk=account_id).first()
    if account is None:
        raise NotFound
    if not account.check_password(old):
        raise BadPassword(
            errors=[rules.Fault("old", "现在的密码不对", "This is not the present password").as_error()]
        )
    if old == password:
        fault = rules.Fault("password", "新密码要和现在的不一样", "The new password must be another one")
        raise BadPassword(errors=[fault.as_error()])
    _set_password(account, password, again, at)
    actor = actor_for(account, at=at, channel="web")
    ledger.record(actor=actor, verb="identity.change_password", subject=Ref.to("account", account.pk), at=at)
    return account


def _set_password(account: Account, password: str, again: str, at: datetime) -> None:
    faults = rules.password_faults(password, rules=sign_in_rules(account.kind), names=[account.username])
    try:
        CommonPasswordValidator().validate(password)
    except ValidationError:
        faults.append(rules.Fault("password", "这个密码太常见，容易被猜到", "This password is too common"))
    if password != again:
        faults.append(rules.Fault("again", "两次输入的不一样", "The two entries differ"))
    if faults:
        raise BadPassword(errors=[fault.as_error() for fault in faults])
    account.set_password(password)
    account.password_set_at = at
    account.save(update_fields=["password", "password_set_at"])


@transaction.atomic
def reopen_account(*, actor: Actor, account_id: int, reason: str, at: datetime) -> Account:
    """Open an account again that was closed; its bearer sets a new password by a link. Raises BadAccount, NotFound."""
    require_duty(actor, "admin.system")
    account = Account.objects.select_for_update(of=("self",)).filter(pk=account_id, is_active=False).first()
    if account is None:
        raise NotFound
    others = Account.objects.filter(person=account.person, kind=account.kind, is_active=True)
    _refuse(
        [rules.Fault("reason", "这个人已经有另一个账号", "This person has another account")]
        if others.exists()
        else []
    )
    account.is_active = True
    account.set_unusable_password()
    account.save(update_fields=["is_active", "password"])
    ledger.record(
        actor=actor,
        verb="identity.reopen_account",
        subject=Ref.to("account", account.pk),
        at=at,
        reason=reason,
    )
    return account


def _refuse(faults: list[rules.Fault]) -> None:
    if faults:
        raise BadAccount(errors=[fault.as_error() for fault in faults])


def _digest(plain: str) -> bytes:
    # 32 random bytes: nobody guesses them, so a fast hash is enough.
    return hashlib.sha256(plain.encode()).digest()
