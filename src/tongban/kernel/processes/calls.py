"""Call activities: what is called is put in the place of the call, as a sub-process. Pure.

The called definition is bound when the caller is published (``Definition.calls``), so a running instance keeps
all the versions with which it began. Its nodes and flows get the ids ``<call id>/<inner id>``; the names under
which variables know them stay as they are (``Node.name``): caller and called share the variables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tongban.kernel.processes.graph import Flow, Graph, Kind, Node, frozen

__all__ = ["MAX_DEPTH", "called_keys", "inline", "stand_ins"]

MAX_DEPTH = 5
"""How deep calls may lie in one another."""


def called_keys(graph: Graph) -> list[str]:
    """Return the keys of the definitions that a graph calls itself, each once, in the order of the file."""
    return list(dict.fromkeys(node.called for node in graph.of_kind(Kind.CALL) if node.id == node.name))


def inline(graph: Graph, called: Mapping[str, Graph]) -> Graph:
    """Return the graph with everything that it calls inside. ``called`` holds inlined graphs by their key."""
    calls = [node for node in graph.of_kind(Kind.CALL) if node.called in called]
    if not calls:
        return graph
    nodes, flows = {}, dict(graph.flows)
    for node in graph.nodes.values():
        nodes[node.id] = node
        if node in calls:
            inner = called[node.called]
            moved = {key: _flow(node, flow) for key, flow in inner.flows.items()}
            flows |= {flow.id: flow for flow in moved.values()}
            nodes |= {f"{node.id}/{key}": _node(node, each, moved) for key, each in inner.nodes.items()}
    return replace(graph, nodes=frozen(nodes), flows=frozen(flows))


def stand_ins(graph: Graph) -> Graph:
    """Return the graph with one step in the place of each call: it runs, and it comes to an end.

    That is all that matters of a published process when the runs of its caller are explored.
    """
    bodies = {}
    for call in graph.of_kind(Kind.CALL):
        into, out = Flow("into", "start", "called"), Flow("out", "called", "end")
        nodes = [
            Node("start", Kind.START, outgoing=(into,)),
            Node("called", Kind.SERVICE, label=call.label, incoming=(into,), outgoing=(out,)),
            Node("end", Kind.END, incoming=(out,)),
        ]
        flows = {flow.id: flow for flow in (into, out)}
        bodies[call.called] = Graph(call.called, call.label, {node.id: node for node in nodes}, flows)
    return inline(graph, bodies)


def _inside(call: Node, key: str) -> str:
    return f"{call.id}/{key}"


def _flow(call: Node, flow: Flow) -> Flow:
    return replace(
        flow,
        id=_inside(call, flow.id),
        source=_inside(call, flow.source),
        target=_inside(call, flow.target),
    )


def _node(call: Node, node: Node, moved: Mapping[str, Flow]) -> Node:
    return replace(
        node,
        id=_inside(call, node.id),
        scope=_inside(call, node.scope) if node.scope else call.id,
        incoming=tuple(moved[flow.id] for flow in node.incoming),
        outgoing=tuple(moved[flow.id] for flow in node.outgoing),
        default=_inside(call, node.default) if node.default else "",
        attached_to=_inside(call, node.attached_to) if node.attached_to else "",
        timers=tuple(_inside(call, timer) for timer in node.timers),
    )
