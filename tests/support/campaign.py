"""Long proofs: shortened in ``make test``, whole in ``make campaign``, which also writes their figures into the docs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TypeVar

__all__ = ["figure", "is_whole", "size"]

T = TypeVar("T")

RESULTS = "TONGBAN_CAMPAIGN_RESULTS"


def is_whole() -> bool:
    """True in ``make campaign``."""
    return os.environ.get("TONGBAN_CAMPAIGN") == "1"


def size(short: T, full: T) -> T:
    """Return how much to do: runs, seconds, clients."""
    return full if is_whole() else short


def figure(name: str, value: float, unit: str) -> None:
    """Note a result of the test that is running, to be written into the documentation after a campaign."""
    path = os.environ.get(RESULTS)
    if path:
        file = os.environ["PYTEST_CURRENT_TEST"].partition("::")[0]
        with Path(path).open("a", encoding="utf-8") as results:
            results.write(json.dumps({"file": file, "name": name, "value": value, "unit": unit}) + "\n")
