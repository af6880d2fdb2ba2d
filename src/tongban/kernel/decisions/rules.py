"""Decision tables: what is wrong with one, and which rule applies. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["INPUT_TYPES", "Row", "Tested", "find_faults", "first_match"]

INPUT_TYPES = ("text", "number", "bool", "date", "list")
"""What an input may say it is; one that says nothing is taken as it looks."""

Fault = tuple[str, str, str]
"""Where, what in Chinese, what in English."""


@dataclass(frozen=True, slots=True)
class Tested:
    """One cell that was tried."""

    input: str
    test: str
    value: Any
    holds: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One rule that was tried, up to the first cell that did not hold."""

    index: int
    tests: tuple[Tested, ...] = field(default=())

    @property
    def matched(self) -> bool:
        """True when every cell held."""
        return all(tested.holds for tested in self.tests)


def first_match(
    rules: Sequence[Mapping[str, Any]], inputs: Mapping[str, Any], passes: Callable[[str, Any], bool]
) -> tuple[int | None, tuple[Row, ...]]:
    """Return the index of the first rule whose cells all hold (None when there is none) and every row
    tried.
    """
    rows = []
    for index, rule in enumerate(rules):
        tests = []
        for key, test in (rule.get("when") or {}).items():
            tests.append(Tested(key, str(test), inputs.get(key), passes(str(test), inputs.get(key))))
            if not tests[-1].holds:
                break
        rows.append(Row(index, tuple(tests)))
        if rows[-1].matched:
            return index, tuple(rows)
    return None, tuple(rows)


def find_faults(
    content: Mapping[str, Any],
    fault_in_test: Callable[[str], str | None],
    fault_in_value: Callable[[str], str | None],
) -> list[Fault]:
    """Return everything that is wrong with a table's content. The callables judge expressions (None:
    right).
    """
    faults: list[Fault] = []
    for name in ("inputs", "outputs", "rules"):
        if not isinstance(content.get(name), list) or not content[name]:
            faults.append((name, "不能为空", "must not be empty"))
    if faults:
        return faults
    if content.get("hit", "first") != "first":
        faults.append(("hit", "只支持 first", "only first is supported"))
    inputs, outputs = _keys(content["inputs"]), _keys(content["outputs"])
    for name, keys in (("inputs", inputs), ("outputs", outputs)):
        if len(set(keys)) != len(keys) or "" in keys:
            faults.append((name, "键缺失或重复", "a key is missing or double"))
    for name in ("inputs", "outputs"):
        faults += _column_faults(name, content[name])
    for index, rule in enumerate(content["rules"]):
        faults += _rule_faults(
            f"rules[{index}]", rule, set(inputs), set(outputs), fault_in_test, fault_in_value
        )
    return faults


def _column_faults(name: str, columns: Sequence[Any]) -> list[Fault]:
    faults: list[Fault] = []
    for index, column in enumerate(columns):
        if not isinstance(column, Mapping):
            continue
        if column.get("type", "") not in ("", *INPUT_TYPES):
            faults.append((f"{name}[{index}].type", "没有这种类型", "there is no such type"))
        for option in column.get("options") or ():
            if not isinstance(option, Mapping) or not {"value", "label"} <= set(option):
                faults.append(
                    (f"{name}[{index}].options", "选项要有 value 和 label", "an option needs value and label")
                )
    return faults


def _rule_faults(
    place: str,
    rule: Any,
    inputs: set[str],
    outputs: set[str],
    fault_in_test: Callable[[str], str | None],
    fault_in_value: Callable[[str], str | None],
) -> list[Fault]:
    if not isinstance(rule, Mapping) or not isinstance(rule.get("then"), Mapping):
        return [(place, "缺少 then", "then is missing")]
    faults: list[Fault] = []
    for key, test in (rule.get("when") or {}).items():
        if key not in inputs:
            faults.append((f"{place}.when.{key}", "没有这个输入", "there is no such input"))
        elif problem := fault_in_test(str(test)):
            faults.append((f"{place}.when.{key}", problem, problem))
    missing, unknown = outputs - set(rule["then"]), set(rule["then"]) - outputs
    faults += [(f"{place}.then.{key}", "缺少这个输出", "this output is missing") for key in sorted(missing)]
    faults += [(f"{place}.then.{key}", "没有这个输出", "there is no such output") for key in sorted(unknown)]
    for key, value in rule["then"].items():
        if isinstance(value, str) and value.startswith("=") and (problem := fault_in_value(value[1:])):
            faults.append((f"{place}.then.{key}", problem, problem))
    return faults


def _keys(columns: Sequence[Any]) -> list[str]:
    return [str(column.get("key", "")) if isinstance(column, Mapping) else str(column) for column in columns]
