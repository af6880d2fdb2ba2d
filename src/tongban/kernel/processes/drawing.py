"""The drawing of one instance: where it has been, where it is, what lies ahead. Plain Python, no Django.

``draw`` joins a graph with the state of an instance; ``layout.lay_out`` gives it its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tongban.kernel.processes.engine import State
from tongban.kernel.processes.graph import Bounds, Graph, Kind, Label, Node, Point
from tongban.kernel.processes.joins import waits_at_join

__all__ = ["CURRENT", "DONE", "Band", "Drawing", "Edge", "Shape", "Step", "draw"]

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
