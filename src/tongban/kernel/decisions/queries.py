"""Decide by a table, with the way it came about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from tongban.base.text import LocalizedText
from tongban.kernel.decisions.errors import NoRuleApplies, TableNotFound
from tongban.kernel.decisions.expressions import evaluate, evaluate_test
from tongban.kernel.decisions.models import DecisionTable
from tongban.kernel.decisions.rules import Row, first_match

__all__ = ["Decision", "decide", "get_table"]


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of a table: the values, which rule gave them and why, and every row that was tried
    before.
    """

    result: dict[str, Any]
    rule: int
    because: LocalizedText
    trace: tuple[Row, ...]
    table: str
    version: int
    legal_source: LocalizedText


def get_table(key: str, *, on: date) -> DecisionTable:
    """Return the version valid on that day. Raises TableNotFound."""
    valid = Q(valid_to__isnull=True) | Q(valid_to__gte=on)
    table = (
        DecisionTable.objects.filter(valid, key=key, valid_from__lte=on)
        .order_by("-valid_from", "-version")
        .first()
    )
    if table is None:
        raise TableNotFound(key=key)
    return table


def decide(key: str, inputs: Mapping[str, Any], *, on: date) -> Decision:
    """Apply the version of table ``key`` valid on that day. Raises TableNotFound, NoRuleApplies,
    ExpressionError.
    """
    table = get_table(key, on=on)
    rules = table.content["rules"]
    index, trace = first_match(rules, inputs, lambda test, value: evaluate_test(test, value, inputs))
    if index is None:
        raise NoRuleApplies(table=key, version=table.version)
    return Decision(
        result={name: _value(value, inputs) for name, value in rules[index]["then"].items()},
        rule=index,
        because=LocalizedText.of(rules[index].get("because")),
        trace=trace,
        table=key,
        version=table.version,
        legal_source=table.legal_source,
    )


def _value(value: Any, inputs: Mapping[str, Any]) -> Any:
    return evaluate(value[1:], inputs) if isinstance(value, str) and value.startswith("=") else value
