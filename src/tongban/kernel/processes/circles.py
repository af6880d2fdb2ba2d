"""Which nodes of a graph lie on a circle, in time that grows with its size only: a file may have thousands of nodes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

__all__ = ["on_circles"]

Next = Callable[[str], Iterable[str]]


def on_circles(keys: Iterable[str], next_of: Next) -> set[str]:
    """Return the nodes from which a way leads back to themselves (Kosaraju's two searches)."""
    after = {key: list(next_of(key)) for key in keys}
    before: dict[str, list[str]] = defaultdict(list)
    for key, targets in after.items():
        for target in targets:
            before[target].append(key)
    found: set[str] = set()
    seen: set[str] = set()
    for key in reversed(_finished(after)):
        part = _reach(key, before, seen)
        if len(part) > 1 or key in after[key]:
            found |= part
    return found


def _finished(after: dict[str, list[str]]) -> list[str]:
    """Return all nodes in the order in which a search in depth is done with them."""
    order: list[str] = []
    seen: set[str] = set()
    for start in after:
        path = [] if start in seen else [(start, iter(after[start]))]
        seen.add(start)
        while path:
            rest = path[-1][1]
            target = next((each for each in rest if each in after and each not in seen), None)
            if target is None:
                order.append(path.pop()[0])
            else:
                seen.add(target)
                path.append((target, iter(after[target])))
    return order


def _reach(start: str, before: dict[str, list[str]], seen: set[str]) -> set[str]:
    """Return what can be reached and was not seen yet, and note it as seen."""
    part: set[str] = set()
    waiting = [start]
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            part.add(key)
            waiting.extend(before[key])
    return part
