"""Registering other systems: each change is an act of the system administrator."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from tongban.apps.federation import rules
from tongban.apps.federation.errors import BadSystem
from tongban.apps.federation.models import System, Ticket
from tongban.base.actor import Actor
from tongban.base.errors import NotFound
from tongban.base.ref import Ref
from tongban.kernel.identity import service as identity
from tongban.kernel.ledger import service as ledger

__all__ = ["change_system", "digest_of", "new_secret", "register_system", "switch_system"]

DUTY = "admin.system"
PREFIX = "tbs_"
"""Marks our secrets, so that a leaked one is recognised by scanners of source code."""


def digest_of(plain: str) -> bytes:
    """Return under what a secret, a code or a token is kept: all of them are long and random, so a fast hash is enough."""
    return hashlib.sha256(plain.encode()).digest()


@transaction.atomic
def register_system(
    *, actor: Actor, client_id: str, facts: rules.SystemFacts, at: datetime
) -> tuple[System, str]:
    """Register a system and return it with its secret: this is the only time it can be seen. Raises BadSystem."""
    identity.require_duty(actor, DUTY)
    taken = System.objects.filter(client_id=client_id).exists()
    _refuse(rules.system_faults(facts, client_id=client_id, taken=taken))
    plain = PREFIX + secrets.token_urlsafe(32)
    system = System(client_id=client_id, secret_digest=digest_of(plain), made_at=at)
    _write(system, facts)
    _record(actor, "federation.register_system", system, at)
    return system, plain


@transaction.atomic
def change_system(*, actor: Actor, client_id: str, facts: rules.SystemFacts, at: datetime) -> System:
    """Change what is known of a system; what people agreed to stays as far as it is still allowed. Raises BadSystem, NotFound."""
    identity.require_duty(actor, DUTY)
    system = _locked(client_id)
    _refuse(rules.system_faults(facts))
    before = {"redirect_uris": system.redirect_uris, "scopes": system.scopes, "kinds": system.kinds}
    _write(system, facts)
    _record(actor, "federation.change_system", system, at, before=before)
    return system


@transaction.atomic
def new_secret(*, actor: Actor, client_id: str, at: datetime) -> tuple[System, str]:
    """Give a system another secret; the one before works no more from this moment. Raises NotFound."""
    identity.require_duty(actor, DUTY)
    system, plain = _locked(client_id), PREFIX + secrets.token_urlsafe(32)
    system.secret_digest = digest_of(plain)
    system.save(update_fields=["secret_digest"])
    _record(actor, "federation.new_secret", system, at)
    return system, plain


@transaction.atomic
def switch_system(*, actor: Actor, client_id: str, is_open: bool, reason: str, at: datetime) -> System:
    """Let a system in or shut it out: then nothing that was handed to it works any more. Raises NotFound."""
    identity.require_duty(actor, DUTY)
    system = _locked(client_id)
    if system.is_open == is_open:
        return system
    system.is_open = is_open
    system.save(update_fields=["is_open"])
    if not is_open:
        Ticket.objects.filter(system=system, revoked_at=None).update(revoked_at=at)
    verb = "federation.open_system" if is_open else "federation.shut_system"
    _record(actor, verb, system, at, reason=reason)
    return system


def _locked(client_id: str) -> System:
    system = System.objects.select_for_update().filter(client_id=client_id).first()
    if system is None:
        raise NotFound
    return system


def _refuse(errors: list[dict[str, object]]) -> None:
    if errors:
        raise BadSystem(errors=errors)


def _write(system: System, facts: rules.SystemFacts) -> None:
    system.name = facts.name
    system.redirect_uris, system.logout_uris = list(facts.redirect_uris), list(facts.logout_uris)
    system.scopes = rules.wanted_scopes({"openid", *facts.scopes}, rules.SCOPES)
    system.kinds, system.algorithm = sorted(facts.kinds), facts.algorithm
    system.save()


def _record(
    actor: Actor,
    verb: str,
    system: System,
    at: datetime,
    *,
    reason: str = "",
    before: Mapping[str, object] | None = None,
) -> None:
    ledger.record(
        actor=actor,
        verb=verb,
        subject=Ref("system", system.client_id),
        at=at,
        reason=reason,
        facts={
            "redirect_uris": system.redirect_uris,
            "scopes": system.scopes,
            "kinds": system.kinds,
            **({"before": before} if before else {}),
        },
    )
