"""Can a run still come to its end? Asked of any state, also of one that somebody's hand has arranged."""

from __future__ import annotations

from tongban.kernel.processes.engine import State
from tongban.kernel.processes.graph import Graph
from tongban.kernel.processes.statespace import Key, Places, acts, ways

__all__ = ["can_end"]

MOST = 20_000


def can_end(graph: Graph, state: State) -> bool:
    """Look for an end in depth, which finds it soon; fail when it is not found among very many states."""
    places = Places(graph)
    seen: set[Key] = set()
    waiting = [state]
    while waiting:
        here = waiting.pop()
        if here.is_ended:
            return True
        key = places.key(here)
        if key in seen:
            continue
        seen.add(key)
        assert len(seen) < MOST
        waiting += [way.after for act in acts(graph, here) for way in ways(graph, here, act, lambda: None)]
    return False
