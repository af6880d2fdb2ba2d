"""What an expression may contain: the sandbox's outer wall, checked before the engine sees the text.

The threat: an expression comes from a pack or an editor, runs in the web process, and may be written by
somebody who wants to stop it (a range of a thousand million numbers, brackets without end), or who by
mistake makes a decision depend on chance or on the present moment, so that it cannot be repeated. The engine
itself has no way out to Python, files or the network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tongban.base.text import LocalizedText

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "Fault", "find_fault"]

MAX_LENGTH = 1000
MAX_DEPTH = 16
MAX_OPERATORS = 200

CLOSURES = frozenset({"all", "some", "none", "one", "filter", "map", "flatMap", "count"})
FUNCTIONS = CLOSURES | frozenset(
    [
        "len",
        "contains",
        "startsWith",
        "endsWith",
        "matches",
        "extract",
        "upper",
        "lower",
        "trim",
        "split",
        "string",
        "number",
        "bool",
        "isNumeric",
        "type",
        "abs",
        "sum",
        "avg",
        "min",
        "max",
        "median",
        "mode",
        "floor",
        "ceil",
        "round",
        "trunc",
        "keys",
        "values",
        "date",
        "d",
        "time",
        "duration",
        "year",
        "month",
        "dayOfMonth",
        "dayOfWeek",
        "dayOfYear",
        "weekOfYear",
        "monthOfYear",
        "dateString",
        "startOf",
        "endOf",
        "not",
        "in",
        "and",
        "or",
    ]
)
TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<string>'[^']*'|\"[^\"]*\")|(?P<number>\d+(?:\.(?!\.)\d+)?)|(?P<range>\.\.)"
    r"|(?P<word>[^\W\d]\w*)|(?P<operator>==|!=|<=|>=|\?\?|=>|[-+*/%^<>?:.,#$!=&|;`@\\~])|(?P<open>[(\[{])|(?P<close>[)\]}])"
)
PAIRS = {")": "(", "]": "[", "}": "{"}
ISO_DATE = re.compile(r"^['\"]\d{4}-\d{2}-\d{2}(T[\d:.+Z-]*)?['\"]$")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong and where (character position from 1)."""

    message: LocalizedText
    position: int


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


def find_fault(expression: str) -> Fault | None:
    """Return the first thing in ``expression`` that is not allowed, or None."""
    if not expression.strip():
        return Fault(LocalizedText(zh="表达式是空的", en="The expression is empty"), 1)
    if len(expression) > MAX_LENGTH:
        return Fault(
            LocalizedText(
                zh=f"表达式太长，最多 {MAX_LENGTH} 个字符",
                en=f"The expression is too long, at most {MAX_LENGTH} characters",
            ),
            MAX_LENGTH + 1,
        )
    tokens: list[_Token] = []
    for found in _tokens(expression):
        if isinstance(found, Fault):
            return found
        tokens.append(found)
    return _fault_in_words(tokens) or _fault_in_brackets(tokens)


def _tokens(expression: str) -> Iterator[_Token | Fault]:
    position = 0
    while position < len(expression):
        match = TOKEN.match(expression, position)
        if match is None:
            quote = expression[position] in "'\""
            message = (
                LocalizedText(zh="引号没有配对", en="A quotation mark is not closed")
                if quote
                else LocalizedText(
                    zh=f"不认识的符号 {expression[position]}", en=f"Unknown character {expression[position]}"
                )
            )
            yield Fault(message, position + 1)
            return
        if match.lastgroup != "space":
            yield _Token(match.lastgroup or "", match[0], position + 1)
        position = match.end()


WRITE = {
    "=": LocalizedText(zh="比较要写两个等号 ==", en="Write == to compare"),
    "&": LocalizedText(zh="“并且”写 and", en="Write and, not &&"),
    "|": LocalizedText(zh="“或者”写 or", en="Write or, not ||"),
    "`": LocalizedText(zh="字符串用单引号", en="Write strings in single quotes"),
}


def _fault_in_words(tokens: list[_Token]) -> Fault | None:
    operators = 0
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        if token.kind == "operator":
            operators += 1
            if token.text in WRITE:
                return Fault(WRITE[token.text], token.position)
            if token.text in ";@\\~" or token.text == "=>":
                return Fault(
                    LocalizedText(zh=f"不能用 {token.text}", en=f"{token.text} is not allowed"),
                    token.position,
                )
        if token.kind == "word" and after is not None and after.text == "(" and token.text not in FUNCTIONS:
            return Fault(
                LocalizedText(zh=f"没有函数 {token.text}", en=f"There is no function {token.text}"),
                token.position,
            )
        if token.kind == "string" and _is_date_argument(tokens, token) and not ISO_DATE.match(token.text):
            return Fault(
                LocalizedText(
                    zh="日期写成 '2026-03-12'；“现在”要作为数据传进来",
                    en="Write a date like '2026-03-12'; the present moment must be given as data",
                ),
                token.position,
            )
        if before is not None and before.text == "." and token.kind == "word" and token.text.startswith("__"):
            return Fault(
                LocalizedText(zh=f"没有属性 {token.text}", en=f"There is no attribute {token.text}"),
                token.position,
            )
    if operators > MAX_OPERATORS:
        return Fault(
            LocalizedText(zh="运算太多，请拆开", en="Too many operators, split it"), tokens[-1].position
        )
    return None


def _is_date_argument(tokens: list[_Token], token: _Token) -> bool:
    index = tokens.index(token)
    return index >= 2 and tokens[index - 1].text == "(" and tokens[index - 2].text in ("date", "d", "time")


def _fault_in_brackets(tokens: list[_Token]) -> Fault | None:
    """Check pairs, depth, that ranges stand only after ``in``, and that loops do not stand in loops."""
    stack: list[tuple[str, str]] = []  # (bracket, word before it)
    previous = ""
    for token in tokens:
        if token.kind == "open":
            stack.append((token.text, previous))
            if len(stack) > MAX_DEPTH:
                return Fault(
                    LocalizedText(zh="括号套得太深", en="Brackets are nested too deeply"), token.position
                )
            if sum(1 for _, word in stack if word in CLOSURES) > 1:
                return Fault(
                    LocalizedText(zh="循环里不能再套循环", en="A loop inside a loop is not allowed"),
                    token.position,
                )
        elif token.kind == "close":
            if not stack or (stack.pop()[0] != PAIRS[token.text] and not _is_range_end(tokens, token)):
                return Fault(LocalizedText(zh="括号没有配对", en="Brackets do not match"), token.position)
        elif token.kind == "range" and (not stack or stack[-1][1] != "in"):
            return Fault(
                LocalizedText(zh="区间只能写在 in 后面", en="A range may only stand after in"), token.position
            )
        previous = token.text
    if stack:
        return Fault(LocalizedText(zh="括号没有配对", en="Brackets do not match"), tokens[-1].position)
    return None


def _is_range_end(tokens: list[_Token], close: _Token) -> bool:
    """A half-open range such as [1..5) closes with the other bracket."""
    index = tokens.index(close)
    return close.text in ")]" and any(token.kind == "range" for token in tokens[max(0, index - 4) : index])
