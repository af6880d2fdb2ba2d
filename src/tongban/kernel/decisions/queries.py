"""Decide by a table, with the way it came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from tongban.base.text import LocalizedText
from tongban.kernel.decisions.bench import Period, periods
from tongban.kernel.decisions.errors import NoRuleApplies, TableNotFound
from tongban.kernel.decisions.expressions import evaluate, evaluate_test
from tongban.kernel.decisions.models import DecisionTable
from tongban.kernel.decisions.rules import Row, first_match

__all__ = [
    "Decision",
    "TableView",
    "Trial",
    "decide",
    "get_table",
    "list_tables",
    "table_view",
    "try_content",
]


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


@dataclass(frozen=True, slots=True)
class Trial:
    """What a table says to some inputs; ``rule`` is None where it has a gap."""

    result: dict[str, Any]
    rule: int | None
    trace: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class TableView:
    """One version of a table among the others. ``deciding`` is the version in force on the day that was asked for."""

    key: str
    version: int
    name: LocalizedText
    legal_source: LocalizedText
    content: dict[str, Any]
    put_at: datetime
    versions: tuple[int, ...]
    periods: tuple[Period, ...]
    deciding: int | None

    @property
    def own_periods(self) -> tuple[Period, ...]:
        """When this version decides; none when others always go before it."""
        return tuple(period for period in self.periods if period.version == self.version)


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
    trial = try_content(table.content, inputs)
    if trial.rule is None:
        raise NoRuleApplies(table=key, version=table.version)
    return Decision(
        result=trial.result,
        rule=trial.rule,
        because=LocalizedText.of(table.content["rules"][trial.rule].get("because")),
        trace=trial.trace,
        table=key,
        version=table.version,
        legal_source=table.legal_source,
    )


def try_content(content: Mapping[str, Any], inputs: Mapping[str, Any]) -> Trial:
    """Apply a table's content, published or not. Raises ExpressionError when a cell meets a value it cannot judge."""
    rules = content["rules"]
    index, trace = first_match(rules, inputs, lambda test, value: evaluate_test(test, value, inputs))
    if index is None:
        return Trial({}, None, trace)
    return Trial({name: _value(value, inputs) for name, value in rules[index]["then"].items()}, index, trace)


def list_tables(*, on: date) -> list[TableView]:
    """Return every table with the version that decides on that day (or the next to come), by key."""
    of_key: dict[str, list[DecisionTable]] = {}
    for table in DecisionTable.objects.order_by("key", "-version"):
        of_key.setdefault(table.key, []).append(table)
    return [_view(versions, _deciding(versions, on), on) for versions in of_key.values()]


def table_view(key: str, *, on: date, version: int | None = None) -> TableView:
    """Return one version of a table (without ``version``: the one that decides on that day). Raises TableNotFound."""
    versions = list(DecisionTable.objects.filter(key=key).order_by("-version"))
    if not versions:
        raise TableNotFound(key=key)
    if version is None:
        return _view(versions, _deciding(versions, on), on)
    for table in versions:
        if table.version == version:
            return _view(versions, table, on)
    raise TableNotFound(key=key, version=version)


def _deciding(versions: Sequence[DecisionTable], on: date) -> DecisionTable:
    found = next((p for p in _periods(versions) if p.holds_on(on)), None)
    return next((table for table in versions if found and table.version == found.version), versions[0])


def _periods(versions: Sequence[DecisionTable]) -> tuple[Period, ...]:
    return periods([(table.version, table.valid_from, table.valid_to) for table in versions])


def _view(versions: Sequence[DecisionTable], table: DecisionTable, on: date) -> TableView:
    return TableView(
        key=table.key,
        version=table.version,
        name=table.name,
        legal_source=table.legal_source,
        content=table.content,
        put_at=table.put_at,
        versions=tuple(each.version for each in versions),
        periods=(all_periods := _periods(versions)),
        deciding=next((period.version for period in all_periods if period.holds_on(on)), None),
    )


def _value(value: Any, inputs: Mapping[str, Any]) -> Any:
    return evaluate(value[1:], inputs) if isinstance(value, str) and value.startswith("=") else value
