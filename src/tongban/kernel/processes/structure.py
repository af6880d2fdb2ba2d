"""Does the drawing make sense? Checks of one Graph at publishing, without Django.

These find what can be seen from the graph alone: nodes that nothing reaches, tasks that lead nowhere,
gateways that cannot choose, circles in which nobody ever waits. Each scope (the process, each sub-process) has
its own start and ends. A call activity is judged from outside: what it calls was judged when it was published.
Expressions, limits and operations are checked by ``operations.publish`` through the modules that know them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from tongban.kernel.processes.circles import on_circles
from tongban.kernel.processes.graph import Graph, Kind, Node, Problem, closure
from tongban.kernel.processes.moves import MOVES
from tongban.kernel.processes.repeats import COMPLETE

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
    problems += _moves("process", graph.key, graph.moves)
    for node in graph.nodes.values():
        problems += _moves(node.kind.value, node.id, node.moves)
        problems += _degree(graph, node)
        problems += _repeat(graph, node)
        problems += _CHECKS.get(node.kind, _nothing)(graph, node)
    problems += _unreachable(graph)
    problems += _no_way_out(graph)
    problems += _restless_circles(graph)
    return problems


def can_be_explored(graph: Graph) -> bool:
    """True when the engine can be driven through this graph.

    It begins somewhere, it leads on from everywhere but the ends, and no move of it turns for ever.
    """
    starts = sorted(node.scope for node in graph.of_kind(Kind.START))
    scopes = sorted(["", *(node.id for node in graph.of_kind(Kind.SUBPROCESS))])
    leads_on = all(node.outgoing or node.kind.is_end for node in graph.nodes.values())
    return starts == scopes and leads_on and not any(_restless_circles(graph))


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


def _moves(element: str, key: str, said: str) -> Iterator[Problem]:
    """``tongban:moves`` is a list of known words, or "none"."""
    if said != "none":
        for word in said.split():
            if word not in MOVES:
                yield Problem(
                    element,
                    key,
                    f"tongban:moves 里有不认识的“{word}”",
                    f"tongban:moves has the unknown word {word!r}",
                )


def _nothing(graph: Graph, node: Node) -> Iterable[Problem]:
    return ()


def _ends(graph: Graph) -> Iterator[Problem]:
    """Each scope has one start and an end."""
    scopes = [("process", graph.key, "")]
    scopes += [(node.kind.value, node.id, node.id) for node in graph.of_kind(Kind.SUBPROCESS)]
    for element, key, scope in scopes:
        kinds = [node.kind for node in graph.nodes.values() if node.scope == scope]
        if kinds.count(Kind.START) != 1:
            yield Problem(element, key, "要有且只有一个开始事件", "needs exactly one start event")
        if not any(kind.is_end for kind in kinds):
            yield Problem(element, key, "没有结束事件", "has no end event")


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
    for flow in node.outgoing:
        if flow.condition and node.kind not in (Kind.EXCLUSIVE, Kind.INCLUSIVE):
            yield Problem(
                "sequenceFlow",
                flow.id,
                "只有排他网关和包容网关后面可以写条件",
                "only an exclusive or inclusive gateway takes conditions",
            )
        if graph.nodes[flow.target].scope != node.scope:
            yield Problem(
                "sequenceFlow", flow.id, "连线不能穿过子流程的边界", "it crosses the border of a sub-process"
            )


def _repeat(graph: Graph, node: Node) -> Iterator[Problem]:
    """A repeated activity says over what, and when it is enough."""
    repeat = node.repeat
    if repeat is None:
        return
    if not PATH.match(repeat.collection):
        yield _problem(
            node,
            f"多实例的集合写法不对：“{repeat.collection}”",
            f"its collection is not understood: {repeat.collection!r}",
        )
    if repeat.element and (not IDENTIFIER.match(repeat.element) or repeat.element in RESERVED):
        yield _problem(
            node,
            f"多实例的元素名不对：“{repeat.element}”",
            f"the name of its element is not usable: {repeat.element!r}",
        )
    if not COMPLETE.match(repeat.complete) or not _is_share(repeat.complete):
        yield _problem(
            node,
            f"多实例的完成条件写法不对：“{repeat.complete}”",
            f"its completion condition is not understood: {repeat.complete!r}",
        )
    if repeat.counts and repeat.counts not in _countable(graph, node):
        yield _problem(
            node,
            f"多实例计数的结果不存在：“{repeat.counts}”",
            f"what it counts is none of its outcomes or end events: {repeat.counts!r}",
        )


def _is_share(complete: str) -> bool:
    """A ratio is more than nothing and at most everything."""
    match = COMPLETE.match(complete)
    return match is not None and (match["part"] is None or int(match["part"]) <= int(match["whole"]))


def _countable(graph: Graph, node: Node) -> set[str]:
    if node.kind is Kind.USER:
        return {outcome.key for outcome in node.outcomes}
    return {end.name for end in graph.of_kind(Kind.END, Kind.TERMINATE) if end.scope == node.id}


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


def _rule(graph: Graph, node: Node) -> Iterator[Problem]:
    if not node.decision:
        yield _problem(
            node, "没有写决策表（tongban:decision）", "it names no decision table (tongban:decision)"
        )
    if not IDENTIFIER.match(node.result) or node.result in RESERVED:
        yield _problem(
            node,
            "没有写结果变量（tongban:result），或写法不对",
            "it names no usable variable for the result (tongban:result)",
        )


def _call(graph: Graph, node: Node) -> Iterator[Problem]:
    if not node.called:
        yield _problem(
            node, "没有写调用哪个流程（calledElement）", "it does not say what it calls (calledElement)"
        )


def _choosing(graph: Graph, node: Node) -> Iterator[Problem]:
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
    if host is None or not host.kind.may_have_timers or host.scope != node.scope:
        yield _problem(
            node,
            "定时器只能附在同一层的人工任务、子流程或调用活动上",
            "a timer is attached to a user task, a sub-process or a call activity beside it",
        )
    yield from _timer(graph, node)


def _timer(graph: Graph, node: Node) -> Iterator[Problem]:
    if node.since and not PATH.match(node.since):
        yield _problem(
            node, f"起算变量写法不对：“{node.since}”", f"its start variable is not understood: {node.since!r}"
        )


_CHECKS: dict[Kind, Callable[[Graph, Node], Iterable[Problem]]] = {
    Kind.USER: _user,
    Kind.SERVICE: _service,
    Kind.RULE: _rule,
    Kind.CALL: _call,
    Kind.EXCLUSIVE: _choosing,
    Kind.INCLUSIVE: _choosing,
    Kind.BOUNDARY: _boundary,
    Kind.TIMER: _timer,
}


def _unreachable(graph: Graph) -> Iterator[Problem]:
    def next_of(key: str) -> list[str]:
        return [node.id for node in (*graph.next_nodes(graph.nodes[key]), *_inner_start(graph, key))]

    seen = closure([graph.start.id], next_of)
    for node in graph.nodes.values():
        if node.id not in seen:
            yield _problem(node, "从开始走不到这里", "it cannot be reached from the start")


def _inner_start(graph: Graph, key: str) -> list[Node]:
    return [graph.starts[key]] if key in graph.starts else []


def _no_way_out(graph: Graph) -> Iterator[Problem]:
    before: dict[str, list[str]] = {key: [] for key in graph.nodes}
    for node in graph.nodes.values():
        for after in graph.next_nodes(node):
            before[after.id].append(node.id)
    ends = [node.id for node in graph.of_kind(Kind.END, Kind.TERMINATE)]
    seen = closure(ends, before.__getitem__)
    for node in graph.nodes.values():
        if node.id not in seen and node.outgoing:
            yield _problem(node, "从这里走不到结束", "no end can be reached from it")


def _restless_circles(graph: Graph) -> Iterator[Problem]:
    """A circle without a person or a timer in it could turn for ever within one moment.

    A token goes through a sub-process by its inside; a repeated activity it may pass at once, when the list is
    empty; a called process is trusted with no rest either.
    """

    def rests(node: Node) -> bool:
        return node.kind in (Kind.USER, Kind.TIMER) and node.repeat is None

    def passes(key: str) -> list[Node]:
        node = graph.nodes[key]
        along = [graph.nodes[flow.target] for flow in node.outgoing]
        if node.kind.is_end and node.scope:
            host = graph.nodes[node.scope]
            return [graph.nodes[flow.target] for flow in host.outgoing]
        if node.kind is Kind.SUBPROCESS:
            return _inner_start(graph, key) + (along if node.repeat is not None else [])
        return along

    def next_of(key: str) -> list[str]:
        return [node.id for node in passes(key) if not rests(node)]

    circling = on_circles([node.id for node in graph.nodes.values() if not rests(node)], next_of)
    for node in graph.nodes.values():
        if node.kind.is_gateway and node.id in circling:
            yield _problem(
                node,
                "循环里没有人办理也没有定时器，会一直转下去",
                "it is in a circle without a person or a timer, which would turn for ever",
            )
