"""The compiled form of a process definition: immutable, without Django, without the XML it came from.

``bpmn`` makes a Graph, ``engine`` runs it, ``drawing`` lays it out, ``structure`` judges it. All ids are
those of the BPMN file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

__all__ = [
    "Bounds",
    "Diagram",
    "Flow",
    "Graph",
    "Kind",
    "Label",
    "Lane",
    "Node",
    "Outcome",
    "Point",
    "Problem",
]


class Label(NamedTuple):
    """A name in Chinese and English; the Django side turns it into a LocalizedText."""

    zh: str = ""
    en: str = ""


NO_LABEL = Label()


class Problem(NamedTuple):
    """Why a definition is refused: the BPMN element's name, its id, and the reason in both languages."""

    element: str
    id: str
    zh: str
    en: str


class Kind(StrEnum):
    """What a node is. The values are the BPMN words that users see in refusals and documents."""

    START = "startEvent"
    END = "endEvent"
    TERMINATE = "terminateEndEvent"
    USER = "userTask"
    SERVICE = "serviceTask"
    EXCLUSIVE = "exclusiveGateway"
    PARALLEL = "parallelGateway"
    TIMER = "intermediateCatchEvent"
    BOUNDARY = "boundaryEvent"

    @property
    def waits(self) -> bool:
        """True when a token stays here until somebody (a person, a job, a timer) moves it on."""
        return self in _WAITING

    @property
    def is_gateway(self) -> bool:
        return self in (Kind.EXCLUSIVE, Kind.PARALLEL)

    @property
    def is_end(self) -> bool:
        return self in (Kind.END, Kind.TERMINATE)


_WAITING = frozenset({Kind.USER, Kind.SERVICE, Kind.TIMER})


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way in which a user task can be completed. ``opinion`` is "required", "optional" or "none"."""

    key: str
    label: Label
    style: str = ""
    opinion: str = "optional"
    form: str = ""
    when: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow. ``condition`` is in the decisions language, empty when there is none."""

    id: str
    source: str
    target: str
    label: Label = NO_LABEL
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node with everything that our attributes say about it; what does not apply is empty."""

    id: str
    kind: Kind
    label: Label = NO_LABEL
    incoming: tuple[Flow, ...] = ()
    outgoing: tuple[Flow, ...] = ()
    default: str = ""
    holder: str = ""
    form: str = ""
    outcomes: tuple[Outcome, ...] = ()
    limit: str = ""
    since: str = ""
    state: str = ""
    separate_from: str = ""
    operation: str = ""
    attached_to: str = ""
    timers: tuple[str, ...] = ()

    def outcome(self, key: str) -> Outcome | None:
        """Return the outcome of that key, or None."""
        return next((outcome for outcome in self.outcomes if outcome.key == key), None)


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane: drawn, and otherwise ignored (who does a task is said by its ``holder``)."""

    id: str
    label: Label
    nodes: tuple[str, ...] = ()


class Point(NamedTuple):
    x: float
    y: float


class Bounds(NamedTuple):
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Diagram:
    """The diagram interchange of the file: where the shapes, edges and labels are."""

    shapes: Mapping[str, Bounds] = field(default_factory=dict)
    edges: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
    labels: Mapping[str, Bounds] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Graph:
    """One process.

    ``nodes`` and ``flows`` keep the order of the file, which makes every run deterministic.
    """

    key: str
    label: Label
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    lanes: tuple[Lane, ...] = ()
    pool: Label = NO_LABEL
    pool_id: str = ""
    diagram: Diagram = field(default_factory=Diagram)

    @property
    def start(self) -> Node:
        """The none start event (structure guarantees that there is exactly one)."""
        return next(node for node in self.nodes.values() if node.kind is Kind.START)

    def of_kind(self, *kinds: Kind) -> list[Node]:
        """Return the nodes of these kinds in the order of the file."""
        return [node for node in self.nodes.values() if node.kind in kinds]

    def next_nodes(self, node: Node) -> list[Node]:
        """Return where a token can go from ``node``: along its flows, and by the timers attached to it."""
        along = [self.nodes[flow.target] for flow in node.outgoing]
        return along + [self.nodes[timer] for timer in node.timers]


def frozen(mapping: dict) -> Mapping:
    """Return a read-only view; a compiled graph is shared by all threads."""
    return MappingProxyType(mapping)
