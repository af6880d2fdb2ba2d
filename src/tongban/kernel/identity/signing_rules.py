"""The rules of signing in as they are in force: published content, read without a query."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from tongban.base import published
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.identity import rules
from tongban.kernel.identity.errors import BadSignInRules
from tongban.kernel.identity.models import SignInRuleSet
from tongban.kernel.identity.operations.authority import require_duty
from tongban.kernel.ledger import service as ledger

__all__ = ["former_sign_in_rules", "put_sign_in_rules", "sign_in_rules"]


def _load(kind: str) -> rules.SignInRules:
    stored = SignInRuleSet.objects.filter(kind=kind).order_by("-pk").values_list("rules", flat=True).first()
    return rules.sign_in_rules_of(stored or {})


_kept: published.Kept[str, rules.SignInRules] = published.Kept(("identity_signinruleset",), _load)


def sign_in_rules(kind: str) -> rules.SignInRules:
    """Return how accounts of a kind ("official", "citizen") sign in now."""
    return _kept.get(kind)


def former_sign_in_rules(kind: str) -> list[SignInRuleSet]:
    """Return all that were put for a kind, the newest first."""
    return list(SignInRuleSet.objects.filter(kind=kind).order_by("-pk")[:20])


@transaction.atomic
def put_sign_in_rules(
    *, actor: Actor, kind: str, wanted: dict[str, int | None], reason: str, at: datetime
) -> rules.SignInRules:
    """Put other rules for accounts of a kind; the same again is no act. Raises BadSignInRules with every field that is wrong."""
    require_duty(actor, "admin.security")
    faults = rules.sign_in_rule_faults(wanted)
    if not reason.strip():
        faults.append(rules.Fault("reason", "请写理由", "Give the reason"))
    if faults:
        raise BadSignInRules(errors=[fault.as_error() for fault in faults])
    before = _load(kind)
    after = rules.sign_in_rules_of({name: value for name, value in wanted.items() if value is not None})
    if after == before:
        return after
    old, new = asdict(before), asdict(after)
    SignInRuleSet.objects.create(kind=kind, rules=new, reason=reason.strip(), put_at=at)
    published.forget()
    changed = [name for name in new if old[name] != new[name]]
    ledger.record(
        actor=actor,
        verb="identity.put_sign_in_rules",
        subject=Ref("sign-in-rules", kind),
        at=at,
        reason=reason.strip(),
        payload=new,
        facts={"old": {n: old[n] for n in changed}, "new": {n: new[n] for n in changed}},
    )
    return after
