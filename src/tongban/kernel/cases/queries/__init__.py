"""Reads of the cases module: lists, the case page, the public progress. No query runs while a template renders."""

from tongban.kernel.cases.queries.case import CasePage, TaskView, case_page, get_case
from tongban.kernel.cases.queries.diagram import case_diagram
from tongban.kernel.cases.queries.lists import (
    MARKS,
    VIEWS,
    Group,
    InboxRow,
    Overview,
    called,
    inbox,
    my_tasks,
    overview,
)
from tongban.kernel.cases.queries.mine import (
    BROUGHT,
    COUNT_LIMIT,
    count_todo,
    count_unread,
    done_today,
    unread_by,
    waiting_for,
)
from tongban.kernel.cases.queries.progress import Progress, find_by_code, find_by_number, progress_of

__all__ = [
    "BROUGHT",
    "COUNT_LIMIT",
    "MARKS",
    "VIEWS",
    "CasePage",
    "Group",
    "InboxRow",
    "Overview",
    "Progress",
    "TaskView",
    "called",
    "case_diagram",
    "case_page",
    "count_todo",
    "count_unread",
    "done_today",
    "find_by_code",
    "find_by_number",
    "get_case",
    "inbox",
    "my_tasks",
    "overview",
    "progress_of",
    "unread_by",
    "waiting_for",
]
