"""An opaque pointer to something above. The holder of a Ref never opens it, so knowledge keeps pointing down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Ref"]


@dataclass(frozen=True, slots=True)
class Ref:
    """``kind`` names the sort of thing ("case", "task", "item", ...), ``id`` is its key as a string."""

    kind: str
    id: str

    @classmethod
    def to(cls, kind: str, key: Any) -> Ref:
        """Make a Ref from any key (a UUID, an int, a string)."""
        return cls(kind, str(key))

    @classmethod
    def parse(cls, text: str) -> Ref:
        """Read the form that ``str()`` writes, ``kind:id``. Raises ValueError when there is no colon."""
        kind, colon, key = text.partition(":")
        if not colon:
            raise ValueError(f"not a reference: {text!r}")
        return cls(kind, key)

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"
