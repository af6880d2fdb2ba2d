"""Of whom a second factor is required: published content, read without a query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tongban.base import published
from tongban.base.actor import Actor
from tongban.base.errors import NotFound
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.identity import rules
from tongban.kernel.identity.errors import FactorRuleSaysNothing
from tongban.kernel.identity.models import Account, FactorRule, Unit
from tongban.kernel.identity.operations.authority import require_duty
from tongban.kernel.identity.queries.capacities import posts_of
from tongban.kernel.ledger import service as ledger

__all__ = [
    "FactorRuleView",
    "end_factor_rule",
    "is_factor_required_of",
    "list_factor_rules",
    "put_factor_rule",
]


def _load(_: None) -> tuple[list[rules.FactorDemand], dict[int, int | None]]:
    open_ones = FactorRule.objects.filter(ended_at=None).values_list("duty", "unit_id")
    return [rules.FactorDemand(*row) for row in open_ones], dict(Unit.objects.values_list("pk", "parent_id"))


_kept: published.Kept[None, tuple[list[rules.FactorDemand], dict[int, int | None]]] = published.Kept(
    ("identity_factorrule", "identity_unit"), _load
)


def is_factor_required_of(account: Account, at: datetime) -> bool:
    """True when one of the posts in which an account may act now is under a rule; also a post that was delegated."""
    if account.kind != "official":
        return False
    demands, parents = _kept.get(None)
    if not demands:
        return False
    return rules.is_factor_required(
        demands, [(post.unit_id, post.duties) for post in posts_of(account, at)], parents
    )


@dataclass(frozen=True, slots=True)
class FactorRuleView:
    """A rule as the page shows it."""

    id: int
    duty: str
    unit_name: LocalizedText | None
    reason: str
    put_at: datetime


def list_factor_rules() -> list[FactorRuleView]:
    """Return the rules in force, the oldest first."""
    rows = FactorRule.objects.filter(ended_at=None).select_related("unit").order_by("pk")
    return [
        FactorRuleView(row.pk, row.duty, row.unit.name if row.unit else None, row.reason, row.put_at)
        for row in rows
    ]


@transaction.atomic
def put_factor_rule(*, actor: Actor, duty: str, unit_id: int | None, reason: str, at: datetime) -> FactorRule:
    """Require a second factor of who holds a post with this duty, in this unit or below. Raises FactorRuleSaysNothing.

    It counts at once: a session without one does nothing more until it is shown.
    """
    require_duty(actor, "admin.security")
    faults = []
    if not duty and unit_id is None:
        faults.append(rules.Fault("duty", "选一项职责或者一个机构", "Choose a duty or a unit"))
    if unit_id is not None and not Unit.objects.filter(pk=unit_id, closed_at=None).exists():
        faults.append(rules.Fault("unit", "没有这个机构", "There is no such unit"))
    if not reason.strip():
        faults.append(rules.Fault("rule_reason", "请写理由", "Give the reason"))
    if faults:
        raise FactorRuleSaysNothing(errors=[fault.as_error() for fault in faults])
    same = FactorRule.objects.filter(duty=duty, ended_at=None)
    same = same.filter(unit=None) if unit_id is None else same.filter(unit_id=unit_id)
    standing = same.first()
    if standing is not None:
        return standing
    row = FactorRule.objects.create(duty=duty, unit_id=unit_id, reason=reason.strip(), put_at=at)
    _record(row, "identity.put_factor_rule", actor, reason, at)
    return row


@transaction.atomic
def end_factor_rule(*, actor: Actor, rule_id: int, at: datetime, reason: str = "") -> None:
    """End a rule. Raises NotFound."""
    require_duty(actor, "admin.security")
    row = FactorRule.objects.select_for_update().filter(pk=rule_id, ended_at=None).first()
    if row is None:
        raise NotFound
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    _record(row, "identity.end_factor_rule", actor, reason, at)


def _record(row: FactorRule, verb: str, actor: Actor, reason: str, at: datetime) -> None:
    published.forget()
    ledger.record(
        actor=actor,
        verb=verb,
        subject=Ref("factor-rule", str(row.pk)),
        at=at,
        reason=reason.strip(),
        facts={"duty": row.duty, "unit": row.unit_id},
    )
