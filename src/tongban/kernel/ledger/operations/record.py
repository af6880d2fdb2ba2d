"""Writing acts down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.ledger import rules
from tongban.kernel.ledger.blinding import blind
from tongban.kernel.ledger.models import Act

__all__ = ["READ", "record", "record_read"]

READ = "ledger.read_personal_data"


def record(
    *,
    actor: Actor,
    verb: str,
    subject: Ref,
    at: datetime,
    reason: str = "",
    payload: Mapping[str, Any] | None = None,
    fields: Iterable[str] = (),
    about: Iterable[str] = (),
    case: str | Ref = "",
    facts: Mapping[str, Any] | None = None,
    standing: Mapping[str, Any] | None = None,
) -> Act:
    """Insert one act in the caller's transaction, at the end of its unit of work, and return it.

    Of ``payload`` only a digest and the names of its fields are kept; ``fields`` names more. ``facts`` is
    shown in timelines as it is: a task's name, an outcome, a paper's number, never anything about a person.
    ``about`` are identity numbers or credit codes of those whom the act concerns; they are kept blind.
    ``case`` ties the act to a case's timeline. ``standing`` says what the act left its subject as; the newest one of a subject is
    what ``tongban ledger verify --data`` compares the data with.
    """
    signed = rules.signature(actor)
    act = Act(
        at=at,
        verb=verb,
        subject_kind=subject.kind,
        subject_id=subject.id,
        case=str(case),
        role=signed.role,
        account_id=actor.account_id,
        person_id=actor.person_id,
        post_id=actor.post_id,
        unit_id=actor.unit_id,
        entity_id=actor.entity_id,
        channel=actor.channel,
        actor_name=signed.name,
        reason=reason,
        digest=rules.digest(payload, settings.TONGBAN_DIGEST) if payload is not None else "",
        fields=sorted({*fields, *(payload or {})}),
        facts=rules.plain(facts or {}),
        about=sorted({blind(value) for value in about if value}),
        standing=rules.plain(standing) if standing is not None else None,
    )
    return work.add(act)


def record_read(
    *,
    actor: Actor,
    subject: Ref,
    about: Iterable[str],
    purpose: str,
    fields: Iterable[str],
    at: datetime,
) -> Act:
    """Insert the act of reading personal data: who read which fields about whom, and what for.

    Outside a transaction it is committed when this returns. Inside the caller's transaction it is committed
    with it, so the caller must not answer before the commit. Raises ValueError without a purpose: there is no
    reading for nothing.
    """
    if not purpose.strip():
        raise ValueError("personal data is read for a purpose; none was given")
    return record(actor=actor, verb=READ, subject=subject, at=at, reason=purpose, fields=fields, about=about)
