"""When tokens that wait for one another may go on. Pure; ``engine`` asks after every movement.

A *parallel* join opens when every incoming flow has brought a token; one of each is taken.

An *inclusive* join opens when nothing moves any more and no other token of its scope rests at a node from
which the join can be reached (``Graph.upstream``: by flows and attached timers, whatever the conditions). Then
all tokens that wait there become one. A token counts where it rests; inside a sub-process that is the
sub-process, for those outside. Tokens that wait at this very join do not hold it up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tongban.kernel.processes.graph import Graph, Kind, Node
from tongban.kernel.processes.state import Token

__all__ = ["deadlocked", "is_stuck", "open_inclusive", "open_parallel", "waits_at_join"]


def waits_at_join(graph: Graph, token: Token) -> bool:
    """True when the token waits for others. (One that passed an inclusive join and found no way has no ``via``.)"""
    node = graph.nodes[token.node]
    return node.is_join and bool(token.via)


def open_parallel(node: Node, tokens: Mapping[int, Token], scope: int) -> list[int]:
    """Return the tokens that a parallel join takes now: one by each flow, or none."""
    waiting: dict[str, int] = {}
    for number, token in tokens.items():
        if token.node == node.id and token.scope == scope:
            waiting.setdefault(token.via, number)
    return list(waiting.values()) if len(waiting) == len(node.incoming) else []


def open_inclusive(graph: Graph, tokens: Mapping[int, Token]) -> list[int]:
    """Return the tokens of the first inclusive join that may open, or none."""
    upstream = graph.upstream
    seen: set[tuple[str, int]] = set()
    for token in tokens.values():
        place = (token.node, token.scope)
        if token.node not in upstream or not token.via or place in seen:
            continue
        seen.add(place)
        mates = [t for t in tokens.values() if t.scope == token.scope and t.node != token.node]
        if not any(mate.node in upstream[token.node] for mate in mates):
            return [n for n, t in tokens.items() if (t.node, t.scope) == place and t.via]
    return []


def deadlocked(graph: Graph, tokens: Mapping[int, Token], scopes: Iterable[int]) -> list[int]:
    """Return the first token of each scope in which all that is left waits at joins: nothing there moves again."""
    found = []
    for scope in sorted(scopes):
        resting = [number for number, token in tokens.items() if token.scope == scope]
        if resting and all(waits_at_join(graph, tokens[number]) for number in resting):
            found.append(resting[0])
    return found


def is_stuck(graph: Graph, token: Token) -> bool:
    """True when the token rests at a gateway that found no way: ``engine.resume`` may try again."""
    kind = graph.nodes[token.node].kind
    return kind is Kind.EXCLUSIVE or (kind is Kind.INCLUSIVE and not waits_at_join(graph, token))
