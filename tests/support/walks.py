"""What is answered when an item is applied for: ``tests/county/walks``, for whoever walks an item."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

__all__ = ["WALKS", "dated", "example_of", "read"]

WALKS = Path(__file__).resolve().parents[1] / "county" / "walks"


def read(path: Path) -> dict[str, Any]:
    """Return what a file says."""
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def example_of(item: str) -> dict[str, Any]:
    """Return who applies for an item in the examples, for which firm, and what is answered."""
    return read(WALKS / "items" / f"{item}.yaml")


def dated(answers: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return answers with the date for ``today`` and ``today+n``; an hour may follow (``today+1T09:00+08:00``)."""

    def value(said: Any) -> Any:
        if isinstance(said, str) and said.startswith("today"):
            days, is_moment, hour = said.removeprefix("today").partition("T")
            day = today + timedelta(days=int(days or 0))
            return f"{day.isoformat()}{is_moment}{hour}"
        return said

    return {key: value(said) for key, said in answers.items()}
