"""Binding calls: which version of what is called belongs to a definition, and its whole graph."""

from __future__ import annotations

from functools import lru_cache

from tongban.kernel.processes import bpmn
from tongban.kernel.processes.calls import MAX_DEPTH, called_keys, inline
from tongban.kernel.processes.errors import DefinitionRefused
from tongban.kernel.processes.graph import Graph, Kind, Problem
from tongban.kernel.processes.models import Definition
from tongban.kernel.processes.vocabulary import MAX_NODES

__all__ = ["bind", "graph_of"]

MAX_ID = 80
"""How long an id may be, with those of the calls around it: so long is the column in which tasks keep it."""


@lru_cache(maxsize=256)
def graph_of(definition_id: int) -> Graph:
    """Return the compiled graph of a definition with everything that it calls inside.

    Definitions never change, so it is compiled once a process.
    """
    xml, calls = Definition.objects.values_list("xml", "calls").get(pk=definition_id)
    return inline(bpmn.parse(xml.encode()), {key: _called(key, version) for key, version in calls.items()})


def bind(key: str, graph: Graph) -> dict[str, int]:
    """Return the current version of everything that ``graph``, to be published as ``key``, calls.

    Raises DefinitionRefused: for what is not published, for a process that would call itself on whatever way, for
    calls too deep in one another, and when all of it together is too large.
    """
    keys = called_keys(graph)
    current = Definition.objects.filter(key__in=keys, is_current=True) if keys else ()
    found = {definition.key: definition for definition in current}
    problems = []
    for call in graph.of_kind(Kind.CALL):
        definition = found.get(call.called)
        if call.called == key or (definition is not None and key in _all_called(definition)):
            problems.append(_problem(call.id, f"绕回到流程“{key}”自己", f"it comes back to {key!r} itself"))
        elif definition is None:
            problems.append(
                _problem(call.id, f"没有发布流程“{call.called}”", f"no process {call.called!r} is published")
            )
        elif 1 + _depth(definition) > MAX_DEPTH:
            problems.append(
                _problem(call.id, f"调用超过 {MAX_DEPTH} 层", f"calls lie more than {MAX_DEPTH} deep")
            )
    if not problems:
        problems = _too_large(inline(graph, {k: graph_of(definition.pk) for k, definition in found.items()}))
    if problems:
        raise DefinitionRefused(problems)
    return {called: found[called].version for called in keys}


def _too_large(whole: Graph) -> list[Problem]:
    problems = [
        Problem(
            node.kind.value,
            node.id,
            f"编号超过 {MAX_ID} 个字符",
            f"its id is longer than {MAX_ID} characters",
        )
        for node in whole.nodes.values()
        if len(node.id) > MAX_ID
    ]
    if len(whole.nodes) > MAX_NODES:
        zh = f"连同调用的流程，节点超过 {MAX_NODES} 个"
        en = f"more than {MAX_NODES} nodes with everything that it calls"
        problems.append(Problem("process", whole.key, zh, en))
    return problems


def _problem(call: str, zh: str, en: str) -> Problem:
    return Problem(Kind.CALL.value, call, zh, en)


def _called(key: str, version: int) -> Graph:
    return graph_of(Definition.objects.values_list("pk", flat=True).get(key=key, version=version))


def _bound(definition: Definition) -> list[Definition]:
    return [Definition.objects.get(key=key, version=version) for key, version in definition.calls.items()]


def _all_called(definition: Definition) -> set[str]:
    """Return the keys of everything that a definition calls, on whatever way."""
    keys = set(definition.calls)
    for called in _bound(definition):
        keys |= _all_called(called)
    return keys


def _depth(definition: Definition) -> int:
    return max((1 + _depth(called) for called in _bound(definition)), default=0)
