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
from tongban.apps.services.views.public import guide_question, list_notices, rate, search, show_item

__all__ = [
    "apply",
    "check",
    "form_page",
    "guide_question",
    "list_notices",
    "materials",
    "rate",
    "resume",
    "search",
    "show_item",
    "submitted",
    "wrong_value",
]
