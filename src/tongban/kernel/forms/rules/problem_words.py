"""What is wrong with a definition, said in Chinese: one pattern for each English message of ``definition``.

A message without a pattern is shown as it is; a test walks through all that ``definition`` can say.
"""

from __future__ import annotations

import re

__all__ = ["in_chinese"]

_WORDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern + r"\Z", re.S), words)
    for pattern, words in (
        (r"must be a mapping", "这里应当是一组带名字的内容"),
        (
            r"must be lower-case letters, digits and hyphens, beginning with a letter",
            "只能用小写字母、数字和连字符，并以字母开头",
        ),
        (
            r"must be lower-case letters, digits and underscores, and no reserved word",
            "只能用小写字母、数字和下划线，以字母开头，不能用保留词",
        ),
        (r"must be a list with at least one page", "至少要有一页"),
        (r"must be a list with at least one field", "这一页至少要有一个问题"),
        (r"must be a list with at least one option", "至少要有一个选项"),
        (r"the page key (.+) is used (\d+) times", r"页的键 \1 用了 \2 次"),
        (r"the field key (.+) is used (\d+) times", r"问题的键 \1 用了 \2 次"),
        (r"unknown type (.+); known are (.+)", r"没有 \1 这种类型；可用的有：\2"),
        (
            r"must be a list of \{that: expression, say: text\}",
            "应当是一列检查：要成立的条件，和不成立时说的话",
        ),
        (r"'that' is missing: the expression that must hold", "缺少要成立的条件"),
        (
            r"a field of type (\w+) has no (min|max); perhaps \w+ is meant",
            r"\1 类型没有 \2；也许是想限制字数",
        ),
        (r"a field of type (\w+) has no options", r"\1 类型没有选项"),
        (r"give either options or a source, not both", "选项和选项来源只能给一个"),
        (r"a field of type (\w+) needs options or a source", r"\1 类型要有选项，或者选项来源"),
        (r"must have a value and a label", "选项要有值和文字"),
        (r"the value reads as true or false; put it into quotation marks", "这个值会被读成是或否，请加引号"),
        (r"the value (.+) must be given, and only once", r"选项的值 \1 要填写，而且不能重复"),
        (r"must be a number", "应当是数字"),
        (r"must be a date like 2026-01-31, or today", "应当是像 2026-01-31 这样的日期，或者 today"),
        (r"must be a whole number, 0 or more", "应当是不小于 0 的整数"),
        (r"is no regular expression: (.+)", r"不是正则表达式：\1"),
        (r"is needed: say in words what the pattern expects", "要用一句话说明应该怎么填"),
        (r"unknown mask; known are (.+)", r"没有这种遮盖方式；可用的有：\1"),
        (
            r"must name a bound field asked before this one on the same page",
            "应当写同一页里排在前面、已绑定登记库的问题",
        ),
        (r"needs register, field and subject", "绑定要写明登记库、字段和对象"),
        (r"must be person or entity", "应当是 person（本人）或者 entity（单位）"),
        (r"a computed field cannot be bound to a register", "计算出来的内容不能再绑定登记库"),
        (r"must be an expression", "应当是一个条件"),
        (r"the expression does not compile: (.+)", r"条件读不懂：\1"),
        (
            r"speaks of (.+), which is no field asked before this one",
            r"提到的 \1 不是排在前面的问题（条件只能看前面问过的）",
        ),
        (r"speaks of (.+), which is no field of the form", r"提到的 \1 不是本表的问题"),
        (r"is missing", "还没有填"),
        (r"must be a text with zh \(and en\)", "要写中文（可以再写英文）"),
        (r"may only have zh and en, both texts", "只能有中文和英文两项文字"),
        (r"unknown word (.+); known are (.+)", r"不认识的内容 \1；可用的有：\2"),
        (r"register (.+) has no field (.+)", r"登记库 \1 没有字段 \2"),
    )
)


def in_chinese(message: str) -> str:
    """Return the Chinese of an English message."""
    for pattern, words in _WORDS:
        found = pattern.match(message)
        if found:
            return found.expand(words)
    return message
