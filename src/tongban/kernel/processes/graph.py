"""The compiled form of a process definition: immutable, without Django, without the XML it came from.

``bpmn`` makes a Graph, ``engine`` runs it, ``drawing`` lays it out, ``structure`` judges it. All ids are
those of the BPMN file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
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
    "Repeat",
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
    RULE = "businessRuleTask"
    SUBPROCESS = "subProcess"
    CALL = "callActivity"
    EXCLUSIVE = "exclusiveGateway"
    PARALLEL = "parallelGateway"
    INCLUSIVE = "inclusiveGateway"
    TIMER = "intermediateCatchEvent"
    BOUNDARY = "boundaryEvent"

    @property
    def waits(self) -> bool:
        """True when a token stays here until somebody (a person, a job, a timer) moves it on."""
        return self in _WAITING

    @property
    def is_scope(self) -> bool:
        """True when it holds nodes of its own: a sub-process, or a called process."""
        return self in _SCOPES

    @property
    def may_have_timers(self) -> bool:
        """True when a boundary timer may be attached to it, and when it may be repeated."""
        return self in _HOSTS

    @property
    def is_gateway(self) -> bool:
        return self in _GATEWAYS

    @property
    def is_end(self) -> bool:
        return self in (Kind.END, Kind.TERMINATE)


_WAITING = frozenset({Kind.USER, Kind.SERVICE, Kind.RULE, Kind.TIMER})
_SCOPES = frozenset({Kind.SUBPROCESS, Kind.CALL})
_HOSTS = frozenset({Kind.USER, Kind.SUBPROCESS, Kind.CALL})
_GATEWAYS = frozenset({Kind.EXCLUSIVE, Kind.PARALLEL, Kind.INCLUSIVE})


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
class Repeat:
    """Multi-instance: the activity is done once for every element of a list.

    ``collection`` is the path of the list in the variables, ``element`` the name under which an instance sees
    its own. ``complete`` is "all", "any" or "ratio:2/3", counted over the outcome ``counts`` (of a sub-process:
    over the end event of that id); empty: every one counts.
    """

    collection: str
    element: str = ""
    complete: str = "all"
    counts: str = ""
    is_sequential: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node with everything that our attributes say about it; what does not apply is empty.

    ``scope`` is the id of the sub-process that holds it, empty at the top. ``interrupts`` is False for a boundary
    timer that leaves its activity alone. ``called`` is the key of the definition that a call activity calls.
    """

    id: str
    kind: Kind
    scope: str = ""
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
    moves: str = ""
    operation: str = ""
    decision: str = ""
    result: str = ""
    called: str = ""
    repeat: Repeat | None = None
    attached_to: str = ""
    interrupts: bool = True
    timers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The id in the file that says it: what was called from elsewhere is ``<call id>/<id>`` here.

        This is the name under which variables and expressions know the node.
        """
        return self.id.rpartition("/")[2]

    @property
    def is_join(self) -> bool:
        """True when tokens may have to wait here for one another."""
        return self.kind in (Kind.PARALLEL, Kind.INCLUSIVE) and len(self.incoming) > 1

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


@dataclass(frozen=True)
class Graph:
    """One process, sub-processes and all: ``Node.scope`` says what lies inside what.

    ``nodes`` and ``flows`` keep the order of the file, which makes every run deterministic.
    """

    key: str
    label: Label
    nodes: Mapping[str, Node]
    flows: Mapping[str, Flow]
    lanes: tuple[Lane, ...] = ()
    pool: Label = NO_LABEL
    pool_id: str = ""
    moves: str = ""
    diagram: Diagram = field(default_factory=Diagram)

    @property
    def start(self) -> Node:
        """The none start event (structure guarantees that there is exactly one)."""
        return self.starts[""]

    @cached_property
    def starts(self) -> Mapping[str, Node]:
        """The start event of every scope."""
        return {node.scope: node for node in self.of_kind(Kind.START)}

    @cached_property
    def upstream(self) -> Mapping[str, frozenset[str]]:
        """For every inclusive join, the nodes from which a token could come to it.

        That is: by sequence flows and by the timers attached to a node, whatever the conditions on the way.
        """
        before: dict[str, list[str]] = {key: [] for key in self.nodes}
        for node in self.nodes.values():
            for after in self.next_nodes(node):
                before[after.id].append(node.id)
        joins = [node.id for node in self.of_kind(Kind.INCLUSIVE) if node.is_join]
        return {join: closure(before[join], before.__getitem__) for join in joins}

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


def closure(starts: Iterable[str], next_of: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """Return everything that can be reached from ``starts``, which are part of it."""
    seen: set[str] = set()
    waiting = list(starts)
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            waiting.extend(next_of(key))
    return frozenset(seen)
