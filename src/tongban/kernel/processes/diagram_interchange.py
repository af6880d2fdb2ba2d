"""The diagram in a BPMN file: where its shapes, edges and labels lie."""

from __future__ import annotations

import math

from tongban.kernel.processes.document import Element
from tongban.kernel.processes.graph import Bounds, Diagram, Point, frozen
from tongban.kernel.processes.vocabulary import BPMNDI, DC, DI

__all__ = ["read_diagram"]


def read_diagram(definitions: Element) -> Diagram:
    """Read the bounds of shapes and labels and the ways of edges. Raises ValueError when one is no number."""
    shapes: dict[str, Bounds] = {}
    edges: dict[str, tuple[Point, ...]] = {}
    labels: dict[str, Bounds] = {}
    for shape in definitions.walk(f"{{{BPMNDI}}}BPMNShape"):
        bounds = shape.find(f"{{{DC}}}Bounds")
        if bounds is not None:
            shapes[shape.get("bpmnElement")] = _bounds(bounds)
        _read_label(shape, labels)
    for edge in definitions.walk(f"{{{BPMNDI}}}BPMNEdge"):
        points = tuple(Point(*_numbers(point, "x", "y")) for point in edge.walk(f"{{{DI}}}waypoint"))
        edges[edge.get("bpmnElement")] = points
        _read_label(edge, labels)
    return Diagram(frozen(shapes), frozen(edges), frozen(labels))


def _read_label(element: Element, labels: dict[str, Bounds]) -> None:
    bounds = element.find(f"{{{BPMNDI}}}BPMNLabel", f"{{{DC}}}Bounds")
    if bounds is not None:
        labels[element.get("bpmnElement")] = _bounds(bounds)


def _bounds(element: Element) -> Bounds:
    return Bounds(*_numbers(element, "x", "y", "width", "height"))


def _numbers(element: Element, *keys: str) -> list[float]:
    """Read finite numbers.

    Raises ValueError for anything else ("nan" and "inf" too: they would break the drawing).
    """
    numbers = [float(element.get(key)) for key in keys]
    if not all(math.isfinite(number) for number in numbers):
        raise ValueError("a coordinate is not finite")
    return numbers
