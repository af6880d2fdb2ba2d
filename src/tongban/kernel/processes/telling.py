"""Runs and faults of a process in words that a person can read, in Chinese and English. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tongban.kernel.processes.graph import Graph, Kind, Label, Node

__all__ = [
    "OUT_OF_TIME",
    "dead_flow",
    "dead_node",
    "left_behind",
    "multiplies",
    "name_of",
    "never_ends",
    "step",
    "too_many_states",
    "twice",
    "waits_in_vain",
]

OUT_OF_TIME = Label(
    "状态太多，在限定时间内没有查完", "there are too many states to search in the time allowed"
)

_TYPES = {
    Kind.START: Label("开始", "start"),
    Kind.END: Label("结束", "end"),
    Kind.TERMINATE: Label("终止", "terminating end"),
    Kind.USER: Label("任务", "task"),
    Kind.SERVICE: Label("操作", "operation"),
    Kind.EXCLUSIVE: Label("排他网关", "exclusive gateway"),
    Kind.PARALLEL: Label("并行网关", "parallel gateway"),
    Kind.INCLUSIVE: Label("包容网关", "inclusive gateway"),
    Kind.RULE: Label("决策", "decision"),
    Kind.SUBPROCESS: Label("子流程", "sub-process"),
    Kind.CALL: Label("调用", "call"),
    Kind.TIMER: Label("定时器", "timer"),
    Kind.BOUNDARY: Label("定时器", "timer"),
}

_ACTS = {
    "start": Label("流程开始", "the process starts"),
    "complete": Label("办完{0}", "{0} is completed"),
    "serve": Label("{0}执行完毕", "{0} has run"),
    "timer": Label("{0}到期", "{0} fires"),
    "spread": Label("{0}对每一项开始", "{0} begins for each one"),
    "gather": Label("{0}全部结束", "{0} is over for all"),
}


def name_of(graph: Graph, key: str) -> Label:
    """Return the name of a node or flow in both languages, its id where it has none."""
    element = graph.nodes.get(key) or graph.flows.get(key)
    label = element.label if element else Label()
    return Label(label.zh or key, label.en or label.zh or key)


def step(graph: Graph, act: str, element: str, chosen: Sequence[str]) -> Label:
    """Say what happened and which ways were taken where there was a choice."""
    node = graph.nodes.get(element)
    said = _fill(_ACTS[act], _called(graph, node)) if node else _ACTS[act]
    for flow in chosen:
        gateway = graph.nodes[graph.flows[flow].source]
        way = _fill(
            Label("，在{0}走{1}", ", at {0} it takes {1}"), _called(graph, gateway), _way(graph, flow)
        )
        said = Label(said.zh + way.zh, said.en + way.en)
    return said


def waits_in_vain(graph: Graph, join: str, came: Sequence[str]) -> Label:
    """Say for which flows a join waits although nothing can come any more."""
    missing = [flow.id for flow in graph.nodes[join].incoming if flow.id not in came]
    ways = Label(
        "、".join(_way(graph, flow).zh for flow in missing),
        ", ".join(_way(graph, flow).en for flow in missing),
    )
    return _fill(
        Label(
            "{0}会一直等待{1}，再没有什么能走到那里",
            "{0} waits for ever for {1}, where nothing can come any more",
        ),
        _called(graph, graph.nodes[join]),
        ways,
    )


def left_behind(graph: Graph, join: str, came: Sequence[str], end: str) -> Label:
    """Say that one branch has ended while another waits for it."""
    first = _fill(
        Label("一路已在{0}结束；", "one branch has ended at {0}; "), _called(graph, graph.nodes[end])
    )
    rest = waits_in_vain(graph, join, came)
    return Label(first.zh + rest.zh, first.en + rest.en)


def twice(graph: Graph, node: str, via: str = "") -> Label:
    """Say that a second token comes where one still rests."""
    if via:
        return _fill(
            Label("{0}还在等待，{1}又来了一次", "{0} is still waiting when {1} comes a second time"),
            _called(graph, graph.nodes[node]),
            _way(graph, via),
        )
    return _fill(
        Label("{0}还没有办完，又走到了这里一次", "{0} is reached a second time while the first is not done"),
        _called(graph, graph.nodes[node]),
    )


def multiplies(graph: Graph, node: str) -> Label:
    """Say that more and more tokens go out of a node at one moment."""
    return _fill(
        Label("同一时刻有许多路从{0}走出，越分越多", "more and more branches come out of {0} at one moment"),
        _called(graph, graph.nodes[node]),
    )


def never_ends(graph: Graph, node: str) -> Label:
    """Say that from here on no run comes to an end."""
    return _fill(
        Label("走到{0}以后，流程永远不能结束", "once {0} is reached the process can never end"),
        _called(graph, graph.nodes[node]),
    )


def dead_node(graph: Graph, node: str) -> Label:
    """Say that no run comes to a node."""
    return _fill(Label("怎样走也到不了{0}", "no run ever reaches {0}"), _called(graph, graph.nodes[node]))


def dead_flow(graph: Graph, flow: str) -> Label:
    """Say that no run takes a flow."""
    return _fill(Label("怎样走也不会经过{0}", "no run ever takes {0}"), _way(graph, flow))


def too_many_states(limit: int) -> Label:
    """Say that the search met its limit of states."""
    return Label(
        f"状态超过 {limit} 个，没有查完", f"there are more than {limit} states, not all were searched"
    )


def _called(graph: Graph, node: Node) -> Label:
    """Name a node with its type: “收件核对”任务."""
    name, kind = name_of(graph, node.id), _TYPES[node.kind]
    return Label(f"{kind.zh}“{name.zh}”", f"the {kind.en} “{name.en}”")


def _way(graph: Graph, key: str) -> Label:
    """Name a flow by its words, else by where it comes from and goes to."""
    flow = graph.flows[key]
    if flow.label.zh:
        return Label(f"“{flow.label.zh}”", f"“{flow.label.en or flow.label.zh}”")
    source, target = name_of(graph, flow.source), name_of(graph, flow.target)
    return Label(f"“{source.zh}”到“{target.zh}”的连线", f"the flow from “{source.en}” to “{target.en}”")


def _fill(words: Label, *parts: Label) -> Label:
    return Label(words.zh.format(*(part.zh for part in parts)), words.en.format(*(part.en for part in parts)))
