"""BPMN 2.0: a file becomes a Document (everything that it says), a Document becomes a Graph (what is run and drawn).

Every element is either known, known to be harmless for a run, or refused *by name* with its id. Nothing that
changes behaviour is skipped in silence; nothing that is harmless is lost: ``export`` writes all of it again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tongban.kernel.processes import document
from tongban.kernel.processes.diagram_interchange import read_diagram
from tongban.kernel.processes.document import Element
from tongban.kernel.processes.graph import (
    Diagram,
    Flow,
    Graph,
    Kind,
    Label,
    Lane,
    Node,
    Outcome,
    Problem,
    Repeat,
    frozen,
)
from tongban.kernel.processes.vocabulary import (
    ATTRIBUTES,
    BPMN,
    IGNORED,
    IGNORED_AT_TOP,
    KINDS,
    MAX_BYTES,
    MAX_NODES,
    OUTCOME_ATTRIBUTES,
    TONGBAN,
)

__all__ = ["Refused", "export", "graph_from", "load", "parse"]


class Refused(Exception):
    """The file cannot be imported; ``problems`` says every reason that was found, not only the first."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{p.element} {p.id}: {p.en}".strip() for p in problems))


def parse(xml: bytes) -> Graph:
    """Compile a BPMN file to a Graph. Raises Refused with all problems.

    This judges the *words* of the file only; whether the drawing makes sense is for ``structure.check``.
    """
    return graph_from(load(xml))


def load(xml: bytes) -> Element:
    """Read a BPMN file with everything in it. Raises Refused."""
    try:
        root = document.read(xml, MAX_BYTES)
    except document.Unreadable as error:
        raise Refused([Problem(error.where or "definitions", "", error.zh, error.en)]) from None
    if root.tag != f"{{{BPMN}}}definitions":
        raise Refused([Problem(root.name, "", "不是 BPMN 2.0 文件", "not a BPMN 2.0 file")])
    return root


def export(definitions: Element) -> bytes:
    """Write a BPMN file in the canonical form. Reading it again gives the very same ``Element``."""
    return document.write(definitions)


def graph_from(definitions: Element) -> Graph:
    """Compile what was loaded. Raises Refused with all problems."""
    reader = _Reader(definitions)
    graph = reader.graph()
    if reader.problems:
        raise Refused(reader.problems)
    return graph


def _children(element: Element) -> Iterator[tuple[str, Element]]:
    """Yield the BPMN children with their local names; other namespaces are other tools' extensions."""
    for child in element:
        if child.namespace == BPMN:
            yield child.name, child


class _Reader:
    """One pass over one file; collects problems instead of stopping at the first."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.elements: dict[str, tuple[Element, str]] = {}
        self.problems: list[Problem] = []
        self.flows: dict[str, Flow] = {}
        self.lanes: list[Lane] = []
        self.pool = Label()
        self.pool_id = ""

    def refuse(self, element: Element, zh: str, en: str, name: str = "") -> None:
        self.problems.append(Problem(name or element.name, element.get("id"), zh, en))

    def unsupported(self, element: Element, name: str = "") -> None:
        self.refuse(element, "还不支持这种元素", "this element is not supported", name)

    # the parts of the file

    def graph(self) -> Graph:
        processes = []
        for name, element in _children(self.root):
            if name == "process":
                processes.append(element)
            elif name == "collaboration":
                self._collaboration(element)
            elif name not in IGNORED_AT_TOP:
                self.unsupported(element)
        if len(processes) != 1:
            for extra in processes[1:]:
                self.refuse(extra, "一个文件只能有一个流程", "a file holds exactly one process")
            if not processes:
                self.refuse(self.root, "文件里没有流程", "the file holds no process")
            return Graph(key="", label=Label(), nodes={}, flows={})
        process = processes[0]
        self._check_attributes(process)
        self._collect(process, "")
        nodes = self._nodes(process)
        return Graph(
            key=process.get("id"),
            label=self._label(process),
            nodes=frozen(nodes),
            flows=frozen(self.flows),
            lanes=tuple(self.lanes),
            pool=self.pool,
            pool_id=self.pool_id,
            moves=self._ours(process, "moves"),
            diagram=self._diagram(),
        )

    def _collaboration(self, element: Element) -> None:
        participants = 0
        for name, child in _children(element):
            if name == "participant":
                participants += 1
                self._check_attributes(child)
                self.pool, self.pool_id = self._label(child), child.get("id")
                if participants > 1:
                    self.refuse(child, "只支持一个泳池", "only one pool is supported")
            elif name not in IGNORED:
                self.unsupported(child)

    def _collect(self, container: Element, scope: str) -> None:
        """Note the nodes and flows of a process or sub-process, and of the sub-processes inside."""
        for name, child in _children(container):
            if name == "sequenceFlow":
                self._flow(child)
            elif name in KINDS:
                key = child.get("id")
                if not key or key in self.elements or "/" in key:
                    self.refuse(
                        child, "编号缺失、重复或含有“/”", "the id is missing, taken, or holds a slash"
                    )
                self.elements[key] = (child, scope)
                if name == "subProcess":
                    self._collect(child, key)
            elif name == "laneSet":
                self._lane_set(child)
            elif name not in IGNORED and name != "multiInstanceLoopCharacteristics":
                self.unsupported(child)

    def _nodes(self, process: Element) -> dict[str, Node]:
        if len(self.elements) > MAX_NODES:
            self.refuse(process, f"节点超过 {MAX_NODES} 个", f"more than {MAX_NODES} nodes")
            return {}
        incoming: dict[str, list[Flow]] = defaultdict(list)
        outgoing: dict[str, list[Flow]] = defaultdict(list)
        for flow in self.flows.values():
            for end in (flow.source, flow.target):
                if end not in self.elements:
                    self.problems.append(
                        Problem(
                            "sequenceFlow",
                            flow.id,
                            f"连到了不存在的节点“{end}”",
                            f"is tied to an unknown node {end!r}",
                        )
                    )
            if flow.id in self.elements:
                self.problems.append(
                    Problem("sequenceFlow", flow.id, "编号和一个节点相同", "a node has the same id")
                )
            outgoing[flow.source].append(flow)
            incoming[flow.target].append(flow)
        timers: dict[str, list[str]] = defaultdict(list)
        for key, (element, _) in self.elements.items():
            if element.name == "boundaryEvent":
                timers[element.get("attachedToRef")].append(key)
        return {
            key: self._node(element, scope, tuple(incoming[key]), tuple(outgoing[key]), tuple(timers[key]))
            for key, (element, scope) in self.elements.items()
        }

    def _flow(self, element: Element) -> None:
        self._check_attributes(element)
        condition = ""
        for name, child in _children(element):
            if name == "conditionExpression":
                if child.get("language"):
                    self.refuse(
                        element, "条件只能用本系统的表达式语言", "conditions use our expression language only"
                    )
                condition = " ".join(child.text.split())
            elif name not in IGNORED:
                self.unsupported(child)
        key = element.get("id")
        if not key or key in self.flows:
            self.refuse(element, "编号缺失或重复", "the id is missing or taken")
        self.flows[key] = Flow(
            id=key,
            source=element.get("sourceRef"),
            target=element.get("targetRef"),
            label=self._label(element),
            condition=condition,
        )

    def _lane_set(self, element: Element) -> None:
        for name, lane in _children(element):
            if name != "lane":
                continue
            self._check_attributes(lane)
            nodes = tuple(child.text.strip() for n, child in _children(lane) if n == "flowNodeRef")
            self.lanes.append(Lane(lane.get("id"), self._label(lane), nodes))
            for n, child in _children(lane):
                if n == "childLaneSet":
                    self._lane_set(child)

    def _node(
        self,
        element: Element,
        scope: str,
        incoming: tuple[Flow, ...],
        outgoing: tuple[Flow, ...],
        timers: tuple[str, ...],
    ) -> Node:
        name = element.name
        self._check_attributes(element)
        kind = self._kind(element, KINDS[name])
        ours = {key: self._ours(element, key) for key in ATTRIBUTES[name] if key != "label_en"}
        if kind in (Kind.TIMER, Kind.BOUNDARY):
            self._timer(element)
        return Node(
            id=element.get("id"),
            kind=kind,
            scope=scope,
            label=self._label(element),
            incoming=incoming,
            outgoing=outgoing,
            default=element.get("default"),
            called=element.get("calledElement").strip(),
            repeat=self._repeat(element, kind),
            attached_to=element.get("attachedToRef"),
            interrupts=element.get("cancelActivity") != "false",
            timers=timers,
            outcomes=self._outcomes(element) if kind is Kind.USER else (),
            **ours,
        )

    def _kind(self, element: Element, kind: Kind) -> Kind:
        """Return the exact kind, refusing event definitions, markers and loops that are not supported."""
        definitions = []
        for name, child in _children(element):
            if name.endswith("EventDefinition"):
                definitions.append(name)
                if not (
                    (name == "terminateEventDefinition" and kind is Kind.END)
                    or (name == "timerEventDefinition" and kind in (Kind.TIMER, Kind.BOUNDARY))
                ):
                    self.refuse(
                        element,
                        f"还不支持“{name}”的{element.name}",
                        f"{element.name} with {name} is not supported",
                        name,
                    )
            elif name.endswith("LoopCharacteristics"):
                if not (name == "multiInstanceLoopCharacteristics" and kind.may_have_timers):
                    self.unsupported(element, name)
            elif name not in IGNORED and kind is not Kind.SUBPROCESS:
                self.unsupported(child)
        if kind in (Kind.TIMER, Kind.BOUNDARY) and len(definitions) != 1:
            self.refuse(element, "要有且只有一个定时器定义", "needs exactly one timer definition")
        if element.get("triggeredByEvent") == "true":
            self.refuse(element, "还不支持事件子流程", "an event sub-process is not supported")
        if element.get("isForCompensation") == "true":
            self.refuse(element, "还不支持补偿", "compensation is not supported")
        return Kind.TERMINATE if definitions == ["terminateEventDefinition"] else kind

    def _timer(self, element: Element) -> None:
        for name, definition in _children(element):
            if name != "timerEventDefinition":
                continue
            for inner, _child in _children(definition):
                if inner in ("timeCycle", "timeDate", "timeDuration"):
                    self.refuse(
                        element,
                        f"不用 {inner}：期限写在 tongban:limit（如 5wd）",
                        f"{inner} is not used: say the limit in tongban:limit (such as 5wd)",
                        inner,
                    )
        if not self._ours(element, "limit"):
            self.refuse(element, "定时器没有期限（tongban:limit）", "the timer has no limit (tongban:limit)")

    def _repeat(self, element: Element, kind: Kind) -> Repeat | None:
        """Read the multi-instance marker. What it says in other ways than ours is refused."""
        found = element.find(f"{{{BPMN}}}multiInstanceLoopCharacteristics")
        if found is None or not kind.may_have_timers:
            return None
        self._check_attributes(found, element)
        for name, child in _children(found):
            if name not in ("documentation", "extensionElements"):
                self.refuse(
                    element,
                    f"不用 {name}：写在 tongban:collection 等属性里",
                    f"{name} is not used: say it in tongban:collection and its neighbours",
                    name,
                )
            del child
        if found.get("behavior", "All") != "All":
            self.refuse(element, "还不支持 behavior", "its behavior is not supported", found.name)
        return Repeat(
            collection=self._ours(found, "collection"),
            element=self._ours(found, "element"),
            complete=self._ours(found, "complete") or "all",
            counts=self._ours(found, "counts"),
            is_sequential=found.get("isSequential") == "true",
        )

    def _outcomes(self, element: Element) -> tuple[Outcome, ...]:
        outcomes = []
        for child in element.walk(f"{{{TONGBAN}}}outcome"):
            for key in child.attributes:
                if key not in OUTCOME_ATTRIBUTES:
                    self.refuse(
                        element,
                        f"办理结果有不认识的属性“{key}”",
                        f"an outcome has the unknown attribute {key!r}",
                    )
            outcomes.append(
                Outcome(
                    key=child.get("key"),
                    label=Label(child.get("label_zh"), child.get("label_en")),
                    style=child.get("style"),
                    opinion=child.get("opinion", "optional"),
                    form=child.get("form"),
                    when=child.get("when"),
                )
            )
        return tuple(outcomes)

    # attributes

    def _ours(self, element: Element, key: str) -> str:
        return element.get(f"{{{TONGBAN}}}{key}").strip()

    def _label(self, element: Element) -> Label:
        return Label(" ".join(element.get("name").split()), self._ours(element, "label_en"))

    def _check_attributes(self, element: Element, place: Element | None = None) -> None:
        """Refuse a ``tongban:`` attribute that does not exist here: most likely it is a misspelling."""
        allowed = ATTRIBUTES[element.name]
        for key in element.attributes:
            namespace, _, name = key.removeprefix("{").rpartition("}")
            if namespace == TONGBAN and name not in allowed:
                self.refuse(
                    element if place is None else place,
                    f"不认识的属性 tongban:{name}",
                    f"unknown attribute tongban:{name}",
                )

    def _diagram(self) -> Diagram:
        try:
            return read_diagram(self.root)
        except ValueError:
            self.refuse(
                self.root, "图形坐标不是数字", "a coordinate of the diagram is not a number", "BPMNDiagram"
            )
            return Diagram()
