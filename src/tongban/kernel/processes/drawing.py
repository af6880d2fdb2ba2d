"""The drawing of one instance: where it has been, where it is, what lies ahead. Plain Python, no Django.

``draw`` joins a graph with the state of an instance; ``lay_out`` turns that into shapes, paths and lines of text in one
language, with numbers only: colours and strokes belong to the style sheet, words to the template.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tongban.kernel.processes.engine import State
from tongban.kernel.processes.graph import Bounds, Graph, Kind, Label, Node, Point
from tongban.kernel.processes.joins import waits_at_join

__all__ = ["Drawing", "Edge", "Layout", "Shape", "Step", "draw", "lay_out"]

DONE, CURRENT, PENDING, CUT = "done", "current", "pending", "cut"
"""A node is done when a token has left it, current when one rests in it, cut when one was taken away from it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A node as it stands. ``times`` is how often a token came to it.

    ``is_frame``: a sub-process drawn with its inside; ``marker`` is "parallel" or "sequential" for a repeated
    activity; ``interrupts`` is False for a timer that leaves its activity alone.
    """

    id: str
    kind: Kind
    label: Label
    bounds: Bounds
    label_bounds: Bounds | None
    state: str
    times: int
    is_frame: bool = False
    marker: str = ""
    interrupts: bool = True


@dataclass(frozen=True, slots=True)
class Edge:
    """A flow, taken or not."""

    id: str
    label: Label
    points: tuple[Point, ...]
    label_bounds: Bounds | None
    taken: bool


@dataclass(frozen=True, slots=True)
class Band:
    """A lane."""

    label: Label
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Step:
    """One task in words, for those who do not see the drawing."""

    label: Label
    lane: Label
    state: str
    times: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything about the drawing of one instance, in both languages."""

    key: str
    label: Label
    box: Bounds
    lanes: tuple[Band, ...]
    edges: tuple[Edge, ...]
    shapes: tuple[Shape, ...]
    steps: tuple[Step, ...]
    is_ended: bool = False
    is_terminated: bool = False


def draw(graph: Graph, state: State, *, key: str = "", is_terminated: bool = False) -> Drawing:
    """Join a graph and a state. What the file does not draw (no bounds) is left out of the picture, not of the words."""
    diagram = graph.diagram
    drawn_inside = {node.scope for node in graph.nodes.values() if node.id in diagram.shapes}
    shapes = tuple(
        Shape(
            node.id,
            node.kind,
            node.label,
            diagram.shapes[node.id],
            diagram.labels.get(node.id),
            _state_of(graph, node, state),
            _times(node, state),
            is_frame=node.id in drawn_inside,
            marker=_marker(node),
            interrupts=node.interrupts,
        )
        for node in graph.nodes.values()
        if node.id in diagram.shapes
    )
    edges = tuple(
        Edge(flow.id, flow.label, diagram.edges[flow.id], diagram.labels.get(flow.id), flow.id in state.taken)
        for flow in graph.flows.values()
        if len(diagram.edges.get(flow.id, ())) > 1
    )
    lanes = tuple(
        Band(lane.label, diagram.shapes[lane.id]) for lane in graph.lanes if lane.id in diagram.shapes
    )
    return Drawing(
        key=key,
        label=graph.label,
        box=_box(shapes, edges, lanes),
        lanes=lanes,
        edges=tuple(sorted(edges, key=lambda edge: edge.taken)),
        shapes=shapes,
        steps=tuple(_steps(graph, state)),
        is_ended=state.is_ended,
        is_terminated=is_terminated,
    )


def _marker(node: Node) -> str:
    if node.repeat is None:
        return ""
    return "sequential" if node.repeat.is_sequential else "parallel"


def _times(node: Node, state: State) -> int:
    if node.kind in (Kind.START, Kind.BOUNDARY):
        return sum(state.taken.get(flow.id, 0) for flow in node.outgoing)
    came = sum(state.taken.get(flow.id, 0) for flow in node.incoming)
    return came // len(node.incoming) if node.kind is Kind.PARALLEL and node.incoming else came


def _state_of(graph: Graph, node: Node, state: State) -> str:
    if any(t.node == node.id and not waits_at_join(graph, t) for t in state.tokens.values()):
        return CURRENT
    if not _times(node, state):
        return PENDING
    if node.kind.is_end or any(flow.id in state.taken for flow in node.outgoing):
        return DONE
    return CUT


def _steps(graph: Graph, state: State) -> Iterator[Step]:
    lane_of = {node: lane.label for lane in graph.lanes for node in lane.nodes}
    for node in graph.of_kind(Kind.USER, Kind.SERVICE, Kind.RULE):
        lane = lane_of.get(_outermost(graph, node, lane_of), Label())
        yield Step(node.label, lane, _state_of(graph, node, state), _times(node, state))


def _outermost(graph: Graph, node: Node, lane_of: Mapping[str, Label]) -> str:
    """Return the nearest node around ``node`` that lies in a lane: a lane need not name what is in a sub-process."""
    while node.id not in lane_of and node.scope:
        node = graph.nodes[node.scope]
    return node.id


def _box(shapes: Sequence[Shape], edges: Sequence[Edge], lanes: Sequence[Band]) -> Bounds:
    """Return the smallest box around everything: around the lanes, where there are any."""
    boxes = [lane.bounds for lane in lanes] or [shape.bounds for shape in shapes]
    xs = [box.x for box in boxes] + [box.x + box.width for box in boxes]
    ys = [box.y for box in boxes] + [box.y + box.height for box in boxes]
    if not lanes:
        xs += [point.x for edge in edges for point in edge.points]
        ys += [point.y for edge in edges for point in edge.points]
    if not xs:
        return Bounds(0, 0, 1, 1)
    margin = 1 if lanes else 24
    return Bounds(
        min(xs) - margin, min(ys) - margin, max(xs) - min(xs) + 2 * margin, max(ys) - min(ys) + 2 * margin
    )


# --- One language ---


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
        view_box=" ".join(_n(value) for value in drawing.box),
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


def _n(value: float) -> str:
    return f"{round(value, 1):g}"


def _lane(band: Band, name: str) -> LaidLane:
    x, y, width, height = band.bounds
    cx, cy, size = x + TITLE / 2, y + height / 2, 20
    if _is_wide(name):
        step = size * 1.25
        first = cy - step * (len(name) - 1) / 2 + size * 0.36
        text = Text(tuple(Line(char, _n(cx), _n(first + n * step)) for n, char in enumerate(name)), size)
    else:
        text = Text((Line(name, _n(cx), _n(cy + 6)),), 17, f"rotate(-90 {_n(cx)} {_n(cy)})")
    return LaidLane(_n(x), _n(y), _n(width), _n(height), f"M{_n(x + TITLE)} {_n(y)}v{_n(height)}", text)


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
        outline = f"M{_n(cx)} {_n(y)}L{_n(x + width)} {_n(cy)} {_n(cx)} {_n(y + height)} {_n(x)} {_n(cy)}z"
    text = Text()
    if kind == "frame":
        size = 20 if _is_wide(name) else 17
        text = Text((Line(name, _n(cx), _n(y + size * 1.4)),) if name else (), size)
    elif kind in BOXES:
        free = height - 8 - covered - (22 if shape.marker else 0)
        text = _fit(name, cx, cy - covered / 2, width - 10, free)
    elif shape.label_bounds is not None and name:
        label = shape.label_bounds
        text = _fit(name, label.x + label.width / 2, label.y + label.height / 2, label.width, 99, small=True)
    times = Text()
    if shape.times > 1 and kind in BOXES:
        times = Text((Line(f"{shape.times}", _n(x + width - 6), _n(y + 6)),), 17)
    return LaidShape(
        kind=kind
        + " end" * shape.kind.is_end
        + " terminate" * (shape.kind is Kind.TERMINATE)
        + " call" * (shape.kind is Kind.CALL)
        + " quiet" * (not shape.interrupts),
        state=shape.state,
        x=_n(x),
        y=_n(y),
        width=_n(width),
        height=_n(height),
        cx=_n(cx),
        cy=_n(cy),
        radius=_n(width / 2),
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
        return "".join(f"M{_n(cx + offset)} {_n(bottom - 17)}v12" for offset in (-6, 0, 6))
    if marker == "sequential":
        return "".join(f"M{_n(cx - 7)} {_n(bottom - offset)}h14" for offset in (17, 11, 5))
    return ""


def _mark(kind: Kind, cx: float, cy: float, width: float) -> str:
    """Return the strokes inside a shape: a plus, a cross, a ring, a clock."""
    arm = width / 4.6
    if kind is Kind.PARALLEL:
        return f"M{_n(cx - arm)} {_n(cy)}h{_n(2 * arm)}M{_n(cx)} {_n(cy - arm)}v{_n(2 * arm)}"
    if kind is Kind.EXCLUSIVE:
        arm *= 0.72
        return (
            f"M{_n(cx - arm)} {_n(cy - arm)}l{_n(2 * arm)} {_n(2 * arm)}"
            f"M{_n(cx + arm)} {_n(cy - arm)}l{_n(-2 * arm)} {_n(2 * arm)}"
        )
    if kind is Kind.INCLUSIVE:
        return f"M{_n(cx - arm)} {_n(cy)}a{_n(arm)} {_n(arm)} 0 1 0 {_n(2 * arm)} 0a{_n(arm)} {_n(arm)} 0 1 0 {_n(-2 * arm)} 0"
    if kind in (Kind.BOUNDARY, Kind.TIMER):
        return f"M{_n(cx)} {_n(cy - width / 3.6)}V{_n(cy)}l{_n(width / 5)} {_n(width / 9)}"
    return ""


ARROW = 11


def _edge(edge: Edge, name: str) -> LaidEdge:
    points = list(edge.points)
    text = Text()
    if name and edge.label_bounds is not None:
        box = edge.label_bounds
        text = Text((Line(name, _n(box.x), _n(box.y + box.height / 2 + 6)),), 18 if _is_wide(name) else 16)
    elif name:
        a, b = max(pairwise(points), key=lambda pair: _length(*pair))
        text = Text(
            (Line(name, _n((a.x + b.x) / 2 + 5), _n((a.y + b.y) / 2 - 6)),), 18 if _is_wide(name) else 16
        )
    return LaidEdge(edge.taken, _path(points), _arrow(points[-2], points[-1]), text)


def _path(points: list[Point]) -> str:
    """Return a path with softened corners that ends where the arrow head begins."""
    last = _towards(points[-1], points[-2], min(ARROW - 2, _length(points[-2], points[-1])))
    parts = [f"M{_n(points[0].x)} {_n(points[0].y)}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(7.0, _length(before, corner) / 2, _length(corner, after) / 2)
        a, b = _towards(corner, before, radius), _towards(corner, after, radius)
        parts.append(f"L{_n(a.x)} {_n(a.y)}Q{_n(corner.x)} {_n(corner.y)} {_n(b.x)} {_n(b.y)}")
    parts.append(f"L{_n(last.x)} {_n(last.y)}")
    return "".join(parts)


def _arrow(before: Point, tip: Point) -> str:
    length = _length(before, tip) or 1.0
    dx, dy = (tip.x - before.x) / length, (tip.y - before.y) / length
    base = Point(tip.x - dx * ARROW, tip.y - dy * ARROW)
    half = ARROW / 2
    return (
        f"M{_n(tip.x)} {_n(tip.y)}L{_n(base.x - dy * half)} {_n(base.y + dx * half)}"
        f" {_n(base.x + dy * half)} {_n(base.y - dx * half)}z"
    )


def _length(a: Point, b: Point) -> float:
    return float(((a.x - b.x) ** 2 + (a.y - b.y) ** 2) ** 0.5)


def _towards(start: Point, goal: Point, distance: float) -> Point:
    length = _length(start, goal) or 1.0
    share = distance / length
    return Point(start.x + (goal.x - start.x) * share, start.y + (goal.y - start.y) * share)


# --- Text that fits its box ---

SIZES_WIDE: tuple[int, ...] = (26, 23, 20, 17)
SIZES_NARROW: tuple[int, ...] = (20, 18, 16, 14)


PIECE = re.compile(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+")
"""A Chinese character, or a word with the space after it."""

LABEL_EMS = 4.5
"""Other tools save label boxes that are too narrow for Chinese: a label outside a shape is at least this wide."""


def _is_wide(text: str) -> bool:
    return any(unicodedata.east_asian_width(char) in "WF" for char in text)


def _width(text: str) -> float:
    """Return the width of a text in ems, roughly: Chinese characters are square."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WF" else 0.56 for char in text)


def _fit(text: str, cx: float, cy: float, width: float, height: float, *, small: bool = False) -> Text:
    """Break a text into lines and take the largest size at which they fit."""
    sizes = SIZES_WIDE if _is_wide(text) else SIZES_NARROW
    if small:
        sizes = (18,) if _is_wide(text) else (16,)
        width = max(width, LABEL_EMS * sizes[0])
    lines, size = [text], sizes[-1]
    for size in sizes:
        lines = _break(text, width / size)
        if len(lines) * size * 1.2 <= height and all(_width(line) * size <= width for line in lines):
            break
    step = size * 1.2
    first = cy - step * (len(lines) - 1) / 2 + size * 0.36
    return Text(tuple(Line(line, _n(cx), _n(first + n * step)) for n, line in enumerate(lines)), size)


def _break(text: str, ems: float) -> list[str]:
    """Break at spaces and between Chinese characters, into lines of about the same length."""
    if _width(text) <= ems:
        return [text]
    count = -(-_width(text) // max(ems, 1.0))
    share = min(ems, _width(text) / count + 0.6) if _is_wide(text) else ems
    lines = [""]
    for piece in PIECE.findall(text):
        if lines[-1] and _width(lines[-1] + piece.rstrip()) > share:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.strip() for line in lines if line.strip()]
