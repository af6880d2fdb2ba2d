"""Lettering: how wide words are, and how they break into lines that fit, Chinese and English. Plain Python, no Django."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

__all__ = ["Line", "Text", "break_lines", "fit", "is_wide", "px"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text: the place of its middle (or its left end) and its base line."""

    text: str
    x: str
    y: str


@dataclass(frozen=True, slots=True)
class Text:
    """Lines of one size. ``turn`` is an SVG transformation for text that stands upright."""

    lines: tuple[Line, ...] = ()
    size: int = 0
    turn: str = ""


def px(value: float) -> str:
    return f"{round(value, 1):g}"


SIZES_WIDE: tuple[int, ...] = (26, 23, 20, 17)
SIZES_NARROW: tuple[int, ...] = (20, 18, 16, 14)


PIECE = re.compile(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+")
"""A Chinese character, or a word with the space after it."""

LABEL_EMS = 4.5
"""Other tools save label boxes that are too narrow for Chinese: a label outside a shape is at least this wide."""


def is_wide(text: str) -> bool:
    return any(unicodedata.east_asian_width(char) in "WF" for char in text)


def width_of(text: str) -> float:
    """Return the width of a text in ems, roughly: Chinese characters are square."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WF" else 0.56 for char in text)


def fit(text: str, cx: float, cy: float, width: float, height: float, *, small: bool = False) -> Text:
    """Break a text into lines and take the largest size at which they fit."""
    sizes = SIZES_WIDE if is_wide(text) else SIZES_NARROW
    if small:
        sizes = (18,) if is_wide(text) else (16,)
        width = max(width, LABEL_EMS * sizes[0])
    lines, size = [text], sizes[-1]
    for size in sizes:
        lines = break_lines(text, width / size)
        if len(lines) * size * 1.2 <= height and all(width_of(line) * size <= width for line in lines):
            break
    step = size * 1.2
    first = cy - step * (len(lines) - 1) / 2 + size * 0.36
    return Text(tuple(Line(line, px(cx), px(first + n * step)) for n, line in enumerate(lines)), size)


def break_lines(text: str, ems: float) -> list[str]:
    """Break at spaces and between Chinese characters, into lines of about the same length."""
    if width_of(text) <= ems:
        return [text]
    count = -(-width_of(text) // max(ems, 1.0))
    share = min(ems, width_of(text) / count + 0.6) if is_wide(text) else ems
    lines = [""]
    for piece in PIECE.findall(text):
        if lines[-1] and width_of(lines[-1] + piece.rstrip()) > share:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.strip() for line in lines if line.strip()]
