"""Moving a running instance to another version of its process: where each token goes, and why it may not. Pure.

Nothing is guessed: a token stays at the node of the same id, or goes where the mapping says, to a node of the same kind in
the scope that corresponds. Afterwards the instance must still be able to come to its end whatever happens; that is
searched from the very state, because a sound process says nothing about states that it never reaches by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tongban.kernel.processes.engine import State, Token
from tongban.kernel.processes.graph import Flow, Graph, Label, Node
from tongban.kernel.processes.joins import open_inclusive, open_parallel
from tongban.kernel.processes.soundness import Fault, Undecided, judge
from tongban.kernel.processes.state import inside

__all__ = ["MAX_STATES", "Placed", "Plan", "Problem", "plan", "standing_problems"]

MAX_STATES = 20_000
ALL_HERE = Label("这里已经等齐了，没有谁会再推动它", "all have come here and nobody would move it on")


@dataclass(frozen=True, slots=True)
class Placed:
    """Where one token goes."""

    token: int
    before: Node
    after: Node


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a token (by its node in the old version, "" for the whole) cannot go over."""

    node: str
    text: Label


@dataclass(frozen=True, slots=True)
class Plan:
    """The outcome: the state in the new version, or the problems. ``placed`` also names what could be placed."""

    state: State | None
    placed: tuple[Placed, ...]
    problems: tuple[Problem, ...]


def plan(
    old: Graph, new: Graph, state: State, mapping: Mapping[str, str], *, max_states: int = MAX_STATES
) -> Plan:
    """Work out where every token of ``state`` goes. ``mapping`` is from ids of ``old`` to ids of ``new``, for what differs."""
    placing = _Placing(old, new, state, mapping)
    tokens = {number: placing.place(number, token) for number, token in state.tokens.items()}
    if not placing.problems:
        moved = State(
            {number: token for number, token in tokens.items() if token is not None},
            placing.taken(),
            state.last,
        )
        placing.problems += standing_problems(new, moved, max_states)
    problems = tuple(dict.fromkeys(placing.problems))
    return Plan(None if problems else moved, tuple(placing.placed), problems)


class _NoPlace(Exception):
    """This token cannot go over; the arguments say why in Chinese and English."""


class _Placing:
    def __init__(self, old: Graph, new: Graph, state: State, mapping: Mapping[str, str]) -> None:
        self.old, self.new, self.state, self.mapping = old, new, state, mapping
        self.placed: list[Placed] = []
        self.problems: list[Problem] = []

    def target(self, node: str) -> str:
        return self.mapping.get(node, node)

    def place(self, number: int, token: Token) -> Token | None:
        """Return the token as it stands in the new version; None notes why it cannot."""
        try:
            return self._placed(number, token)
        except _NoPlace as reason:
            self.problems.append(Problem(token.node, Label(*reason.args)))
            return None

    def _placed(self, number: int, token: Token) -> Token:
        before = self.old.nodes[token.node]
        after = self.new.nodes.get(self.target(token.node))
        if after is None:
            raise _NoPlace(
                "新版本里没有这一步，要指定去哪一步",
                "the new version has no such step: say where it goes",
            )
        if (after.kind, after.repeat is None) != (before.kind, before.repeat is None):
            raise _NoPlace(
                f"“{after.id}”是另一种步骤，不能接着办",
                f"{after.id!r} is another kind of step and cannot take over",
            )
        host = self.state.tokens.get(token.scope)
        if token.index < 0 and after.scope != (self.target(host.node) if host else ""):
            raise _NoPlace("它在另一个子流程里", "it lies inside another sub-process")
        via = self.way(token, before, after)
        if via is None:
            raise _NoPlace(
                "它在汇合处等，新版本里没有它来的那条路",
                "it waits at a join, and the new version has no flow that it could have come by",
            )
        self.placed.append(Placed(number, before, after))
        fired = tuple(self.target(timer) for timer in token.fired if self.target(timer) in after.timers)
        return replace(token, node=after.id, via=via, fired=fired)

    def way(self, token: Token, before: Node, after: Node) -> str | None:
        """Return the flow by which the token came: that of the same id, or the only one between the same ends."""
        flow = self.flow(self.old.flows[token.via]) if token.via in self.old.flows else None
        if flow is not None and flow.target == after.id:
            return flow.id
        return None if before.is_join or after.is_join else ""

    def flow(self, flow: Flow) -> Flow | None:
        """Return what a flow of the old version is in the new one."""
        ends = (self.target(flow.source), self.target(flow.target))
        same = self.new.flows.get(flow.id)
        if same is not None and (same.source, same.target) == ends:
            return same
        found = [other for other in self.new.flows.values() if (other.source, other.target) == ends]
        return found[0] if len(found) == 1 else None

    def taken(self) -> dict[str, int]:
        """Return how often the flows were taken, as far as the new version has them: the drawing keeps its past."""
        counts: dict[str, int] = {}
        for key, times in self.state.taken.items():
            flow = self.flow(self.old.flows[key]) if key in self.old.flows else None
            if flow is not None:
                counts[flow.id] = counts.get(flow.id, 0) + times
        return counts


def standing_problems(graph: Graph, state: State, max_states: int = MAX_STATES) -> list[Problem]:
    """Say why an instance cannot stand like this: a join that nobody would open, or a run that could not end."""
    places = {(token.node, token.scope) for token in state.tokens.values()}
    for node, scope in sorted(places):
        if graph.nodes[node].is_join and open_parallel(graph.nodes[node], state.tokens, scope):
            return [Problem(node, ALL_HERE)]
    opening = open_inclusive(graph, state.tokens)
    if opening:
        return [Problem(state.tokens[opening[0]].node, ALL_HERE)]
    return _search(graph, _one_of_each(graph, state), max_states)


def _one_of_each(graph: Graph, state: State) -> State:
    """Let one element stand for all of a repeated activity, as the check of soundness does."""
    tokens = dict(state.tokens)
    for host, token in state.tokens.items():
        if host not in tokens or graph.nodes[token.node].repeat is None or token.index >= 0 or token.of < 0:
            continue
        elements = [number for number, other in tokens.items() if other.scope == host]
        for extra in elements[1:]:
            for gone in [extra, *inside(tokens, extra)]:
                tokens.pop(gone, None)
        tokens[host] = replace(token, of=1, done=0 if elements else 1, counted=0)
    return State(tokens, {}, state.last)


def _search(graph: Graph, state: State, max_states: int) -> list[Problem]:
    """Look at everything that can happen from here: no deadlock, no token twice in a place, an end always in reach."""
    match judge(graph, begin=state, max_states=max_states):
        case Fault() as fault:
            return [Problem(fault.element, fault.reason)]
        case Undecided() as undecided:
            return [Problem("", undecided.reason)]
    return []
