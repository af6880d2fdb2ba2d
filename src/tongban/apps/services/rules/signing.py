"""What is signed and how it is drawn. Pure.

A signature holds for one content: the answers that count and the bytes of the materials. Its SHA-256 is printed on the form,
stands in the signature of the PDF and in the ledger's act of handing in; whatever changes afterwards has another one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import rfc8785

__all__ = ["content_digest", "drawing"]

WIDTH, HEIGHT = 600, 200
MOST_STROKES, MOST_POINTS = 80, 6000
LEAST_POINTS, LEAST_EXTENT = 8, 40
"""Less is a slip of the finger, no signature."""


def content_digest(
    *, item: str, version: int, answers: Mapping[str, Any], materials: Mapping[str, Sequence[str]]
) -> str:
    """Return the SHA-256 of an application: canonical JSON (RFC 8785) of the item, the answers, the digests of the files."""
    content = {
        "item": item,
        "version": version,
        "answers": json.loads(json.dumps(dict(answers), default=str)),
        "materials": {key: sorted(digests) for key, digests in materials.items()},
    }
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def drawing(strokes: str) -> str:
    """Return the SVG of a signature drawn on the canvas, "" when it is none.

    ``strokes`` is JSON from the browser: lists of [x, y] on 600 x 200. Only numbers come through, so nothing else can stand in
    the drawing.
    """
    try:
        said = json.loads(strokes) if len(strokes) < 200_000 else None
    except ValueError:
        return ""
    if not isinstance(said, list) or len(said) > MOST_STROKES:
        return ""
    lines = [points for points in map(_points, said) if points]
    every = [point for points in lines for point in points]
    if not LEAST_POINTS <= len(every) <= MOST_POINTS:
        return ""
    across, down = ([point[axis] for point in every] for axis in (0, 1))
    if max(max(across) - min(across), max(down) - min(down)) < LEAST_EXTENT:
        return ""
    path = " ".join("M" + " L".join(f"{x} {y}" for x, y in points) for points in lines)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<path d="{path}" fill="none" stroke="#111111" stroke-width="5" '
        'stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )


def _points(stroke: Any) -> list[tuple[int, int]]:
    if not isinstance(stroke, list):
        return []
    found = []
    for point in stroke:
        if not (isinstance(point, list) and len(point) == 2 and all(_is_number(value) for value in point)):
            return []
        x, y = (round(value) for value in point)
        found.append((min(max(x, 0), WIDTH), min(max(y, 0), HEIGHT)))
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e6 < value < 1e6
