"""The token engine: pure functions from a state to the next one, without Django, without a clock, without a
database.

A *token* stands for one thing that is going on. It rests at a user task, a service task or a timer until
somebody moves it on, or at a parallel gateway until its siblings have come. Everything else it passes in the
same move. The engine never looks at variables: ``choose`` is given a gateway and says which flow is taken.
What it has to tell comes back as *effects*, in order; the caller turns them into tasks, jobs and due times.

Deterministic: the same graph, state, move and choices give the same state and the same effects. Every
resting token has a number that is never used again in its instance, so a database can hold "each token is
acted on once" as a unique constraint.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tongban.kernel.processes.graph import Flow, Graph, Kind, Node

__all__ = [
    "Arrived",
    "Cancelled",
    "Choose",
    "Effect",
    "Ended",
    "NoSuchToken",
    "NoWay",
    "State",
    "Stuck",
    "Token",
    "by_conditions",
    "cancel",
    "complete",
    "fire_timer",
    "resume",
    "service_done",
    "start",
]


@dataclass(frozen=True, slots=True)
class Token:
    """Where a token rests and by which flow it came (empty when by a boundary timer)."""

    node: str
    via: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """What an instance remembers: its tokens, the last number given, and how often each flow was taken."""

    tokens: Mapping[int, Token] = field(default_factory=dict)
    taken: Mapping[str, int] = field(default_factory=dict)
    last: int = 0

    @property
    def is_ended(self) -> bool:
        return not self.tokens

    def as_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {
            "tokens": {str(number): [token.node, token.via] for number, token in self.tokens.items()},
            "taken": dict(self.taken),
            "last": self.last,
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> State:
        """Read the stored form."""
        tokens = {int(number): Token(*token) for number, token in data.get("tokens", {}).items()}
        return cls(dict(sorted(tokens.items())), dict(data.get("taken", {})), data.get("last", 0))


@dataclass(frozen=True, slots=True)
class Arrived:
    """A token now rests at a user task, a service task or an intermediate timer."""

    token: int
    node: Node


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A resting token was taken away: by a boundary timer, a terminating end, or from outside."""

    token: int
    node: Node


@dataclass(frozen=True, slots=True)
class Stuck:
    """A token cannot go on by itself: no condition holds, a condition fails, or a join waits in vain."""

    token: int
    node: Node
    reason: str


@dataclass(frozen=True, slots=True)
class Ended:
    """No token is left.

    ``at`` is the end event that took the last one; ``terminated`` when it cut others off.
    """

    at: Node
    terminated: bool = False


Effect = Arrived | Cancelled | Stuck | Ended
Choose = Callable[[Node], Flow]


class NoWay(Exception):
    """``choose`` finds no flow at this gateway; the message says why."""


class NoSuchToken(LookupError):
    """That token does not rest at that node (any more)."""


def by_conditions(evaluate: Callable[[str], object]) -> Choose:
    """Make a ``choose`` from conditions: the first flow, in the order of the file, whose condition is true;
    else the default.

    ``evaluate`` knows the variables. A condition must give true or false, nothing that merely looks like it.
    An error in it is a NoWay, never a silent no.
    """

    def choose(node: Node) -> Flow:
        if len(node.outgoing) == 1:
            return node.outgoing[0]
        default = None
        for flow in node.outgoing:
            if flow.id == node.default:
                default = flow
                continue
            try:
                holds = evaluate(flow.condition)
            except Exception as error:
                raise NoWay(f"{flow.id}: {flow.condition}: {error}") from error
            if not isinstance(holds, bool):
                raise NoWay(f"{flow.id}: {flow.condition}: the answer is {holds!r}, neither true nor false")
            if holds:
                return flow
        if default is None:
            raise NoWay("no condition holds and there is no default flow")
        return default

    return choose


def start(graph: Graph, choose: Choose) -> tuple[State, list[Effect]]:
    """Begin an instance: a token leaves the start event."""
    run = _Run(graph, State(), choose)
    run.leave(graph.start)
    return run.finish()


def complete(graph: Graph, state: State, token: int, choose: Choose) -> tuple[State, list[Effect]]:
    """Move on a token that rests at a user task. Raises NoSuchToken."""
    return _move_on(graph, state, token, choose, Kind.USER)


def service_done(graph: Graph, state: State, token: int, choose: Choose) -> tuple[State, list[Effect]]:
    """Move on a token that rests at a service task. Raises NoSuchToken."""
    return _move_on(graph, state, token, choose, Kind.SERVICE)


def fire_timer(
    graph: Graph, state: State, token: int, timer: str, choose: Choose
) -> tuple[State, list[Effect]]:
    """Let a timer fire: an intermediate one moves its token on, a boundary one takes the token off its task.

    Raises NoSuchToken.
    """
    node = graph.nodes[timer]
    if node.kind is Kind.TIMER:
        return _move_on(graph, state, token, choose, Kind.TIMER)
    run = _Run(graph, state, choose)
    host = run.take(token, graph.nodes[node.attached_to].kind)
    if host.id != node.attached_to:
        raise NoSuchToken(f"{timer} is not attached to {host.id}")
    run.effects.append(Cancelled(token, host))
    run.leave(node)
    return run.finish()


def resume(graph: Graph, state: State, token: int, choose: Choose) -> tuple[State, list[Effect]]:
    """Try again to move a token that is stuck at an exclusive gateway. Raises NoSuchToken."""
    run = _Run(graph, state, choose)
    node = run.take(token, Kind.EXCLUSIVE)
    run.choose_way(node, state.tokens[token].via)
    return run.finish()


def cancel(graph: Graph, state: State) -> tuple[State, list[Effect]]:
    """Take away all tokens (the instance is terminated from outside)."""
    effects: list[Effect] = [
        Cancelled(number, graph.nodes[token.node]) for number, token in state.tokens.items()
    ]
    return State({}, state.taken, state.last), effects


def _move_on(
    graph: Graph, state: State, token: int, choose: Choose, kind: Kind
) -> tuple[State, list[Effect]]:
    run = _Run(graph, state, choose)
    run.leave(run.take(token, kind))
    return run.finish()


class _Run:
    """One move. Tokens in motion wait in ``moving`` and are served first come, first served."""

    def __init__(self, graph: Graph, state: State, choose: Choose) -> None:
        self.graph = graph
        self.choose = choose
        self.tokens = dict(state.tokens)
        self.taken = dict(state.taken)
        self.last = state.last
        self.effects: list[Effect] = []
        self.moving: deque[Flow] = deque()

    def take(self, number: int, kind: Kind) -> Node:
        """Pick up a resting token."""
        token = self.tokens.get(number)
        if token is None or self.graph.nodes[token.node].kind is not kind:
            raise NoSuchToken(f"no token {number} rests at a {kind.value}")
        del self.tokens[number]
        return self.graph.nodes[token.node]

    def rest(self, node: Node, via: str) -> int:
        """Put a token down under a new number."""
        self.last += 1
        self.tokens[self.last] = Token(node.id, via)
        return self.last

    def leave(self, node: Node) -> None:
        """Send a token along every outgoing flow of ``node`` (one, except at a parallel split)."""
        self.moving.extend(node.outgoing)

    def finish(self) -> tuple[State, list[Effect]]:
        """Move until every token rests."""
        while self.moving:
            flow = self.moving.popleft()
            self.taken[flow.id] = self.taken.get(flow.id, 0) + 1
            self.arrive(self.graph.nodes[flow.target], flow)
        self._notice_deadlock()
        return State(self.tokens, self.taken, self.last), self.effects

    def arrive(self, node: Node, via: Flow) -> None:
        if node.kind.waits:
            self.effects.append(Arrived(self.rest(node, via.id), node))
        elif node.kind is Kind.EXCLUSIVE:
            self.choose_way(node, via.id)
        elif node.kind is Kind.PARALLEL:
            self._parallel(node, via)
        elif node.kind is Kind.TERMINATE:
            self._terminate(node)
        elif not self.tokens and not self.moving:
            self.effects.append(Ended(node))

    def choose_way(self, node: Node, via: str) -> None:
        """Send a token along the chosen flow, or put it down at the gateway when there is none."""
        try:
            self.moving.append(self.choose(node))
        except NoWay as reason:
            self.effects.append(Stuck(self.rest(node, via), node, str(reason)))

    def _parallel(self, node: Node, via: Flow) -> None:
        """Wait until every incoming flow has brought a token, then take one of each and split."""
        if len(node.incoming) == 1:
            return self.leave(node)
        self.rest(node, via.id)
        waiting: dict[str, int] = {}
        for number, token in self._resting_at(node):
            waiting.setdefault(token.via, number)
        if len(waiting) == len(node.incoming):
            for number in waiting.values():
                del self.tokens[number]
            self.leave(node)
        return None

    def _terminate(self, node: Node) -> None:
        self.effects.extend(Cancelled(number, self.graph.nodes[t.node]) for number, t in self.tokens.items())
        cut_off = bool(self.tokens or self.moving)
        self.tokens.clear()
        self.moving.clear()
        self.effects.append(Ended(node, terminated=cut_off))

    def _resting_at(self, node: Node) -> Iterator[tuple[int, Token]]:
        return ((number, token) for number, token in self.tokens.items() if token.node == node.id)

    def _notice_deadlock(self) -> None:
        """When all that is left waits at joins, nothing will ever move again: say so once, at the first."""
        at_joins = all(self.graph.nodes[token.node].kind is Kind.PARALLEL for token in self.tokens.values())
        if self.tokens and at_joins:
            number, token = next(iter(self.tokens.items()))
            self.effects.append(
                Stuck(number, self.graph.nodes[token.node], "the join waits for a branch that will not come")
            )
