"""Entering a process in its middle: for what was begun in another system and goes on here.

Nothing of the way there is claimed: no flow is taken, no operation runs, no step is done. The tokens stand at the named steps
as after a migration, and as there the instance must be able to come to its end from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tongban.base import work
from tongban.base.actor import Actor
from tongban.base.ref import Ref
from tongban.base.text import LocalizedText
from tongban.kernel.processes.engine import Arrived, State, Token
from tongban.kernel.processes.errors import DefinitionNotFound, EntryRefused
from tongban.kernel.processes.graph import Graph, Kind, Label, Node
from tongban.kernel.processes.migration import Problem, standing_problems
from tongban.kernel.processes.models import Instance, Task
from tongban.kernel.processes.operations.binding import graph_of
from tongban.kernel.processes.operations.move import Move
from tongban.kernel.processes.operations.publish import current_definition
from tongban.kernel.processes.results import Advance, Entered
from tongban.kernel.processes.trail import Trail

__all__ = ["check_entry", "enter_instance"]

NO_STEP = Label("流程里没有这一步", "the process has no such step")
NOT_A_STEP = Label("这不是人办的一步", "this is no step that a person does")
INSIDE = Label(
    "它在子流程里或者要重复办，不能直接从这里开始",
    "it lies inside a sub-process or is repeated: nothing can begin there",
)
TWICE = Label("写了两次", "it is named twice")
NONE = Label("没有写在办的步骤", "no open step is named")


def check_entry(definition_key: str, steps: Sequence[str]) -> list[Entered]:
    """Return the named steps with the states that they bring. Raises DefinitionNotFound, EntryRefused with every reason.

    Steps that were open side by side must all be named, or the branches could never come together. A step that another
    person than the one of an earlier step must do is refused: nobody here knows who did the earlier one.
    """
    return [_entered(node) for node in _steps(_graph(definition_key)[1], steps)]


def enter_instance(
    *,
    definition_key: str,
    owner: Ref,
    steps: Sequence[str],
    vars: Mapping[str, Any],  # noqa: A002 (the word of the domain)
    since: datetime,
    actor: Actor,
    at: datetime,
) -> Advance:
    """Start an instance of the current version that stands at ``steps`` already; their limits count from ``since``.

    The owner is told of no state: it knows them from ``check_entry``. Timers that count from a variable do so as ever. Raises
    like ``check_entry``. The caller holds the owner's lock.
    """
    with work.unit():
        definition_id, graph = _graph(definition_key)
        nodes = _steps(graph, steps)
        instance = Instance(
            definition_id=definition_id,
            owner_kind=owner.kind,
            owner_id=owner.id,
            vars={"data": {}, "by": {}, **vars},
            trail=Trail(state=next((node.state for node in reversed(nodes) if node.state), "")).as_json(),
            started_at=at,
        )
        work.add(instance)
        move = _Entry(instance, actor=actor, at=at)
        move.enter(nodes, since=since)
        return move.finish()


class _Entry(Move):
    """The move that puts tokens where they are said to be."""

    since: datetime

    def enter(self, nodes: Sequence[Node], *, since: datetime) -> None:
        """Let a token rest at each step and arrive there."""
        self.since = since
        self.began = self.state = _standing(nodes)
        self.before = dict(enumerate(nodes, 1))
        self._effects.extend(Arrived(number, node) for number, node in enumerate(nodes, 1))

    def _note_state(self, node: Node) -> None:
        """The owner knows the states from ``check_entry``, with moments of its own."""

    def _start_clock(self, task: Task, node: Node, earlier: Task | None = None) -> None:
        self._time(task, node, since=self.since)


def _graph(key: str) -> tuple[int, Graph]:
    definition_id = current_definition(key)
    if definition_id is None:
        raise DefinitionNotFound(key=key)
    return definition_id, graph_of(definition_id)


def _steps(graph: Graph, steps: Sequence[str]) -> list[Node]:
    problems = [Problem(step, why) for step in steps if (why := _why_not(graph, step))]
    problems += [Problem(step, TWICE) for step in dict.fromkeys(steps) if steps.count(step) > 1]
    if not steps:
        problems.append(Problem("", NONE))
    if problems:
        raise EntryRefused(problems)
    nodes = [graph.nodes[step] for step in steps]
    problems = [*standing_problems(graph, _standing(nodes)), *_unknown_hands(graph, steps)]
    if problems:
        raise EntryRefused(problems)
    return nodes


def _why_not(graph: Graph, step: str) -> Label | None:
    node = graph.nodes.get(step)
    if node is None:
        return NO_STEP
    if node.kind is not Kind.USER:
        return NOT_A_STEP
    if node.scope or node.repeat is not None:
        return INSIDE
    return None


def _unknown_hands(graph: Graph, steps: Sequence[str]) -> list[Problem]:
    """Return the steps ahead that must be done by another person than a step that lies behind, done by nobody knows whom."""
    ahead, waiting = set(steps), list(steps)
    while waiting:
        node = graph.nodes[waiting.pop()]
        onward = {flow.target for flow in node.outgoing} | set(node.timers) | _begin(graph, node)
        waiting += onward - ahead
        ahead |= onward
    names = ahead | {graph.nodes[key].name for key in ahead}
    return [
        Problem(
            node.id,
            Label(
                f"要由办“{node.separate_from}”以外的人办，请从“{node.separate_from}”开始",
                f"must be done by another person than {node.separate_from!r}: begin at {node.separate_from!r}",
            ),
        )
        for node in graph.nodes.values()
        if node.id in ahead and node.separate_from and node.separate_from not in names
    ]


def _begin(graph: Graph, node: Node) -> set[str]:
    """Return what lies inside a sub-process."""
    return {inner.id for inner in graph.nodes.values() if node.kind.is_scope and inner.scope == node.id}


def _standing(nodes: Sequence[Node]) -> State:
    return State({number: Token(node.id) for number, node in enumerate(nodes, 1)}, {}, len(nodes))


def _entered(node: Node) -> Entered:
    return Entered(node.id, node.state, LocalizedText(*node.label))
