"""Reads of the cases module: lists, the case page, the public progress. No query runs while a template renders."""

from tongban.kernel.cases.queries.case import CasePage, TaskView, case_page, get_case
from tongban.kernel.cases.queries.lists import VIEWS, InboxRow, count_todo, inbox
from tongban.kernel.cases.queries.progress import Progress, find_by_code, find_by_number, progress_of

__all__ = [
    "VIEWS",
    "CasePage",
    "InboxRow",
    "Progress",
    "TaskView",
    "case_page",
    "count_todo",
    "find_by_code",
    "find_by_number",
    "get_case",
    "inbox",
    "progress_of",
]
