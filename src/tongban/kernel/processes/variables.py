"""The variables of an instance, seen from a place in it. Pure.

Outside of repeated activities there is one set for all. Inside each element has variables of its own on top: its
element of the list under the name that the process gives it, and everything written there. So elements that run
side by side never overwrite one another. When the activity is over, what the elements wrote is gathered in a list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tongban.kernel.processes.state import Within

__all__ = ["SHARED", "Variables", "at_path"]

SHARED = ("data", "by", "behalf")
"""Variables that are themselves mappings, by the names of tasks: they are merged, not replaced."""


class Variables:
    """``values`` are the variables of the instance, ``elements`` what repeated activities that run add to them.

    ``elements`` has an entry for each host: {"name": of an element, "values": the list, "own": {index: variables}}.
    Both are changed in place.
    """

    def __init__(self, values: dict[str, Any], elements: dict[str, Any]) -> None:
        self.values = values
        self.elements = elements

    def seen(self, within: Within) -> Mapping[str, Any]:
        """Return the variables as a place sees them: not to be changed."""
        if not within:
            return self.values
        seen = dict(self.values)
        for host, position in within:
            entry = self.elements[str(host)]
            own = entry["own"].get(str(position), {})
            merged = {name: {**seen.get(name, {}), **own[name]} for name in SHARED if name in own}
            seen |= own | merged
            if entry["name"]:
                seen[entry["name"]] = entry["values"][position]
        return seen

    def own(self, within: Within) -> dict[str, Any]:
        """Return the mapping into which a place writes: its element's own, or that of the instance."""
        if not within:
            return self.values
        host, position = within[-1]
        own: dict[str, Any] = self.elements[str(host)]["own"].setdefault(str(position), {})
        return own

    def begin(self, host: int, name: str, values: Sequence[Any]) -> None:
        """Begin a repeated activity over ``values``."""
        self.elements[str(host)] = {"name": name, "values": list(values), "own": {}}

    def note_task(
        self, within: Within, task: str, outcome: str, data: Any, by: str | None, behalf: str | None
    ) -> None:
        """Write what completing a task says: the outcome, what was filled in, who did it and on whose behalf."""
        own = self.own(within)
        own[task] = outcome
        own.setdefault("data", {})[task] = data
        own.setdefault("by", {})[task] = by
        if behalf is not None:
            own.setdefault("behalf", {})[task] = behalf

    def gather(
        self, host: int, within: Within, name: str, result: Mapping[str, Any], *, is_task: bool
    ) -> None:
        """Write the result of a repeated activity into what is around it, and forget its elements.

        ``data.<name>`` is a list in the order of the elements: of a task what was filled in, of a sub-process
        everything that was written inside; null for an element that was not done. ``by.<name>`` is who did the tasks.
        """
        entry = self.elements.pop(str(host))
        written = [entry["own"].get(str(index)) for index in range(len(entry["values"]))]
        own = self.own(within)
        own[name] = dict(result)
        data: list[Any] = written
        if is_task:
            data = [each and each["data"][name] for each in written]
            for who in ("by", "behalf"):
                own.setdefault(who, {})[name] = [each[who][name] for each in written if each and who in each]
        own.setdefault("data", {})[name] = data

    def forget(self, hosts: set[int]) -> None:
        """Forget the elements of repeated activities that were cut off."""
        for host in hosts:
            self.elements.pop(str(host), None)


def at_path(values: Mapping[str, Any], path: str) -> Any:
    """Return the value at ``a.b.c``, None when there is none."""
    value: Any = values
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value
