"""The door of decisions: one sandboxed expression language, and decision tables that show how they
decided.
"""

from tongban.kernel.decisions.expressions import check_expression, evaluate, holds
from tongban.kernel.decisions.operations.tables import put_table
from tongban.kernel.decisions.queries import (
    Decision,
    TableView,
    Trial,
    decide,
    get_table,
    list_tables,
    table_view,
    try_content,
)
from tongban.kernel.decisions.rules import Row, Tested

__all__ = [
    "Decision",
    "Row",
    "TableView",
    "Tested",
    "Trial",
    "check_expression",
    "decide",
    "evaluate",
    "get_table",
    "holds",
    "list_tables",
    "put_table",
    "table_view",
    "try_content",
]
