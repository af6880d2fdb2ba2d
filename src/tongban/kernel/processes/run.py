"""One move of the engine: tokens are picked up, sent along flows and put down again, until every one rests."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from tongban.kernel.processes import joins, repeats
from tongban.kernel.processes.graph import Flow, Graph, Kind, Node
from tongban.kernel.processes.state import (
    Arrived,
    Cancelled,
    Choose,
    Effect,
    Ended,
    Gathered,
    NoSuchToken,
    NoWay,
    State,
    Stuck,
    Token,
    inside,
    within,
)

__all__ = ["MAX_TIMES", "Run", "Runaway", "Step"]

Step = tuple[State, list[Effect]]
"""What a move gives: the next state, and what there is to tell."""

MAX_TIMES = 64
"""So many tokens may take one flow within one move (within one scope); in a sound process they are very few."""


class Runaway(Exception):
    """Tokens multiply within one move. Only a process that is not sound does that, so none that is published."""

    def __init__(self, flow: str) -> None:
        self.flow = flow
        super().__init__(f"{flow} is taken more than {MAX_TIMES} times in one move")


class Run:
    """One move. Tokens in motion wait in ``moving`` and are served first come, first served."""

    def __init__(self, graph: Graph, state: State, choose: Choose) -> None:
        self.graph = graph
        self.choose = choose
        self.tokens = dict(state.tokens)
        self.taken = dict(state.taken)
        self.last = state.last
        self.effects: list[Effect] = []
        self.moving: deque[tuple[Flow, int]] = deque()
        self.touched: set[int] = set()
        self.times: dict[tuple[str, int], int] = {}

    # tokens

    def look(self, number: int, *kinds: Kind) -> Token:
        """Return a resting token; it must rest at a node of these kinds."""
        token = self.tokens.get(number)
        if token is None or (kinds and self.graph.nodes[token.node].kind not in kinds):
            raise NoSuchToken(f"no token {number} rests at a {' or '.join(kinds)}")
        return token

    def rest(self, token: Token) -> int:
        """Put a token down under a new number."""
        self.last += 1
        self.tokens[self.last] = token
        self.touched.add(token.scope)
        return self.last

    def remove(self, number: int) -> Token:
        """Pick a token up."""
        token = self.tokens.pop(number)
        self.touched.add(token.scope)
        return token

    def leave(self, node: Node, scope: int) -> None:
        """Send a token along every outgoing flow of ``node`` (one, except at a parallel split)."""
        self.moving.extend((flow, scope) for flow in node.outgoing)

    def cancel(self, numbers: list[int]) -> None:
        """Take tokens away, and what moves in the scopes that they host."""
        for number in numbers:
            self.effects.append(Cancelled(number, self.graph.nodes[self.remove(number).node]))
        if self.moving:
            gone = set(numbers)
            self.moving = deque((flow, scope) for flow, scope in self.moving if scope not in gone)

    # movement

    def finish(self) -> Step:
        """Move until every token rests."""
        while True:
            while self.moving:
                flow, scope = self.moving.popleft()
                self.taken[flow.id] = self.taken.get(flow.id, 0) + 1
                self.count(flow, scope)
                self.arrive(self.graph.nodes[flow.target], flow.id, scope)
            if not self._open_a_join():
                break
        for number in joins.deadlocked(self.graph, self.tokens, self.touched):
            node = self.graph.nodes[self.tokens[number].node]
            self.effects.append(Stuck(number, node, "the join waits for a branch that will not come"))
        return State(self.tokens, self.taken, self.last), self.effects

    def count(self, flow: Flow, scope: int) -> None:
        """Stop a drawing that doubles its tokens again and again before they fill the memory. Raises Runaway."""
        times = self.times[flow.id, scope] = self.times.get((flow.id, scope), 0) + 1
        if times > MAX_TIMES:
            raise Runaway(flow.id)

    def arrive(self, node: Node, via: str, scope: int) -> None:
        """Bring a token to a node."""
        if node.kind.waits or node.repeat is not None:
            self.effects.append(Arrived(self.rest(Token(node.id, via, scope)), node))
        elif node.kind.is_scope:
            host = self.rest(Token(node.id, via, scope))
            self.effects.append(Arrived(host, node))
            self.leave(self.graph.starts[node.id], host)
        elif node.is_join:
            self.rest(Token(node.id, via, scope))
            if node.kind is Kind.PARALLEL:
                self._join(joins.open_parallel(node, self.tokens, scope))
        elif node.kind.is_gateway:
            self.choose_way(node, via, scope)
        else:
            self.end(node, scope)

    def choose_way(self, node: Node, via: str, scope: int) -> None:
        """Send tokens along the chosen flows, or put one down at the gateway when there is none."""
        try:
            if node.kind is Kind.PARALLEL:
                self.leave(node, scope)
            elif node.kind is Kind.EXCLUSIVE:
                self.moving.append((self.choose.one(node, within(self.tokens, scope)), scope))
            else:
                chosen = {flow.id for flow in self.choose.some(node, within(self.tokens, scope))}
                if not chosen:
                    raise NoWay("no flow was chosen")
                self.moving.extend((flow, scope) for flow in node.outgoing if flow.id in chosen)
        except NoWay as reason:
            self.effects.append(Stuck(self.rest(Token(node.id, via, scope)), node, str(reason)))

    def _open_a_join(self) -> bool:
        return self._join(joins.open_inclusive(self.graph, self.tokens)) if self.graph.upstream else False

    def _join(self, numbers: list[int]) -> bool:
        """Make one token of those that waited at a join, and send it on."""
        if not numbers:
            return False
        first, *_ = [self.remove(number) for number in numbers]
        self.choose_way(self.graph.nodes[first.node], "", first.scope)
        return True

    # the ends of scopes and activities

    def end(self, node: Node, scope: int) -> None:
        """Take a token away at an end; the last one ends its scope, a terminating end cuts off the others."""
        is_last = not any(token.scope == scope for token in self.tokens.values()) and not any(
            flow_scope == scope for _, flow_scope in self.moving
        )
        if not is_last and node.kind is not Kind.TERMINATE:
            return
        self.cancel(list(inside(self.tokens, scope)))
        if scope == 0:
            self.moving.clear()
            self.effects.append(Ended(node, terminated=not is_last))
        else:
            self.moving = deque(item for item in self.moving if item[1] != scope)
            self.activity_done(self.remove(scope), node.name)

    def activity_done(self, token: Token, what: str) -> None:
        """Go on from an activity whose token has been picked up. ``what`` is its outcome, or its end event."""
        node = self.graph.nodes[token.node]
        if token.index < 0 or node.repeat is None:
            return self.leave(node, token.scope)
        host = self.tokens[token.scope]
        counts = not node.repeat.counts or node.repeat.counts == what
        host = self.tokens[token.scope] = replace(host, done=host.done + 1, counted=host.counted + counts)
        if repeats.is_over(node.repeat, host):
            self.close(token.scope)
        elif node.repeat.is_sequential:
            self.begin_element(token.scope, host.done)
        return None

    def begin_element(self, host: int, index: int) -> None:
        """Put down the token of one element; in a sub-process its inside begins."""
        node = self.graph.nodes[self.tokens[host].node]
        number = self.rest(Token(node.id, scope=host, index=index))
        if node.kind.is_scope:
            self.leave(self.graph.starts[node.id], number)
        else:
            self.effects.append(Arrived(number, node))

    def close(self, number: int) -> None:
        """A repeated activity is over: what is left of it is cancelled, and its result told."""
        self.cancel(list(inside(self.tokens, number)))
        host = self.tokens[number]
        node = self.graph.nodes[host.node]
        if node.repeat is not None:
            met = repeats.is_met(node.repeat, host)
            self.effects.append(Gathered(number, node, host.done, host.counted, host.of, met))
