"""Everything that can happen in a process: the real engine, driven through every choice.

``soundness`` searches this space from the start; a test or a migration may ask what can still happen from any
state. Pure, like the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from tongban.kernel.processes import engine
from tongban.kernel.processes.engine import Effect, State, Token
from tongban.kernel.processes.graph import Flow, Graph, Kind, Node

__all__ = ["START", "Act", "Key", "Place", "Way", "acts", "canonical", "key_of", "place_of", "ways"]

Place = tuple[str, ...]
"""Where a token can rest. In a sound process never two at once."""
Key = tuple[Place, ...]
"""A state without the numbers of its tokens and without counters."""


class Act(NamedTuple):
    """What happens to one resting token: "complete", "serve" or "timer" (``element`` is then the timer)."""

    kind: str
    token: int
    element: str


START = Act("start", 0, "")


class Way(NamedTuple):
    """One way in which an act can go: the flows chosen at gateways with several, and what comes of it."""

    chosen: tuple[str, ...]
    script: tuple[int, ...]
    after: State
    effects: list[Effect]


def place_of(graph: Graph, token: Token) -> Place:
    """Return the place of a token: its node, and at a join also the flow by which it came."""
    return (token.node, token.via) if graph.nodes[token.node].kind.is_gateway else (token.node,)


def key_of(graph: Graph, state: State) -> Key:
    """Return what two equal states have in common."""
    return tuple(sorted(place_of(graph, token) for token in state.tokens.values()))


def canonical(graph: Graph, state: State) -> State:
    """Number the tokens anew in the order of their places and forget how often each flow was taken."""
    tokens = sorted(state.tokens.values(), key=lambda token: place_of(graph, token))
    return State(dict(enumerate(tokens, 1)), {}, len(tokens))


def acts(graph: Graph, state: State) -> Iterator[Act]:
    """Yield all that can happen next."""
    for number, token in state.tokens.items():
        node = graph.nodes[token.node]
        if node.kind is Kind.USER:
            yield Act("complete", number, node.id)
        elif node.kind is Kind.SERVICE:
            yield Act("serve", number, node.id)
        elif node.kind is Kind.TIMER:
            yield Act("timer", number, node.id)
        for timer in node.timers:
            yield Act("timer", number, timer)


def ways(graph: Graph, state: State, act: Act, tick: Callable[[], None]) -> Iterator[Way]:
    """Yield every way in which ``act`` can go; ``tick`` is called at each gateway and may raise to stop."""
    scripts: list[tuple[int, ...]] = [()]
    while scripts:
        way, asked = _follow(graph, state, act, scripts.pop(), tick)
        yield way
        start = len(way.script) - len(asked)
        for turn, options in enumerate(asked, start):
            scripts += [(*way.script[:turn], other) for other in range(1, options)]


def replay(graph: Graph, state: State, act: Act, script: tuple[int, ...]) -> Way:
    """Go one way again."""
    return _follow(graph, state, act, script, lambda: None)[0]


def _follow(
    graph: Graph, state: State, act: Act, script: tuple[int, ...], tick: Callable[[], None]
) -> tuple[Way, list[int]]:
    """Let the engine make one move that heeds ``script`` and then always takes the first option.

    Returns the way and how many options there were at each choice beyond the script.
    """
    tick()
    guide = _Guide(script, tick)
    after, effects = _drive(graph, state, act, guide)
    return Way(tuple(guide.chosen), tuple(guide.turns), after, effects), guide.options[len(script) :]


class _Guide:
    """Answers the engine's questions by a script."""

    def __init__(self, script: tuple[int, ...], tick: Callable[[], None]) -> None:
        self.script = script
        self.tick = tick
        self.turns: list[int] = []
        self.options: list[int] = []
        self.chosen: list[str] = []

    def choose(self, node: Node) -> Flow:
        self.tick()
        if len(node.outgoing) == 1:
            return node.outgoing[0]
        flow = node.outgoing[self._turn(len(node.outgoing))]
        self.chosen.append(flow.id)
        return flow

    def _turn(self, options: int) -> int:
        turn = self.script[len(self.turns)] if len(self.turns) < len(self.script) else 0
        self.turns.append(turn)
        self.options.append(options)
        return turn


def _drive(graph: Graph, state: State, act: Act, guide: _Guide) -> tuple[State, list[Effect]]:
    match act.kind:
        case "start":
            return engine.start(graph, guide.choose)
        case "complete":
            return engine.complete(graph, state, act.token, guide.choose)
        case "serve":
            return engine.service_done(graph, state, act.token, guide.choose)
        case "timer":
            return engine.fire_timer(graph, state, act.token, act.element, guide.choose)
    raise ValueError(act.kind)
