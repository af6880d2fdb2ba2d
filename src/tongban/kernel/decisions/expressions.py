"""The one expression language of Tongban: gateway conditions, visible and required fields, tables, oversight
rules.

Words of the language: ``and or not in == != < <= > >= + - * / % ??`` , ``a ? b : c``, lists, ranges after
``in``, attribute access and the functions of ``grammar.FUNCTIONS``. Names are looked up in the context; a
missing one is null.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

import zen

from tongban.base.text import LocalizedText
from tongban.kernel.decisions.errors import ExpressionError
from tongban.kernel.decisions.grammar import find_fault

__all__ = ["check_expression", "check_test", "evaluate", "evaluate_test", "holds"]

MAX_CONTEXT_DEPTH = 12


def evaluate(expression: str, context: Mapping[str, Any]) -> Any:
    """Work out ``expression`` over ``context``. Raises ExpressionError.

    Whole numbers come back as int, other numbers as float, dates as they were given (ISO text).
    """
    compiled = _compiled(expression)
    values = _plain(_spoken_of(expression, context))
    return _number(_run(lambda: compiled.evaluate(values), expression))


def holds(expression: str, context: Mapping[str, Any]) -> bool:
    """True when a condition is true. A condition over an answer that is not there yet is not true, and no
    error.

    Raises ExpressionError when the expression cannot be read at all.
    """
    check_expression(expression)
    try:
        return evaluate(expression, context) is True
    except ExpressionError:
        return False


def check_expression(expression: str) -> None:
    """Raise ExpressionError when the expression cannot be read. For publishing, before anybody relies on
    it.
    """
    _check(expression)


def check_test(expression: str) -> None:
    """Like ``check_expression`` for one cell of a decision table ("> 50", "'a', 'b'", "[1..5]")."""
    _check(expression, is_test=True)


def evaluate_test(expression: str, value: Any, context: Mapping[str, Any]) -> bool:
    """True when ``value`` passes a table cell. A missing value passes only the empty cell and a test for
    null.
    """
    if expression.strip() in ("", "-"):
        return True
    compiled = _compiled(expression, is_test=True)
    if value is None and "null" not in expression:
        return False
    values = {**_plain(_spoken_of(expression, context)), "$": _plain(value)}
    return bool(_run(lambda: compiled.evaluate(values), expression))


def _as_expression(test: str) -> str:
    """Write a table cell so that the grammar can judge it: its ranges stand after an implied ``in``."""
    text = test.strip()
    return f"$ in {text}" if text.startswith(("[", "(")) else text


def _check(expression: str, is_test: bool = False) -> None:
    if not (is_test and expression.strip() in ("", "-")):
        _compiled(expression, is_test)


@lru_cache(maxsize=4096)
def _compiled(expression: str, is_test: bool = False) -> Any:
    """Return what the engine makes of a text once: reading it costs more than working it out."""
    _refuse_fault(_as_expression(expression) if is_test else expression)
    compile_ = zen.compile_unary_expression if is_test else zen.compile_expression
    return _run(lambda: compile_(expression), expression)


def _spoken_of(expression: str, context: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the part of a context that an expression can mean: a form of a hundred fields has conditions over one or two."""
    if "$root" in expression:
        return context
    return {name: context[name] for name in _words(expression) if name in context}


@lru_cache(maxsize=4096)
def _words(expression: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"[^\W\d]\w*", expression)))


@lru_cache(maxsize=4096)
def _fault_text(expression: str) -> LocalizedText | None:
    fault = find_fault(expression)
    if fault is None:
        return None
    return LocalizedText(
        zh=f"第 {fault.position} 个字符：{fault.message.zh}",
        en=f"At character {fault.position}: {fault.message.en}",
    )


def _refuse_fault(expression: str) -> None:
    text = _fault_text(expression)
    if text is not None:
        raise ExpressionError(text, expression=expression)


def _run(work: Callable[[], Any], expression: str) -> Any:
    try:
        return work()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # the engine's panics are no Exceptions
        raise ExpressionError(_explain(_source(error)), expression=expression) from None


def _source(error: BaseException) -> str:
    text = str(error).split("\n", 1)[0]
    try:
        return str(json.loads(text)["source"])
    except (ValueError, KeyError, TypeError):
        return text[:200]


def _explain(source: str) -> LocalizedText:
    if "Unsupported type" in source:
        return LocalizedText(
            zh="数据类型不对，或者这个数据还没有填",
            en="A value has the wrong type, or is not there yet",
        )
    if "Incomplete parser output" in source:
        return LocalizedText(
            zh="后面有读不懂的内容，或者函数缺少参数",
            en="Something at the end cannot be read, or a function lacks an argument",
        )
    place = re.search(r"at \((\d+), ", source)
    where = int(place[1]) + 1 if place else 0
    return LocalizedText(
        zh=f"第 {where} 个字符附近读不懂" if where else "读不懂这个表达式",
        en=f"It cannot be read near character {where}" if where else "It cannot be read",
    )


def _number(value: Any) -> Any:
    """Give whole numbers back as int: the engine knows decimals only."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, list):
        return [_number(item) for item in value]
    if isinstance(value, dict):
        return {key: _number(item) for key, item in value.items()}
    return value


def _plain(value: Any, depth: int = 0) -> Any:
    """Turn Python values into what the engine takes: JSON."""
    if depth > MAX_CONTEXT_DEPTH:
        raise ExpressionError(LocalizedText(zh="数据套得太深", en="The data are nested too deeply"))
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**63 else str(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, LocalizedText):
        return value.as_json()
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, Sequence | set | frozenset):
        return [_plain(item, depth + 1) for item in value]
    raise ExpressionError(
        LocalizedText(zh=f"不能用 {type(value).__name__} 计算", en=f"{type(value).__name__} cannot be used")
    )
