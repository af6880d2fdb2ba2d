"""Pure decisions of licence applications. No Django."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = [
    "EDITABLE",
    "EXTENDABLE",
    "FINAL",
    "WITHDRAWABLE",
    "Requirement",
    "missing_materials",
    "requirements",
]

EDITABLE = frozenset({"draft", "correction"})
"""States in which the applicant may change answers and materials."""

WITHDRAWABLE = frozenset(
    {
        "submitted",
        "received",
        "choosing",
        "expected",
        "correction",
        "accepted",
        "under_review",
        "preliminary",
        "inspection",
        "special_procedure",
        "publicity",
        "deciding",
    }
)
"""States before the decision, in which an application may be withdrawn."""

EXTENDABLE = frozenset(
    {
        "accepted",
        "under_review",
        "preliminary",
        "inspection",
        "special_procedure",
        "publicity",
        "deciding",
    }
)
"""States between acceptance and decision, in which the time limit may be extended once (Administrative Licensing Law art. 42)."""

FINAL = frozenset({"delivered", "refused", "not_accepted", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Requirement:
    """A material as it stands for one application: must it be given, by upload, or does the government hold it?"""

    key: str
    is_required: bool
    is_upload: bool


def requirements(
    materials: Sequence[Mapping[str, Any]],
    data: Mapping[str, Any],
    holds: Callable[[str, Mapping[str, Any]], bool],
) -> list[Requirement]:
    """Return the materials that apply to these answers.

    ``holds(expression, data)`` evaluates an item's condition (its ``when``); a material whose condition does not hold is not
    asked at all. A material that a register or a certificate replaces is never uploaded (Online Government Services
    Provisions 2019: what data sharing can get must not be asked for).
    """
    found = []
    for material in materials:
        when = material.get("when") or ""
        if when and not holds(when, data):
            continue
        is_upload = material.get("action", "upload") == "upload"
        is_required = bool(material.get("required", True)) and is_upload
        found.append(Requirement(material["key"], is_required, is_upload))
    return found


def missing_materials(required: Sequence[Requirement], uploaded: Mapping[str, Any]) -> list[str]:
    """Return the keys of the required materials for which nothing was uploaded, in the item's order."""
    return [r.key for r in required if r.is_required and not uploaded.get(r.key)]
