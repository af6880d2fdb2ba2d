"""The moves that offices need and BPMN lacks, as pure functions beside the engine: back to an earlier step, taking back one's
own step, the same step once more. State in, state and effects out; no Django, no clock, no database.

They decide where tokens lie afterwards, not whether somebody may do this: ``standing`` decides that. What they promise is
written down row by row in ``docs/reference/moves.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tongban.kernel.processes.graph import Flow, Graph, Kind, Node, closure
from tongban.kernel.processes.joins import waits_at_join
from tongban.kernel.processes.state import (
    Arrived,
    Cancelled,
    Effect,
    NoSuchToken,
    State,
    Token,
    Within,
    inside,
)

__all__ = [
    "DEFAULT_MOVES",
    "MOVES",
    "Reopened",
    "Step",
    "Undo",
    "deep",
    "earlier_steps",
    "nodes_behind",
    "place_in",
    "place_of",
    "reopen",
    "return_to",
    "state_at",
    "take_back",
    "undo_of",
    "words_of",
]

MOVES = ("return", "withdraw", "sign", "transfer", "urge", "circulate")
"""The words of ``tongban:moves``: what a process, or one of its tasks, lets people do beside completing."""
DEFAULT_MOVES = frozenset(MOVES)


@dataclass(frozen=True, slots=True)
class Reopened:
    """A token rests where one has rested before; ``earlier`` is the number under which that one did."""

    token: int
    node: Node
    earlier: int


Step = tuple[State, list["Effect | Reopened"]]


@dataclass(frozen=True, slots=True)
class Undo:
    """What one step changed in the state: tokens it took away, tokens it left behind, flows it took.

    ``before`` and ``after`` are tokens that stayed but were written on: the host of a repeated activity counts.
    """

    gone: Mapping[int, Token]
    new: frozenset[int]
    taken: Mapping[str, int]
    before: Mapping[int, Token] = field(default_factory=dict)
    after: Mapping[int, Token] = field(default_factory=dict)

    def fits(self, state: State) -> bool:
        """True while nothing that the step left behind has moved on."""
        return all(n in state.tokens for n in self.new) and all(
            state.tokens.get(n) == token for n, token in self.after.items()
        )

    def as_json(self) -> dict[str, Any]:
        """Return the stored form."""
        parts = {"gone": self.gone, "before": self.before, "after": self.after}
        stored = {name: State(tokens).as_json()["tokens"] for name, tokens in parts.items() if tokens}
        return {**stored, "taken": dict(self.taken), "new": sorted(self.new)}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Undo:
        """Read the stored form."""
        gone, before, after = (
            State.of({"tokens": data.get(name, {})}).tokens for name in ("gone", "before", "after")
        )
        return cls(gone, frozenset(data["new"]), dict(data["taken"]), before, after)


def words_of(graph: Graph, node: Node) -> frozenset[str]:
    """Return the moves that a step allows: its own word, else the process's, else all. "none" forbids all."""
    said = node.moves or graph.moves
    return frozenset(said.split()) & DEFAULT_MOVES if said else DEFAULT_MOVES


# one's own step taken back


def undo_of(before: State, after: State) -> Undo:
    """Return what was done between two states of one instance."""
    gone = {number: token for number, token in before.tokens.items() if number not in after.tokens}
    new = frozenset(after.tokens) - frozenset(before.tokens)
    taken = {flow: n - before.taken.get(flow, 0) for flow, n in after.taken.items()}
    written = [n for n, token in before.tokens.items() if after.tokens.get(n, token) != token]
    return Undo(
        gone,
        new,
        {flow: n for flow, n in taken.items() if n},
        {n: before.tokens[n] for n in written},
        {n: after.tokens[n] for n in written},
    )


def take_back(graph: Graph, state: State, undo: Undo) -> Step:
    """Undo a step: its tokens go, those that it took away lie again where they lay, under new numbers.

    Raises NoSuchToken when one of the tokens that the step left behind has moved on since.
    """
    if not undo.fits(state):
        raise NoSuchToken("what the step led to has moved on")
    board = _Board(graph, state)
    board.tokens.update(undo.before)
    board.remove({n for host in undo.new for n in (host, *inside(state.tokens, host))})
    for number, token in sorted(undo.gone.items()):
        board.put_back(number, token)
    taken = {flow: n - undo.taken.get(flow, 0) for flow, n in state.taken.items()}
    return board.finish({flow: n for flow, n in taken.items() if n > 0})


def reopen(graph: Graph, state: State, number: int) -> Step:
    """Lay the token of a step down once more under a new number: the step is to be done again. Raises NoSuchToken."""
    token = _resting(state, number)
    board = _Board(graph, state)
    board.remove([number])
    board.put_back(number, token)
    return board.finish(state.taken)


# back to an earlier step


def return_to(graph: Graph, state: State, number: int, target: str, earlier: int) -> Step:
    """Lay a token down at the user task ``target`` instead of everything that came after it.

    ``number`` is the token whose holder sends back, ``earlier`` the one that last rested at the target. Tokens behind the
    target go (``nodes_behind``) with all that lies inside them: those of parallel branches too when the target lies before
    the split. Of a parallel join that was passed since, the branches that do not come from the target wait at it again, so
    their work stands. Only the scope of the target is touched. A repeated target begins anew. Raises NoSuchToken.
    """
    place = place_of(state, graph, number, target)
    here = state.tokens[place]
    behind = nodes_behind(graph, target, here.node)
    board = _Board(graph, state)
    gone = [place]
    for other, token in state.tokens.items():
        if other != place and token.scope == here.scope and _is_behind(graph, token, behind, target):
            gone.append(other)
    board.remove({n for host in gone for n in (host, *inside(state.tokens, host))})
    for node in graph.nodes.values():
        if node.id in behind and node.kind is Kind.PARALLEL and node.is_join:
            board.refill(node, here.scope, target)
    fresh = board.put(Token(target, scope=here.scope))
    goal = graph.nodes[target]
    board.effects.append(Arrived(fresh, goal) if goal.repeat else Reopened(fresh, goal, earlier))
    return board.finish(state.taken)


def earlier_steps(graph: Graph, state: State, number: int) -> list[str]:
    """Return the user tasks from which the token can have come to where it rests, in the order of the file.

    Those of its own scope and of the scopes around it. What lies inside a sub-process that is over is none of them. Between
    a split and its join only what lies before it on its own branch: round a loop one can come from the others, and from
    what lies ahead, but never from this round of it.
    """
    found: set[str] = set()
    while number:
        token = _resting(state, number)
        if token.index < 0:
            before = closure([token.node], lambda key: _sources(graph, graph.nodes[key])) - {token.node}
            found |= before - _of_another_round(graph, token.node)
        number = token.scope
    return [node.id for node in graph.of_kind(Kind.USER) if node.id in found]


def _of_another_round(graph: Graph, here: str) -> set[str]:
    """Return the nodes on the branches of the splits around ``here`` from which one comes here only by the split itself."""
    found: set[str] = set()
    for split, branches in _splits_around(graph, here):

        def sources_of(key: str, split: Node = split) -> Iterable[str]:
            return () if key == split.id else _sources(graph, graph.nodes[key])

        found |= branches - closure([here], sources_of)
    return found


def _splits_around(graph: Graph, here: str) -> Iterator[tuple[Node, set[str]]]:
    """Yield each split of which several branches may be taken and on one of whose branches ``here`` lies, with the nodes of all
    its branches. What all of them come to (the join, and whatever is behind it) lies on none.
    """
    for split in graph.of_kind(Kind.PARALLEL, Kind.INCLUSIVE):

        def next_of(key: str, split: Node = split) -> Iterable[str]:
            return () if key == split.id else (n.id for n in graph.next_nodes(graph.nodes[key]))

        ways = [closure([flow.target], next_of) for flow in split.outgoing]
        branches = set().union(*ways) - frozenset.intersection(*ways) if ways else set()
        if here in branches:
            yield split, branches


def place_of(state: State, graph: Graph, number: int, target: str) -> int:
    """Return the token that stands for ``number`` in the scope of ``target``: itself, or the host that it lives in."""
    while number:
        token = _resting(state, number)
        if token.index < 0 and graph.nodes[token.node].scope == graph.nodes[target].scope:
            return number
        number = token.scope
    raise NoSuchToken(f"{target} lies in no scope around the token")


def place_in(within: Within) -> str:
    """Return in which elements of repeated activities something lies, as a task keeps it: "7.0/9.2", "" for none."""
    return "/".join(f"{host}.{index}" for host, index in within)


def nodes_behind(graph: Graph, target: str, here: str) -> set[str]:
    """Return the nodes that a token can come to from ``target`` before it has passed ``here``, and ``here`` itself.

    Not further than ``here``, nor once more into the branches on one of which both lie: what lies beyond (round a loop, in
    another branch) has not come from the target this time.
    """
    stops = {here, *(split.id for split, branches in _splits_around(graph, here) if target in branches)}

    def next_of(key: str) -> Iterable[str]:
        return () if key in stops else (node.id for node in graph.next_nodes(graph.nodes[key]))

    first = [node.id for node in graph.next_nodes(graph.nodes[target])]
    return set(closure(first, next_of)) - {target} | ({here} if here else set())


def deep(graph: Graph, keys: Iterable[str]) -> set[str]:
    """Return these nodes with everything that lies inside them."""
    found = set(keys)
    for node in graph.nodes.values():  # what holds others stands before them in the file
        if node.scope in found:
            found.add(node.id)
    return found


def state_at(graph: Graph, node: Node) -> Node | None:
    """Return the node whose ``tongban:state`` holds at ``node``: itself, else the nearest before it that has one."""
    seen, waiting = {node.id}, [node]
    while waiting:
        here = waiting.pop(0)
        if here.state:
            return here
        for key in (
            *_sources(graph, here),
            *([here.scope] if here.kind is Kind.START and here.scope else []),
        ):
            if key not in seen:
                seen.add(key)
                waiting.append(graph.nodes[key])
    return None


def _is_behind(graph: Graph, token: Token, behind: set[str], target: str) -> bool:
    """A token that waits at a join is behind when the branch by which it came is."""
    if waits_at_join(graph, token):
        source = graph.flows[token.via].source
        return source in behind or source == target
    return token.node in behind


class _Board:
    """Tokens being rearranged by hand, with the effects that tell of it."""

    def __init__(self, graph: Graph, state: State) -> None:
        self.graph = graph
        self.tokens = dict(state.tokens)
        self.last = state.last
        self.renamed: dict[int, int] = {}
        self.effects: list[Effect | Reopened] = []

    def remove(self, numbers: Iterable[int]) -> None:
        for number in sorted(set(numbers)):
            self.effects.append(Cancelled(number, self.graph.nodes[self.tokens.pop(number).node]))

    def put(self, token: Token) -> int:
        self.last += 1
        self.tokens[self.last] = token
        return self.last

    def put_back(self, number: int, token: Token) -> None:
        """Lay a token down where it lay; hosts come before what lives in them, so that scopes are known."""
        fresh = self.put(replace(token, scope=self.renamed.get(token.scope, token.scope)))
        self.renamed[number] = fresh
        node = self.graph.nodes[token.node]
        if not node.kind.is_gateway:
            self.effects.append(Reopened(fresh, node, number))

    def refill(self, join: Node, scope: int, target: str) -> None:
        """Let the branches that the return leaves alone wait at a join that had been passed."""
        for flow in join.incoming:
            if not self._will_come(join, scope, flow, target):
                self.put(Token(join.id, flow.id, scope))

    def _will_come(self, join: Node, scope: int, flow: Flow, target: str) -> bool:
        """True when this branch waits at the join already, or is under way to it (from the target too).

        In this round: no way through the join itself counts, nor one through a split on whose branch the target lies.
        """
        mates = [token for token in self.tokens.values() if token.scope == scope]
        if any(token.node == join.id and token.via == flow.id for token in mates):
            return True
        stops = {join.id, *(split.id for split, _ in _splits_around(self.graph, target))}

        def next_of(key: str) -> Iterable[str]:
            return () if key in stops else (n.id for n in self.graph.next_nodes(self.graph.nodes[key]))

        under_way = [target, *(token.node for token in mates if token.node != join.id)]
        return flow.source in closure(under_way, next_of)

    def finish(self, taken: Mapping[str, int]) -> Step:
        return State(dict(sorted(self.tokens.items())), dict(taken), self.last), self.effects


def _resting(state: State, number: int) -> Token:
    token = state.tokens.get(number)
    if token is None:
        raise NoSuchToken(f"no token {number} rests anywhere")
    return token


def _sources(graph: Graph, node: Node) -> Iterable[str]:
    yield from (flow.source for flow in node.incoming)
    if node.attached_to:
        yield node.attached_to
