"""Can every run of this process come to an end? The whole state space of one Graph, without Django.

``structure`` looks at the drawing; here the engine itself is driven through everything that can happen. Conditions are free
(every way of a gateway may be taken), every timer may fire or not, every operation succeeds. Two states are
the same when their tokens rest at the same places: the numbers of tokens and the counters of flows are left out.

The search goes breadth first, so the run that shows a fault is a shortest one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic
from typing import Any, NamedTuple

from tongban.kernel.processes import telling
from tongban.kernel.processes.engine import Runaway, State
from tongban.kernel.processes.graph import Graph, Kind, Label
from tongban.kernel.processes.statespace import START, Act, Key, Places, acts, replay, ways

__all__ = [
    "MAX_SECONDS",
    "MAX_STATES",
    "Fault",
    "FaultKind",
    "Sound",
    "Step",
    "Undecided",
    "Verdict",
    "judge",
]

MAX_STATES = 50_000
MAX_SECONDS = 5.0


class FaultKind(StrEnum):
    """What can be wrong with the runs of a process. ``docs/reference/soundness.md`` defines each."""

    DEADLOCK = "deadlock"
    ORPHAN = "orphan"
    UNSAFE = "unsafe"
    LIVELOCK = "livelock"
    DEAD = "dead"


class Step(NamedTuple):
    """One step of a run: what happened at which element, the flows that its gateways took, and the same in words."""

    act: str
    element: str
    flows: tuple[str, ...]
    text: Label


@dataclass(frozen=True, slots=True)
class Sound:
    """Every run can end, no token is lost or doubled, every element is reached by some run."""

    states: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Something is wrong at ``element``; ``run`` leads there from the start (empty for a dead element)."""

    kind: FaultKind
    element: str
    type: str
    name: Label
    reason: Label
    run: tuple[Step, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the fault as commands and refusals show it."""
        return {
            "kind": str(self.kind),
            "place": self.element,
            "name": self.name._asdict(),
            "reason": self.reason._asdict(),
            "run": [
                {"act": step.act, "element": step.element, "flows": list(step.flows), **step.text._asdict()}
                for step in self.run
            ],
        }


@dataclass(frozen=True, slots=True)
class Undecided:
    """The search was given up at a limit."""

    states: int
    reason: Label


Verdict = Sound | Fault | Undecided


def judge(
    graph: Graph,
    *,
    begin: State | None = None,
    max_states: int = MAX_STATES,
    seconds: float = MAX_SECONDS,
    clock: Callable[[], float] = monotonic,
) -> Verdict:
    """Explore ``graph`` and say whether it is sound: from its start, or what can still happen from the state ``begin``.

    From a state, what was passed already is not called dead, and a run tells what comes after it.

    The graph has one start and no restless circle (``structure.can_be_explored``); other faults of its structure are found here
    too, as far as they show in a run.
    """
    return _Search(graph, begin, max_states, clock() + seconds, clock).verdict()


class _GivenUp(Exception):
    def __init__(self, reason: Label) -> None:
        self.reason = reason


class _Faulty(Exception):
    def __init__(self, fault: Fault) -> None:
        self.fault = fault


class _Trace(NamedTuple):
    """How a state was first reached: from which other (-1: from nothing), and by what."""

    before: int
    act: Act
    script: tuple[int, ...]


class _Search:
    """One breadth-first search through the states of one graph. A state is known by the turn at which it was found."""

    def __init__(
        self,
        graph: Graph,
        begin: State | None,
        max_states: int,
        deadline: float,
        clock: Callable[[], float],
    ) -> None:
        self.graph = graph
        self.begin = begin
        self.max_states = max_states
        self.deadline = deadline
        self.clock = clock
        self.order = {key: place for place, key in enumerate(graph.nodes)}
        self.places = Places(graph)
        self.found: dict[Key, int] = {}
        self.keys: list[Key] = []
        self.traces: list[_Trace] = []
        self.befores: list[list[int]] = []
        self.taken: set[str] = set()

    def verdict(self) -> Verdict:
        try:
            self._explore()
            self._find_livelock()
            if self.begin is None:
                self._find_dead()
        except _Faulty as faulty:
            return faulty.fault
        except _GivenUp as limit:
            return Undecided(len(self.found), limit.reason)
        return Sound(len(self.found))

    # the search

    def _explore(self) -> None:
        if self.begin is None:
            self._go(-1, State(), START)
        else:
            self._note(self.places.key(self.begin), _Trace(-1, START, ()))
        here = 0
        while here < len(self.keys):
            state = self.places.state(self.keys[here])
            possible = list(acts(self.graph, state))
            if state.tokens and not possible:
                raise _Faulty(self._waits_in_vain(here, state))
            for act in possible:
                self._go(here, state, act)
            here += 1

    def _go(self, before: int, state: State, act: Act) -> None:
        try:
            for way in ways(self.graph, state, act, self._tick):
                self.taken.update(way.after.taken)
                there = self._note(self.places.key(way.after), _Trace(before, act, way.script))
                if before >= 0:
                    self.befores[there].append(before)
        except Runaway as runaway:
            node = self.graph.flows[runaway.flow].source
            words = telling.multiplies(self.graph, node)
            raise _Faulty(self._fault(FaultKind.UNSAFE, node, words, self._run(before))) from None

    def _note(self, key: Key, trace: _Trace) -> int:
        """Return the turn of a state, a new one when it is met for the first time."""
        if key in self.found:
            return self.found[key]
        if len(self.found) >= self.max_states:
            raise _GivenUp(telling.too_many_states(self.max_states))
        here = self.found[key] = len(self.keys)
        self.keys.append(key)
        self.traces.append(trace)
        self.befores.append([])
        twice = self.places.doubled(key)
        if twice is not None:
            words = telling.twice(self.graph, twice.node, twice.via)
            raise _Faulty(self._fault(FaultKind.UNSAFE, twice.node, words, self._run(here)))
        return here

    def _tick(self) -> None:
        if self.clock() > self.deadline:
            raise _GivenUp(telling.OUT_OF_TIME)

    # the faults

    def _waits_in_vain(self, here: int, state: State) -> Fault:
        """All that is left waits at joins: an orphan when another token of its scope came to an end, else a deadlock."""
        run = self._run(here)
        nodes = self.graph.nodes
        resting = [nodes[token.node] for token in state.tokens.values()]
        join = nodes[self._first(node.id for node in resting if node.is_join)]
        came = [token.via for token in state.tokens.values() if token.node == join.id]
        passed = [nodes[self.graph.flows[flow].target] for step in run for flow in step.flows]
        end = next((node for node in passed if node.kind.is_end and node.scope == join.scope), None)
        if end is None:
            words = telling.waits_in_vain(self.graph, join.id, came)
            return self._fault(FaultKind.DEADLOCK, join.id, words, run)
        words = telling.left_behind(self.graph, join.id, came, end.id)
        return self._fault(FaultKind.ORPHAN, join.id, words, run)

    def _find_livelock(self) -> None:
        """A state from which no way leads to the end although something can always be done."""
        can_end: set[int] = set()
        looking = [self.found[()]] if () in self.found else []
        while looking:
            here = looking.pop()
            if here not in can_end:
                can_end.add(here)
                looking.extend(self.befores[here])
        lost = next((here for here in range(len(self.keys)) if here not in can_end), None)
        if lost is not None:
            place = self._first(self.places.places[entry].node for entry in self.keys[lost])
            words = telling.never_ends(self.graph, place)
            raise _Faulty(self._fault(FaultKind.LIVELOCK, place, words, self._run(lost)))

    def _find_dead(self) -> None:
        """A task before other nodes, nodes before flows: whoever draws looks for the task first."""
        graph = self.graph
        reached = {end for key in self.taken for end in (graph.flows[key].source, graph.flows[key].target)}
        dead = sorted(
            (node for node in graph.nodes.values() if node.id not in reached),
            key=lambda node: node.kind is not Kind.USER,
        )
        if dead:
            raise _Faulty(self._fault(FaultKind.DEAD, dead[0].id, telling.dead_node(graph, dead[0].id)))
        for flow in graph.flows:
            if flow not in self.taken:
                raise _Faulty(self._fault(FaultKind.DEAD, flow, telling.dead_flow(graph, flow)))

    def _fault(self, kind: FaultKind, element: str, reason: Label, run: tuple[Step, ...] = ()) -> Fault:
        node = self.graph.nodes.get(element)
        type_ = node.kind.value if node else "sequenceFlow"
        return Fault(kind, element, type_, telling.name_of(self.graph, element), reason, run)

    def _first(self, nodes: Iterable[str]) -> str:
        """Return which of these nodes stands first in the file."""
        return min(nodes, key=self.order.__getitem__)

    def _run(self, here: int) -> tuple[Step, ...]:
        """Return the shortest run to a state, found by going it again."""
        steps: list[Step] = []
        while here >= 0:
            before, act, script = self.traces[here]
            if before < 0 and self.begin is not None:
                break
            state = self.places.state(self.keys[before]) if before >= 0 else State()
            way = replay(self.graph, state, act, script)
            words = telling.step(self.graph, act.kind, act.element, way.chosen)
            steps.append(Step(act.kind, act.element, tuple(way.after.taken), words))
            here = before
        return tuple(reversed(steps))
