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

__all__ = ["START", "Act", "Key", "Place", "Places", "Way", "acts", "replay", "ways"]

Key = tuple[int, ...]
"""A state without the numbers of its tokens and without counters: what ``Places`` says of each token, in order."""


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


class Place(NamedTuple):
    """Where a token can rest; in a sound process never two at once.

    At a join the flow by which it came (``via``) belongs to it. The host of a repeated activity (``element`` -1) and each of
    its elements are places of their own. ``inside`` is the entry of its host, -1 at the top.
    """

    node: str
    via: str
    element: int
    inside: int


class Places:
    """A register of everything that tokens were seen to be, so that a state is a short tuple of numbers.

    A host is entered before what lives inside it, so the numbers of a key are in the order of hosts first.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.places: list[Place] = []
        self._tokens: list[Token] = []
        self._entries: dict[tuple[Token, int], int] = {}

    def key(self, state: State) -> Key:
        """Return what equal states have in common."""
        entries = {0: -1}
        for number, token in state.tokens.items():
            entries[number] = self._entry(token, entries[token.scope])
        del entries[0]
        return tuple(sorted(entries.values()))

    def state(self, key: Key) -> State:
        """Return a state with that key. Its tokens are numbered anew and its counters begin anew."""
        numbers = {-1: 0} | {entry: number for number, entry in enumerate(key, 1)}
        tokens = {}
        for number, entry in enumerate(key, 1):
            token, scope = self._tokens[entry], numbers[self.places[entry].inside]
            tokens[number] = replace(token, scope=scope) if scope else token
        return State(tokens, {}, len(tokens))

    def doubled(self, key: Key) -> Place | None:
        """Return a place at which two tokens rest."""
        seen: set[Place] = set()
        for entry in key:
            place = self.places[entry]
            if place in seen:
                return place
            seen.add(place)
        return None

    def _entry(self, token: Token, inside: int) -> int:
        """Return the number under which a token is entered. Remembered as it came, for this is asked very often."""
        entry = self._entries.get((token, inside))
        if entry is None:
            via = token.via if self.graph.nodes[token.node].is_join else ""
            known = replace(token, via=via, scope=0)
            entry = self._entries.setdefault((known, inside), len(self._tokens))
            self._entries[token, inside] = entry
            if entry == len(self._tokens):
                self._tokens.append(known)
                self.places.append(Place(token.node, via, token.index, inside))
        return entry


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
    waiting: list[Iterator[tuple[int, ...]]] = [iter([()])]
    while waiting:
        script = next(waiting[-1], None)
        if script is None:
            waiting.pop()
            continue
        way, options = _follow(graph, state, act, script, tick)
        yield way
        waiting.append(_others(way.script, options, len(script)))


def _others(turns: tuple[int, ...], options: list[int], start: int) -> Iterator[tuple[int, ...]]:
    """Yield the scripts that leave this one at a choice from ``start`` on. One by one: a gateway may have millions."""
    for place in range(start, len(turns)):
        for other in range(1, options[place]):
            yield (*turns[:place], other)


def replay(graph: Graph, state: State, act: Act, script: tuple[int, ...]) -> Way:
    """Go one way again."""
    return _follow(graph, state, act, script, lambda: None)[0]


def _follow(
    graph: Graph, state: State, act: Act, script: tuple[int, ...], tick: Callable[[], None]
) -> tuple[Way, list[int]]:
    """Let the engine make one move that heeds ``script`` and then always takes the first option.

    Returns the way and how many options there were at each choice.
    """
    tick()
    guide = _Guide(script, tick)
    after, effects = _drive(graph, state, act, guide)
    return Way(tuple(guide.chosen), tuple(guide.turns), after, effects), guide.options


class _Guide:
    """Answers the engine's questions by a script."""

    def __init__(self, script: tuple[int, ...], tick: Callable[[], None]) -> None:
        self.script = script
        self.tick = tick
        self.turns: list[int] = []
        self.options: list[int] = []
        self.chosen: list[str] = []

    def one(self, node: Node, within: Within) -> Flow:
        if len(node.outgoing) == 1:
            self.tick()
            return node.outgoing[0]
        flow = node.outgoing[self._turn(len(node.outgoing))]
        self.chosen.append(flow.id)
        return flow

    def some(self, node: Node, within: Within) -> Sequence[Flow]:
        """Any set of flows with a condition but the empty one (the bits of the turn say which), or the default alone."""
        if len(node.outgoing) == 1:
            self.tick()
            return node.outgoing
        conditional = [flow for flow in node.outgoing if flow.id != node.default]
        default = [flow for flow in node.outgoing if flow.id == node.default]
        sets = 2 ** len(conditional) - 1
        turn = self._turn(sets + len(default))
        flows = default if turn == sets else [f for bit, f in enumerate(conditional) if (turn + 1) >> bit & 1]
        self.chosen.extend(flow.id for flow in flows)
        return flows

    def _turn(self, options: int) -> int:
        self.tick()
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
