"""The door of decisions: one sandboxed expression language, and decision tables that show how they
decided.
"""

from tongban.kernel.decisions.expressions import check_expression, evaluate, holds
from tongban.kernel.decisions.operations.tables import put_table
from tongban.kernel.decisions.queries import Decision, decide, get_table
from tongban.kernel.decisions.rules import Row, Tested

__all__ = [
    "Decision",
    "Row",
    "Tested",
    "check_expression",
    "decide",
    "evaluate",
    "get_table",
    "holds",
    "put_table",
]
