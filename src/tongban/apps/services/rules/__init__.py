"""Pure decisions of services: about applications, and about the quality of the catalogue. No Django."""

from tongban.apps.services.rules.applications import (
    EDITABLE,
    EXTENDABLE,
    FINAL,
    WITHDRAWABLE,
    Requirement,
    missing_materials,
    requirements,
)
from tongban.apps.services.rules.flaws import Flaw
from tongban.apps.services.rules.quality import check_item
from tongban.apps.services.rules.together import WithForm

__all__ = [
    "EDITABLE",
    "EXTENDABLE",
    "FINAL",
    "WITHDRAWABLE",
    "Flaw",
    "Requirement",
    "WithForm",
    "check_item",
    "missing_materials",
    "requirements",
]
