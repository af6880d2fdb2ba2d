"""The layout of a drawing: shapes, paths and lines of text in one language, with numbers only. Plain Python, no Django.

Colours and strokes belong to the style sheet, words to the template.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from tongban.kernel.processes.drawing import CURRENT, DONE, Band, Drawing, Edge, Shape
from tongban.kernel.processes.graph import Kind, Label, Point
from tongban.kernel.processes.lettering import Line, Text, fit, is_wide, px

__all__ = ["Layout", "lay_out"]


@dataclass(frozen=True, slots=True)
class LaidShape:
    """A shape with its place; ``d`` are the strokes of its inner mark (a cross, a clock)."""

    kind: str
    state: str
    x: str
    y: str
    width: str
    height: str
    cx: str
    cy: str
    radius: str
    outline: str
    d: str
    text: Text
    times: Text
    is_box: bool = False


@dataclass(frozen=True, slots=True)
class LaidEdge:
    """A path with its arrow head."""

    taken: bool
    d: str
    arrow: str
    text: Text


@dataclass(frozen=True, slots=True)
class LaidLane:
    """A lane with its name on the left."""

    x: str
    y: str
    width: str
    height: str
    divider: str
    text: Text


@dataclass(frozen=True, slots=True)
class LaidStep:
    """A step in words of one language."""

    label: str
    lane: str
    state: str
    times: int


@dataclass(frozen=True, slots=True)
class Layout:
    """A drawing in one language: numbers and words, nothing else."""

    key: str
    label: str
    view_box: str
    lanes: tuple[LaidLane, ...] = ()
    frames: tuple[LaidShape, ...] = ()
    edges: tuple[LaidEdge, ...] = ()
    shapes: tuple[LaidShape, ...] = ()
    steps: tuple[LaidStep, ...] = ()
    current: tuple[str, ...] = ()
    done: tuple[str, ...] = field(default=())
    is_ended: bool = False
    is_terminated: bool = False
    is_wide: bool = False


WIDE = 1150
"""A drawing wider than this is shown larger and scrolls, or its words would become too small to read."""

TITLE = 36
"""The width of the strip that carries a lane's name."""


def lay_out(drawing: Drawing, language: str) -> Layout:
    """Place everything for one language ("zh..." or "en...")."""
    english = language.startswith("en")

    def words(label: Label) -> str:
        return label.en if english and label.en else label.zh

    steps = tuple(LaidStep(words(s.label), words(s.lane), s.state, s.times) for s in drawing.steps)
    return Layout(
        key=drawing.key,
        label=words(drawing.label),
        view_box=" ".join(px(value) for value in drawing.box),
        lanes=tuple(_lane(band, words(band.label)) for band in drawing.lanes),
        edges=tuple(_edge(edge, words(edge.label)) for edge in drawing.edges),
        frames=tuple(_shape(shape, words(shape.label)) for shape in drawing.shapes if shape.is_frame),
        shapes=tuple(
            _shape(shape, words(shape.label), covered=_covered(shape, drawing.shapes))
            for shape in drawing.shapes
            if not shape.is_frame
        ),
        steps=steps,
        current=tuple(step.label for step in steps if step.state == CURRENT),
        done=tuple(step.label for step in steps if step.state == DONE),
        is_ended=drawing.is_ended,
        is_terminated=drawing.is_terminated,
        is_wide=drawing.box.width > WIDE,
    )


def _lane(band: Band, name: str) -> LaidLane:
    x, y, width, height = band.bounds
    cx, cy, size = x + TITLE / 2, y + height / 2, 20
    if is_wide(name):
        step = size * 1.25
        first = cy - step * (len(name) - 1) / 2 + size * 0.36
        text = Text(tuple(Line(char, px(cx), px(first + n * step)) for n, char in enumerate(name)), size)
    else:
        text = Text((Line(name, px(cx), px(cy + 6)),), 17, f"rotate(-90 {px(cx)} {px(cy)})")
    return LaidLane(
        px(x),
        px(y),
        px(width),
        px(height),
        f"M{px(x + TITLE)} {px(y)}v{px(height)}",
        text,
    )


def _covered(shape: Shape, others: Iterable[Shape]) -> float:
    """Return how much of a box's lower edge the event on it covers, so that the words stay clear of it."""
    x, y, width, height = shape.bounds
    lower = y + height
    return max(
        (
            lower - other.bounds.y
            for other in others
            if x <= other.bounds.x + other.bounds.width / 2 <= x + width
            and y < other.bounds.y < lower < other.bounds.y + other.bounds.height
        ),
        default=0,
    )


def _shape(shape: Shape, name: str, *, covered: float = 0) -> LaidShape:
    x, y, width, height = shape.bounds
    cx, cy = x + width / 2, y + height / 2
    kind = "frame" if shape.is_frame else _LOOKS.get(shape.kind, "event")
    outline = ""
    if kind == "gateway":
        outline = f"M{px(cx)} {px(y)}L{px(x + width)} {px(cy)} {px(cx)} {px(y + height)} {px(x)} {px(cy)}z"
    text = Text()
    if kind == "frame":
        size = 20 if is_wide(name) else 17
        text = Text((Line(name, px(cx), px(y + size * 1.4)),) if name else (), size)
    elif kind in BOXES:
        free = height - 8 - covered - (22 if shape.marker else 0)
        text = fit(name, cx, cy - covered / 2, width - 10, free)
    elif shape.label_bounds is not None and name:
        label = shape.label_bounds
        text = fit(name, label.x + label.width / 2, label.y + label.height / 2, label.width, 99, small=True)
    times = Text()
    if shape.times > 1 and kind in BOXES:
        times = Text((Line(f"{shape.times}", px(x + width - 6), px(y + 6)),), 17)
    return LaidShape(
        kind=kind
        + " end" * shape.kind.is_end
        + " terminate" * (shape.kind is Kind.TERMINATE)
        + " call" * (shape.kind is Kind.CALL)
        + " quiet" * (not shape.interrupts),
        state=shape.state,
        x=px(x),
        y=px(y),
        width=px(width),
        height=px(height),
        cx=px(cx),
        cy=px(cy),
        radius=px(width / 2),
        outline=outline,
        d=_mark(shape.kind, cx, cy, width) + _bars(shape.marker, cx, y + height),
        text=text,
        times=times,
        is_box=kind in BOXES,
    )


_LOOKS = {
    Kind.USER: "task",
    Kind.SERVICE: "machine",
    Kind.RULE: "machine",
    Kind.SUBPROCESS: "task",
    Kind.CALL: "task",
    Kind.EXCLUSIVE: "gateway",
    Kind.PARALLEL: "gateway",
    Kind.INCLUSIVE: "gateway",
}
BOXES = ("task", "machine", "frame")


def _bars(marker: str, cx: float, bottom: float) -> str:
    """Return the three bars of a repeated activity: upright when side by side, flat when one after the other."""
    if marker == "parallel":
        return "".join(f"M{px(cx + offset)} {px(bottom - 17)}v12" for offset in (-6, 0, 6))
    if marker == "sequential":
        return "".join(f"M{px(cx - 7)} {px(bottom - offset)}h14" for offset in (17, 11, 5))
    return ""


def _mark(kind: Kind, cx: float, cy: float, width: float) -> str:
    """Return the strokes inside a shape: a plus, a cross, a ring, a clock."""
    arm = width / 4.6
    if kind is Kind.PARALLEL:
        return f"M{px(cx - arm)} {px(cy)}h{px(2 * arm)}M{px(cx)} {px(cy - arm)}v{px(2 * arm)}"
    if kind is Kind.EXCLUSIVE:
        arm *= 0.72
        return (
            f"M{px(cx - arm)} {px(cy - arm)}l{px(2 * arm)} {px(2 * arm)}"
            f"M{px(cx + arm)} {px(cy - arm)}l{px(-2 * arm)} {px(2 * arm)}"
        )
    if kind is Kind.INCLUSIVE:
        return f"M{px(cx - arm)} {px(cy)}a{px(arm)} {px(arm)} 0 1 0 {px(2 * arm)} 0a{px(arm)} {px(arm)} 0 1 0 {px(-2 * arm)} 0"
    if kind in (Kind.BOUNDARY, Kind.TIMER):
        return f"M{px(cx)} {px(cy - width / 3.6)}V{px(cy)}l{px(width / 5)} {px(width / 9)}"
    return ""


ARROW = 11


def _edge(edge: Edge, name: str) -> LaidEdge:
    points = list(edge.points)
    text = Text()
    if name and edge.label_bounds is not None:
        box = edge.label_bounds
        text = Text((Line(name, px(box.x), px(box.y + box.height / 2 + 6)),), 18 if is_wide(name) else 16)
    elif name:
        a, b = max(pairwise(points), key=lambda pair: _length(*pair))
        text = Text(
            (Line(name, px((a.x + b.x) / 2 + 5), px((a.y + b.y) / 2 - 6)),),
            18 if is_wide(name) else 16,
        )
    return LaidEdge(edge.taken, _path(points), _arrow(points[-2], points[-1]), text)


def _path(points: list[Point]) -> str:
    """Return a path with softened corners that ends where the arrow head begins."""
    last = _towards(points[-1], points[-2], min(ARROW - 2, _length(points[-2], points[-1])))
    parts = [f"M{px(points[0].x)} {px(points[0].y)}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(7.0, _length(before, corner) / 2, _length(corner, after) / 2)
        a, b = _towards(corner, before, radius), _towards(corner, after, radius)
        parts.append(f"L{px(a.x)} {px(a.y)}Q{px(corner.x)} {px(corner.y)} {px(b.x)} {px(b.y)}")
    parts.append(f"L{px(last.x)} {px(last.y)}")
    return "".join(parts)


def _arrow(before: Point, tip: Point) -> str:
    length = _length(before, tip) or 1.0
    dx, dy = (tip.x - before.x) / length, (tip.y - before.y) / length
    base = Point(tip.x - dx * ARROW, tip.y - dy * ARROW)
    half = ARROW / 2
    return (
        f"M{px(tip.x)} {px(tip.y)}L{px(base.x - dy * half)} {px(base.y + dx * half)}"
        f" {px(base.x + dy * half)} {px(base.y - dx * half)}z"
    )


def _length(a: Point, b: Point) -> float:
    return float(((a.x - b.x) ** 2 + (a.y - b.y) ** 2) ** 0.5)


def _towards(start: Point, goal: Point, distance: float) -> Point:
    length = _length(start, goal) or 1.0
    share = distance / length
    return Point(start.x + (goal.x - start.x) * share, start.y + (goal.y - start.y) * share)
