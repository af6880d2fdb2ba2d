"""Codes and tokens: made on a consent, used once, renewed by turns, gone with the account, the system or the consent.

Ages are measured by the machine's clock (``clock``), acts are written at ``at``, which in the demo may be another day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from tongban.apps.federation.models import Code, Handed, System, Ticket
from tongban.apps.federation.operations.systems import digest_of
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = [
    "ACCESS_SECONDS",
    "SignedIn",
    "code_of",
    "hand_code",
    "hand_ticket",
    "revoke",
    "ticket_of_access",
    "ticket_of_refresh",
    "use_code",
]

CODE_SECONDS = 60
ACCESS_SECONDS = 600
REFRESH = timedelta(hours=12)
"""A session of the other system lives at most as long as a working day: then its people sign in again."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """How somebody had signed in here when the other system asked."""

    auth_time: int
    assurance: int
    has_factor: bool


@transaction.atomic
def hand_code(
    *,
    actor: Actor,
    system: System,
    plain: str,
    redirect_uri: str,
    scopes: Sequence[str],
    nonce: str,
    challenge: str,
    signed_in: SignedIn,
    about: Sequence[str],
    at: datetime,
    clock: datetime,
) -> Code:
    """Keep a code that goes to a system by way of the browser: this is the act of signing in there."""
    code = Code.objects.create(
        digest=digest_of(plain),
        system=system,
        account_id=actor.account_id or 0,
        redirect_uri=redirect_uri,
        scopes=list(scopes),
        nonce=nonce,
        challenge=challenge,
        auth_time=signed_in.auth_time,
        assurance=signed_in.assurance,
        has_factor=signed_in.has_factor,
        expires_at=clock + timedelta(seconds=CODE_SECONDS),
    )
    System.objects.filter(pk=system.pk).update(used_at=at)
    ledger.record(
        actor=actor,
        verb="federation.sign_in_elsewhere",
        subject=Ref.to("account", actor.account_id or 0),
        at=at,
        facts={"system": system.client_id, "scopes": list(scopes)},
        about=about,
    )
    Code.objects.filter(expires_at__lt=clock - 2 * REFRESH).delete()
    return code


def code_of(plain: str, *, system: System, clock: datetime) -> Code | None:
    """Return the code, locked, when it may be used now. One that comes a second time ends everything that came of it."""
    rows = Code.objects.select_for_update(of=("self",)).select_related("account__person", "system")
    code = rows.filter(digest=digest_of(plain), system=system).first()
    if code is not None and code.used_at is not None:
        _end_family(code.pk, clock)
        return None
    return code if code is not None and code.expires_at > clock and _still_holds(code) else None


def use_code(plain: str, *, clock: datetime) -> None:
    """Note that the code was exchanged: it works no more."""
    Code.objects.filter(digest=digest_of(plain), used_at=None).update(used_at=clock)


@transaction.atomic
def hand_ticket(
    *, source: Code | Ticket, access: str, refresh: str, scopes: Sequence[str], at: datetime, clock: datetime
) -> Ticket:
    """Keep new tokens, for a code or in the place of an earlier ticket, which works no more."""
    if isinstance(source, Ticket):
        source.renewed_at = clock
        source.save(update_fields=["renewed_at"])
    ticket = Ticket.objects.create(
        code_id=source.code_id if isinstance(source, Ticket) else source.pk,
        system=source.system,
        account=source.account,
        scopes=list(scopes),
        auth_time=source.auth_time,
        assurance=source.assurance,
        has_factor=source.has_factor,
        access_digest=digest_of(access),
        access_expires_at=clock + timedelta(seconds=ACCESS_SECONDS),
        refresh_digest=digest_of(refresh),
        refresh_expires_at=source.refresh_expires_at if isinstance(source, Ticket) else clock + REFRESH,
    )
    ledger.record(
        actor=_actor(source, at),
        verb="federation.renew_ticket" if isinstance(source, Ticket) else "federation.hand_ticket",
        subject=Ref.to("account", source.account_id),
        at=at,
        facts={"system": source.system.client_id, "scopes": list(scopes)},
    )
    return ticket


def ticket_of_access(plain: str, *, clock: datetime) -> Ticket | None:
    """Return the ticket of an access token that is valid now."""
    rows = Ticket.objects.select_related("account__person", "system").filter(revoked_at=None)
    ticket = rows.filter(access_digest=digest_of(plain), access_expires_at__gt=clock).first()
    return ticket if ticket is not None and _still_holds(ticket) else None


def ticket_of_refresh(plain: str, *, system: System, clock: datetime) -> Ticket | None:
    """Return the ticket of a refresh token, locked, when it may be renewed now. One that comes a second time ends its family."""
    rows = Ticket.objects.select_for_update(of=("self",)).select_related("account__person", "system")
    ticket = rows.filter(refresh_digest=digest_of(plain), system=system).first()
    if ticket is None or ticket.revoked_at is not None or ticket.refresh_expires_at <= clock:
        return None
    if ticket.renewed_at is not None:
        _end_family(ticket.code_id, clock)
        return None
    return ticket if _still_holds(ticket) else None


@transaction.atomic
def revoke(plain: str, *, system: System, at: datetime, clock: datetime) -> None:
    """End the family of a token of this system, access or refresh; an unknown one is nothing to say (RFC 7009)."""
    digest = digest_of(plain)
    rows = Ticket.objects.select_related("account__person", "system").filter(system=system, revoked_at=None)
    ticket = rows.filter(access_digest=digest).first() or rows.filter(refresh_digest=digest).first()
    if ticket is None:
        return
    _end_family(ticket.code_id, clock)
    ledger.record(
        actor=_actor(ticket, at),
        verb="federation.revoke_ticket",
        subject=Ref.to("account", ticket.account_id),
        at=at,
        facts={"system": system.client_id},
    )


def _end_family(code_id: int, clock: datetime) -> None:
    Ticket.objects.filter(code_id=code_id, revoked_at=None).update(revoked_at=clock)


def _still_holds(handed: Handed) -> bool:
    return (
        handed.system.is_open
        and identity.may_sign_in(handed.account)
        and handed.account.kind in handed.system.kinds
    )


def _actor(handed: Handed, at: datetime) -> Actor:
    return identity.actor_for(handed.account, at=at, channel="api")
