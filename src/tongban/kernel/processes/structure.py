"""Does the drawing make sense? Checks of one Graph at publishing, without Django.

These find what can be seen from the graph alone: nodes that nothing reaches, tasks that lead nowhere,
gateways that cannot choose, circles in which nobody ever waits. Expressions, limits and operations are
checked by ``operations.publish`` through the modules that know them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from tongban.kernel.processes.graph import Graph, Kind, Node, Problem

__all__ = ["HOLDER", "can_be_explored", "check", "expressions"]

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*\Z")
HOLDER = re.compile(
    r"(?P<kind>duty):(?P<duty>[a-z]+(?:\.[a-z_-]+)+)@(?P<unit>[A-Za-z_][\w.]*)\Z"
    r"|(?:party|var):(?P<var>[A-Za-z_][\w.]*)\Z"
)
"""``duty:<duty>@<variable with a unit id>``, ``party:<variable with a holder id>`` or ``var:<the same>``."""

STYLES = ("", "primary", "danger")
OPINIONS = ("required", "optional", "none")
RESERVED = frozenset({"by", "data", "timer"})
"""Variables and outcomes that the engine writes itself."""


def check(graph: Graph) -> list[Problem]:
    """Return every fault of the structure; an empty list means that the graph can be run."""
    problems = [*_ends(graph)]
    if problems:
        return problems
    for node in graph.nodes.values():
        problems += _degree(graph, node)
        problems += _CHECKS.get(node.kind, _nothing)(graph, node)
    problems += _unreachable(graph)
    problems += _no_way_out(graph)
    problems += _restless_circles(graph)
    return problems


def can_be_explored(graph: Graph) -> bool:
    """True when the engine can be driven through this graph: it begins somewhere, and no move of it turns for ever."""
    return len(graph.of_kind(Kind.START)) == 1 and not any(_restless_circles(graph))


def expressions(graph: Graph) -> Iterator[tuple[str, str, str]]:
    """Yield (element, id, expression) for everything that the decisions language must understand."""
    for flow in graph.flows.values():
        if flow.condition:
            yield "sequenceFlow", flow.id, flow.condition
    for node in graph.nodes.values():
        for outcome in node.outcomes:
            if outcome.when:
                yield node.kind.value, node.id, outcome.when


def _problem(node: Node, zh: str, en: str) -> Problem:
    return Problem(node.kind.value, node.id, zh, en)


def _nothing(graph: Graph, node: Node) -> Iterable[Problem]:
    return ()


def _ends(graph: Graph) -> Iterator[Problem]:
    if len(graph.of_kind(Kind.START)) != 1:
        yield Problem("process", graph.key, "要有且只有一个开始事件", "needs exactly one start event")
    if not graph.of_kind(Kind.END, Kind.TERMINATE):
        yield Problem("process", graph.key, "没有结束事件", "has no end event")


def _degree(graph: Graph, node: Node) -> Iterator[Problem]:
    """How many flows may come in and go out."""
    if node.kind in (Kind.START, Kind.BOUNDARY):
        if node.incoming:
            yield _problem(node, "不能有流入的连线", "nothing may flow into it")
    elif not node.incoming:
        yield _problem(node, "没有任何连线流入", "nothing flows into it")
    if node.kind.is_end:
        if node.outgoing:
            yield _problem(node, "结束后不能再有连线", "nothing may flow out of an end")
    elif not node.outgoing:
        yield _problem(node, "走到这里就没有路了", "it leads nowhere")
    elif len(node.outgoing) > 1 and not node.kind.is_gateway:
        yield _problem(node, "分支要用网关画出来", "a split must be drawn with a gateway")
    if node.kind is not Kind.EXCLUSIVE:
        for flow in node.outgoing:
            if flow.condition:
                yield Problem(
                    "sequenceFlow",
                    flow.id,
                    "只有排他网关后面可以写条件",
                    "only an exclusive gateway takes conditions",
                )


def _user(graph: Graph, node: Node) -> Iterator[Problem]:
    if not IDENTIFIER.match(node.id) or node.id in RESERVED:
        yield _problem(
            node, "编号要能用在表达式里（字母、数字、下划线）", "its id must be usable in expressions"
        )
    if not HOLDER.match(node.holder):
        yield _problem(
            node, f"经办人写法不对：“{node.holder}”", f"its holder is not understood: {node.holder!r}"
        )
    if not node.outcomes:
        yield _problem(node, "没有办理结果（tongban:outcome）", "it has no outcome (tongban:outcome)")
    keys = [outcome.key for outcome in node.outcomes]
    for outcome in node.outcomes:
        name = outcome.key or "?"
        if not IDENTIFIER.match(outcome.key) or outcome.key in RESERVED or keys.count(outcome.key) > 1:
            yield _problem(
                node, f"办理结果的代码不对或重复：“{name}”", f"the outcome key is wrong or taken: {name!r}"
            )
        if not outcome.label.zh:
            yield _problem(node, f"办理结果“{name}”没有中文名", f"the outcome {name!r} has no Chinese label")
        if outcome.style not in STYLES:
            yield _problem(node, f"办理结果“{name}”的样式不对", f"the outcome {name!r} has an unknown style")
        if outcome.opinion not in OPINIONS:
            yield _problem(
                node, f"办理结果“{name}”的意见要求不对", f"the outcome {name!r} has an unknown opinion rule"
            )
    if node.outcomes and all(outcome.when for outcome in node.outcomes):
        yield _problem(
            node, "至少要有一个不带条件的办理结果", "at least one outcome must be free of conditions"
        )
    if node.separate_from:
        other = graph.nodes.get(node.separate_from)
        if other is None or other.kind is not Kind.USER or other.id == node.id:
            yield _problem(
                node, "separate_from 要写另一个人工任务", "separate_from must name another user task"
            )


def _service(graph: Graph, node: Node) -> Iterator[Problem]:
    if not node.operation:
        yield _problem(node, "没有写操作（tongban:operation）", "it names no operation (tongban:operation)")


def _exclusive(graph: Graph, node: Node) -> Iterator[Problem]:
    ids = {flow.id for flow in node.outgoing}
    if node.default and node.default not in ids:
        yield _problem(node, "默认连线不是它自己的连线", "its default flow is not one of its own")
    if len(node.outgoing) < 2:
        return
    for flow in node.outgoing:
        if not flow.condition and flow.id != node.default:
            yield Problem(
                "sequenceFlow", flow.id, "没有条件，也不是默认连线", "has no condition and is not the default"
            )


def _boundary(graph: Graph, node: Node) -> Iterator[Problem]:
    host = graph.nodes.get(node.attached_to)
    if host is None or host.kind is not Kind.USER:
        yield _problem(node, "定时器只能附在人工任务上", "a timer may be attached to a user task only")
    yield from _timer(graph, node)


def _timer(graph: Graph, node: Node) -> Iterator[Problem]:
    if node.since and not PATH.match(node.since):
        yield _problem(
            node, f"起算变量写法不对：“{node.since}”", f"its start variable is not understood: {node.since!r}"
        )


_CHECKS: dict[Kind, Callable[[Graph, Node], Iterable[Problem]]] = {
    Kind.USER: _user,
    Kind.SERVICE: _service,
    Kind.EXCLUSIVE: _exclusive,
    Kind.BOUNDARY: _boundary,
    Kind.TIMER: _timer,
}


def _closure(starts: Iterable[str], next_of: Callable[[str], Iterable[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(starts)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting.extend(next_of(node))
    return seen


def _unreachable(graph: Graph) -> Iterator[Problem]:
    seen = _closure([graph.start.id], lambda key: [node.id for node in graph.next_nodes(graph.nodes[key])])
    for node in graph.nodes.values():
        if node.id not in seen:
            yield _problem(node, "从开始走不到这里", "it cannot be reached from the start")


def _no_way_out(graph: Graph) -> Iterator[Problem]:
    before: dict[str, list[str]] = {key: [] for key in graph.nodes}
    for node in graph.nodes.values():
        for after in graph.next_nodes(node):
            before[after.id].append(node.id)
    ends = [node.id for node in graph.of_kind(Kind.END, Kind.TERMINATE)]
    seen = _closure(ends, lambda key: before[key])
    for node in graph.nodes.values():
        if node.id not in seen and node.outgoing:
            yield _problem(node, "从这里走不到结束", "no end can be reached from it")


def _restless_circles(graph: Graph) -> Iterator[Problem]:
    """A circle without a person or a timer in it could turn for ever within one moment."""

    def rests(node: Node) -> bool:
        return node.kind in (Kind.USER, Kind.TIMER)

    def next_of(key: str) -> list[str]:
        return [flow.target for flow in graph.nodes[key].outgoing if not rests(graph.nodes[flow.target])]

    for node in graph.nodes.values():
        if node.kind.is_gateway and not rests(node) and node.id in _closure(next_of(node.id), next_of):
            yield _problem(
                node,
                "循环里没有人办理也没有定时器，会一直转下去",
                "it is in a circle without a person or a timer, which would turn for ever",
            )
