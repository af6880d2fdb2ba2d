"""Everything that can happen in a process: the real engine, driven through every choice.

``soundness`` searches this space from the start; a test or a migration may ask what can still happen from any
state. Pure, like the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from tongban.kernel.processes import engine
from tongban.kernel.processes.engine import Effect, State, Token, Within
from tongban.kernel.processes.graph import Flow, Graph, Kind, Node
from tongban.kernel.processes.repeats import is_over

__all__ = ["START", "Act", "Key", "Place", "Way", "acts", "canonical", "key_of", "place_of", "ways"]

Place = tuple[str, ...]
"""Where a token can rest. In a sound process never two at once."""
Key = tuple[Place, ...]
"""A state without the numbers of its tokens and without counters."""


class Act(NamedTuple):
    """What happens to one resting token.

    "complete", "serve" or "timer" (``element`` is then the timer); of a repeated activity "spread" and "gather".
    """

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
    """Return the place of a token: its node, at a join also the flow by which it came.

    The host of a repeated activity and its element (one stands for all) are two places.
    """
    node = graph.nodes[token.node]
    if node.kind.is_gateway:
        return (token.node, token.via)
    if node.repeat is not None:
        stage = "element" if token.index >= 0 else "begun" if token.of < 0 else f"{token.done}"
        return (token.node, stage, *token.fired)
    return (token.node, *token.fired)


def key_of(graph: Graph, state: State) -> Key:
    """Return what two equal states have in common."""
    return tuple(sorted(place_of(graph, token) for token in state.tokens.values()))


def canonical(graph: Graph, state: State) -> State:
    """Number the tokens anew in the order of their places and forget how often each flow was taken.

    A host comes before what lives in its scope, as the engine numbers them.
    """

    def order(item: tuple[int, Token]) -> tuple[int, Place]:
        depth, scope = 0, item[1].scope
        while scope:
            depth, scope = depth + 1, state.tokens[scope].scope
        return depth, place_of(graph, item[1])

    ordered = sorted(state.tokens.items(), key=order)
    numbers = {0: 0} | {old: new for new, (old, _) in enumerate(ordered, 1)}
    tokens = {numbers[old]: replace(token, scope=numbers[token.scope]) for old, token in ordered}
    return State(tokens, {}, len(tokens))


def acts(graph: Graph, state: State) -> Iterator[Act]:
    """Yield all that can happen next."""
    for number, token in state.tokens.items():
        node = graph.nodes[token.node]
        act = _act_at(node, token)
        if act:
            yield Act(act, number, node.id)
        if token.index < 0:
            for timer in node.timers:
                if timer not in token.fired:
                    yield Act("timer", number, timer)


def _act_at(node: Node, token: Token) -> str:
    """Return what moves a token on that rests here, other than attached timers; empty when nothing does."""
    if node.repeat is not None and token.index < 0:
        return "spread" if token.of < 0 else "gather" if is_over(node.repeat, token) else ""
    match node.kind:
        case Kind.USER:
            return "complete"
        case Kind.SERVICE | Kind.RULE:
            return "serve"
        case Kind.TIMER:
            return "timer"
    return ""


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

    def one(self, node: Node, within: Within) -> Flow:
        self.tick()
        if len(node.outgoing) == 1:
            return node.outgoing[0]
        flow = node.outgoing[self._turn(len(node.outgoing))]
        self.chosen.append(flow.id)
        return flow

    def some(self, node: Node, within: Within) -> Sequence[Flow]:
        """Every set of flows but the empty one; the bits of the turn say which."""
        self.tick()
        if len(node.outgoing) == 1:
            return node.outgoing
        bits = self._turn(2 ** len(node.outgoing) - 1) + 1
        flows = [flow for place, flow in enumerate(node.outgoing) if bits >> place & 1]
        self.chosen.extend(flow.id for flow in flows)
        return flows

    def _turn(self, options: int) -> int:
        turn = self.script[len(self.turns)] if len(self.turns) < len(self.script) else 0
        self.turns.append(turn)
        self.options.append(options)
        return turn


def _drive(graph: Graph, state: State, act: Act, guide: _Guide) -> tuple[State, list[Effect]]:
    match act.kind:
        case "start":
            return engine.start(graph, guide)
        case "complete":
            return engine.complete(graph, state, act.token, guide)
        case "serve":
            return engine.service_done(graph, state, act.token, guide)
        case "timer":
            return engine.fire_timer(graph, state, act.token, act.element, guide)
        case "spread":
            return engine.spread(graph, state, act.token, 1, guide)
        case "gather":
            return engine.gather(graph, state, act.token, guide)
    raise ValueError(act.kind)
