"""Pages of the services application."""

from tongban.apps.services.views.application import apply, check, form_page, resume, submitted, wrong_value
from tongban.apps.services.views.browse import catalogue, departments, limits, limits_file
from tongban.apps.services.views.counter import (
    begin_at_counter,
    counter_receipt,
    end_agency_at_counter,
    enter_correction,
    find_result,
    hand_over,
)
from tongban.apps.services.views.documents import materials
from tongban.apps.services.views.people import answer_consent, apply_for, helping, people_page
from tongban.apps.services.views.public import guide_question, list_notices, rate, search, show_item
from tongban.apps.services.views.signing import form_file, mail_code, sign
from tongban.apps.services.views.tables import let_in, list_tables, rejected_rows, show_table

__all__ = [
    "answer_consent",
    "apply",
    "apply_for",
    "begin_at_counter",
    "catalogue",
    "check",
    "counter_receipt",
    "departments",
    "end_agency_at_counter",
    "enter_correction",
    "find_result",
    "form_file",
    "form_page",
    "guide_question",
    "hand_over",
    "helping",
    "let_in",
    "limits",
    "limits_file",
    "list_notices",
    "list_tables",
    "mail_code",
    "materials",
    "people_page",
    "rate",
    "rejected_rows",
    "resume",
    "search",
    "show_item",
    "show_table",
    "sign",
    "submitted",
    "wrong_value",
]
