"""Sessions: which browsers an account is signed in with, and ending them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from tongban.base.actor import Actor
from tongban.base.errors import NotFound
from tongban.base.ref import Ref
from tongban.kernel.identity.models import Presence
from tongban.kernel.identity.operations.authority import require_duty
from tongban.kernel.identity.rules import is_session_over
from tongban.kernel.identity.signing_rules import sign_in_rules
from tongban.kernel.ledger import service as ledger

__all__ = [
    "PresenceView",
    "end_presence",
    "end_presences_of",
    "forget_presence",
    "list_presences",
    "note_presence",
    "see_again",
]


@dataclass(frozen=True, slots=True)
class PresenceView:
    """A browser somebody is signed in with. ``factor`` says by which second factor, "" by none."""

    id: int
    session_key: str
    account_id: int
    username: str
    kind: str
    person_id: UUID | None
    name: str
    address: str
    agent: str
    factor: str
    since: datetime
    seen_at: datetime


def note_presence(
    *, account_id: int, session_key: str, address: str, agent: str, factor: str, at: datetime
) -> None:
    """Write down that a session began. (That somebody signed in is the act of signing in.)"""
    values = {"account_id": account_id, "address": address or None, "agent": agent, "factor": factor}
    Presence.objects.update_or_create(
        session_key=session_key, defaults={**values, "since": at, "seen_at": at}
    )


def see_again(session_key: str, at: datetime) -> None:
    """Write down that a session is still used; called at most once a minute."""
    Presence.objects.filter(session_key=session_key).update(seen_at=at)


def forget_presence(session_key: str | None) -> None:
    """Forget a session that its bearer ended, or that was over."""
    if session_key:
        Presence.objects.filter(session_key=session_key).delete()


def list_presences(*, at: datetime, account_id: int | None = None, limit: int = 200) -> list[PresenceView]:
    """Return the sessions that are open at ``at`` by the machine's clock, the one used last first. One statement."""
    rows = _open(at)
    if account_id is not None:
        rows = rows.filter(account_id=account_id)
    found = rows.select_related("account__person").order_by("-seen_at", "-pk")[:limit]
    return [_view(row) for row in found if not _is_over(row, at)]


def _is_over(row: Presence, at: datetime) -> bool:
    since, seen = row.since.timestamp(), row.seen_at.timestamp()
    return is_session_over(sign_in_rules(row.account.kind), since=since, seen=seen, now=at.timestamp())


def _open(at: datetime) -> QuerySet[Presence]:
    alive = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=at)
    return Presence.objects.filter(Exists(alive))


@transaction.atomic
def end_presence(*, actor: Actor, presence_id: int, at: datetime, reason: str = "") -> None:
    """End a session: its next request is a stranger's. One's own, or by the system or security administrator. Raises NotFound."""
    row = Presence.objects.select_for_update().filter(pk=presence_id).first()
    if row is None:
        raise NotFound
    if row.account_id != actor.account_id:
        require_duty(actor, "admin.system", "admin.security")
    _end([row])
    ledger.record(
        actor=actor,
        verb="identity.end_session",
        subject=Ref.to("account", row.account_id),
        at=at,
        reason=reason,
    )


def end_presences_of(account_id: int, *, besides: str = "") -> int:
    """End all sessions of an account besides one; return how many. For operations that are acts themselves."""
    rows = list(Presence.objects.filter(account_id=account_id).exclude(session_key=besides))
    _end(rows)
    return len(rows)


def _end(rows: list[Presence]) -> None:
    Session.objects.filter(session_key__in=[row.session_key for row in rows]).delete()
    Presence.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _view(row: Presence) -> PresenceView:
    account = row.account
    return PresenceView(
        id=row.pk,
        session_key=row.session_key,
        account_id=account.pk,
        username=account.username,
        kind=account.kind,
        person_id=account.person_id,
        name=account.person.name if account.person else account.username,
        address=row.address or "",
        agent=row.agent,
        factor=row.factor,
        since=row.since,
        seen_at=row.seen_at,
    )
