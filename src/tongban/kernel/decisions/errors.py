"""What decisions refuses."""

from __future__ import annotations

from tongban.base.errors import Conflict, Invalid, NotFound
from tongban.base.text import LocalizedText

__all__ = ["ExpressionError", "NoRuleApplies", "TableInvalid", "TableNotFound"]


class ExpressionError(Invalid):
    """The expression cannot be read or cannot be worked out; ``detail`` says where and what to write
    instead.
    """

    code = "expression"
    title = LocalizedText(zh="表达式有误", en="The expression is wrong")


class TableInvalid(Invalid):
    """The decision table is inconsistent; ``data["errors"]`` lists every place."""

    code = "table-invalid"
    title = LocalizedText(zh="决策表有误", en="The decision table is wrong")


class TableNotFound(NotFound):
    """No version of that table is valid on that day."""

    code = "table-not-found"
    title = LocalizedText(zh="没有这张决策表", en="There is no such decision table")


class NoRuleApplies(Conflict):
    """The table has no rule for these inputs: a gap in the table, not a fault of who asked."""

    code = "no-rule-applies"
    title = LocalizedText(zh="决策表里没有适用的规则", en="No rule of the decision table applies")
