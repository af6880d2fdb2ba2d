"""Charts drawn by the server: where every line, point, bar and word stands. Pure. A script may draw them again, livelier.

Each is drawn twice, for a wide page and for a phone; the words of a chart are its table's, beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

__all__ = ["Chart", "Series", "broken", "nice_top"]

WIDE, NARROW = 560, 350
HEIGHT = 280
LEFT, RIGHT, TOP, BOTTOM = 46, 16, 18, 34
ROW = 34
NAMES = 132


@dataclass(frozen=True, slots=True)
class Series:
    """A line, or one part of every bar. ``tone`` is the number of its colour (``--data-1`` to ``--data-4``, or 5)."""

    name: str
    values: Sequence[float | None]
    tone: int = 1


@dataclass(frozen=True, slots=True)
class Word:
    """A text at a place."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    kind: str = "ax"


@dataclass(frozen=True, slots=True)
class Box:
    """A bar, or a part of one."""

    x: float
    y: float
    width: float
    height: float
    tone: int


@dataclass(frozen=True, slots=True)
class Line:
    """A polyline with its points."""

    d: str
    points: Sequence[tuple[float, float]]
    tone: int


@dataclass(slots=True)
class Drawing:
    """Everything that an SVG holds."""

    width: int
    height: int
    grid: list[str] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    marks: list[tuple[float, float, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Chart:
    """What is to be drawn: ``kind`` is "line", "bars" (across, parts one after the other), "shares" (parts of 100) or "limits"
    (what was used, what was promised, what the law allows, each on one scale).
    """

    kind: str
    labels: Sequence[str]
    series: Sequence[Series]
    unit: str = ""
    low: float = 0
    notes: Sequence[str] = ()
    """A word beside each bar, such as how many were late; "" for none."""

    @cached_property
    def wide(self) -> Drawing:
        """The drawing for a wide page."""
        return DRAWN[self.kind](self, WIDE)

    @cached_property
    def narrow(self) -> Drawing:
        """The drawing for a phone."""
        return DRAWN[self.kind](self, NARROW)

    @property
    def has_legend(self) -> bool:
        """Whether there is more than one thing to tell apart."""
        return len(self.series) > 1

    @property
    def data(self) -> Mapping[str, Any]:
        """The chart for a script."""
        return {
            "kind": self.kind,
            "labels": list(self.labels),
            "unit": self.unit,
            "low": self.low,
            "notes": list(self.notes),
            "series": [{"name": s.name, "values": list(s.values), "tone": s.tone} for s in self.series],
        }


def nice_top(most: float, *, is_fine: bool = False) -> float:
    """Return a round number not below ``most``, for the top of an axis of four steps.

    Steps are whole numbers unless ``is_fine``.

    >>> nice_top(7), nice_top(54), nice_top(1800), nice_top(0), nice_top(10, is_fine=True)
    (8, 80, 2000, 4, 10.0)
    """
    size = 1
    while True:
        for factor in (1, 2, 2.5, 5):
            if 4 * factor * size >= most and (is_fine or 4 * factor * size % 4 == 0):
                return 4 * factor * size
        size *= 10


def broken(text: str, room: float) -> list[str]:
    """Return a label in one line, or in two where it is wider than its room: broken at a blank, or in the middle.

    >>> broken("Food business licence", 100), broken("食品经营许可", 132)
    (['Food business', 'licence'], ['食品经营许可'])
    """
    if sum(14 if ord(letter) > 0x2E80 else 7.4 for letter in text) <= room:
        return [text]
    blanks = [n for n, letter in enumerate(text) if letter == " "]
    half = (len(text) + 1) // 2
    at = min(blanks, key=lambda n: abs(n - half)) if blanks else half
    return [text[:at].strip(), text[at:].strip()]


def _label(drawing: Drawing, text: str, x: float, y: float, room: float) -> None:
    """Write a label to the left of ``x``, its middle at ``y``."""
    lines = broken(text, room)
    for n, line in enumerate(lines):
        drawing.words.append(Word(x, y + 5 + (n - (len(lines) - 1) / 2) * 15, line, "end", "lb"))


def _line(chart: Chart, width: int) -> Drawing:
    drawing = Drawing(width, HEIGHT)
    values = [value for series in chart.series for value in series.values if value is not None]
    top = 100.0 if chart.unit == "%" else nice_top(max(values, default=0))
    low = chart.low
    inner, height = width - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    steps = 4

    def y_of(value: float) -> float:
        return round(TOP + height * (1 - (value - low) / ((top - low) or 1)), 1)

    def x_of(place: int) -> float:
        return round(LEFT + inner * (place / max(1, len(chart.labels) - 1)), 1)

    for n in range(steps + 1):
        value = low + (top - low) * n / steps
        drawing.grid.append(f"M{LEFT} {y_of(value)}H{width - RIGHT}")
        drawing.words.append(Word(LEFT - 8, y_of(value) + 4, f"{value:,.6g}{chart.unit}", "end"))
    every = (
        1 if width == WIDE and len(chart.labels) <= 12 and max(map(len, chart.labels), default=0) < 5 else 2
    )
    if width == NARROW:
        every = 3
    last = len(chart.labels) - 1
    for place, label in enumerate(chart.labels):
        if (last - place) % every == 0:
            anchor = "end" if place == last else "middle"
            drawing.words.append(Word(x_of(place) + (8 if place == last else 0), HEIGHT - 8, label, anchor))
    for series in chart.series:
        points = [(x_of(n), y_of(value)) for n, value in enumerate(series.values) if value is not None]
        d = " ".join(f"{'L' if n else 'M'}{x} {y}" for n, (x, y) in enumerate(points))
        drawing.lines.append(Line(d, points, series.tone))
    return drawing


def _bars(chart: Chart, width: int) -> Drawing:
    """Lay out bars across: a label, the parts, the number. On a phone the label stands above its bar."""
    is_narrow = width == NARROW
    left = 0 if is_narrow else NAMES
    step = 54 if is_narrow else ROW
    totals = [sum(series.values[n] or 0 for series in chart.series) for n in range(len(chart.labels))]
    is_share = chart.kind == "shares"
    room = width - left - (4 if is_share else 120 if any(chart.notes) else 60)
    most = max(totals, default=0) or 1
    drawing = Drawing(width, max(1, len(chart.labels)) * step + 6)
    for n, label in enumerate(chart.labels):
        y = n * step + (24 if is_narrow else 6)
        if is_narrow:
            drawing.words.append(Word(0, y - 7, label, "start", "lb"))
        else:
            _label(drawing, label, left - 10, y + 10, NAMES - 10)
        x = float(left)
        for series in chart.series:
            value = series.values[n] or 0
            part = round(room * value / ((totals[n] or 1) if is_share else most), 1)
            if part:
                drawing.boxes.append(Box(x, y, part, 20, series.tone))
            if is_share and part > 44:
                kind = "on" if series.tone in (1, 5) else "lb"
                drawing.words.append(
                    Word(round(x + 8, 1), y + 15, f"{100 * value / totals[n]:.0f}%", "start", kind)
                )
            x = round(x + part, 1)
        if not is_share:
            number = f"{totals[n]:,.6g}"
            drawing.words.append(Word(x + 8, y + 15, number, "start", "lb"))
            if chart.notes and chart.notes[n]:
                drawing.words.append(Word(x + 16 + 8 * len(number), y + 15, chart.notes[n], "start", "bad"))
    return drawing


def _limits(chart: Chart, width: int) -> Drawing:
    """Lay out, for each label, a dot (used), a diamond (promised) and an upright (the law's limit) on one scale of days."""
    is_narrow = width == NARROW
    left, step = (8, 54) if is_narrow else (NAMES, 38)
    most = nice_top(
        max((v for series in chart.series for v in series.values if v is not None), default=0), is_fine=True
    )
    room = width - left - 20
    height = max(1, len(chart.labels)) * step + 34
    drawing = Drawing(width, height)

    def x_of(value: float) -> float:
        return round(left + room * value / most, 1)

    for n in range(5):
        drawing.grid.append(f"M{x_of(most * n / 4)} 4V{height - 26}")
        drawing.words.append(Word(x_of(most * n / 4), height - 8, f"{most * n / 4:,.6g}", "middle"))
    for n, label in enumerate(chart.labels):
        y = n * step + (36 if is_narrow else 22)
        if is_narrow:
            drawing.words.append(Word(0, y - 16, label, "start", "lb"))
        else:
            _label(drawing, label, left - 14, y, NAMES - 14)
        values = [series.values[n] for series in chart.series]
        known = [value for value in values if value is not None]
        drawing.boxes.append(
            Box(x_of(min(known)), y - 1, round(x_of(max(known)) - x_of(min(known)), 1), 3, 3)
        )
        drawing.marks += [
            (x_of(v), y, place) for place, v in reversed(list(enumerate(values, 1))) if v is not None
        ]
    return drawing


DRAWN = {"line": _line, "bars": _bars, "shares": _bars, "limits": _limits}
