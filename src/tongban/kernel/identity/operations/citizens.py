"""Citizens' accounts of people whom somebody has checked: the province by its sign-in, or a clerk who saw the identity card."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from tongban.base.actor import Actor
from tongban.base.errors import Forbidden, NotFound
from tongban.base.ref import Ref
from tongban.kernel.identity.backends import may_sign_in
from tongban.kernel.identity.errors import NameDiffers, NotChecked
from tongban.kernel.identity.models import Account, Person
from tongban.kernel.identity.queries.actors import actor_for
from tongban.kernel.identity.rules import account_faults
from tongban.kernel.ledger import service as ledger

__all__ = ["CHECK_DUTY", "check_account", "citizen_account_for", "find_citizen"]

CHECK_DUTY = "identity.check"
"""Who holds it looks at identity cards."""


@transaction.atomic
def citizen_account_for(*, name: str, citizen_id: str, by: str, at: datetime) -> Account:
    """Return the citizen's account of the person whom ``by`` vouches for; open one when there is none. It is a checked one.

    A person who is known must have this name: a slip in the number would let somebody into a stranger's account. Officials'
    accounts are never looked at. Raises NameDiffers, NotChecked when name or number cannot be right.
    """
    citizen_id, name = citizen_id.strip().upper(), name.strip()
    if not citizen_id or account_faults(name=name, username="abc", citizen_id=citizen_id, email=""):
        raise NotChecked
    person = Person.objects.select_for_update().filter(citizen_id=citizen_id).first()
    if person is not None and person.name != name:
        raise NameDiffers
    if person is None:
        person = Person.objects.create(name=name, citizen_id=citizen_id)
    rows = Account.objects.select_for_update(of=("self",)).select_related("person")
    account = rows.filter(person=person, kind="citizen", is_active=True).first()
    if account is None:
        account = Account(
            username=f"c-{secrets.token_hex(6)}", kind="citizen", person=person, created_at=at, level=2
        )
        account.level_by, account.level_at = by, at
        account.set_unusable_password()
        account.save()
        ledger.record(
            actor=actor_for(account, at=at, channel="web"),
            verb="identity.open_account",
            subject=Ref.to("account", account.pk),
            at=at,
            facts={"by": by},
            about=[citizen_id],
        )
    if not may_sign_in(account):
        raise NotFound
    _raise(account, actor=actor_for(account, at=at, channel="web"), by=by, at=at)
    return account


@transaction.atomic
def check_account(*, actor: Actor, account_id: int, by: str, at: datetime) -> Account:
    """Note that an account belongs to the person whose name it bears.

    ``by`` "card": the actor holds the duty and saw the identity card; "province": it is the actor's own account, and the
    province has just vouched for it. Raises Forbidden, NotFound.
    """
    if by == "card":
        if CHECK_DUTY not in actor.duties:
            raise Forbidden(duties=[CHECK_DUTY])
    elif actor.account_id != account_id:
        raise Forbidden
    rows = Account.objects.select_for_update(of=("self",)).select_related("person")
    account = rows.filter(pk=account_id, is_active=True).first()
    if account is None or account.person is None or not account.person.citizen_id:
        raise NotFound
    if by == "card" and (account.kind != "citizen" or account.person_id == actor.person_id):
        raise NotFound  # nobody checks the own card
    _raise(account, actor=actor, by=by, at=at)
    return account


def find_citizen(*, actor: Actor, citizen_id: str, name: str, at: datetime) -> Account | None:
    """Return the open citizen's account of the person with this number and name, for who looks at identity cards: an act.

    Both must be right: nobody learns here whose a number is. Raises Forbidden.
    """
    if CHECK_DUTY not in actor.duties:
        raise Forbidden(duties=[CHECK_DUTY])
    rows = Account.objects.select_related("person").filter(kind="citizen", is_active=True)
    account = rows.filter(person__citizen_id=citizen_id.strip().upper(), person__name=name.strip()).first()
    if account is not None:
        ledger.record(
            actor=actor,
            verb="identity.find_account",
            subject=Ref.to("account", account.pk),
            at=at,
            about=[citizen_id],
        )
    return account


def _raise(account: Account, *, actor: Actor, by: str, at: datetime) -> None:
    if account.level == 2:
        return
    account.level, account.level_by, account.level_at = 2, by, at
    account.save(update_fields=["level", "level_by", "level_at"])
    ledger.record(
        actor=actor,
        verb="identity.check_account",
        subject=Ref.to("account", account.pk),
        at=at,
        facts={"by": by},
        about=[account.person.citizen_id or ""] if account.person else [],
    )
