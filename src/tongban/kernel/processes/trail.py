"""What an instance remembers of the way it came, for the moves: operations passed, and what each last step would undo. Pure.

It stays small: a step is forgotten as soon as somebody has acted on what it led to.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tongban.kernel.processes.engine import State
from tongban.kernel.processes.graph import Graph, Kind
from tongban.kernel.processes.moves import Undo, undo_of
from tongban.kernel.processes.variables import SHARED

__all__ = ["Passed", "Snapshot", "Trail", "Values", "after_step", "photograph"]

ELEMENT = "#"
"""Stands at the beginning of the path of what an element of a repeated activity wrote."""
EVER = 2**62


Snapshot = tuple[dict[str, Any], dict[str, Any]]
"""The variables of an instance and those of the elements of its repeated activities, as they were at a moment."""


@dataclass(frozen=True, slots=True)
class Values:
    """What a step changed in the variables: by path, whether there was one, the value before, and a digest of the one after.

    A path is that of a variable (``("a",)``, ``("data", "a")``), or begins with ELEMENT: the host, then the index.
    """

    rows: tuple[tuple[tuple[str, ...], bool, Any, str], ...] = ()

    @classmethod
    def between(cls, before: Snapshot, after: Snapshot) -> Values:
        """Compare two snapshots."""
        old, new = _flat(*before), _flat(*after)
        changed = [path for path in {**old, **new} if old.get(path, _NONE) != new.get(path, _NONE)]
        return cls(tuple((path, path in old, old.get(path), _digest(new.get(path))) for path in changed))

    def are_untouched(self, values: Mapping[str, Any], elements: Mapping[str, Any]) -> bool:
        """True when nobody has written over what the step wrote."""
        now = _flat(values, elements)
        return all(_digest(now.get(path)) == after for path, _, _, after in self.rows)

    def put_back(self, values: dict[str, Any], elements: dict[str, Any], renamed: Mapping[int, int]) -> None:
        """Give the variables the values they had before the step; ``renamed`` are the new numbers of hosts that came back."""
        for path, was_there, old, _ in sorted(self.rows, key=lambda row: len(row[0])):
            place: dict[str, Any] = values
            key = path[-1]
            if path[0] in SHARED and len(path) == 1:
                continue
            if path[0] == ELEMENT:
                host = str(renamed.get(int(path[1]), path[1]))
                if len(path) == 2:
                    place, key = elements, host
                    old = old and {**old, "own": {}}
                else:
                    place = elements.get(host, {}).get("own", {})
            elif len(path) == 2:
                place = values.setdefault(path[0], {})
            if was_there:
                place[key] = old
            else:
                place.pop(key, None)
        for path, was_there, _, _ in self.rows:
            if path[0] in SHARED and len(path) == 1 and not was_there and not values.get(path[0]):
                values.pop(path[0], None)


@dataclass(frozen=True, slots=True)
class Passed:
    """A step that can still be taken back: what it did to the tokens and to the variables, and the owner's state before it."""

    undo: Undo
    values: Values
    state: str

    def as_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {**self.undo.as_json(), "values": [list(row) for row in self.values.rows], "state": self.state}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Passed:
        """Read the stored form."""
        rows = tuple((tuple(path), was, old, after) for path, was, old, after in data["values"])
        return cls(Undo.of(data), Values(rows), data["state"])


@dataclass(frozen=True, slots=True)
class Trail:
    """``operations`` gives for each service task the last number of a token when it was passed; ``steps`` by task id what can be
    taken back; ``state`` is the last state that the owner was told to enter.
    """

    operations: Mapping[str, int] = field(default_factory=dict)
    steps: Mapping[int, Passed] = field(default_factory=dict)
    state: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the stored form."""
        steps = {str(task): step.as_json() for task, step in self.steps.items()}
        return {"operations": dict(self.operations), "steps": steps, "state": self.state}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Trail:
        """Read the stored form; an instance from before there were trails has an empty one."""
        steps = {int(task): Passed.of(step) for task, step in data.get("steps", {}).items()}
        return cls(dict(data.get("operations", {})), steps, data.get("state", ""))

    def passed_at(self, graph: Graph, state: State, key: str) -> int:
        """Return when a service task was last passed (0: never), counted in tokens.

        Of an instance that is older than its trail nobody knows when: then it counts as just now.
        """
        if key in self.operations:
            return self.operations[key]
        return EVER if any(state.taken.get(flow.id) for flow in graph.nodes[key].outgoing) else 0


def photograph(values: Mapping[str, Any], elements: Mapping[str, Any]) -> Snapshot:
    """Return a copy of the variables that nothing reaches into."""
    return copy.deepcopy(dict(values)), copy.deepcopy(dict(elements))


def after_step(
    trail: Trail,
    graph: Graph,
    before: State,
    after: State,
    *,
    operations: Mapping[str, int],
    entered: str,
    step: tuple[int, Values] | None,
) -> Trail:
    """Return the trail after a move.

    ``operations`` are those passed, with the last number of a token then; ``step`` is the task that a person completed, with
    what it changed in the variables.
    """
    steps = {task: each for task, each in trail.steps.items() if each.undo.fits(after)}
    if step is not None and not operations and after.tokens:
        undo = undo_of(before, after)
        if not any(graph.nodes[after.tokens[n].node].kind is Kind.SERVICE for n in undo.new):
            steps[step[0]] = Passed(undo, step[1], trail.state)
    return replace(
        trail,
        operations={**trail.operations, **operations},
        steps=steps,
        state=entered or trail.state,
    )


_NONE = object()


def _flat(values: Mapping[str, Any], elements: Mapping[str, Any]) -> dict[tuple[str, ...], Any]:
    flat: dict[tuple[str, ...], Any] = {}
    for key, value in values.items():
        if key in SHARED and isinstance(value, Mapping):
            flat[(key,)] = {}
            flat |= {(key, inner): each for inner, each in value.items()}
        else:
            flat[(key,)] = value
    for host, entry in elements.items():
        flat[ELEMENT, host] = {"name": entry["name"], "values": entry["values"]}
        flat |= {(ELEMENT, host, index): own for index, own in entry["own"].items()}
    return flat


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
