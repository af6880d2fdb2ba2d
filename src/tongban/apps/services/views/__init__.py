"""Pages of the services application."""

from tongban.apps.services.views.application import (
    apply,
    check,
    form_page,
    materials,
    resume,
    submitted,
    wrong_value,
)
from tongban.apps.services.views.browse import catalogue, departments, limits, limits_file
from tongban.apps.services.views.public import guide_question, list_notices, rate, search, show_item

__all__ = [
    "apply",
    "catalogue",
    "check",
    "departments",
    "form_page",
    "guide_question",
    "limits",
    "limits_file",
    "list_notices",
    "materials",
    "rate",
    "resume",
    "search",
    "show_item",
    "submitted",
    "wrong_value",
]
