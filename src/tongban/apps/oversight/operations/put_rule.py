"""Putting a rule, and reading the rules that hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from tongban.apps.oversight.errors import RuleInvalid
from tongban.apps.oversight.models import Rule as Row
from tongban.apps.oversight.rules import Rule, faults_of, read_rule
from tongban.base import published
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.kernel.ledger import service as ledger

__all__ = ["BUILTIN", "put_rule", "rules_in_force"]

BUILTIN = Path(__file__).parents[1] / "builtin"


def rules_in_force() -> list[Rule]:
    """Return the newest version of every rule, also of those that were switched off. Shared: do not change them."""
    return _rules.get(None)


@transaction.atomic
def put_rule(*, actor: Actor, content: Mapping[str, Any], at: datetime) -> int:
    """Put the next version of a rule and return its number; the same content again makes none. Raises RuleInvalid."""
    faults = faults_of(content)
    if faults:
        raise RuleInvalid(faults=faults)
    key = content["key"]
    last = Row.objects.select_for_update().filter(key=key).order_by("-version").first()
    if last is not None and last.content == dict(content):
        return last.version
    row = Row.objects.create(
        key=key, version=(last.version if last else 0) + 1, content=dict(content), put_at=at
    )
    ledger.record(
        actor=actor,
        verb="oversight.put_rule",
        subject=Ref("oversight-rule", key),
        facts={"version": row.version, "level": content["level"]},
        payload=content,
        at=at,
    )
    published.forget()
    return row.version


def _load(_: None) -> list[Rule]:
    said = yaml.safe_load((BUILTIN / "rules.yaml").read_text(encoding="utf-8"))["rules"]
    rules = {content["key"]: read_rule(content, 0) for content in said}
    for row in Row.objects.order_by("key", "version"):
        rules[row.key] = read_rule(row.content, row.version)
    return list(rules.values())


_rules = published.Kept(("oversight_rule",), _load)
