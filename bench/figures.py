"""Figures: a name, a value, a unit, and what was measured beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["beside", "figure", "line", "short"]

FLAT = ("desk_list", "case_page", "public_search")
"""Pages that shall not take longer where there are more cases."""


def figure(name: str, value: float, unit: str, baseline: float | None = None) -> dict[str, Any]:
    """Return one figure; ``ratio`` is value to baseline."""
    return {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "baseline": None if baseline is None else round(baseline, 2),
        "ratio": round(value / baseline, 3) if baseline else None,
    }


def line(told: dict[str, Any]) -> str:
    """Return a figure as a line of the table."""
    seen = f"   beside {told['baseline']}: {told['ratio']}" if told["baseline"] is not None else ""
    return f"{told['name']:<28} {told['value']:>12} {told['unit']}{seen}"


def short(size: int) -> str:
    """Return how a size stands in the names of figures: 300, 10k, 1m."""
    for unit, name in ((1_000_000, "m"), (1000, "k")):
        if size >= unit and size % unit == 0:
            return f"{size // unit}{name}"
    return str(size)


def beside(figures: Sequence[dict[str, Any]], sizes: Sequence[int]) -> None:
    """Let the pages of larger installations stand beside those of the smallest."""
    by_name = {told["name"]: told for told in figures}
    small = short(sizes[0])
    for size in sizes[1:]:
        for page in FLAT:
            large, other = by_name.get(f"{page}_p95_ms_{short(size)}"), by_name.get(f"{page}_p95_ms_{small}")
            if large and other:
                large["baseline"], large["ratio"] = other["value"], round(large["value"] / other["value"], 3)
