"""Where a known value comes from, as it is kept beside the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tongban.base.text import LocalizedText

__all__ = ["Bound"]


@dataclass(frozen=True, slots=True)
class Bound:
    """What a register said about one field: the value, whose register, how old it is, when it was read.

    ``key`` is the key of the record (personal: never in a URL); with ``register`` and ``field`` it says where a correction
    of an error goes.
    """

    value: Any
    source: LocalizedText
    as_of: datetime | None
    register: str
    key: str
    field: str = ""
    read_at: datetime | None = None
    reported_at: datetime | None = None
    """When the person said that it is wrong; from then on it is asked."""

    def as_json(self) -> dict[str, Any]:
        """Return the shape in which an entry keeps it."""
        return {
            "value": self.value,
            "source": self.source.as_json(),
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "register": self.register,
            "key": self.key,
            "field": self.field,
            "read_at": self.read_at.isoformat() if self.read_at else None,
            "reported_at": self.reported_at.isoformat() if self.reported_at else None,
        }

    @classmethod
    def read(cls, data: Mapping[str, Any] | None) -> Bound | None:
        """Read what ``as_json`` wrote; None stays None."""
        if not data:
            return None
        return cls(
            value=data["value"],
            source=LocalizedText.of(data["source"]),
            as_of=_moment(data["as_of"]),
            register=data["register"],
            key=data["key"],
            field=data["field"],
            read_at=_moment(data["read_at"]),
            reported_at=_moment(data["reported_at"]),
        )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
