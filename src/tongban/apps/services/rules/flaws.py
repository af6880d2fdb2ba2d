"""What can be held against an item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tongban.base.text import LocalizedText as T

__all__ = ["ERROR", "WARNING", "Content", "Flaw"]

ERROR, WARNING = "error", "warning"
Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with an item: the rule (``code``), where (``path``: "limits.promised"), in words, how bad."""

    code: str
    path: str
    message: T
    level: str = ERROR

    @property
    def is_error(self) -> bool:
        """Return whether the item cannot be published with it."""
        return self.level == ERROR

    def as_json(self) -> dict[str, Any]:
        """Return the shape in which programs get it."""
        return {
            "code": self.code,
            "path": self.path,
            "level": self.level,
            "message": self.message.as_json(),
        }
